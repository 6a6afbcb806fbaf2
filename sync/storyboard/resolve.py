"""`resolve`: the story that a storyboard shows, and what has to be written so that it says so itself.

A pure function of the converged content: no clock, no arrival order, no random choice. With its repairs written there
is nothing left to repair, and the story is the same. The same function is `storyboard/resolve.ts`, held to the same
fixtures byte for byte. Every repair has a name; docs/storyboard.md says what each is for.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sync.registers import WHOLE_MAX, Content, Raw, entities, id_or_none, is_id, whole
from sync.repair import Repair
from sync.storyboard.content import OUTLINE, ROOTS, Key, Node, read_nodes, said
from sync.storyboard.tree import Tree, by_order, family, respaced

KINDS = {"acts": "act", "seqs": "sequence", "scenes": "scene"}
_BOARD: Key = ("", "")
"""What is in nothing else is in the storyboard itself."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """`repairs`: in the order of root, id, key."""

    tree: Tree
    repairs: tuple[Repair, ...]
    shown: Mapping[tuple[str, Key], Sequence[Node]]
    """(first root of the family, holder) -> what is seen there, in order."""

    def within(self, root: str, holder: Node | None) -> Sequence[Node]:
        """What of `root`'s family is seen in `holder`, in order; None: in the storyboard itself."""
        return self.shown.get((family(root)[0], _BOARD if holder is None else holder.key), ())

    def story(self, holder: Node | None = None) -> Iterator[Node]:
        """Acts, sequences and scenes in the order of the story."""
        for node in self.within("scenes", holder):
            yield node
            if node.root != "scenes":
                yield from self.story(node)

    def scenes(self) -> list[Node]:
        """In the order of the story."""
        return [node for node in self.story() if node.root == "scenes"]


def resolve(content: Content) -> Resolved:
    """Raises nothing, whatever is in the document."""
    tree = Tree(read_nodes(content))
    locked = {scene for scene, raw in entities(content, "scenes").items() if raw.get("lock") is not None}
    found = [*_merges(tree), *_parents(tree), *_takes(content, tree)]
    repairs = [repair for repair in found if not _is_held(tree.nodes[repair.root, repair.id], locked)]
    repairs += _orders(tree, locked)
    repairs.sort(key=lambda repair: (repair.root, repair.id, repair.key or ""))
    return Resolved(tree, tuple(repairs), _shown(tree))


def _is_held(node: Node, locked: Set[str]) -> bool:
    """What is locked stays as it is, and is repaired when it is not any more (consistency.md C17)."""
    return (node.id if node.root == "scenes" else node.par) in locked and node.root in ("scenes", "shots", "beats")


def _merges(tree: Tree) -> Iterator[Repair]:
    """Scenes that people merged into each other at once: one of them stays."""
    for scene in tree.unmerged:
        yield Repair("scenes", scene, "del", None, "merge")
        yield Repair("scenes", scene, "into", None, "merge")


def _parents(tree: Tree) -> Iterator[Repair]:
    for node in tree.nodes.values():
        if tree.is_lost(node):
            yield Repair(node.root, node.id, "par", "", "parent")


def _orders(tree: Tree, locked: Set[str]) -> Iterator[Repair]:
    """Nothing can be put between equal keys, and long ones grow longer. All stay while one of them is held."""
    groups: dict[tuple[str, Key], list[Node]] = {}
    for node in tree.nodes.values():
        parent = tree.parent(node)
        groups.setdefault((family(node.root)[0], _BOARD if parent is None else parent.key), []).append(node)
    for siblings in groups.values():
        if any(_is_held(node, locked) for node in siblings):
            continue
        for node, key in respaced(sorted(siblings, key=by_order)):
            yield Repair(node.root, node.id, "ord", key, "order")


def _takes(content: Content, tree: Tree) -> Iterator[Repair]:
    """A scene shows the take that its editors want, else its own, else the newest of it."""
    newest: dict[str, tuple[int, str]] = {}
    of: dict[str, str | None] = {}
    for take, raw in entities(content, "takes").items():
        scene = of[take] = id_or_none(raw.get("scn"))
        if scene is not None and raw.get("st") in (None, "complete"):
            newest[scene] = max(newest.get(scene, (-1, "")), (whole(raw.get("n"), 0, 0, WHOLE_MAX), take))
    for scene, raw in entities(content, "scenes").items():
        if tree.nodes["scenes", scene].is_deleted:
            continue
        _, last = newest.get(scene, (0, ""))
        asked = (raw.get("want"), raw.get("cur"), last)
        found = next((str(take) for take in asked if is_id(take) and of.get(str(take)) == scene), None)
        if found != (None if raw.get("cur") == "" else raw.get("cur")):
            yield Repair("scenes", scene, "cur", found, "take")


def _shown(tree: Tree) -> dict[tuple[str, Key], list[Node]]:
    shown: dict[tuple[str, Key], list[Node]] = {}
    for node in tree.nodes.values():
        if tree.is_seen(node):
            holder = tree.holder(node)
            shown.setdefault((family(node.root)[0], _BOARD if holder is None else holder.key), []).append(node)
    for nodes in shown.values():
        nodes.sort(key=tree.path)
    return shown


# The view ----------------------------------------------------------------------------------------------


def view(content: Content, resolved: Resolved) -> dict[str, Any]:
    """`outline`: acts, sequences and scenes within each other (`in`), scenes with `shots` and `beats`; then what stands
    in none of them. Every entity has its `id` and the registers that hold something.
    """
    raws: dict[str, dict[str, Raw]] = {root: entities(content, root) for root in ROOTS}
    cur = {repair.id: repair.value for repair in resolved.repairs if repair.name == "take"}

    def entity(node: Node) -> dict[str, Any]:
        shown = {"id": node.id, **said(node.root, raws[node.root][node.id])}
        if node.root in KINDS:
            shown["k"] = KINDS[node.root]
        if node.root == "scenes" and node.id in cur:
            shown.pop("cur", None)
            shown |= {"cur": cur[node.id]} if cur[node.id] is not None else {}
        return shown

    def outline(holder: Node | None) -> list[dict[str, Any]]:
        nodes = []
        for node in resolved.within("scenes", holder):
            shown = entity(node)
            if node.root != "scenes":
                shown["in"] = outline(node)
            for root in ("shots", "beats"):
                if parts := resolved.within(root, node):
                    shown[root] = [entity(part) for part in parts]
            nodes.append(shown)
        return nodes

    loose = {root: [entity(node) for node in resolved.within(root, None)] for root in ROOTS if root not in OUTLINE}
    return {"outline": outline(None), **loose}

"""The tree of a storyboard: what stands where, and what is seen of it, whatever people did to it at once.

Acts hold sequences and scenes, sequences hold scenes, scenes hold shots. A deleted act or sequence is as if it were not
there: what stands in it is seen in its place. A deleted scene hides its shots, unless it was merged into another scene,
which then shows them after its own (decision 0019).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sync.order_keys import rekeyed
from sync.storyboard.content import OUTLINE, PARENTS, Key, Node

Step = tuple[int, str, str, str]
"""Of a path: the rank of what came by a merge, else 0; the order key; the id; the root."""


class Tree:
    """`nodes`: all entities, deleted ones too. `unmerged`: scenes that were merged in a circle, and live again."""

    def __init__(self, nodes: Mapping[Key, Node]) -> None:
        self.nodes = dict(nodes)
        self._put_into: dict[str, dict[str, dict[Key, None]]] = {root: {} for root in PARENTS}
        """By the first root of a family and what `par` names: who was put there."""
        for node in self.nodes.values():
            self._index(node)
        self._ends: dict[str, str | None] = {}
        self._ranks: dict[str, int] | None = None
        self.unmerged = tuple(_in_circles(self.nodes))
        for scene in self.unmerged:
            node = self.nodes["scenes", scene]
            self.put(replace(node, is_deleted=False, into=None))

    def put(self, node: Node) -> None:
        """A new one, or one as it is now."""
        if (old := self.nodes.get(node.key)) is not None and old.par != node.par:
            del self._put_into[family(old.root)[0]][old.par][node.key]
        self.nodes[node.key] = node
        self._index(node)
        self._ends, self._ranks = {}, None

    def _index(self, node: Node) -> None:
        self._put_into[family(node.root)[0]].setdefault(node.par, {})[node.key] = None

    def parent(self, node: Node) -> Node | None:
        """What it was put into, deleted or not."""
        for root in PARENTS[node.root]:
            if (found := self.nodes.get((root, node.par))) is not None:
                return found
        return None

    def is_lost(self, node: Node) -> bool:
        """Its parent is nowhere."""
        return node.par != "" and self.parent(node) is None

    def holder(self, node: Node) -> Node | None:
        """In what it is seen: its parent, or where that one's content is seen; None: in the storyboard itself."""
        found = self.parent(node)
        while found is not None and found.is_deleted:
            found = self._end(found) if found.root == "scenes" else self.parent(found)
        return found

    def is_seen(self, node: Node) -> bool:
        """Shots and beats go with what they belong to; acts, sequences and scenes do not."""
        if node.is_deleted:
            return False
        return node.root in OUTLINE or self.parent(node) is None or self._shows(node)

    def _shows(self, node: Node) -> bool:
        found = self.parent(node)
        return found is not None and (not found.is_deleted or self._end(found) is not None)

    def path(self, node: Node) -> tuple[Step, ...]:
        """Sorted by it, what is seen in one holder stands in its order, and the outline in the order of the story."""
        found = self.parent(node)
        if node.root not in OUTLINE:
            return ((0 if found is None else self._rank(found), node.ord, node.id, node.root),)
        steps = [(0, node.ord, node.id, node.root)]
        while found is not None:
            steps.append((0, found.ord, found.id, found.root))
            found = self.parent(found)
        return tuple(reversed(steps))

    def _end(self, scene: Node) -> Node | None:
        """Where the parts of a deleted scene are seen: in what it was merged into at last. Each is looked up once."""
        line: list[str] = []
        found: Node | None = scene
        while found is not None and found.is_deleted and found.id not in self._ends:
            line.append(found.id)
            found = self.nodes.get(("scenes", found.into)) if found.into is not None else None
        end = None if found is None else self._ends[found.id] if found.is_deleted else found.id
        self._ends.update((each, end) for each in line)
        return None if end is None else self.nodes["scenes", end]

    def _rank(self, holder: Node) -> int:
        """0 for a scene that was merged into none: its parts come first. Then scene after scene, each before those that
        were merged into it, by their places in the story, which a repair of their keys leaves as they are."""
        if self._ranks is None:
            self._ranks = self._ranked()
        return self._ranks.get(holder.id, 0) if holder.root == "scenes" else 0

    def _ranked(self) -> dict[str, int]:
        merged: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.is_deleted and node.into is not None:
                merged.setdefault(node.into, []).append(node)
        for nodes in merged.values():
            nodes.sort(key=self.path, reverse=True)
        last = {node.id for nodes in merged.values() for node in nodes}
        left = [node for into, nodes in merged.items() if into not in last for node in nodes]
        ranks: dict[str, int] = {}
        while left:
            node = left.pop()
            ranks[node.id] = len(ranks) + 1
            left += merged.get(node.id, [])
        return ranks

    def siblings(self, root: str, parent: Node | None) -> list[Node]:
        """What was put there, in order, deleted ones too: they keep their place."""
        put = self._put_into[family(root)[0]]
        # in nothing is what names nothing, and what names something that is nowhere
        found = put.values() if parent is None else [put.get(parent.id, {})]
        nodes = (self.nodes[key] for keys in found for key in keys)
        return sorted((node for node in nodes if self.parent(node) == parent), key=by_order)

    def children(self, root: str, holder: Node | None) -> list[Node]:
        """What is seen there, in order."""
        roots = family(root)
        found = [node for node in self.nodes.values() if node.root in roots and self.is_seen(node)]
        return sorted((node for node in found if self.holder(node) == holder), key=self.path)


def family(root: str) -> tuple[str, ...]:
    """The roots whose entities stand among each other."""
    return OUTLINE if root in OUTLINE else (root,)


def by_order(node: Node) -> tuple[str, str, str]:
    """Ties fall alike everywhere."""
    return node.ord, node.id, node.root


def respaced(siblings: Iterable[Node]) -> list[tuple[Node, str]]:
    """Of siblings in order: whose key has to be another, for room between any two. Who has none stands first."""
    keyed = [node for node in siblings if node.ord]
    keys = rekeyed([node.ord for node in keyed])
    return [(node, key) for node, key in zip(keyed, keys, strict=True) if key != node.ord]


def _in_circles(nodes: Mapping[Key, Node]) -> list[str]:
    """Of every circle of scenes that were merged into each other, the first."""
    found: list[str] = []
    passed: set[str] = set()
    for node in nodes.values():
        line: list[str] = []
        at: Node | None = node
        while at is not None and at.is_deleted and at.into is not None and at.id not in passed:
            passed.add(at.id)
            line.append(at.id)
            at = nodes.get(("scenes", at.into))
        if at is not None and at.id in line:
            found.append(min(line[line.index(at.id) :]))
    return sorted(found)

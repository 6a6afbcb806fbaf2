"""What gestures of a storyboard are made of: where something goes, and registers written so that others keep theirs.

Which gesture does what is said in `gestures`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pycrdt import Doc, Map, Text

from sync import ids
from sync.errors import GestureImpossible, NoSuchEntity, SchemaKey, SchemaTooLong, SchemaType, ServerOnly
from sync.order_keys import has_room, inserted
from sync.registers import is_id
from sync.schema_storyboard import STORYBOARD
from sync.storyboard.content import PARENTS, STRUCTURE, TEXTS, Node, content_of, plain, read_node, read_nodes
from sync.storyboard.resolve import Resolved, resolve
from sync.storyboard.tree import Tree, family

PREFIXES = {
    "acts": "act",
    "seqs": "seq",
    "scenes": "scn",
    "shots": "sht",
    "beats": "bt",
    "env": "env",
    "props": "prp",
    "looks": "look",
}


class Hand:
    """`entropy(n)`: random bytes. `by`, `at`: who deletes, and when (ms since 1970).

    `alone`: nobody else changes the document while this lives, so it is read once for all gestures.
    """

    def __init__(
        self, doc: Doc[Any], entropy: Callable[[int], bytes], by: str = "", at: int = 0, *, alone: bool = False
    ) -> None:
        self.doc = doc
        self.entropy = entropy
        self._mark = {"by": by, "at": at}
        self._alone = alone
        self._content: dict[str, dict[str, dict[str, Any]]] = {}
        """The entities as they are, what this hand has written included."""
        self._tree = Tree({})
        self._writes: list[Callable[[], None]] = []

    def seen(self) -> Resolved:
        return resolve(content_of(self.doc))

    @contextmanager
    def _gesture(self) -> Iterator[None]:
        """Nothing is written of one that cannot be done."""
        if not self._alone or not self._content:
            self._content = content_of(self.doc)
            self._tree = Tree(read_nodes(self._content))
        self._writes = []
        try:
            yield
        except BaseException:
            self._content = {}  # it holds what was not written
            raise
        with self.doc.transaction():
            for write in self._writes:
                write()

    # What is there -------------------------------------------------------------------------------------

    def _node(self, root: str, entity: str) -> Node:
        """One that is seen. Raises `NoSuchEntity`."""
        node = self._tree.nodes.get((root, entity))
        if node is None or not self._tree.is_seen(node):
            raise NoSuchEntity(root, entity)
        return node

    def _holder(self, root: str, parent: str) -> Node | None:
        """What `parent` names; None: the storyboard itself. Raises `NoSuchEntity`, `GestureImpossible`."""
        if parent == "":
            if root == "shots":
                raise GestureImpossible("a shot belongs to a scene")
            return None
        for above in PARENTS[root]:
            node = self._tree.nodes.get((above, parent))
            if node is not None and self._tree.is_seen(node):
                return node
        raise NoSuchEntity(PARENTS[root][0] if PARENTS[root] else root, parent)

    def _before(self, root: str, entity: str) -> Node:
        """What stands there, or the parent of it, in front of which an entity of `root` can stand."""
        found = (self._tree.nodes.get((each, entity)) for each in reversed(family(root)))
        node = next((node for node in found if node is not None and self._tree.is_seen(node)), None)
        if node is None:
            raise NoSuchEntity(root, entity)
        above = self._tree.parent(node)
        while above is not None and above.root not in PARENTS[root]:
            node, above = above, self._tree.parent(above)
        return node

    # Where it goes -------------------------------------------------------------------------------------

    def _place(self, root: str, parent: str, before: str | None, moving: Node | None = None) -> tuple[str, str]:
        """The registers `par` and `ord` of what is put in front of `before`, or at the end of `parent`."""
        if before is None:
            return self._at(root, self._holder(root, parent), None, moving)
        follower = self._before(root, before)
        return self._at(root, self._tree.parent(follower), follower, moving)

    def _behind(self, node: Node) -> tuple[str, str]:
        """`par` and `ord` of what is put directly behind it."""
        above = self._tree.parent(node)
        siblings = self._tree.siblings(node.root, above)
        following = siblings[siblings.index(node) + 1 :]
        return self._at(node.root, above, following[0] if following else None, None)

    def _at(self, root: str, above: Node | None, follower: Node | None, moving: Node | None) -> tuple[str, str]:
        if moving is not None and follower == moving:
            return moving.par, moving.ord
        siblings = [node for node in self._tree.siblings(root, above) if node != moving]
        index = len(siblings) if follower is None else siblings.index(follower)
        keys = [node.ord for node in siblings]
        par = "" if above is None else above.id
        if moving is not None and moving.par == par and _is_between(keys, index, moving.ord):
            return par, moving.ord
        key, others = inserted(keys, index, self.entropy(2))
        for place, other in others.items():
            self._set(siblings[place], "ord", other)
        return par, key

    # Writing -------------------------------------------------------------------------------------------

    def _create(self, root: str, id: str | None, place: tuple[str, str], registers: Mapping[str, Any]) -> str:
        """With all that it has at once, under a fresh id (documents.md A7); what holds nothing is left out."""
        entity = ids.new(PREFIXES[root], self.entropy(16)) if id is None else id
        held, rule, text = self._content[root], STORYBOARD.keys[root], TEXTS[root]
        if not is_id(entity) or entity in held:
            raise GestureImpossible("an id is used once")
        if len(held) >= rule.size_max:
            raise SchemaTooLong(f"{root} has at most {rule.size_max} names")
        raw: dict[str, Any] = {"ord": place[1]} | ({"par": place[0]} if PARENTS[root] else {})
        raw |= {text: ""} if text is not None else {}
        for key, value in registers.items():
            _check(root, key, value)
            if value is not None:
                raw[key] = value
        raw["del"] = None
        held[entity] = raw
        self._tree.put(read_node(root, entity, raw))
        made = {key: Text(value) if key == text else value for key, value in raw.items()}
        self._writes.append(lambda: self._entities(root).__setitem__(entity, Map(made)))
        return entity

    def _add(self, root: str, registers: Mapping[str, Any], parent: str, before: str | None, id: str | None) -> str:
        with self._gesture():
            return self._create(root, id, self._place(root, parent, before), registers)

    def _edit(self, root: str, entity: str, registers: Mapping[str, Any]) -> None:
        with self._gesture():
            node = self._node(root, entity)
            for key, value in registers.items():
                self._write(node, key, value)

    def _move(self, root: str, entity: str, parent: str, before: str | None) -> None:
        with self._gesture():
            node = self._node(root, entity)
            self._stand(node, self._place(root, parent, before, node))

    def _stand(self, node: Node, place: tuple[str, str]) -> None:
        if PARENTS[node.root]:
            self._set(node, "par", place[0])
        self._set(node, "ord", place[1])

    def _delete(self, root: str, entity: str) -> None:
        with self._gesture():
            self._set(self._node(root, entity), "del", self._mark)

    def _restore(self, root: str, entity: str) -> None:
        with self._gesture():
            node = self._tree.nodes.get((root, entity))
            if node is None:
                raise NoSuchEntity(root, entity)
            self._set(node, "del", None)
            if node.into is not None:
                self._set(node, "into", None)

    def _write(self, node: Node, key: str, value: Any) -> None:
        """What a person may write. Raises a `Refused` by name."""
        _check(node.root, key, value)
        self._set(node, key, value)

    def _set(self, node: Node, key: str, value: Any) -> None:
        """What is written already is not written again (documents.md A9); of a text only what differs."""
        raw = self._content[node.root][node.id]
        if plain(raw.get(key)) == plain(value) and (value is not None or raw.get(key) is None):
            return
        self._writes.append(lambda: self._put(node, key, value))
        raw[key] = value
        if key in STRUCTURE:
            self._tree.put(read_node(node.root, node.id, raw))

    def _put(self, node: Node, key: str, value: Any) -> None:
        entity = self._entities(node.root)[node.id]
        if key != TEXTS[node.root]:
            entity[key] = value
        elif isinstance(text := entity.get(key), Text):
            write_text(text, value)
        else:
            raise GestureImpossible(f"{node.id} has no {key}")

    def _entities(self, root: str) -> Map[Any]:
        found: Map[Any] = self.doc.get(root, type=Map)
        return found


def _is_between(keys: Sequence[str], index: int, key: str) -> bool:
    low = keys[index - 1] if index else ""
    return has_room(low, key) and (index == len(keys) or has_room(key, keys[index]))


def _check(root: str, key: str, value: Any) -> None:
    """Whether a person may write it. Raises a `Refused` by name."""
    rule = STORYBOARD.keys[root].others
    assert rule is not None
    if key in STRUCTURE:
        raise SchemaKey(f"{root}.{key}: where it stands is another gesture's")
    found = rule.child(key)
    if found.is_servers:
        raise ServerOnly(f"{root}.{key}")
    if key != TEXTS[root]:
        found.check(value)
    elif not isinstance(value, str):
        raise SchemaType(f"{root}.{key} is text")
    elif len(value.encode("utf-16-le")) // 2 > found.size_max:
        raise SchemaTooLong(f"{root}.{key}: at most {found.size_max} characters")


def write_text(text: Text, wanted: str) -> None:
    """Replaces only the part that differs, so that others' carets and concurrent typing survive."""
    old = str(text)
    head = _common_chars(old, wanted)
    tail = _common_chars(old[head:][::-1], wanted[head:][::-1])
    # pycrdt counts text in UTF-8 bytes, and code points are whole in both
    start, end = len(old[:head].encode()), len(old[: len(old) - tail].encode())
    if end > start:
        del text[start:end]
    if replacement := wanted[head : len(wanted) - tail]:
        text.insert(start, replacement)


def _common_chars(one: str, other: str) -> int:
    for position, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return position
    return min(len(one), len(other))

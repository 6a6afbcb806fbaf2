"""Where an item lives: its shared type (`Node`) and its place there (`Path`), one object for all items of that place.

Also who wins a map key when several people set it at once. Not the content itself: that is the replica's.
"""

from typing import Final

from sync.errors import MalformedUpdate
from sync.update import ANY, BINARY, DELETED, EMBED, FORMAT, JSON, NO_TYPE, STRING, TYPE, TYPE_MAP, ItemId

_ALL: Final = frozenset((DELETED, JSON, BINARY, STRING, EMBED, FORMAT, TYPE, ANY))
_VALUES: Final = frozenset((DELETED, JSON, BINARY, TYPE, ANY))
_TEXT: Final = frozenset((DELETED, STRING, EMBED, FORMAT, TYPE))
KINDS_OF: Final = (_VALUES, _VALUES, _TEXT, _ALL)
"""By type reference (array, map, text, unknown -1): the content that it may hold. Characters in an array hang yrs."""


class Path:
    """One key of a shared type, or (with `sub` None) its sequence of elements or characters."""

    __slots__ = ("admitted", "chain", "deeper", "depth", "entity", "key", "node", "root", "sub", "units")

    def __init__(self, node: "Node", sub: str | None) -> None:
        self.node = node
        self.sub = sub
        self.chain: list[Entry] | None = None
        """Who set this key, oldest first, the winner last."""
        self.admitted = False
        """Whether the index knows it; until then it belongs to one update alone."""
        self.units = 0
        """Characters or elements of a sequence that live, as the index counts them."""
        above = node.path
        self.root = node.root
        self.entity: str | None = None
        self.key: str | None = None
        self.deeper: tuple[str | None, ...] = ()
        if above is None:
            self.depth = 1
            self.entity = sub
            return
        self.depth = above.depth + 1
        self.entity = above.entity
        if self.depth == 2:
            self.key = sub
        else:
            self.key = above.key
            self.deeper = (*above.deeper, sub)

    def is_dead(self) -> bool:
        """Whether a type above was deleted, and this with it."""
        node: Node | None = self.node
        while node is not None:
            if node.dead:
                return True
            node = None if node.path is None else node.path.node
        return False


class Node:
    """A shared type: a root (`path` None), or the type that an item holds."""

    __slots__ = ("dead", "path", "root", "sequence", "subs", "type_ref")

    def __init__(self, root: str, path: Path | None, type_ref: int) -> None:
        self.root = root
        self.path = path
        self.type_ref = type_ref
        """TYPE_ARRAY, TYPE_MAP, TYPE_TEXT, or NO_TYPE for a root that may be anything."""
        self.dead = False
        self.subs: dict[str, Path] | None = None
        self.sequence: Path | None = None

    def may_have(self, sub: str | None) -> bool:
        """Maps have keys, the others a sequence."""
        return self.type_ref < 0 or (sub is not None) == (self.type_ref == TYPE_MAP)

    def known_child(self, sub: str | None) -> Path | None:
        if sub is None:
            return self.sequence
        return None if self.subs is None else self.subs.get(sub)

    def adopt(self, path: Path) -> None:
        """Keeps `path` as the child of its name."""
        path.admitted = True
        if path.sub is None:
            self.sequence = path
        elif self.subs is None:
            self.subs = {path.sub: path}
        else:
            self.subs[path.sub] = path


def _gone() -> Path:
    node = Node("", None, NO_TYPE)
    node.dead = True
    return Path(node, None)


GONE: Final = _gone()
"""The place of garbage: its type no longer exists, so it touches nothing."""

Entry = tuple[int, int, int, int, int]
"""Items that set one key, each after the one before: client, first clock, end clock, origin client (-1: none), clock.
"""

NO_ORIGIN: Final = ItemId(-1, 0)


class ChainChange:
    """What one update adds to the chain of a key; the chain itself stays as it is until `commit`."""

    __slots__ = ("_added", "_base", "_replaced", "alive", "path", "previous", "superseded")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._base: list[Entry] = path.chain or []
        self._added: list[Entry] = []
        self._replaced = False
        self.alive: ItemId | None = None
        """The winner, if it is of this update and holds a value."""
        self.superseded = False
        """Whether the winner is of this update."""
        self.previous: Entry | None = self._base[-1] if path.admitted and self._base else None
        """The winner before this update."""

    def insert(self, new: Entry, holds_value: bool, steps_max: int) -> tuple[Entry | None, int]:
        """(the entry that loses by it, steps taken). Raises `MalformedUpdate` beyond `steps_max`."""
        tail = self._added[-1] if self._added else self._base[-1] if self._base else None
        winner = ItemId(new[0], new[2] - 1) if holds_value else None
        if tail is None or (tail[0] == new[3] and tail[2] - 1 == new[4]):
            self._added.append(new)
            self.superseded = True
            self.alive = winner
            return tail, 0
        if not self._replaced:
            self._added = [*self._base, *self._added]
            self._base = []
            self._replaced = True
        index, steps = place(self._added, new, steps_max)
        steps += len(self._added) // 64  # copying and inserting are cheap, yet not free
        self._added.insert(index, new)
        if index < len(self._added) - 1:
            return new, steps
        self.superseded = True
        self.alive = winner
        return tail, steps

    def commit(self) -> None:
        """Makes the change part of the chain; consecutive overwrites by one client share an entry."""
        if self._replaced:
            self.path.chain = self._added  # entries that were cut stay cut: others have their origin there
            return
        chain = self._base
        for new in self._added:
            last = chain[-1] if chain else None
            if last is not None and last[0] == new[0] == new[3] and last[2] == new[1]:
                chain[-1] = (last[0], last[1], new[2], last[3], last[4])
            else:
                chain.append(new)
        self.path.chain = chain


def place(chain: list[Entry], new: Entry, steps_max: int) -> tuple[int, int]:
    """(index at which `new` belongs, steps taken); may cut an entry in two. Yjs `Item.integrate` for a map key."""
    index = steps = 0
    if new[3] >= 0:
        index = _after_origin(chain, new)
        steps = len(chain) - index
        if steps > steps_max:
            raise MalformedUpdate("too many concurrent values of one key")
    left = index
    seen: dict[tuple[int, int], int] = {}  # last id of each entry passed -> its index
    settled = index  # entries before it no longer conflict
    while index < len(chain):
        steps += 1
        if steps > steps_max:
            raise MalformedUpdate("too many concurrent values of one key")
        other = chain[index]
        seen[(other[0], other[2] - 1)] = index
        if other[3] == new[3] and other[4] == new[4]:
            if other[0] >= new[0]:
                break  # neither has a right origin: the smaller client stays left
            left = settled = index + 1
        else:
            at = seen.get((other[3], other[4]))
            if at is None:
                break
            if at < settled:
                left = settled = index + 1
        index += 1
    return left, steps


def _after_origin(chain: list[Entry], new: Entry) -> int:
    client, clock = new[3], new[4]
    for index in range(len(chain) - 1, -1, -1):
        first_client, start, end, origin_client, origin_clock = chain[index]
        if first_client == client and start <= clock < end:
            if clock + 1 < end:
                chain[index] = (client, start, clock + 1, origin_client, origin_clock)
                chain.insert(index + 1, (client, clock + 1, end, client, clock))
            return index + 1
    raise MalformedUpdate("the origin is not a value of this key")

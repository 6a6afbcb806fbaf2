"""One update laid over the index: what its structs would touch and what they lack, without changing the index.

Not the rules: whether a touch is permitted is for the document's schema and the author's rights.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from sync.errors import MalformedUpdate, SplitSurrogate
from sync.paths import GONE, KINDS_OF, NO_ORIGIN, ChainChange, Node, Path
from sync.ranges import ClientRanges
from sync.touch import Op, Touch
from sync.update import BREATH_MASK, DELETED, GC, SKIP, TYPE, Breathe, ItemId, Struct, Update


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """Steps count the work of ordering values that several people set under one key; native code does the same work."""

    path_depth_max: int = 16
    """Shared types within shared types."""
    conflict_steps_max: int = 100_000
    """Of one update."""
    conflict_steps_free: int = 32
    """Of one value; what real people cause seldom takes more."""
    conflict_steps_total_max: int = 1_000_000
    """Of one document, beyond the free ones: loading it takes them all again."""


class Missing(NamedTuple):
    """The first thing that the update needs and the room lacks: `clock` of `client`."""

    client: int
    clock: int


UNBOUNDED: Final = 2**62
_NOTHING: Final = ClientRanges(0)


class Layer:
    """`resolve` once, then read `touches`, `missing`, `adds`; `StructIndex.admit` takes the rest."""

    def __init__(
        self,
        clients: dict[int, ClientRanges],
        roots: dict[str, Node],
        update: Update,
        limits: IndexLimits,
        root_type: int,
        trusted: bool,
        conflict_steps: int,
        breathe: Breathe | None = None,
    ) -> None:
        self._breathe = breathe
        self._stepped = 0
        self._clients = clients
        self._roots = roots
        self._update = update
        self._limits = limits
        self._root_type = root_type
        self.trusted = trusted
        self._steps = 0
        self.conflict_steps = conflict_steps
        """Of the document, beyond the free ones, this update included."""
        self._long_values: list[tuple[int, int, int]] = []
        self.touches: list[Touch] = []
        self.missing: Missing | None = None
        self.adds = False
        self.fresh: dict[int, ClientRanges] = {}
        self.fresh_roots: dict[str, Node] = {}
        self.fresh_paths: dict[tuple[Node, str | None], Path] = {}
        self.chains: dict[Path, ChainChange] = {}
        self.deletions: list[tuple[int, int, int]] = []
        """(client, start, end) that are deleted by the update, by itself or because a key was set again."""
        self.growth: dict[Path, int] = {}
        """By how many characters or elements each sequence grows, or shrinks."""

    def resolve(self) -> None:
        """Raises `MalformedUpdate` or `SplitSurrogate`."""
        update = self._update
        sections = update.sections
        for index in sections:
            client = update.structs[index].client
            known = self._clients.get(client)
            self.fresh[client] = ClientRanges(0 if known is None else known.end)
        if len(sections) == 1:
            for struct in update.structs:
                wanted = self._unmet(struct)
                if wanted is not None:
                    self.missing = Missing(wanted.client, self._state(wanted.client))
                    return
                self._integrate(struct)
        elif sections and not self._resolve_crossing():
            return
        self._judge_deletes()
        if self.missing is None:
            self._judge_overwrites()
            for client, start, end in self._long_values:
                if self.fresh[client].alive(start, end):  # yjs joins values of one key only when all are deleted
                    raise MalformedUpdate("several values of one key at once")

    def _state(self, client: int) -> int:
        ranges = self.fresh.get(client) or self._clients.get(client)
        return 0 if ranges is None else ranges.end

    def _ranges(self, item: ItemId) -> ClientRanges:
        """Those that know `item`, which was seen to be within the state."""
        known = self._clients.get(item.client)
        if known is not None and item.clock < known.end:
            return known
        return self.fresh[item.client]

    def _resolve_crossing(self) -> bool:
        """Structs of several clients may need each other in any order. False when something is missing."""
        structs = self._update.structs
        bounds = [*self._update.sections, len(structs)]
        queue_of: dict[int, list[int]] = {}  # client -> [next, end] in structs
        for start, end in pairwise(bounds):
            queue_of[structs[start].client] = [start, end]
        for first in queue_of:
            waiting = [(first, -1)]  # (client, clock that the one before it needs; -1: all)
            on_way = {first}
            while waiting:
                client, clock = waiting[-1]
                queue = queue_of[client]
                if queue[0] == queue[1] or 0 <= clock < self._state(client):
                    waiting.pop()
                    on_way.discard(client)
                    continue
                struct = structs[queue[0]]
                wanted = self._unmet(struct)
                if wanted is None:
                    self._integrate(struct)
                    queue[0] += 1
                elif wanted.client in on_way and wanted.client != client:
                    raise MalformedUpdate("structs that wait for each other")
                elif wanted.client == client or not self._comes(queue_of.get(wanted.client), wanted.clock):
                    self.missing = Missing(wanted.client, self._state(wanted.client))
                    return False
                else:
                    waiting.append((wanted.client, wanted.clock))
                    on_way.add(wanted.client)
        return True

    def _comes(self, queue: list[int] | None, clock: int) -> bool:
        if queue is None or queue[0] == queue[1]:
            return False
        last = self._update.structs[queue[1] - 1]
        return clock < last.clock + last.length

    def _unmet(self, struct: Struct) -> ItemId | None:
        """The first id that must be there before `struct`, and is not."""
        client, clock = struct.client, struct.clock
        state = self.fresh[client].end
        if clock > state:
            return ItemId(client, state)
        if struct.kind == SKIP:
            return ItemId(client, state) if clock + struct.length > state else None
        origin = struct.origin
        if origin is not None:
            if origin.client != client:
                if origin.clock >= self._state(origin.client):
                    return origin
            elif origin.clock >= clock:
                raise MalformedUpdate("refers to a later clock of its own")
        right = struct.right_origin
        if right is not None:
            if right.client != client:
                if right.clock >= self._state(right.client):
                    return right
            elif right.clock >= clock:
                raise MalformedUpdate("refers to a later clock of its own")
        parent = struct.parent
        if isinstance(parent, ItemId):
            if parent.client != client:
                if parent.clock >= self._state(parent.client):
                    return parent
            elif parent.clock >= clock:
                raise MalformedUpdate("refers to a later clock of its own")
        return None

    def _integrate(self, struct: Struct) -> None:
        """Everything that `struct` needs is there."""
        self._step()
        if not self.trusted and struct.kind != GC:
            self._check_cuts(struct)
        client, clock = struct.client, struct.clock
        fresh = self.fresh[client]
        start, end = fresh.end, clock + struct.length
        if end <= start:
            return
        path = GONE
        if struct.kind != GC:
            path = self._place(struct)
            if start > clock:
                path = self._check_overlap(struct, start, path)
        fresh.append(end, path)
        self.adds = True
        if path is GONE or struct.kind == DELETED:
            self.deletions.append((client, start, end))
            fresh.delete(start, end)
            if struct.kind == DELETED:
                fresh.append_hollow(start, end)
        if path is GONE:
            return
        if struct.kind not in KINDS_OF[path.node.type_ref]:
            raise MalformedUpdate("content of a kind that its type does not hold")
        if struct.kind == TYPE:
            fresh.append_node(clock, Node(path.root, path, struct.type_ref))
        for offset in struct.low_halves:
            if clock + offset > start:
                fresh.append_low_half(clock + offset)
        if path.sub is not None:
            self._overwrite(struct, start, end, path)
        elif struct.kind != DELETED:
            self._grow(path, end - start)
        if not self.trusted:
            self._touch(client, start, end, path, "insert", struct)

    def _grow(self, path: Path, units: int) -> None:
        self.growth[path] = self.growth.get(path, 0) + units

    def _check_cuts(self, struct: Struct) -> None:
        """Native code cuts items at both origins, also those of structs that it knows."""
        origin = struct.origin
        if origin is not None and self._ranges(origin).splits_character(origin.clock + 1):
            raise SplitSurrogate("origin between the halves of a character")
        right = struct.right_origin
        if right is not None and self._ranges(right).splits_character(right.clock):
            raise SplitSurrogate("right origin between the halves of a character")

    def _check_overlap(self, struct: Struct, start: int, path: Path) -> Path:
        """The first part of `struct` is known: the rest continues it, wherever that lives."""
        before = self._ranges(ItemId(struct.client, start - 1)).path_at(start - 1)
        if before is not path:
            if not (before.is_dead() and path.is_dead()):
                raise MalformedUpdate("differs from what is known of the same clocks")
            return GONE
        if not self.trusted and start - struct.clock in struct.low_halves:
            raise SplitSurrogate("continues in the middle of a character")
        return path

    def _place(self, struct: Struct) -> Path:
        origin, right = struct.origin, struct.right_origin
        if origin is None and right is None:
            parent = struct.parent
            if isinstance(parent, ItemId):
                ranges = self._ranges(parent)
                node = ranges.node_at(parent.clock)
                if node is not None:
                    return self._child(node, struct.parent_sub)
                is_gone = ranges.path_at(parent.clock) is GONE or ranges.is_hollow(parent.clock)
                if is_gone or (self.trusted and ranges.is_deleted(parent.clock)):
                    return GONE
                # a deleted value is no parent either: replicas that still have its content would fail on it
                raise MalformedUpdate("the parent holds no shared type")
            assert parent is not None
            return self._child(self._root(parent), struct.parent_sub)
        left_path = None if origin is None else self._ranges(origin).path_at(origin.clock)
        right_path = None if right is None else self._ranges(right).path_at(right.clock)
        path = left_path or right_path
        assert path is not None
        if right_path is not None and right_path is not path:
            if not (path.is_dead() and right_path.is_dead()):
                raise MalformedUpdate("origins in two places")
            return GONE
        if right_path is not None and path.sub is not None:
            raise MalformedUpdate("a value of a key has no right origin")
        return path

    def _root(self, name: str) -> Node:
        node = self._roots.get(name) or self.fresh_roots.get(name)
        if node is None:
            node = self.fresh_roots[name] = Node(name, None, self._root_type)
        return node

    def _child(self, node: Node, sub: str | None) -> Path:
        path = node.known_child(sub)
        if path is None:
            path = self.fresh_paths.get((node, sub))
        if path is None:
            path = self.fresh_paths[(node, sub)] = Path(node, sub)
            if not node.may_have(sub):
                raise MalformedUpdate("a key outside a map or a sequence in one")
            if path.depth > self._limits.path_depth_max:
                raise MalformedUpdate("shared types nested too deep")
        return path

    def _overwrite(self, struct: Struct, start: int, end: int, path: Path) -> None:
        client = struct.client
        if end - start > 1 and struct.kind != DELETED:
            self._long_values.append((client, start, end))
        origin = struct.origin or NO_ORIGIN
        if start > struct.clock:
            origin = ItemId(client, start - 1)
        new = (client, start, end, origin.client, origin.clock)
        if path.chain is None:  # the first value of a key that only this update knows
            path.chain = [new]
            return
        change = self.chains.get(path)
        if change is None:
            change = self.chains[path] = ChainChange(path)
        limits = self._limits
        steps_max = limits.conflict_steps_max - self._steps
        if self.trusted:
            steps_max = UNBOUNDED
        elif self.conflict_steps > limits.conflict_steps_total_max:
            steps_max = min(steps_max, limits.conflict_steps_free)
        loser, steps = change.insert(new, struct.kind != DELETED, steps_max)
        self._steps += steps
        self.conflict_steps += max(0, steps - limits.conflict_steps_free)
        if loser is not None:
            self.deletions.append((loser[0], loser[1], loser[2]))

    def _step(self) -> None:
        self._stepped += 1
        if self._breathe is not None and self._stepped & BREATH_MASK == 0:
            self._breathe()

    def _judge_deletes(self) -> None:
        for client, clock, length in sorted(self._update.deletes):  # descending ones would cost quadratic time
            self._step()
            end = clock + length
            if end > self._state(client):
                self.missing = Missing(client, self._state(client))
                return
            known = self._clients.get(client, _NOTHING)
            if clock < known.end:
                for start, stop in known.alive(clock, min(end, known.end)):
                    self._judge_delete(known, client, start, stop)
            if end > known.end:
                self._judge_fresh_delete(client, max(clock, known.end), end)

    def _judge_delete(self, known: ClientRanges, client: int, start: int, end: int) -> None:
        self._check_edges(known, start, end)
        for first, stop, path in known.places(start, end):
            self._step()
            if path is GONE or path.is_dead():
                continue
            self.adds = True
            self.deletions.append((client, first, stop))
            if path.sub is None:
                self._grow(path, first - stop)
            change = self.chains.get(path)
            if change is None or not change.superseded:
                self._touch(client, first, stop, path, "delete", None)

    def _judge_fresh_delete(self, client: int, start: int, end: int) -> None:
        """What comes and goes in one update was never seen by anyone; only values of keys need a look."""
        fresh = self.fresh[client]
        self._check_edges(fresh, start, end)
        for alive, dead in fresh.alive(start, end):
            for first, stop, path in fresh.places(alive, dead):
                self._step()
                if path.sub is None and path is not GONE:
                    self._grow(path, first - stop)
        self.deletions.append((client, start, end))
        fresh.delete(start, end)
        for first, stop, path in fresh.places(start, end):
            self._step()
            change = self.chains.get(path)
            if change is not None and change.alive is not None:
                winner = change.alive
                if winner.client == client and first <= winner.clock < stop:
                    change.alive = None

    def _check_edges(self, ranges: ClientRanges, start: int, end: int) -> None:
        if not self.trusted and (ranges.splits_character(start) or ranges.splits_character(end)):
            raise SplitSurrogate("deletes half a character")

    def _judge_overwrites(self) -> None:
        """A key that ends without a value, where it had one, was deleted, however that was written."""
        for path, change in self.chains.items():
            self._step()
            last = change.previous
            if change.alive is not None or not change.superseded or last is None:
                continue
            if not self._clients[last[0]].is_deleted(last[2] - 1) and not path.is_dead():
                self._touch(last[0], last[2] - 1, last[2], path, "delete", None)

    def _touch(self, client: int, start: int, end: int, path: Path, op: Op, struct: Struct | None) -> None:
        self.touches.append(Touch(path, client, start, end - start, op, struct))

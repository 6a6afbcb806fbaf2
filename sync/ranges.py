"""What is known of one client, in ranges: where each clock lives, which are deleted, where a character may not be cut.

Not a replica: memory grows with the number of places and gestures, not with characters typed.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from sync.paths import Node, Path


class ClientRanges:
    """Clocks `start` to `end` of one client, without a gap."""

    __slots__ = (
        "_deleted_ends",
        "_deleted_starts",
        "_hollow_ends",
        "_hollow_starts",
        "_low_halves",
        "_node_clocks",
        "_nodes",
        "_paths",
        "_starts",
        "end",
    )

    def __init__(self, start: int) -> None:
        self.end = start
        self._starts: list[int] = []
        self._paths: list[Path] = []
        self._deleted_starts: list[int] = []
        self._deleted_ends: list[int] = []
        self._hollow_starts: list[int] = []
        self._hollow_ends: list[int] = []
        self._low_halves: array[int] | None = None
        self._node_clocks: list[int] = []
        self._nodes: list[Node] = []

    def append(self, end: int, path: Path) -> None:
        """The next clocks, up to `end`, live at `path`."""
        if not self._paths or self._paths[-1] is not path:
            self._starts.append(self.end)
            self._paths.append(path)
        self.end = end

    def append_node(self, clock: int, node: Node) -> None:
        self._node_clocks.append(clock)
        self._nodes.append(node)

    def append_hollow(self, start: int, end: int) -> None:
        """What arrived deleted: nobody here knows what it held."""
        if self._hollow_ends and self._hollow_ends[-1] == start:
            self._hollow_ends[-1] = end
        else:
            self._hollow_starts.append(start)
            self._hollow_ends.append(end)

    def append_low_half(self, clock: int) -> None:
        if self._low_halves is None:
            self._low_halves = array("Q")
        self._low_halves.append(clock)

    def extend(self, later: "ClientRanges") -> None:
        """Takes over what `later`, which begins where this ends, knows. Its deletions are not taken."""
        starts = later._starts
        for index, path in enumerate(later._paths):
            self.append(starts[index + 1] if index + 1 < len(starts) else later.end, path)
        for start, end in zip(later._hollow_starts, later._hollow_ends, strict=True):
            self.append_hollow(start, end)
        self._node_clocks += later._node_clocks
        self._nodes += later._nodes
        if later._low_halves is not None:
            if self._low_halves is None:
                self._low_halves = array("Q")
            self._low_halves.extend(later._low_halves)

    def path_at(self, clock: int) -> Path:
        """`clock` must be within the ranges."""
        return self._paths[bisect_right(self._starts, clock) - 1]

    def node_at(self, clock: int) -> Node | None:
        """The shared type that the item at `clock` holds."""
        index = bisect_left(self._node_clocks, clock)
        if index < len(self._node_clocks) and self._node_clocks[index] == clock:
            return self._nodes[index]
        return None

    def is_hollow(self, clock: int) -> bool:
        """Whether the item at `clock` arrived deleted, so that it may have been a shared type."""
        index = bisect_right(self._hollow_starts, clock) - 1
        return index >= 0 and clock < self._hollow_ends[index]

    def splits_character(self, clock: int) -> bool:
        """Whether a cut before `clock` parts a surrogate pair."""
        halves = self._low_halves
        if halves is None:
            return False
        index = bisect_left(halves, clock)
        return index < len(halves) and halves[index] == clock

    def places(self, start: int, end: int) -> Iterator[tuple[int, int, Path]]:
        """(start, end, path) of the parts of `start` to `end`."""
        index = bisect_right(self._starts, start) - 1
        while start < end:
            stop = self._starts[index + 1] if index + 1 < len(self._starts) else self.end
            stop = min(stop, end)
            yield start, stop, self._paths[index]
            start = stop
            index += 1

    def is_deleted(self, clock: int) -> bool:
        """By itself; whether a type above is dead is told by the path."""
        index = bisect_right(self._deleted_starts, clock) - 1
        return index >= 0 and clock < self._deleted_ends[index]

    def alive(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of `start` to `end` that are not deleted by themselves."""
        index = bisect_right(self._deleted_ends, start)
        parts: list[tuple[int, int]] = []
        while start < end:
            if index == len(self._deleted_starts) or self._deleted_starts[index] >= end:
                parts.append((start, end))
                break
            if start < self._deleted_starts[index]:
                parts.append((start, self._deleted_starts[index]))
            start = self._deleted_ends[index]
            index += 1
        return parts

    def delete(self, start: int, end: int) -> None:
        """Marks `start` to `end` deleted, and the types in it dead."""
        first = bisect_left(self._deleted_ends, start)  # touching ranges grow together
        last = bisect_right(self._deleted_starts, end)
        if first < last:
            start_all = min(start, self._deleted_starts[first])
            end_all = max(end, self._deleted_ends[last - 1])
            self._deleted_starts[first:last] = [start_all]
            self._deleted_ends[first:last] = [end_all]
        else:
            self._deleted_starts.insert(first, start)
            self._deleted_ends.insert(first, end)
        index = bisect_left(self._node_clocks, start)
        while index < len(self._node_clocks) and self._node_clocks[index] < end:
            self._nodes[index].dead = True
            index += 1

    def deleted(self) -> list[tuple[int, int]]:
        """Every deleted (start, end), also what died with a type above; disjoint, ascending."""
        parts = list(zip(self._deleted_starts, self._deleted_ends, strict=True))
        parts += [(start, end) for start, end, path in self.places(0, self.end) if path.is_dead()]
        parts.sort()
        merged: list[tuple[int, int]] = []
        for start, end in parts:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

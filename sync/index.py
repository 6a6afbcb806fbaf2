"""Which item lives where, for one room: known clocks, paths, deletions (consistency.md C1, C2, C4).

`check` judges an update and changes nothing; `admit` takes it in. Not a replica: it holds no content.
"""

from sync.errors import DanglingUpdate
from sync.layer import IndexLimits, Layer, Missing
from sync.paths import Node
from sync.ranges import ClientRanges
from sync.touch import Op, Touch
from sync.update import BREATH_MASK, TYPE_MAP, Breathe, Update

__all__ = ["IndexLimits", "Judgement", "Missing", "Op", "StructIndex", "Touch"]


class Judgement:
    """What `update` would do to the index that judged it."""

    __slots__ = ("_layer", "_version", "adds", "authors", "growth", "missing", "new_clients", "touches", "update")

    def __init__(self, update: Update, layer: Layer, version: int, authors: set[int], new_clients: set[int]) -> None:
        self.update = update
        self._layer = layer
        self._version = version
        self.touches: list[Touch] = layer.touches
        """Complete only when nothing is missing."""
        self.growth = layer.growth
        self.adds: bool = layer.adds
        """False: everything in it was known, structs and deletions."""
        self.missing: Missing | None = layer.missing
        self.authors = authors
        """Clients of new structs; one that only deletes is not among them."""
        self.new_clients = new_clients
        """Authors of whom nothing was known."""

    def entities_with(self, key: str) -> list[tuple[str, str]]:
        """(root, entity) of those whose `key` it sets."""
        found: list[tuple[str, str]] = []
        for path in self._layer.chains:
            if path.key == key and path.depth == 2 and path.entity is not None:
                found.append((path.root, path.entity))
        for path in self._layer.fresh_paths.values():
            if path.key == key and path.depth == 2 and path.entity is not None:
                found.append((path.root, path.entity))
        return found

    def names(self) -> dict[str, int]:
        """How many names each root would have that gets new ones. A name that was used once counts for ever."""
        found: dict[str, int] = {}
        for node, sub in self._layer.fresh_paths:
            if node.path is None and sub is not None:
                known = 0 if node.subs is None else len(node.subs)
                found[node.root] = found.get(node.root, known) + 1
        return found


class StructIndex:
    """Holds no gaps: every struct admitted continues what is known of its client.

    `root_type`: what every root is, as the wire does not tell; NO_TYPE leaves it open.
    """

    def __init__(self, limits: IndexLimits | None = None, *, root_type: int = TYPE_MAP) -> None:
        self._limits = limits or IndexLimits()
        self._root_type = root_type
        self._clients: dict[int, ClientRanges] = {}
        self._roots: dict[str, Node] = {}
        self._words: dict[str, str] = {}
        self._version = 0
        self._conflict_steps = 0

    def clear(self) -> None:
        """Nothing is known any more, and nothing that was judged before may be admitted as it is."""
        self._clients, self._roots, self._words = {}, {}, {}
        self._version += 1
        self._conflict_steps = 0

    def check(self, update: Update, *, trusted: bool = False, breathe: Breathe | None = None) -> Judgement:
        """Changes nothing. Raises `MalformedUpdate` and `SplitSurrogate`.

        `trusted`: judged before, as a snapshot or the log was; C4 is not asked again and `touches` stays empty.
        """
        layer = Layer(
            self._clients, self._roots, update, self._limits, self._root_type, trusted, self._conflict_steps, breathe
        )
        layer.resolve()
        authors: set[int] = set()
        new_clients: set[int] = set()
        for client, ranges in layer.fresh.items():
            known = self.known(client)
            if ranges.end > known:
                authors.add(client)
                if known == 0:
                    new_clients.add(client)
        return Judgement(update, layer, self._version, authors, new_clients)

    def admit(self, judgement: Judgement, breathe: Breathe | None = None) -> None:
        """Takes the update in. Judged anew if another was admitted since. Raises `DanglingUpdate` and as `check`."""
        if judgement._version != self._version:
            judgement = self.check(judgement.update, trusted=judgement._layer.trusted)
        if judgement.missing is not None:
            raise DanglingUpdate(f"lacks clock {judgement.missing.clock} of client {judgement.missing.client}")
        if judgement.adds:
            self._version += 1
            self._conflict_steps = judgement._layer.conflict_steps
            self._take(judgement._layer, breathe)

    def load(self, update: Update) -> None:
        """Admits what was judged before. Raises as `admit`."""
        self.admit(self.check(update, trusted=True))

    def _take(self, layer: Layer, breathe: Breathe | None) -> None:
        self._roots.update(layer.fresh_roots)
        words = self._words
        taken = 0
        for (node, sub), path in layer.fresh_paths.items():
            taken += 1
            if breathe is not None and taken & BREATH_MASK == 0:
                breathe()
            if sub is not None:  # the same few keys in every entity: one string each
                path.sub = words.setdefault(sub, sub)
            node.adopt(path)
        for client, fresh in layer.fresh.items():
            if fresh.end > self.known(client):
                known = self._clients.get(client)
                if known is None:
                    known = self._clients[client] = ClientRanges(0)
                known.extend(fresh)
        for change in layer.chains.values():
            taken += 1
            if breathe is not None and taken & BREATH_MASK == 0:
                breathe()
            change.commit()
        for path, units in layer.growth.items():
            path.units += units
        for client, start, end in layer.deletions:
            taken += 1
            if breathe is not None and taken & BREATH_MASK == 0:
                breathe()
            self._clients[client].delete(start, end)

    def known(self, client: int) -> int:
        """The next clock expected of `client`."""
        ranges = self._clients.get(client)
        return 0 if ranges is None else ranges.end

    def state_vector(self) -> dict[int, int]:
        """Client -> next clock, as Yjs counts it."""
        return {client: ranges.end for client, ranges in self._clients.items()}

    def deleted(self) -> dict[int, list[tuple[int, int]]]:
        """Client -> disjoint ascending (start, end): the delete set of the document, what died with a type included."""
        found = {client: ranges.deleted() for client, ranges in self._clients.items()}
        return {client: parts for client, parts in found.items() if parts}

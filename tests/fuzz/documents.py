"""Random people at work: pycrdt replicas that edit at the same time, and a server that judges, admits and applies.

Drivers only; `test_documents.py` and longer runs call them. Every choice comes from the `Random` that is handed in.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from pycrdt import Array, Doc, Map, MapEvent, Text, UndoManager

from sync.index import Judgement, StructIndex
from sync.update import parse

ROOTS = ("scenes", "shots", "ext")
KEYS = ("title", "ord", "prompt", "list")
WORDS = ("a", "bc", "über", "😀", "x😀y", "👩\u200d🎬", "日本", "slow push-in, ", "\ufffd")

Names = tuple[str | None, ...]
"""The root and every name below it; None for a position in a text or array."""


class Person:
    """One replica. `outbox`: its updates that the server has not seen; `inbox`: what it has not seen."""

    def __init__(self, client: int, *, keeps_garbage: bool) -> None:
        self.doc: Doc[Any] = Doc(client_id=client, skip_gc=keeps_garbage)
        self.roots: dict[str, Map[Any]] = {name: self.doc.get(name, type=Map) for name in ROOTS}
        self.outbox: list[bytes] = []
        self.inbox: list[bytes] = []
        self._is_own = True
        self._watch = self.doc.observe(lambda event: self._note(event.update))
        self._undo = UndoManager(scopes=list(self.roots.values()), capture_timeout_millis=0)

    def _note(self, update: bytes) -> None:
        if self._is_own and update != b"\0\0":
            self.outbox.append(bytes(update))

    def content(self) -> dict[str, Any]:
        """What this person sees."""
        return {name: root.to_py() for name, root in self.roots.items()}

    def receive(self) -> None:
        """Applies what waits in the inbox."""
        self._is_own = False
        for update in self.inbox:
            self.doc.apply_update(update)
        self.inbox.clear()
        self._is_own = True

    def act(self, rng: Random, *, undoes: bool) -> None:
        """One random gesture, sometimes several in one transaction."""
        if undoes and rng.random() < 0.1:
            (self._undo.undo if rng.random() < 0.6 else self._undo.redo)()
        elif rng.random() < 0.2:
            with self.doc.transaction():
                for _ in range(rng.randint(2, 5)):
                    self._gesture(rng)
        else:
            self._gesture(rng)

    def _gesture(self, rng: Random) -> None:
        root = self.roots[rng.choice(ROOTS)]
        entity = f"e{rng.randint(0, 2)}"
        chance = rng.random()
        if chance < 0.12 or entity not in root:
            _put(rng, root, entity, depth=0)
        elif chance < 0.17:
            del root[entity]
        else:
            _edit(rng, root[entity], depth=1)


def _value(rng: Random) -> Any:
    choices = (
        None, True, -rng.randint(0, 2**40), 0.1, 2.5, rng.choice(WORDS), [1, ["x"]], {"k": {"l": None}}, b"\0\xff", ""
    )  # fmt: skip
    return rng.choice(choices)


def _shared(rng: Random, depth: int) -> Map[Any] | Text | Array[Any]:
    chance = rng.random()
    if chance < 0.4 or depth == 0:
        return Map({"title": rng.choice(WORDS), "prompt": Text(rng.choice(WORDS))})
    if chance < 0.7:
        return Text("".join(rng.choices(WORDS, k=rng.randint(0, 3))))
    return Array([1, "two", Map({"n": 1}), rng.choice(WORDS)])


def _put(rng: Random, at: Map[Any], key: str, depth: int) -> None:
    at[key] = _shared(rng, depth) if rng.random() < 0.4 and depth < 4 else _value(rng)


def _edit(rng: Random, value: Any, depth: int) -> None:
    if isinstance(value, Map):
        key = rng.choice(KEYS)
        chance = rng.random()
        if key in value and chance < 0.15:
            del value[key]
        elif key in value and chance < 0.75 and isinstance(value[key], (Map, Text, Array)):
            _edit(rng, value[key], depth + 1)
        else:
            _put(rng, value, key, depth)
    elif isinstance(value, Text):
        _edit_text(rng, value)
    elif isinstance(value, Array):
        _edit_array(rng, value, depth)


def _edit_text(rng: Random, text: Text) -> None:
    content = "".join(str(part) if isinstance(part, str) else "\0" for part, _ in text.diff())
    bounds = [0]  # pycrdt counts UTF-8 bytes; an embed is one
    for char in content:
        bounds.append(bounds[-1] + len(char.encode()))
    at, to = sorted(rng.choices(range(len(bounds)), k=2))
    start, end = bounds[at], bounds[to]
    chance = rng.random()
    if chance < 0.5 or start == end:
        text.insert(start, rng.choice(WORDS))
    elif chance < 0.75:
        del text[start:end]
    elif chance < 0.9:
        text.format(start, end, {"b": rng.choice((True, None))})
    else:
        text.insert_embed(start, {"image": "a"})


def _edit_array(rng: Random, array: Array[Any], depth: int) -> None:
    at = rng.randint(0, len(array))
    chance = rng.random()
    if chance < 0.4 or at == len(array):
        array.insert(at, _shared(rng, depth) if rng.random() < 0.3 and depth < 4 else _value(rng))
    elif chance < 0.6:
        del array[at]
    elif isinstance(array[at], (Map, Text, Array)):
        _edit(rng, array[at], depth + 1)


class Server:
    """Judges with the index what it applies to a real document, and compares the two."""

    def __init__(self) -> None:
        self.index = StructIndex()
        self.doc: Doc[Any] = Doc(client_id=1)
        self.log: list[bytes] = []
        self._events: set[Names] = set()
        self._watches = [self.doc.get(name, type=Map).observe_deep(self._watcher(name)) for name in ROOTS]

    def _watcher(self, root: str) -> Any:
        def note(events: Sequence[Any]) -> None:
            for event in events:
                above = (root, *(name if isinstance(name, str) else None for name in event.path))
                if isinstance(event, MapEvent):
                    keys: dict[str, Any] = event.keys  # type: ignore[attr-defined]  # in Rust, not in the stubs
                    self._events.update((*above, key) for key in keys)
                else:
                    self._events.add((*above, None))

        return note

    def receive(self, update: bytes) -> Judgement:
        """Admits and applies; what changed in the document must have been foreseen."""
        parsed = parse(update)
        judgement = self.index.check(parsed)
        assert judgement.missing is None
        touched = touched_names(judgement)
        self.index.admit(judgement)
        self._events.clear()
        self.doc.apply_update(update)
        assert self._events <= touched, (self._events - touched, touched)
        assert judgement.adds or not self._events
        self.log.append(update)
        return judgement

    def compare(self) -> None:
        """The index and the document know the same clocks and the same deletions."""
        encoded = self.doc.get_update()
        whole = parse(encoded)
        assert self.index.state_vector() == state_of(encoded)
        assert self.index.deleted() == deletes_of(encoded)
        assert not self.index.check(whole).adds
        again = StructIndex()
        again.load(whole)
        assert again.state_vector() == self.index.state_vector()
        assert again.deleted() == self.index.deleted()


def touched_names(judgement: Judgement) -> set[Names]:
    """Every place that the judgement names."""
    found: set[Names] = set()
    for touch in judgement.touches:
        below = (touch.entity, touch.key, *touch.deeper)[: touch.depth]
        found.add((touch.root, *below))
    return found


def state_of(update: bytes) -> dict[int, int]:
    """Client -> next clock of a whole document."""
    state: dict[int, int] = {}
    for struct in parse(update).structs:
        state[struct.client] = struct.clock + struct.length
    return state


def deletes_of(update: bytes) -> dict[int, list[tuple[int, int]]]:
    """Client -> merged (start, end) of the delete set."""
    found: dict[int, list[tuple[int, int]]] = {}
    for client, clock, length in sorted(parse(update).deletes):
        parts = found.setdefault(client, [])
        if parts and parts[-1][1] >= clock:
            parts[-1] = (parts[-1][0], max(parts[-1][1], clock + length))
        else:
            parts.append((clock, clock + length))
    return found


def play(rng: Random, *, gestures: int, undoes: bool, people: int = 3) -> Server:
    """People edit, sometimes offline for a while; everything they make is accepted and foreseen. Returns the server.

    With `undoes` the author's replica itself may differ from all others: pycrdt 0.14 can redo a key of a map that is
    deleted (seeds 45 and 6436 do). The server's document and the index still agree.
    """
    server = Server()
    cast = [Person(100 + number, keeps_garbage=rng.random() < 0.3) for number in range(people)]
    for _ in range(gestures):
        person = rng.choice(cast)
        person.act(rng, undoes=undoes)
        if rng.random() < 0.4:
            _exchange(server, rng.choice(cast), cast)
            server.compare()
    for _ in range(2):
        for person in cast:
            _exchange(server, person, cast)
    server.compare()
    for person in cast if not undoes else ():  # a reader's whole state is no edit
        assert not server.index.check(parse(person.doc.get_update())).adds
        assert person.content() == {name: server.doc.get(name, type=Map).to_py() for name in ROOTS}
    return server


def _exchange(server: Server, person: Person, cast: Sequence[Person]) -> None:
    for update in person.outbox:
        server.receive(update)
        for other in cast:
            if other is not person:
                other.inbox.append(update)
    person.outbox.clear()
    person.receive()

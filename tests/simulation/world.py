"""Nodes, clients, a log and a bus that move only when told to: one seed is one history.

The rooms are the real ones. The log is a list that commits when the schedule says so; what PostgreSQL does is tested
against PostgreSQL elsewhere.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map, Text

from sync import relay, storyboard
from sync.awareness import AwarenessState, encode
from sync.effects import Batch, Broken, Commit, Effect, End, Publish, ReadLog, Relay, Send
from sync.ids import DocumentId
from sync.index import StructIndex
from sync.limits import Limits
from sync.messages import Awareness, AwarenessQuery, DocumentMessage, Stateless, Step1, Step2, SyncStatus, Update
from sync.names import DocumentName, Kind
from sync.presence import Person
from sync.room import Loaded, Room
from sync.session import Session
from sync.update import parse

SERVER_CLIENT = 9
NAME = DocumentName(Kind.STORYBOARD, DocumentId(UUID(int=1)), 1)
LIMITS = Limits(parked_timeout_s=1e9)


@dataclass(slots=True)
class Log:
    """Committed rows in order, and everything they hold, for the oracle."""

    rows: list[relay.CommittedRow] = field(default_factory=list)
    batch_seqs: dict[UUID, int] = field(default_factory=dict)
    owners: dict[int, UUID] = field(default_factory=dict)
    index: StructIndex = field(default_factory=StructIndex)

    def append(self, batch_id: UUID, origin: str, update: bytes) -> int:
        """The same batch again has its old sequence."""
        if batch_id not in self.batch_seqs:
            self.rows.append(relay.CommittedRow(len(self.rows) + 1, origin, update))
            self.batch_seqs[batch_id] = len(self.rows)
            self.index.load(parse(update))
        return self.batch_seqs[batch_id]

    def holds(self, update: bytes) -> bool:
        judgement = self.index.check(parse(update))
        return judgement.missing is None and not judgement.adds


@dataclass(slots=True)
class Node:
    """A hub. `room` is None while it is down. `unwritten`: batches on their way to the log, in order."""

    number: int
    room: Room | None = None
    unwritten: deque[Batch] = field(default_factory=deque)
    reads: int = 0
    sessions: dict[int, "Client"] = field(default_factory=dict)


@dataclass(slots=True)
class Client:
    """A pycrdt replica behind the Hocuspocus provider's habits: counts what is not acknowledged, oldest first."""

    number: int
    doc: Doc[Any]
    node: Node | None = None
    session: int = 0
    up: deque[DocumentMessage] = field(default_factory=deque)
    down: deque[DocumentMessage] = field(default_factory=deque)
    unacknowledged: deque[bytes] = field(default_factory=deque)
    quiet: bool = False
    answered: bool = False
    """Whether it has answered the hub's first Step1; the provider counts that answer and no later one."""

    @property
    def actor(self) -> UUID:
        return UUID(int=1000 + self.number)


class World:
    """`counts`: how often each kind of thing happened."""

    def __init__(self, seed: int, nodes: int = 2, clients: int = 3) -> None:
        self.rng = Random(seed)
        self.log = Log()
        self.nodes = [Node(number) for number in range(nodes)]
        self.clients = [Client(number, Doc(client_id=100 + number)) for number in range(clients)]
        self.bus: list[tuple[int, bytes]] = []
        self.counts: dict[str, int] = {}
        self.now_s = 0.0
        self._sessions = 0
        self._texts = 0
        for client in self.clients:
            self._subscribe(client)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    # Clients -----------------------------------------------------------------------------------------

    def _subscribe(self, client: Client) -> None:
        def changed(event: Any) -> None:
            if not client.quiet and event.update != b"\0\0":
                self._send_up(client, Update(bytes(event.update)))

        client.doc.observe(changed)

    def _send_up(self, client: Client, message: Update | Step2) -> None:
        if client.node is not None:
            client.up.append(message)
            if isinstance(message, Update) or not client.answered:
                client.unacknowledged.append(message.update)

    def connect(self, client: Client) -> None:
        """As the provider does: nothing pending, then Step1. Offline edits travel in the answer to the hub's Step1."""
        node = self.rng.choice(self.nodes)
        if client.node is not None:
            return
        room = self._room(node)
        self._sessions += 1
        client.session, client.node = self._sessions, node
        client.up.clear()
        client.down.clear()
        client.unacknowledged.clear()
        client.answered = False
        node.sessions[client.session] = client
        client.up.append(Step1(bytes(client.doc.get_state())))
        if client.number % 3:  # the others are plain replicas without presence, as pycrdt's and y-py's are
            client.up.append(Awareness(encode([AwarenessState(100 + client.number, 1, "{}")])))
        person = Person(client.actor, f"client {client.number}", "#000000")
        self.perform(node, room.join(Session(client.session, person, True)))
        self.count("connect")

    def disconnect(self, client: Client) -> None:
        node = client.node
        if node is None:
            return
        client.node = None
        node.sessions.pop(client.session, None)
        if node.room is not None:
            node.room.leave(client.session, self.now_s)
        self.count("disconnect")

    def edit(self, client: Client) -> None:
        """One gesture in one transaction."""
        kind = self.rng.choice(("set", "set", "text", "text", "cut", "scene", "remove"))
        doc = client.doc
        with doc.transaction():
            ext = doc.get("ext", type=Map)
            if kind == "set":
                ext[self.rng.choice("abc")] = self.rng.randrange(1000)
            elif kind == "remove":
                present = [key for key in "abc" if key in ext]
                if present:
                    del ext[self.rng.choice(present)]
            elif kind == "scene":
                self._texts += 1
                scene = storyboard.NewScene(f"scn_{self._texts}", "V", "1", "T", "prompt")
                storyboard.add_scene(doc, scene)
            else:
                self._edit_text(doc, kind)
        self.count(f"edit {kind}")

    def _edit_text(self, doc: Doc[Any], kind: str) -> None:
        texts = [scene["prompt"] for scene in doc.get("scenes", type=Map).values()]
        if not texts:
            return
        text: Text = self.rng.choice(texts)
        if kind == "text":
            place = len(str(text)[: self.rng.randrange(len(str(text)) + 1)].encode())
            text.insert(place, self.rng.choice(("word ", "é", "🎬")))
        elif len(str(text)) > 1:
            place = self.rng.randrange(len(str(text)) - 1)
            start, end = len(str(text)[:place].encode()), len(str(text)[: place + 1].encode())
            del text[start:end]

    def receive_down(self, client: Client) -> None:
        """The next message of the hub reaches its client."""
        if client.node is None or not client.down:
            return
        message = client.down.popleft()
        match message:
            case Step1(state_vector):
                self._send_up(client, Step2(bytes(client.doc.get_update(state_vector))))
                client.answered = True
            case Step2(update) | Update(update):
                client.quiet = True
                client.doc.apply_update(update)
                client.quiet = False
            case SyncStatus(applied):
                assert applied, "every client here is an editor"
                held = [update for update in client.unacknowledged if self.log.holds(update)]
                assert held, "acknowledged, and not in the log"  # acknowledgements are counted, not named
                client.unacknowledged.remove(held[0])
                self.count("acknowledged")
            case Awareness() | AwarenessQuery() | Stateless():
                pass

    # Nodes -------------------------------------------------------------------------------------------

    def _room(self, node: Node) -> Room:
        if node.room is None:
            loaded = Loaded(
                NAME, SERVER_CLIENT, len(self.log.rows), [row.bytes for row in self.log.rows], dict(self.log.owners)
            )
            node.room = Room(
                loaded,
                limits=LIMITS,
                node=UUID(int=node.number),
                new_id=lambda: UUID(int=self.rng.getrandbits(128)),
                server_clock=1,
                now_s=self.now_s,
            )
            self.count("load")
        return node.room

    def receive_up(self, client: Client) -> None:
        """The next message of a client reaches its hub."""
        if client.node is None or not client.up or client.node.room is None:
            return
        message = client.up.popleft()
        self.perform(client.node, client.node.room.receive(client.session, message, self.now_s))

    def perform(self, node: Node, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(session, message):
                    if session in node.sessions:
                        node.sessions[session].down.append(message)
                case Relay(message, author):
                    for session, client in node.sessions.items():
                        if session != author:
                            client.down.append(message)
                case Commit(batch):
                    node.unwritten.append(batch)
                case Publish(payload):
                    self.bus += [(other.number, payload) for other in self.nodes if other is not node]
                case ReadLog():
                    node.reads += 1
                case End(session, code, reason):
                    raise AssertionError(f"nobody here may be refused: {code} {reason}")
                case Broken(reason):
                    raise AssertionError(reason)

    def tick(self, node: Node) -> None:
        if node.room is not None:
            self.perform(node, node.room.tick(self.now_s))

    def commit(self, node: Node, answer_lost: bool = False) -> None:
        """Some of the node's batches reach the log; if the answer is lost, the same ones are committed again later."""
        if not node.unwritten or node.room is None:
            return
        batches = [node.unwritten[position] for position in range(self.rng.randint(1, len(node.unwritten)))]
        seqs = {}
        for batch in batches:
            seqs[batch.batch_id] = self.log.append(batch.batch_id, batch.origin, batch.bytes)
            for claimed in batch.claims:
                assert self.log.owners.setdefault(claimed, batch.actor) == batch.actor
        if answer_lost:
            self.count("commit answer lost")
            return
        for _ in batches:
            node.unwritten.popleft()
        self.perform(node, node.room.committed(seqs, self.now_s))
        self.count("commit")

    def server_edit(self) -> None:
        """A worker's milestone: made on a replica that stands at the head, committed, then published (C12)."""
        doc: Doc[Any] = Doc(client_id=SERVER_CLIENT)
        for row in self.log.rows:
            doc.apply_update(row.bytes)
        before = doc.get_state()
        with doc.transaction():
            storyboard.write_job(doc, "run_1", st="running", pct=self.rng.randrange(100))
        update = bytes(doc.get_update(before))
        seq = self.log.append(UUID(int=self.rng.getrandbits(128)), "run", update)
        news = relay.encode_rows(NAME.epoch, [relay.CommittedRow(seq, "run", update)])
        self.bus += [(node.number, news) for node in self.nodes]
        self.count("server edit")

    def crash(self, node: Node) -> None:
        """kill -9: the room and what it had not written are gone, and its sockets."""
        if node.room is None:
            return
        node.room = None
        node.unwritten.clear()
        node.reads = 0
        for client in list(node.sessions.values()):
            client.node = None
        node.sessions.clear()
        self.count("crash")

    def deliver_bus(self) -> None:
        """One message of the bus, in any order, perhaps lost, perhaps twice."""
        if not self.bus:
            return
        position = self.rng.randrange(len(self.bus)) if self.rng.random() < 0.3 else 0
        number, payload = self.bus.pop(position)
        fate = self.rng.random()
        if fate < 0.1:
            self.count("bus loss")
            return
        if fate < 0.2:
            self.bus.append((number, payload))
            self.count("bus repeat")
        room = self.nodes[number].room
        if room is not None:
            self.perform(self.nodes[number], room.remote(relay.decode(payload), self.now_s))

    def read_log(self, node: Node) -> None:
        if node.reads and node.room is not None:
            node.reads -= 1
            rows = self.log.rows[node.room.order.seq :][: self.rng.randint(1, 5)]
            self.perform(node, node.room.rows_read(rows, self.now_s))
            self.count("log read")

    def poll(self, node: Node) -> None:
        if node.room is not None:
            self.perform(node, node.room.head(len(self.log.rows)))

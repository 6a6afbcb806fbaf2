"""Nodes, clients, a log and a bus that move only when told to: one seed is one history.

The rooms are the real ones; what the hub does around them (`realtime.host`) is done here by hand, so that it can stop
between any two steps. `counts`: how often each kind of thing happened; names of faults are in `schedule`.
"""

from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import UUID

from pycrdt import Doc

from sync import relay
from sync.effects import Broken, Commit, Effect, End, Keep, Publish, ReadLog, Relay, Send
from sync.limits import Limits
from sync.loaded import Loaded
from sync.messages import (
    Awareness,
    AwarenessQuery,
    Close,
    DocumentMessage,
    Stateless,
    Step1,
    Step2,
    SyncStatus,
    Update,
)
from sync.presence import Person
from sync.room import Room
from sync.session import Session
from sync.storyboard import server
from tests.simulation.client import Client, Zombie
from tests.simulation.locks import accept, lock_or_unlock
from tests.simulation.log import Log
from tests.simulation.node import Died, Node, hears, make_fragile

LIMITS = Limits(parked_timeout_s=1e9)


class World:
    def __init__(self, seed: int, nodes: int = 2, clients: int = 3) -> None:
        self.rng = Random(seed)
        self.log = Log()
        self.nodes = [Node(number) for number in range(nodes)]
        self.clients = [Client(number, Doc()) for number in range(clients)]
        self.zombies: list[Zombie] = []
        self.bus: list[tuple[int, bytes]] = []
        self.counts: dict[str, int] = {}
        self.now_s = 0.0
        self._sessions = 0
        self._numbers = 100
        for client in self.clients:
            self._begin(client)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _fresh(self) -> int:
        self._numbers += 1
        return self._numbers

    # Clients -----------------------------------------------------------------------------------------

    def _begin(self, client: Client) -> None:
        client.begin(Doc(client_id=self._fresh()), self.log.epoch)

    def connect(self, client: Client) -> None:
        """As the provider does: nothing pending, then Step1. Offline edits travel in the answer to the hub's Step1."""
        if client.node is not None:
            return
        if client.epoch != self.log.epoch:  # the name that it knows is answered with 4409
            self._begin(client)
        room = self._room(node := self.rng.choice(self.nodes))
        self._sessions += 1
        client.opened(node, self._sessions)
        node.sessions[client.session] = client
        client.up.append(Step1(bytes(client.doc.get_state())))
        client.tell_presence()
        person = Person(client.actor, f"client {client.number}", "#000000")
        self.perform(node, room.join(Session(client.session, person, client.may_write)))
        self.count("connect")

    def disconnect(self, client: Client) -> None:
        if client.node is not None:
            node, client.node = client.node, None
            self._leave(node, client.session)
            self.count("disconnect")

    def _leave(self, node: Node, session: int) -> None:
        if node.sessions.pop(session, None) is not None and node.room is not None:
            self.perform(node, node.room.leave(session, self.now_s))

    def take_over(self, client: Client) -> None:
        """It comes back on another socket before the hub has noticed that the old one is dead."""
        if client.node is not None:
            self.zombies.append(Zombie(client.node, client.session, deque(client.up)))
            client.node = None
            self.connect(client)
            self.count("takeover")

    def zombie(self) -> None:
        """What a dead socket had sent arrives late, or its end is noticed at last."""
        one = self.rng.choice(self.zombies)
        if one.up and self.rng.random() < 0.7:
            message = one.up.popleft()
            if one.node.room is not None:
                self.count("late bytes of a dead socket")
                self.perform(one.node, one.node.room.receive(one.session, message, self.now_s))
        else:
            self.zombies.remove(one)
            self._leave(one.node, one.session)

    def reload(self, client: Client) -> None:
        """The tab is opened anew: another client id, and what was not acknowledged is gone with the old one."""
        self.disconnect(client)
        self._begin(client)
        self.count("reload")

    def change_role(self, client: Client) -> None:
        client.may_write = not client.may_write
        self.count("promotion" if client.may_write else "demotion")
        if client.node is not None and client.node.room is not None:
            self.perform(client.node, client.node.room.set_may_write(client.session, client.may_write))

    def edit(self, client: Client) -> None:
        self.count(f"edit {client.gesture(self.rng, self._fresh())}")

    def poison(self, client: Client) -> None:
        client.poison()
        self.count("poison")

    def receive_down(self, client: Client) -> None:
        """The next message of the hub reaches its client."""
        if client.node is None or not client.down:
            return
        message = client.down.popleft()
        match message:
            case Step1(state_vector):
                client.send(Step2(bytes(client.doc.get_update(state_vector))))
                client.answered = True
            case Step2(update) | Update(update):
                client.quiet = True
                client.doc.apply_update(update)
                client.quiet = False
            case SyncStatus(True):
                held = [update for update in client.unacknowledged if self.log.holds(update, client.epoch)]
                assert held, "acknowledged, and not in the log"  # acknowledgements are counted, not named
                client.unacknowledged.remove(held[0])
                self.count("acknowledged")
            case SyncStatus():
                client.denied += 1
                self.count("denied")
            case Awareness() | AwarenessQuery() | Stateless():
                pass

    # Rooms -------------------------------------------------------------------------------------------

    def _room(self, node: Node) -> Room:
        if node.room is not None and node.room.name.epoch != self.log.epoch:
            self.poll(node)
        if node.room is None:
            log = self.log
            loaded = Loaded(
                log.name, log.server_client, len(log.rows), log.states(), dict(log.owners), frozenset(log.quarantined)
            )
            node.room = Room(
                loaded,
                limits=LIMITS,
                node=UUID(int=node.number),
                new_id=lambda: UUID(int=self.rng.getrandbits(128)),
                server_clock=1,
                now_s=self.now_s,
            )
            node.reads = 0
            make_fragile(node.room)
            self.count("load from a snapshot" if log.snapshot else "load")
        return node.room

    def receive_up(self, client: Client) -> None:
        """The next message of a client reaches its hub."""
        if client.node is not None and client.up and client.node.room is not None:
            message = client.up.popleft()
            self.perform(client.node, client.node.room.receive(client.session, message, self.now_s))

    def perform(self, node: Node, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(session, message):
                    self._deliver(node, session, message)
                case Relay(message, author):
                    self.reach(node, "before relay")
                    for session in node.sessions:
                        if session != author and (not isinstance(message, Update) or hears(node, session)):
                            self._deliver(node, session, message)
                    self.reach(node, "after relay")
                case Commit(batch):
                    assert node.room is not None
                    node.unwritten.append((node.room, batch))
                case Publish(payload):
                    self.reach(node, "before publish")
                    self._publish(node, payload)
                    self.reach(node, "after publish")
                case ReadLog():
                    node.reads += 1
                case End(session, code, reason):
                    self._end(node, session, code, reason)
                case Keep():
                    node.kept = effect
                    self.count("refused edit kept")
                case Broken(reason, poison):
                    assert reason == "Panic" and poison is not None, reason
                    self.count("panic")
                    self.log.quarantine(poison)
                    self._close(node, Close.RESTART)
                    return

    def _deliver(self, node: Node, session: int, message: DocumentMessage) -> None:
        if (client := node.sessions.get(session)) and client.session == session and client.node is node:
            client.down.append(message)

    def _publish(self, node: Node, payload: bytes) -> None:
        if node.cut:
            self.count("partition loss")
        else:
            self.bus += [(other.number, payload) for other in self.nodes if other is not node]

    def _end(self, node: Node, session: int, code: Close, reason: str) -> None:
        """The room has let the session go already."""
        client = node.sessions.pop(session, None)
        if client is None or client.session != session or client.node is not node:
            return
        client.node = None
        if reason == "scene.locked":
            self._locked_out(node, client)
            return
        expected = code in (Close.RESTART, Close.EPOCH) or (client.poison_sent and reason == "update.quarantined")
        assert expected, f"nobody here may be refused: {code} {reason}"
        self.count(f"ended {code.name.lower()}")
        if client.poison_sent:  # a stock client tries its poison again, at most twice; then the page is loaded anew
            client.poison_sent += 1
            if client.poison_sent > 3 or self.rng.random() < 0.5:
                self._begin(client)

    def _locked_out(self, node: Node, client: Client) -> None:
        """Its edit is kept; its page is loaded anew, as it holds what will never be in the document."""
        kept = node.kept
        assert kept is not None and kept.author == client.actor and kept.updates, "an edit is lost"
        assert kept.reason == "scene.locked" and "usr_x" in kept.detail
        self.count("locked scene edited")
        self._begin(client)

    def _close(self, node: Node, code: Close) -> None:
        """The room goes with everybody in it; edits on their way to the log are whole and go on."""
        assert node.room is not None
        room = node.room
        self.perform(node, room.end_all(code, code.name.lower(), self.now_s))
        assert node.room is room
        node.room = None
        node.reads = 0
        node.sessions.clear()

    def unload(self, node: Node) -> None:
        """An empty and quiet document leaves memory."""
        room = node.room
        if room is not None and not node.sessions and not node.unwritten and room.order.is_quiet:
            node.room = None
            node.reads = 0
            self.count("unload")

    def drain(self, node: Node) -> None:
        """SIGTERM: everybody is told to come back elsewhere; all that it holds is committed before it goes."""
        if node.room is not None:
            self._close(node, Close.RESTART)
            node.slow = False
            while node.unwritten:
                self.write(node)
                self.answer(node)
            self.count("drain")

    # The log ------------------------------------------------------------------------------------------

    def write(self, node: Node) -> None:
        """Some of the node's batches reach the log, one commit at a time (C9); the answer is on its way."""
        if not node.unwritten or node.in_flight or node.slow:
            return
        self.reach(node, "before commit")
        if node.unwritten[0][0].name.epoch != self.log.epoch:
            self._rejected(node)
            return
        batches = [batch for room, batch in node.unwritten if room.name.epoch == self.log.epoch]
        batches = batches[: self.rng.randint(1, len(batches))]
        rows = self.log.settle(batches)
        if rows:
            self.count("edit overtaken by a lock")
        for batch in batches:
            self.log.append(batch.batch_id, batch.origin, rows.get(batch.batch_id, batch.bytes))
            for claimed in batch.claims:
                assert self.log.owners.setdefault(claimed, batch.actor) == batch.actor
        node.in_flight = len(batches)
        self.reach(node, "after commit")

    def _rejected(self, node: Node) -> None:
        """The document has another epoch: what was shown cannot be committed."""
        gone = node.unwritten[0][0]
        node.unwritten = deque(entry for entry in node.unwritten if entry[0] is not gone)
        self.count("commit of an old epoch")
        if node.room is gone:
            self._close(node, Close.EPOCH)

    def answer(self, node: Node, *, lost: bool = False) -> None:
        """The log's answer comes; if it is lost, the same batches are committed again."""
        count, node.in_flight = node.in_flight, 0
        if not count:
            return
        if lost:
            self.count("commit answer lost")
            return
        done = [node.unwritten.popleft() for _ in range(count)]
        node.said = {batch.batch_id: self.log.batch_seqs.get(batch.batch_id, 0) for _, batch in done}
        instead = {batch.batch_id: self.log.rewritten(batch) for _, batch in done}
        rewritten = {batch_id: row for batch_id, row in instead.items() if row is not None}
        ours = {batch.batch_id: node.said[batch.batch_id] for room, batch in done if room is node.room}
        if node.room is not None and ours:
            self.perform(node, node.room.committed(ours, self.now_s, rewritten))
        self.count("commit")

    def answer_again(self, node: Node) -> None:
        if node.said and node.room is not None:
            self.perform(node, node.room.committed(dict(node.said), self.now_s))
            self.count("commit answer repeated")

    def snapshot(self, node: Node) -> None:
        room = node.room
        if room is not None and room.order.is_quiet and room.order.seq:
            self.reach(node, "before snapshot")
            self.log.put_snapshot(room.name.epoch, room.order.seq, room.encode())
            self.count("snapshot")
            self.reach(node, "after snapshot")

    def server_edit(self) -> None:
        """A worker's milestone."""
        percent = self.rng.randrange(100)
        self._server_row(lambda doc: server.write_job(doc, "run_1", st="running", pct=percent))
        self.count("server edit")

    def lock(self) -> None:
        """Somebody locks a scene, or unlocks one."""
        done: list[str | None] = []
        seq = self._server_row(lambda doc: done.append(lock_or_unlock(doc, self.rng)))
        if done == ["lock"]:
            self.log.locked_seq = seq
        if done[0] is not None:
            self.count(done[0])

    def accept(self) -> None:
        if self.log.guard.locked:
            scene, number = self.rng.choice(self.log.guard.locked), self._fresh()
            self._server_row(lambda doc: accept(doc, scene, number), despite_locks=True)
            self.count("accept despite a lock")

    def _server_row(self, change: Callable[[Doc[Any]], object], *, despite_locks: bool = False) -> int:
        """Made on a replica that stands at the head, committed, then published (C12)."""
        update = self.log.server_edit(change)
        batch_id = UUID(int=self.rng.getrandbits(128))
        seq = self.log.append(batch_id, "run", update, despite_locks=despite_locks)
        news = relay.encode_rows(self.log.epoch, [relay.CommittedRow(seq, "run", update)])
        self.bus += [(node.number, news) for node in self.nodes]
        return seq

    def rebase(self) -> None:
        self.log.rebase()
        for node in self.nodes:
            node.said.clear()  # answers of another epoch reach no room
        self.count("epoch change")

    def read_log(self, node: Node, *, fails: bool = False) -> None:
        room = node.room
        if not node.reads or room is None:
            return
        node.reads -= 1
        if fails or room.name.epoch != self.log.epoch:
            room.read_failed()
            self.count("log read failed")
            return
        rows = self.log.rows[room.order.seq :][: self.rng.randint(1, 5)]
        self.perform(node, room.rows_read(rows, self.now_s))
        self.count("log read")

    def poll(self, node: Node) -> None:
        if node.room is not None and node.room.name.epoch != self.log.epoch:
            self._close(node, Close.EPOCH)
        elif node.room is not None:
            self.perform(node, node.room.head(len(self.log.rows)))

    # Time, the bus, death ---------------------------------------------------------------------------------

    def tick(self, node: Node) -> None:
        if node.room is not None:
            self.perform(node, node.room.tick(self.now_s))
            self.perform(node, [] if node.room is None else node.room.flush_presence())

    def deliver_bus(self) -> None:
        """One message of the bus, in any order, perhaps lost, perhaps twice."""
        if not self.bus:
            return
        position = self.rng.randrange(len(self.bus)) if self.rng.random() < 0.3 else 0
        if position:
            self.count("bus reorder")
        number, payload = self.bus.pop(position)
        fate = self.rng.random()
        if fate < 0.1 or self.nodes[number].cut:
            self.count("partition loss" if self.nodes[number].cut else "bus loss")
            return
        if fate < 0.2:
            self.bus.append((number, payload))
            self.count("bus repeat")
        self.hear(number, payload)

    def hear(self, number: int, payload: bytes) -> None:
        room = self.nodes[number].room
        if room is not None:
            self.perform(self.nodes[number], room.remote(relay.decode(payload), self.now_s))

    def reach(self, node: Node, point: str) -> None:
        """Raises `Died` where the node is to die."""
        if node.armed == point:
            raise Died(node, point)

    def crash(self, node: Node, point: str = "at rest") -> None:
        """kill -9: the room and what it had not written are gone, and its sockets."""
        node.armed = ""
        if node.room is None and not node.unwritten:
            return
        node.room = None
        node.unwritten.clear()
        node.in_flight = node.reads = 0
        node.said.clear()
        for session, client in node.sessions.items():
            if client.node is node and client.session == session:
                client.node = None
        node.sessions.clear()
        self.zombies = [zombie for zombie in self.zombies if zombie.node is not node]
        self.count(f"crash {point}")

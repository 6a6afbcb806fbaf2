"""Who hears what of a tick, how often it is encoded, and what goes on the wire."""

from dataclasses import dataclass, field
from uuid import UUID

from realtime.fanout import Fanout
from realtime.frames import Frames, framed
from realtime.outlet import Outlet
from services.users.access import DocumentAccess
from services.users.model import Actor, Role, Standing
from services.users.sockets import SocketIdentity
from sync.messages import Awareness, Close, DocumentMessage, Stateless, Update

NOBODY = UUID(int=0)
IDENTITY = SocketIdentity(
    Actor(NOBODY, "Ana", "#112233", "person", str(NOBODY)),
    Role.EDITOR,
    None,
    DocumentAccess(NOBODY, NOBODY, "sb", 1, 0, 1, 1, Standing(Role.EDITOR)),
)


@dataclass
class Ear:
    """An outlet that remembers."""

    dialect: str = "a"
    acknowledges: bool = False
    resets: bool = False
    waiting_bytes: int = 0
    identity: SocketIdentity = IDENTITY
    heard: list[Frames] = field(default_factory=list)
    encodings: list[DocumentMessage] = field(default_factory=list)

    def encode(self, message: DocumentMessage) -> Frames | None:
        self.encodings.append(message)
        match message:
            case Update(update) | Awareness(update):
                return Frames([self.dialect.encode() + update])
            case _:
                return None

    def send(self, message: DocumentMessage, shared: dict[str, Frames]) -> None:
        raise AssertionError("a fan-out relays")

    def relay(self, frames: Frames) -> None:
        self.heard.append(frames)

    def end(self, code: Close, reason: str) -> None: ...

    def tell_scope(self, read_only: bool) -> None: ...

    def ask_token(self, now_s: float) -> bool:
        return False

    @property
    def payloads(self) -> list[bytes]:
        return [payload for frames in self.heard for payload in frames.payloads]


def deliver(fanout: Fanout, ears: dict[int, Ear], told: set[int]) -> None:
    outlets: dict[int, Outlet] = dict(ears)
    fanout.deliver(outlets, {session: outlets[session] for session in told})


def test_authors_hear_all_but_their_own_in_order() -> None:
    ears = {session: Ear() for session in (1, 2, 3, 4)}
    fanout = Fanout()
    for update, author in ((b"x", 1), (b"y", 2), (b"z", None)):
        fanout.add(Update(update), author)
    deliver(fanout, ears, {1, 2, 3, 4})
    assert ears[1].payloads == [b"ay", b"az"]
    assert ears[2].payloads == [b"ax", b"az"]
    assert ears[3].payloads == ears[4].payloads == [b"ax", b"ay", b"az"]


def test_what_many_hear_is_encoded_and_framed_once_a_dialect() -> None:
    ears = {session: Ear("a" if session < 3 else "b") for session in (1, 2, 3, 4)}
    fanout = Fanout()
    fanout.add(Update(b"x"), None)
    fanout.add(Awareness(b"y"), None)
    deliver(fanout, ears, {1, 2, 3, 4})
    assert ears[1].heard[0] is ears[2].heard[0]
    assert ears[3].heard[0] is ears[4].heard[0]
    assert ears[3].payloads == [b"bx", b"by"]
    assert sum(len(ear.encodings) for ear in ears.values()) == 4
    assert ears[1].heard[0].framed() == framed(b"ax") + framed(b"ay")


def test_who_was_told_nothing_hears_presence_only() -> None:
    ears = {1: Ear(), 2: Ear()}
    fanout = Fanout()
    fanout.add(Update(b"x"), None)
    fanout.add(Awareness(b"y"), None)
    deliver(fanout, ears, {2})
    assert ears[1].payloads == [b"ay"]
    assert ears[2].payloads == [b"ax", b"ay"]


def test_what_a_dialect_cannot_say_is_left_out() -> None:
    ears = {1: Ear()}
    fanout = Fanout()
    fanout.add(Stateless("?"), None)
    deliver(fanout, ears, {1})
    assert ears[1].heard == []


def test_a_tick_is_delivered_once() -> None:
    ears = {1: Ear(), 2: Ear()}
    fanout = Fanout()
    fanout.add(Update(b"x"), 1)
    assert fanout
    deliver(fanout, ears, {1, 2})
    assert not fanout
    fanout.add(Update(b"y"), 2)
    deliver(fanout, ears, {1, 2})
    assert ears[1].payloads == [b"ay"]
    assert ears[2].payloads == [b"ax"]

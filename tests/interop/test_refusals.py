"""What each refusal looks like on each dialect (the table of PROTOCOL.md), over real sockets; the room goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from services.documents.editor import DocumentEditor
from services.documents.rebase import Rebaser
from services.proposals.model import unpack
from services.users.model import Role
from storage.bus import MemoryBus
from storage.objects import Objects
from storage.snapshots import Snapshots
from sync import ids
from tests.integration.documents.conftest import grow_fat
from tests.interop.conftest import Board, Hub, MakeBoard, OpenHub
from tests.interop.participants import DIALECTS, Dialect, Participant, Refused, join, knock
from tests.interop.wire import (
    Closed,
    CollabSocket,
    random_frame,
    set_key,
    var_uint,
)

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
ADA, BEN = 71, 72

pytestmark = pytest.mark.parametrize("dialect", DIALECTS)


@asynccontextmanager
async def two_in_a_room(dialect: Dialect, hub: Hub, board: Board) -> AsyncIterator[tuple[Participant, Participant]]:
    """The one who will misbehave, and another who must not notice. At the end, that one edits and is heard."""
    async with (
        join(dialect, hub.websocket, board.name, board.token(Role.EDITOR)) as one,
        join("/collab", hub.websocket, board.name, board.token(Role.OWNER)) as other,
    ):
        yield one, other
        await other.update(set_key(BEN, 0, "ext", "still", "here"))
        assert (await other.until("status")).text == "1"
    assert any(b"still" in row for row in await board.rows()), "the room goes on and commits"


def expected(dialect: Dialect, code: int, reason: str) -> Refused:
    """On `/collab` only the document is denied."""
    return Refused(None if dialect == "/collab" else code, reason)


async def test_w27_the_schemas_refusal(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with two_in_a_room(dialect, hub_a, board) as (one, other):
        await one.update(set_key(ADA, 0, "nowhere", "k", "v"))
        assert await one.refusal() == expected(dialect, 4422, "schema.root")
        assert b"nowhere" not in await other.content()
    assert not any(b"nowhere" in row for row in await board.rows())


async def test_w27_a_server_only_root(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with two_in_a_room(dialect, hub_a, board) as (one, _):
        await one.update(set_key(ADA, 0, "takes", "k", "v"))
        assert await one.refusal() == expected(dialect, 4422, "schema.server_only")


async def test_w27_dangling(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with two_in_a_room(dialect, hub_a, board) as (one, _):
        await one.update(set_key(ADA, 9, "ext", "k", "v"))
        await one.until("step1")
        await one.step2()
        assert await one.refusal() == expected(dialect, 4422, "update.dangling")


async def test_w27_a_foreign_client_id(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with two_in_a_room(dialect, hub_a, board) as (one, other):
        await other.update(set_key(BEN + 1, 0, "ext", "mine", "v"))
        assert (await other.until("status")).text == "1"
        await one.until("update")
        await one.update(set_key(BEN + 1, 1, "ext", "mine", "forged"))
        assert await one.refusal() == expected(dialect, 4422, "client.foreign")


async def test_w26_random_bytes_as_an_update(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with two_in_a_room(dialect, hub_a, board) as (one, _):
        await one.update(random_frame(1, 300))
        assert await one.refusal() == expected(dialect, 4400, "update.malformed")


NAMED = bytes.fromhex("9883b5adf2bba70d")
"""The client id in the vector. It also stands inside the clock, a number of ten bytes that pycrdt lets wrap round."""


def as_it_is(update: bytes, client: int) -> bytes:
    return update


def retargeted(update: bytes, client: int) -> bytes:
    """The same struct under a client id of this document; its clock still wraps round."""
    head, clock, *tail = update.split(NAMED)
    return var_uint(client).join([head, clock + NAMED + tail[0], *tail[1:]])


def straightened(update: bytes, client: int) -> bytes:
    """With a clock that is only far away."""
    return update.replace(NAMED, var_uint(client))


AIMS = [
    (as_it_is, 4400, "update.malformed"),
    (retargeted, 4400, "update.malformed"),
    (straightened, 4422, "update.dangling"),
]


@pytest.mark.parametrize(("aim", "code", "reason"), AIMS)
async def test_w26_the_update_that_hangs_pycrdt(
    dialect: Dialect, aim: Callable[[bytes, int], bytes], code: int, reason: str, hub_a: Hub, board: Board
) -> None:
    """35 bytes after which reading a text never ends, with the interpreter's lock held."""
    update = (VECTORS / "pycrdt-hang-update.bin").read_bytes()
    async with two_in_a_room(dialect, hub_a, board) as (one, other):
        await one.update(set_key(ADA, 0, "ext", "k", "v"))
        await other.until("update")
        await one.update(aim(update, ADA))
        if reason == "update.dangling":
            await one.until("step1")
            await one.step2()
        assert await one.refusal() == expected(dialect, code, reason)


async def test_w7_random_bytes_as_a_frame(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with two_in_a_room(dialect, hub_a, board) as (one, _):
        await one.socket.send(random_frame(2, 400))
        closed = await one.closed()
        assert (closed.code, closed.reason) == (4400, "frame.malformed")


async def test_w7_a_text_frame_and_an_empty_frame(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    for frame in ("hello", b""):
        async with join(dialect, hub_a.websocket, board.name, board.token()) as one:
            await one.socket.send(frame)
            assert (await one.closed()).code == 4400


async def test_w8_a_frame_of_2_mib(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with two_in_a_room(dialect, hub_a, board) as (one, _):
        await one.update(bytes(2 * 1024 * 1024))
        assert (await one.closed()).code == 1009


async def test_w25_a_viewers_edit(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with (
        join("/collab", hub_a.websocket, board.name, board.token(Role.OWNER)) as owner,
        join(dialect, hub_a.websocket, board.name, board.token(Role.VIEWER)) as viewer,
    ):
        await viewer.update(set_key(ADA, 0, "ext", "k", "a viewer's"))
        if dialect == "/collab":
            assert (await viewer.until("status")).text == "0"
        await viewer.ask_presence()
        await owner.update(set_key(BEN, 0, "ext", "k", "an owner's"))
        assert b"an owner's" in (await viewer.until("update")).payload, "the viewer stays and reads"
        assert b"a viewer's" not in await owner.content()


async def test_w10_an_expired_token(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with knock(dialect, hub_a.websocket, board.name, board.expired()) as late:
        assert await late.refusal() == expected(dialect, 4501, "token.expired")


async def test_w10_forged_and_foreign_tokens(dialect: Dialect, hub_a: Hub, board: Board, make_board: MakeBoard) -> None:
    head, _, signature = board.token().rpartition(".")
    forged = f"{head}.{signature[::-1]}"
    async with knock(dialect, hub_a.websocket, board.name, forged) as forger:
        assert await forger.refusal() == expected(dialect, 4401, "token.forged")
    other = await make_board()
    async with knock(dialect, hub_a.websocket, board.name, other.token()) as stranger:
        assert await stranger.refusal() == expected(dialect, 4401, "token.foreign")


async def test_w10_a_session_token_opens_every_document_of_its_member(
    dialect: Dialect, hub_a: Hub, board: Board
) -> None:
    async with join(dialect, hub_a.websocket, board.name, board.session()) as member:
        await member.update(set_key(ADA, 0, "ext", "k", "v"))
        await member.ask_presence()


@pytest.mark.parametrize(
    "name", ["sb:00000000000000000000000000~1", "sb:short~1", "xx", "sb:u0000000000000000000000000~1"]
)
async def test_w1_w3_an_unknown_document(dialect: Dialect, name: str, hub_a: Hub, board: Board) -> None:
    async with knock(dialect, hub_a.websocket, name, board.session()) as lost:
        assert await lost.refusal() == expected(dialect, 4404, "document.missing")


async def test_w3_a_document_of_others_does_not_show(
    dialect: Dialect, hub_a: Hub, board: Board, make_board: MakeBoard
) -> None:
    other = await make_board()
    async with knock(dialect, hub_a.websocket, board.name, other.session()) as stranger:
        assert await stranger.refusal() == expected(dialect, 4404, "document.missing")


@pytest.mark.parametrize("change", [lambda name: name[:-2] + "~2", lambda name: "tl" + name[2:]])
async def test_w2_another_epoch_or_kind(
    dialect: Dialect, change: Callable[[str], str], hub_a: Hub, board: Board
) -> None:
    name = change(board.name)
    code, reason = (4409, "epoch") if name.startswith("sb") else (4404, "document.missing")
    async with knock(dialect, hub_a.websocket, name, board.token()) as late:
        assert await late.refusal() == expected(dialect, code, reason)


async def test_w2_who_is_there_when_a_new_epoch_begins_is_told_within_a_second(
    dialect: Dialect, hub_a: Hub, board: Board, pool: asyncpg.Pool, objects: Objects
) -> None:
    head = await board.log.head(board.document_id)
    await grow_fat(board.log, head)
    snapshots = Snapshots(pool, objects)
    rebaser = Rebaser(pool, board.log, snapshots, DocumentEditor(board.log, snapshots, MemoryBus(), pool))
    async with join(dialect, hub_a.websocket, board.name, board.token()) as somebody:
        assert await rebaser.rebase(board.document_id)
        async with asyncio.timeout(2.0):  # a second, and a slow machine
            assert await somebody.refusal() == expected(dialect, 4409, "epoch")
    new_name = board.name[:-2] + "~2"
    async with join(dialect, hub_a.websocket, new_name, board.token()) as again:
        assert b"Take 99" in await again.content()
        await again.update(set_key(ADA, 0, "ext", "here", "again"))
        assert (await again.until("status")).text == "1" if dialect == "/collab" else await again.ask_presence()


async def test_w34_codes_44xx_are_for_what_must_not_be_repeated(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    """y-websocket never comes back from one: rate, age, size, overload and restart have others."""
    async with knock("/sync", hub_a.websocket, board.name, board.expired()) as late:
        assert (await late.closed()).code == 4501
    async with join(dialect, hub_a.websocket, board.name, board.token()) as one:
        await one.update(bytes(300_000))
        assert await one.closed() == Closed(1009, "update.too_big")


async def test_w28_the_other_documents_of_a_socket_go_on(
    dialect: Dialect, hub_a: Hub, board: Board, make_board: MakeBoard
) -> None:
    """Only `/collab` can carry two; on `/sync` the other document has a socket of its own."""
    second = await make_board()
    async with join("/collab", hub_a.websocket, board.name, board.token()) as one:
        assert isinstance(one.socket, CollabSocket)
        await one.socket.authenticate(second.name, second.token())
        await one.socket.until("step1", second.name)
        await one.update(set_key(ADA, 0, "nowhere", "k", "v"))
        assert (await one.socket.until("denied", board.name)).text == "schema.root"
        await one.update(set_key(ADA, 0, "ext", "k", "after the refusal"))
        await one.socket.step2(second.name, set_key(ADA, 0, "ext", "k", "v"))
        assert (await one.socket.until("status", second.name)).text == "1"
    assert not any(b"after the refusal" in row for row in await board.rows())
    assert ids.decode(second.name[3:29]) == second.document_id


async def test_w47_what_was_refused_is_a_proposal_of_its_author(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    forbidden = set_key(ADA, 0, "jobs", "k", "v")
    async with two_in_a_room(dialect, hub_a, board) as (one, _):
        await one.update(forbidden)
        assert await one.refusal() == expected(dialect, 4422, "schema.server_only")
    kept = await board.proposal()
    assert (kept.author, kept.reason, kept.state) == (board.people[Role.EDITOR].user_id, "schema.server_only", "open")
    assert unpack(kept.bytes) == [forbidden]


async def test_w48_too_many_at_the_door(dialect: Dialect, hub_of: OpenHub, board: Board) -> None:
    async with hub_of(entering_max=0) as hub, knock(dialect, hub.websocket, board.name, board.token()) as late:
        closed = await late.closed()
        assert (closed.code, closed.reason) == (1013, "overload")

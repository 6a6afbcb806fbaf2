"""PROTOCOL.md, The native dialect: frames on the wire of both transports, and the Python client through real breaks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import asyncpg
import pytest
from pycrdt import Doc, Map, Text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from realtime.client import LiveClient, open_client
from services.users.model import Role
from sync.client import Client, Status
from sync.dialects import native
from sync.dialects.hocuspocus import PermissionDenied, Token
from sync.dialects.native import FRAGMENT, SUBPROTOCOL, Fragments
from sync.limits import KIB, Limits
from sync.messages import Ack, Close, Edit, Ephemeral, Nack, Reset, Step1, Step2
from tests.interop.conftest import Board, Hub, OpenHub
from tests.interop.participants import join
from tests.interop.wire import TIMEOUT_S, set_key, var_bytes, var_string, var_uint

NAME = bytes(range(16))
OTHER = bytes(range(16, 32))
Found = TypeVar("Found")


class Talk:
    """A socket on which the native dialect is spoken, word by word."""

    def __init__(self, socket: ClientConnection, document: str) -> None:
        self._socket = socket
        self._document = document
        self._fragments = Fragments(Limits())
        self.frames: list[bytes] = []

    async def say(self, message: native.Message) -> None:
        await self.send(native.encode(self._document, message))

    async def send(self, frame: bytes) -> None:
        await self._socket.send(frame)

    async def hear(self, kind: type[Found]) -> Found:
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                frame = await self._socket.recv()
                assert isinstance(frame, bytes)
                self.frames.append(frame)
                whole = self._fragments.take(frame)
                if whole is not None and isinstance(message := native.decode_server(whole)[1], kind):
                    return message

    async def enter(self, token: str) -> None:
        await self.say(Token(token))
        await self.hear(Step1)
        await self.say(Step1(b"\0"))
        await self.say(Edit(OTHER, b"\0\0", True))
        assert (await self.hear(Ack)).batch == OTHER

    async def closed(self) -> tuple[int, str]:
        with pytest.raises(ConnectionClosed) as ended:
            async with asyncio.timeout(TIMEOUT_S):
                while True:
                    await self._socket.recv()
        assert ended.value.rcvd is not None
        return ended.value.rcvd.code, ended.value.rcvd.reason


@asynccontextmanager
async def talk(hub: Hub, board: Board, role: Role = Role.EDITOR, enter: bool = True) -> AsyncIterator[Talk]:
    subprotocols = [Subprotocol("other.v9"), Subprotocol(SUBPROTOCOL)]
    async with connect(f"{hub.websocket}/collab", subprotocols=subprotocols, max_size=None) as socket:
        assert socket.subprotocol == SUBPROTOCOL
        talking = Talk(socket, board.name)
        if enter:
            await talking.enter(board.token(role))
        yield talking


def put(key: str, value: Any, root: str = "ext") -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get(root, type=Map)[key] = value

    return change


def ext(client: Client) -> dict[str, Any]:
    return dict(client.doc.get("ext", type=Map).to_py() or {})


async def all_saved(*lives: LiveClient) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        for live in lives:
            await live.saved()


async def seen(live: LiveClient, found: Callable[[Client], Any]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        await live.until(found)


async def test_w50_the_subprotocol_is_chosen_where_it_is_offered_and_only_on_collab(hub_a: Hub, board: Board) -> None:
    async with talk(hub_a, board, enter=False):
        pass
    async with connect(f"{hub_a.websocket}/collab") as socket:
        assert socket.subprotocol is None
    url = f"{hub_a.websocket}/sync/{board.name}?token={board.token()}"
    async with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)]) as socket:
        assert socket.subprotocol is None
    async with connect(f"{hub_a.websocket}/collab", subprotocols=[Subprotocol("other.v9")]) as socket:
        assert socket.subprotocol is None


async def test_w50_a_socket_without_it_knows_no_such_frames(hub_a: Hub, board: Board) -> None:
    async with connect(f"{hub_a.websocket}/collab") as socket:
        await socket.send(native.encode(board.name, Edit(NAME, b"\0\0", False)))
        assert (await Talk(socket, board.name).closed())[0] == 4400


async def test_w51_an_edit_is_acknowledged_by_name_with_the_sequence_of_its_row(hub_a: Hub, board: Board) -> None:
    update = set_key(81, 0, "ext", "k", "v")
    async with talk(hub_a, board) as ada:
        await ada.say(Edit(NAME, update, False))
        ack = await ada.hear(Ack)
        assert ack.batch == NAME
        rows = await board.rows()
        assert rows[ack.seq - 1] == update
        await ada.say(Edit(OTHER, update, False))  # adds nothing
        assert await ada.hear(Ack) == Ack(OTHER, ack.seq)
        assert await board.rows() == rows


async def test_w51_no_acknowledgement_before_the_commit(hub_a: Hub, board: Board, pool: asyncpg.Pool) -> None:
    async with talk(hub_a, board) as ada, join("/sync", hub_a.websocket, board.name, board.token(Role.OWNER)) as ben:
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select 1 from documents where id = $1 for update", board.document_id)
            await ada.say(Edit(NAME, set_key(81, 0, "ext", "k", "v"), False))
            await ben.until("update")
            await ada.say(Step1(b"\0"))
            await ada.hear(Step2)  # comes before the acknowledgement, or `hear` below would have lost it
            await transaction.rollback()
        assert (await ada.hear(Ack)).batch == NAME


async def test_w52_a_refused_edit_starts_anew_on_the_same_socket(hub_a: Hub, board: Board) -> None:
    async with talk(hub_a, board) as ada:
        await ada.say(Edit(NAME, set_key(81, 0, "evil", "k", "v"), False))
        assert await ada.hear(Nack) == Nack(NAME, Close.REFUSED, "schema.root")
        assert await ada.hear(Reset) == Reset("schema.root")
        await ada.say(Edit(OTHER, set_key(81, 0, "ext", "k", "v"), False))  # sent before it had heard
        await ada.say(Step1(b"\0"))
        await ada.hear(Step2)
        await ada.hear(Step1)
        await ada.say(Edit(NAME, set_key(82, 0, "ext", "again", "v"), True))
        assert (await ada.hear(Ack)).batch == NAME
        rows = await board.rows()
        assert not any(b"evil" in row for row in rows) and not any(b"\x03ext\x01k" in row for row in rows)
        assert (await board.proposal()).reason == "schema.root"


async def test_w53_a_viewer_is_told_by_name_and_stays(hub_a: Hub, board: Board) -> None:
    async with talk(hub_a, board, Role.VIEWER) as rae:
        await rae.say(Edit(NAME, set_key(81, 0, "ext", "k", "v"), False))
        assert await rae.hear(Nack) == Nack(NAME, Close.FORBIDDEN, "permission")
        await rae.hear(Reset)
        await rae.say(Step1(b"\0"))
        await rae.hear(Step2)


async def test_w54_what_is_only_shown_goes_to_native_peers_of_every_node_with_its_person(
    hub_a: Hub, hub_b: Hub, board: Board
) -> None:
    async with (
        talk(hub_a, board) as ada,
        talk(hub_a, board, Role.OWNER) as near,
        talk(hub_b, board, Role.VIEWER) as far,
        join("/collab", hub_a.websocket, board.name, board.token(Role.COMMENTER)) as stock,
    ):
        await ada.say(Ephemeral("", b"stroke"))
        for peer in (near, far):
            shown = await peer.hear(Ephemeral)
            assert shown.payload == b"stroke" and shown.user.startswith("usr_")
        await ada.say(Edit(NAME, set_key(81, 0, "ext", "k", "v"), False))
        await stock.until("update")  # what its dialect cannot say did not reach it, or reading it would have failed
        await ada.say(Ephemeral("", b"x" * (Limits().ephemeral_bytes_max + 1)))
        assert await ada.hear(PermissionDenied) == PermissionDenied("frame.malformed")


async def test_w54_beyond_the_rate_of_presence_it_is_dropped(hub_of: OpenHub, board: Board) -> None:
    async with (
        hub_of(awareness_per_s_max=1) as slow,
        talk(slow, board) as ada,
        talk(slow, board, Role.OWNER) as ben,
    ):
        for number in range(100):
            await ada.say(Ephemeral("", b"%d" % number))
        await ada.say(Edit(NAME, set_key(81, 0, "ext", "k", "v"), False))
        await ada.hear(Ack)
        await ben.say(Step1(b"\0"))
        await ben.hear(Step2)
        assert len([frame for frame in ben.frames if b"usr_" in frame and b"\x24" in frame[:40]]) < 20


def fragment(index: int, count: int, piece: bytes) -> bytes:
    return var_string("-") + var_uint(FRAGMENT) + var_uint(index) + var_uint(count) + var_bytes(piece)


async def test_w55_large_documents_pass_in_fragments_of_a_bounded_size(hub_a: Hub, board: Board) -> None:
    async with open_client(hub_a.websocket, board.name, board.token(), Random(1)) as ada:
        for number in range(270):
            ada.edit(put(f"s{number}", Map({"prompt": Text("x" * 8_000)}), root="scenes"))
        await all_saved(ada)
        async with talk(hub_a, board, Role.OWNER, enter=False) as ben:
            await ben.say(Token(board.token(Role.OWNER)))
            await ben.hear(Step1)
            await ben.say(Step1(b"\0"))
            assert len((await ben.hear(Step2)).update) > 2_000_000
            assert max(map(len, ben.frames)) < 257 * KIB


BAD_FRAGMENTS: dict[str, Sequence[bytes]] = {
    "out of order": [fragment(1, 2, b"x")],
    "a count of one": [fragment(0, 1, b"x")],
    "too many": [fragment(0, 65, b"x")],
    "the count changes": [fragment(0, 3, b"x"), fragment(1, 2, b"x")],
    "empty": [fragment(0, 2, b"")],
    "too large": [fragment(0, 2, b"x" * (256 * KIB + 1))],
    "no message": [fragment(0, 2, b"x"), fragment(1, 2, b"y")],
    "something in between": [fragment(0, 2, b"x"), native.encode("sb:x~1", Step1(b"\0"))],
}


@pytest.mark.parametrize("bad", BAD_FRAGMENTS)
async def test_w55_bad_fragments_close_the_socket(hub_a: Hub, board: Board, bad: str) -> None:
    async with talk(hub_a, board) as ada:
        for frame in BAD_FRAGMENTS[bad]:
            await ada.send(frame)
        assert await ada.closed() == (4400, "frame.malformed")


async def test_w55_nobody_who_was_not_let_in_sends_fragments(hub_a: Hub, board: Board) -> None:
    async with talk(hub_a, board, enter=False) as stranger:
        await stranger.send(fragment(0, 2, b"x"))
        assert await stranger.closed() == (4400, "frame.malformed")


async def test_w55_a_message_must_be_whole_in_time(hub_of: OpenHub, board: Board) -> None:
    async with hub_of(fragments_timeout_s=0.1) as hub, talk(hub, board) as ada:
        await ada.send(fragment(0, 2, b"x"))
        assert await ada.closed() == (4400, "frame.malformed")


async def test_w55_fragments_count_against_the_rate(hub_of: OpenHub, board: Board) -> None:
    async with hub_of(update_bytes_per_s_max=20 * KIB, burst_s=1.0) as hub, talk(hub, board) as ada:
        for index in range(2):
            await ada.send(fragment(index, 64, b"x" * 256 * KIB))
        assert await ada.closed() == (4529, "rate")


# The client ------------------------------------------------------------------------------------------------


async def test_the_client_survives_breaks_and_everything_is_saved_once(hub_of: OpenHub, board: Board) -> None:
    async with (
        hub_of() as one,
        open_client(one.websocket, board.name, board.token(), Random(1)) as ada,
        open_client(one.websocket, board.name, board.token(Role.OWNER), Random(2)) as ben,
    ):
        for number in range(30):
            ada.edit(put(f"a{number}", number))
            ben.edit(put(f"b{number}", number))
            if number % 10 == 5:
                ada.cut()
            await asyncio.sleep(0)
        await all_saved(ada, ben)
        await seen(ada, lambda client: len(ext(client)) == 60)
        await seen(ben, lambda client: len(ext(client)) == 60)
        assert ada.connections > 1


async def test_c7_the_client_keeps_what_was_refused_and_saves_the_rest(hub_a: Hub, board: Board) -> None:
    async with open_client(hub_a.websocket, board.name, board.token(), Random(1)) as ada:
        await all_saved(ada)
        for change in (put("one", 1), put("evil", 1, root="evil"), put("two", 2)):
            ada.edit(change)
        await all_saved(ada)
        assert [refused.reason for refused in ada.client.refused] == ["schema.root"]
        assert {"one", "two"} <= set(ext(ada.client))
        assert ada.connections == 1
        assert (await board.proposal()).reason == "schema.root"


async def test_the_client_is_told_when_it_is_not_let_in(hub_a: Hub, board: Board) -> None:
    async with open_client(hub_a.websocket, board.name, "nonsense", Random(1)) as stranger:
        await seen(stranger, lambda client: client.status is Status.REFUSED)
        assert stranger.client.denied == "token.forged"
        stranger.renew(board.token())
        await all_saved(stranger)


async def test_a_stock_client_and_a_native_one_hear_each_other(hub_a: Hub, board: Board) -> None:
    async with (
        open_client(hub_a.websocket, board.name, board.token(), Random(1)) as ada,
        join("/sync", hub_a.websocket, board.name, board.token(Role.OWNER)) as ben,
    ):
        await all_saved(ada)
        ada.edit(put("adas", "hear this"))
        assert b"hear this" in (await ben.until("update")).payload
        await ben.update(set_key(82, 0, "ext", "bens", "and this"))
        await seen(ada, lambda client: ext(client).get("bens") == "and this")


async def test_the_client_of_a_demoted_editor_only_reads(hub_a: Hub, board: Board, pool: asyncpg.Pool) -> None:
    async with open_client(hub_a.websocket, board.name, board.token(), Random(1)) as ada:
        await all_saved(ada)
        assert not ada.client.read_only
        await pool.execute(
            "update project_members set role = 'viewer' where project_id = $1 and user_id = $2",
            board.project_id,
            board.people[Role.EDITOR].user_id,
        )
        await pool.execute("update projects set access_version = access_version + 1 where id = $1", board.project_id)
        await seen(ada, lambda client: client.read_only)
        ada.edit(put("late", 1))
        await seen(ada, lambda client: client.refused)
        assert ada.client.refused[0].reason == "permission"
        await all_saved(ada)
        assert "late" not in ext(ada.client)


def test_limits_of_the_specification_hold_a_whole_answer() -> None:
    limits = replace(Limits())
    assert limits.fragments_max * limits.fragment_bytes_max >= limits.answer_bytes_max + limits.fragment_bytes_max

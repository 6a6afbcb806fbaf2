"""PROTOCOL.md, Joining: from the handshake to the first difference, and how rights change on an open socket."""

import asyncio
import time

import asyncpg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from services.users.document_tokens import revoke_document_token
from services.users.model import Role
from storage.tables import projects
from sync.limits import Limits
from tests.interop.conftest import Board, Hub, MakeBoard, OpenHub
from tests.interop.participants import DIALECTS, Dialect, join, knock
from tests.interop.wire import CollabSocket, collab_socket, presence, presences, set_key, sync_socket

CLIENT = 91


@pytest.mark.parametrize("path", ["/sync/x", "/collab"])
async def test_w9_a_foreign_origin_is_refused_before_the_upgrade(path: str, hub_a: Hub) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(hub_a.websocket + path, origin="https://elsewhere.test"):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_w9_its_own_origin_is_welcome(hub_a: Hub, board: Board) -> None:
    async with sync_socket(hub_a.websocket, board.name, board.token(), origin=hub_a.http) as socket:
        await socket.until("step1")


async def test_w10_no_credential_and_a_bearer_header(hub_a: Hub, board: Board) -> None:
    async with sync_socket(hub_a.websocket, board.name, None) as nobody:
        closed = await nobody.closed()
        assert (closed.code, closed.reason) == (4401, "token.missing")
    headers = {"Authorization": f"Bearer {board.token()}"}
    async with sync_socket(hub_a.websocket, board.name, None, additional_headers=headers) as service:
        await service.until("step1")


async def test_w11_the_scope_is_told(hub_a: Hub, board: Board) -> None:
    for role, scope in ((Role.OWNER, "read-write"), (Role.EDITOR, "read-write"), (Role.COMMENTER, "readonly")):
        async with knock("/collab", hub_a.websocket, board.name, board.token(role)) as somebody:
            assert (await somebody.until("authenticated")).text == scope
    token = board.token(Role.EDITOR, person=Role.VIEWER)
    async with knock("/collab", hub_a.websocket, board.name, token) as viewer:
        assert (await viewer.until("authenticated")).text == "readonly", "a token never gives more than membership"


async def test_w12_frames_before_auth_wait_and_are_bounded(hub_a: Hub, board: Board) -> None:
    async with collab_socket(hub_a.websocket) as socket:
        await socket.step1(board.name)
        await socket.authenticate(board.name, board.token())
        kinds = [(await socket.next()).kind for _ in range(4)]
        assert kinds == ["authenticated", "step1", "awareness", "step2"]
    async with collab_socket(hub_a.websocket) as flood:
        for _ in range(17):
            await flood.step1(board.name)
        assert (await flood.closed()).code == 4400
    async with collab_socket(hub_a.websocket) as heavy:
        await heavy.step2(board.name, bytes(65_536))
        assert (await heavy.closed()).code == 4400


async def test_w12_who_never_shows_a_token_is_closed(hub_of: OpenHub) -> None:
    async with hub_of(authentication_timeout_s=0.2) as hub, collab_socket(hub.websocket) as silent:
        closed = await silent.closed()
        assert (closed.code, closed.reason) == (4401, "token.missing")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w13_the_order_of_the_first_messages(dialect: Dialect, hub_a: Hub, board: Board) -> None:
    async with (
        join("/sync", hub_a.websocket, board.name, board.token(Role.OWNER)) as there,
        knock(dialect, hub_a.websocket, board.name, board.token()) as late,
    ):
        await there.awareness(presence(CLIENT, 1, '{"x":1}'))
        await there.ask_presence()
        first = ["authenticated"] if dialect == "/collab" else []
        said = [await late.socket.next() for _ in range(len(first) + 2)]
        assert [one.kind for one in said] == [*first, "step1", "awareness"]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w14_nothing_is_served_before_it_is_loaded(
    dialect: Dialect, hub_a: Hub, hub_b: Hub, board: Board
) -> None:
    async with join("/collab", hub_a.websocket, board.name, board.token()) as writer:
        await writer.update(set_key(CLIENT, 0, "ext", "k", "on the other node"))
        await writer.until("status")
    async with join(dialect, hub_b.websocket, board.name, board.token()) as reader:
        content = await reader.content()
        assert b"on the other node" in content and b"Prompt 1." in content


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w15_rights_change_on_an_open_socket(
    dialect: Dialect, hub_a: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    member = board.people[Role.VIEWER].user_id
    async with join(dialect, hub_a.websocket, board.name, board.session(Role.VIEWER)) as somebody:
        await _set_role(pool, board, member, Role.EDITOR)
        if dialect == "/collab":
            assert (await somebody.until("authenticated")).text == "read-write"
        await somebody.until("step1")
        await somebody.step2(set_key(CLIENT, 0, "ext", "k", "may now"))
        async with join("/collab", hub_a.websocket, board.name, board.token(Role.OWNER)) as owner:
            assert b"may now" in await owner.content()
        await _set_role(pool, board, member, Role.VIEWER)
        if dialect == "/collab":
            assert (await somebody.until("authenticated")).text == "readonly"
            await somebody.update(set_key(CLIENT, 1, "ext", "k", "no more"))
            assert (await somebody.until("status")).text == "0"


async def _set_role(pool: asyncpg.Pool, board: Board, user_id: object, role: Role) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await projects.set_member(connection, board.project_id, user_id, role.value)  # type: ignore[arg-type]
        await projects.bump_access(connection, board.project_id)


async def test_w15_a_further_token_renews(hub_a: Hub, board: Board) -> None:
    async with join("/collab", hub_a.websocket, board.name, board.token()) as somebody:
        assert isinstance(somebody.socket, CollabSocket)
        await somebody.socket.authenticate(board.name, board.token())
        assert (await somebody.socket.next()).kind == "authenticated"
        await somebody.update(set_key(CLIENT, 0, "ext", "k", "v"))
        assert (await somebody.socket.next()).kind == "status", "no Step1 in between"


async def test_w16_a_token_that_expires_is_asked_for_or_closes(hub_of: OpenHub, board: Board) -> None:
    short = board.token(ttl_s=61.0, age_s=60.0)
    async with hub_of(token_refresh_timeout_s=2.5) as hub:
        async with (
            knock("/sync", hub.websocket, board.name, short) as sync,
            knock("/collab", hub.websocket, board.name, short) as renewing,
            knock("/collab", hub.websocket, board.name, short) as silent,
        ):
            assert isinstance(renewing.socket, CollabSocket)
            await renewing.until("token_request")
            await renewing.socket.authenticate(board.name, board.token())
            assert (await renewing.until("authenticated")).text == "read-write"
            assert (await silent.until("denied")).text == "token.expired"
            closed = await sync.closed()
            assert (closed.code, closed.reason) == (4501, "token.expired")
            await renewing.ask_presence()


async def test_w10_a_revoked_token_ends_open_sockets_within_a_second(
    hub_a: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    actor = board.people[Role.EDITOR]
    issued = board.tokens.issue_document(actor, board.document_id, Role.EDITOR, time.time())
    async with join("/sync", hub_a.websocket, board.name, issued.text) as somebody:
        await revoke_document_token(pool, actor, board.document_id, issued.token_id, issued.expires_at)
        async with asyncio.timeout(2.0):  # a second, and a slow machine
            closed = await somebody.closed()
        assert (closed.code, closed.reason) == (4401, "token.revoked")


async def test_w17_a_socket_holds_so_many_documents(hub_of: OpenHub, make_board: MakeBoard) -> None:
    boards = [await make_board() for _ in range(3)]
    async with hub_of(documents_per_socket_max=2) as hub, collab_socket(hub.websocket) as socket:
        for board in boards[:2]:
            await socket.authenticate(board.name, board.token())
            await socket.until("authenticated", board.name)
        await socket.authenticate(boards[2].name, boards[2].token())
        assert (await socket.until("denied", boards[2].name)).text == "limit.documents"
        await socket.message(boards[0].name, 7)
        await socket.until("close", boards[0].name)
        await socket.authenticate(boards[2].name, boards[2].token())
        await socket.until("authenticated", boards[2].name)


async def test_w12_w17_many_documents_join_at_once_on_one_socket(hub_a: Hub, make_board: MakeBoard) -> None:
    """A provider reconnects with all its documents: for each the token, Step1 and presence, without waiting."""
    boards = [await make_board() for _ in range(20)]
    async with collab_socket(hub_a.websocket) as socket:
        for board in boards:
            await socket.authenticate(board.name, board.token())
            await socket.step1(board.name)
            await socket.awareness(board.name, presence(CLIENT, 1, '{"x":1}'))
        joined: set[str] = set()
        while len(joined) < len(boards):
            joined.add((await socket.until("step2")).key)
        assert joined == {board.name for board in boards}


def test_w17_the_limit_is_100() -> None:
    assert Limits().documents_per_socket_max == 100


async def test_w18_close_ends_one_session(hub_a: Hub, board: Board) -> None:
    key = f"{board.name}\0second"
    async with (
        join("/sync", hub_a.websocket, board.name, board.token(Role.OWNER)) as other,
        join("/collab", hub_a.websocket, board.name, board.token()) as somebody,
    ):
        socket = somebody.socket
        assert isinstance(socket, CollabSocket)
        await socket.authenticate(key, board.token())
        await socket.until("step1", key)
        await socket.awareness(key, presence(CLIENT, 1, '{"x":1}'))
        while CLIENT not in presences((await other.until("awareness")).payload):
            pass
        await socket.message(key, 7)
        assert (await socket.until("close", key)).text == "provider_initiated"
        while presences((await other.until("awareness")).payload).get(CLIENT) != (1, "null"):
            pass
        await somebody.update(set_key(CLIENT, 0, "ext", "k", "v"))
        assert (await socket.until("status", board.name)).text == "1", "the socket stays"

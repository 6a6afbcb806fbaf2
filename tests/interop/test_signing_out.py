"""Signing out closes what was opened by that sign-in, on every node, and leaves the others alone."""

import asyncio
import time

import asyncpg

from services.users.access import access_document
from services.users.document_tokens import issue_document_token
from services.users.model import Role
from services.users.sessions import Session, sign_out, start_session
from services.users.tickets import Tickets
from storage.redis import RedisCache, open_redis
from tests.interop.conftest import Board, Hub
from tests.interop.participants import join

TOLD_S_MAX = 2.0
"""A second, and a slow machine."""


async def signed_in(pool: asyncpg.Pool, board: Board) -> tuple[Session, str, str]:
    """A sign-in of the editor with its session token and a document token that it asked for."""
    now = time.time()
    async with pool.acquire() as connection, connection.transaction():
        actor, issued = await start_session(connection, board.tokens, board.people[Role.EDITOR], now, "link")
    access = await access_document(pool, actor, board.document_id)
    document = await issue_document_token(pool, board.tokens, actor, access, Role.EDITOR, now, 600)
    return Session(actor, issued.expires_at), issued.text, document.text


async def test_w62_signing_out_closes_its_sockets_on_both_nodes(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool, redis_url: str
) -> None:
    session, text, document = await signed_in(pool, board)
    _, _, other = await signed_in(pool, board)
    async with open_redis(redis_url) as redis:
        ticket = await Tickets(RedisCache(redis)).issue(session.actor, session.expires_at)
    async with (
        join("/sync", hub_a.websocket, board.name, text) as by_session,
        join("/sync", hub_b.websocket, board.name, document) as by_document,
        join("/sync", hub_b.websocket, board.name, ticket) as by_ticket,
        join("/collab", hub_a.websocket, board.name, document) as collab,
        join("/sync", hub_b.websocket, board.name, other) as elsewhere,
    ):
        await sign_out(pool, session)
        async with asyncio.timeout(TOLD_S_MAX):
            for socket in (by_session, by_document, by_ticket):
                closed = await socket.closed()
                assert (closed.code, closed.reason) == (4401, "token.revoked")
            assert (await collab.until("denied")).text == "token.revoked"
        await elsewhere.ask_presence()


async def test_w62_signing_out_everywhere_closes_all_of_ones_own(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    session, text, _ = await signed_in(pool, board)
    _, second, document = await signed_in(pool, board)
    async with (
        join("/sync", hub_a.websocket, board.name, text) as here,
        join("/sync", hub_b.websocket, board.name, second) as there,
        join("/sync", hub_b.websocket, board.name, document) as tool,
        join("/sync", hub_a.websocket, board.name, board.token(Role.OWNER)) as owner,
    ):
        await sign_out(pool, session, everywhere=True)
        async with asyncio.timeout(TOLD_S_MAX):
            for socket in (here, there, tool):
                assert (await socket.closed()).reason == "token.revoked"
        await owner.ask_presence()

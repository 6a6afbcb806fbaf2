"""Changes of rights on open sockets of both nodes (P7): in force within a second, whoever types meanwhile."""

import asyncio
import secrets
import time
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest

from realtime.client import LiveClient, open_client
from services.projects.members import Members
from services.service_accounts.service import ServiceAccounts, WantedKey
from services.shares.model import NewShare
from services.shares.service import Shares
from services.teams.service import Teams
from services.users.model import Actor, Role, TeamRole
from storage.tables import teams as team_rows
from storage.tables import users
from storage.tables.users import UserRow
from sync.client import Status
from tests.interop.conftest import Board, Hub
from tests.interop.participants import DIALECTS, Dialect, join
from tests.interop.test_native import all_saved, ext, put, seen

IN_FORCE_S = 1.0
MACHINE_S = 0.5
"""What a loaded machine may take besides."""


async def typing(client: LiveClient, name: str) -> None:
    """A key every few milliseconds, until cancelled."""
    number = 0
    while True:
        number += 1
        client.edit(put(f"{name}{number}", number))
        await asyncio.sleep(0.01)


async def test_an_editor_who_is_demoted_while_typing_only_reads_on_both_nodes(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    editor = board.people[Role.EDITOR]
    async with (
        open_client(hub_a.websocket, board.name, board.token(), Random(1)) as here,
        open_client(hub_b.websocket, board.name, board.token(), Random(2)) as there,
        open_client(hub_b.websocket, board.name, board.token(Role.OWNER), Random(3)) as owner,
    ):
        for client in (here, there, owner):
            await all_saved(client)
        here.tell('{"user":{"name":"The editor"}}')
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(typing(here, "a")), group.create_task(typing(there, "b"))]
            await seen(owner, lambda client: "a5" in ext(client) and "b5" in ext(client))
            began = time.monotonic()
            await Members(pool).change(board.people[Role.OWNER], board.project_id, editor.user_id, Role.VIEWER)
            for client in (here, there):
                await seen(client, lambda client: client.read_only and client.refused)
                assert time.monotonic() - began < IN_FORCE_S + MACHINE_S
            for task in tasks:
                task.cancel()
        for client in (here, there):
            assert {each.reason for each in client.client.refused} == {"permission"}
            await all_saved(client)
        await Members(pool).change(board.people[Role.OWNER], board.project_id, editor.user_id, Role.EDITOR)
        await seen(here, lambda client: not client.read_only)
        here.edit(put("again", 1))
        await seen(owner, lambda client: ext(client).get("again") == 1)
        assert ext(owner.client) == ext(here.client)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_guests_of_a_revoked_link_are_sent_away_from_both_nodes(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool, dialect: Dialect
) -> None:
    shares, owner = Shares(pool, board.tokens), board.people[Role.OWNER]
    link, token = await shares.create(
        owner, board.project_id, NewShare("", None, True, False, False, None), time.time()
    )
    opened = await shares.open(token, None, "Gus", None, time.time())
    assert opened.session is not None
    async with (
        join(dialect, hub_a.websocket, board.name, opened.session.text) as here,
        join(dialect, hub_b.websocket, board.name, opened.session.text) as there,
    ):
        began = time.monotonic()
        await shares.revoke(owner, board.project_id, link.id)
        for guest in (here, there):
            assert (await guest.refusal()).reason == "document.missing"
            assert time.monotonic() - began < IN_FORCE_S + MACHINE_S


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w10_a_program_joins_with_its_key_and_goes_with_it(
    hub_a: Hub, board: Board, pool: asyncpg.Pool, dialect: Dialect
) -> None:
    owner, teams, accounts = board.people[Role.OWNER], Teams(pool), ServiceAccounts(pool)
    team = await teams.create(owner, "Machines", time.time())
    await Members(pool).set_team(owner, board.project_id, team.id, Role.EDITOR)
    account = await accounts.create(owner, team.id, "Renderer")
    wanted = WantedKey("Night shift", Role.EDITOR, board.project_id, None)
    row, key = await accounts.create_key(owner, account.user_id, wanted, time.time())
    async with join(dialect, hub_a.websocket, board.name, key) as program:
        assert await program.content()
        await accounts.revoke_key(owner, account.user_id, row.id)
        assert (await program.refusal()).reason == "token.revoked"


async def test_who_leaves_a_team_leaves_its_rooms(hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool) -> None:
    owner, teams = board.people[Role.OWNER], Teams(pool)
    team = await teams.create(owner, "Cutting room", time.time())
    await Members(pool).set_team(owner, board.project_id, team.id, Role.EDITOR)
    cutter = await _person(pool)
    await team_rows.set_team_member(pool, team.id, cutter.user_id, TeamRole.MEMBER.value)
    token = board.tokens.issue_document(cutter, board.document_id, Role.OWNER, time.time()).text
    async with (
        open_client(hub_a.websocket, board.name, token, Random(1)) as here,
        open_client(hub_b.websocket, board.name, token, Random(2)) as there,
    ):
        for client in (here, there):
            await all_saved(client)
            assert not client.client.read_only
        await teams.remove_member(owner, team.id, cutter.user_id)
        for client in (here, there):
            await seen(client, lambda client: client.status is Status.REFUSED)
            assert client.client.denied == "document.missing"


async def _person(pool: asyncpg.Pool) -> Actor:
    user_id: UUID = uuid4()
    await users.add_user(pool, UserRow(user_id, f"{secrets.token_hex(6)}@studio.test", "Cem", "#3d8f7d"))
    return Actor(user_id, "Cem", "#3d8f7d", "person", str(uuid4()))

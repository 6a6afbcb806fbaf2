"""Changes of rights on open sockets of both nodes (P7): in force within a second, whoever types meanwhile."""

import asyncio
import secrets
import time
from datetime import UTC, datetime
from functools import partial
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest

from realtime.client import LiveClient, open_client
from services.projects.episode_roles import EpisodeRoles
from services.projects.episodes import Episodes
from services.projects.members import Members
from services.projects.service import Projects
from services.service_accounts.service import ServiceAccounts, WantedKey
from services.shares.model import NewShare, ShareChange
from services.shares.service import Shares
from services.teams.service import Teams
from services.users.model import Actor, EpisodeRole, Role, TeamRole
from storage.bus import MemoryBus
from storage.tables import teams as team_rows
from storage.tables import users
from storage.tables.users import UserRow
from sync.client import Client, Status
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


async def test_a_role_that_is_narrowed_in_the_episode_only_reads_on_both_nodes(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    owner, editor, roles = board.people[Role.OWNER], board.people[Role.EDITOR], EpisodeRoles(pool)
    episode = await pool.fetchval("select episode_id from documents where id = $1", board.document_id)
    async with (
        open_client(hub_a.websocket, board.name, board.token(), Random(1)) as here,
        open_client(hub_b.websocket, board.name, board.token(), Random(2)) as there,
    ):
        for client in (here, there):
            await all_saved(client)
        for role, read_only in ((EpisodeRole.COMMENTER, True), (EpisodeRole.EDITOR, False), (EpisodeRole.VIEWER, True)):
            began = time.monotonic()
            await roles.change(owner, board.project_id, episode, editor.user_id, role)
            for client in (here, there):
                await seen(client, partial(_only_reads, read_only))
                assert time.monotonic() - began < IN_FORCE_S + MACHINE_S
        await roles.remove(owner, board.project_id, episode, editor.user_id)
        await seen(there, lambda client: not client.read_only)
        there.edit(put("again", 1))
        await seen(here, lambda client: ext(client).get("again") == 1)


async def test_who_has_one_episode_leaves_its_room_with_it(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    owner, roles, artist = board.people[Role.OWNER], EpisodeRoles(pool), await _person(pool)
    episode = await pool.fetchval("select episode_id from documents where id = $1", board.document_id)
    row = await users.user_of_id(pool, artist.user_id)
    assert row is not None and row.email is not None
    await roles.add(owner, board.project_id, episode, row.email, EpisodeRole.EDITOR)
    token = board.tokens.issue_document(artist, board.document_id, Role.OWNER, time.time()).text
    async with (
        open_client(hub_a.websocket, board.name, token, Random(1)) as here,
        open_client(hub_b.websocket, board.name, token, Random(2)) as there,
    ):
        for client in (here, there):
            await all_saved(client)
            assert not client.client.read_only
        began = time.monotonic()
        await roles.remove(owner, board.project_id, episode, artist.user_id)
        for client in (here, there):
            await seen(client, lambda client: client.status is Status.REFUSED)
            assert client.client.denied == "document.missing"
            assert time.monotonic() - began < IN_FORCE_S + MACHINE_S


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


async def test_guests_of_a_link_that_is_changed_are_judged_anew_on_both_nodes(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    shares, owner = Shares(pool, board.tokens), board.people[Role.OWNER]
    link, token = await shares.create(
        owner, board.project_id, NewShare("", None, True, False, False, None), time.time()
    )
    opened = await shares.open(token, None, "Gus", None, time.time())
    assert opened.session is not None
    async with (
        open_client(hub_a.websocket, board.name, opened.session.text, Random(1)) as here,
        open_client(hub_b.websocket, board.name, opened.session.text, Random(2)) as there,
    ):
        for client in (here, there):
            await all_saved(client)
        began = time.monotonic()
        over = ShareChange(expires_at=datetime.fromtimestamp(time.time() - 1.0, UTC))
        await shares.change(owner, board.project_id, link.id, over, time.time() - 2.0)  # as if asked a moment ago
        for client in (here, there):
            await seen(client, lambda client: client.status is Status.REFUSED)
            assert client.client.denied == "document.missing"
            assert time.monotonic() - began < IN_FORCE_S + MACHINE_S


@pytest.mark.parametrize("away", ["archived", "deleted", "episode"])
async def test_what_is_put_away_is_only_read_or_gone_on_both_nodes(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool, away: str
) -> None:
    owner, projects = board.people[Role.OWNER], Projects(pool, board.log)
    async with (
        open_client(hub_a.websocket, board.name, board.token(), Random(1)) as here,
        open_client(hub_b.websocket, board.name, board.token(Role.OWNER), Random(2)) as there,
    ):
        for client in (here, there):
            await all_saved(client)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(typing(here, "a"))
            await seen(there, lambda client: "a5" in ext(client))
            began = time.monotonic()
            if away == "archived":
                await projects.archive(owner, board.project_id)
            elif away == "deleted":
                await projects.delete(owner, board.project_id)
            else:
                episodes = Episodes(pool, board.log, MemoryBus())
                await pool.execute("update projects set kind = 'series' where id = $1", board.project_id)
                await episodes.add(owner, board.project_id, "Two", time.time())
                [first, _] = (await episodes.outline(owner, board.project_id)).episodes
                began = time.monotonic()
                await episodes.delete(owner, board.project_id, first.id)
            for client in (here, there):
                if away == "archived":
                    await seen(client, lambda client: client.read_only)
                else:
                    await seen(client, lambda client: client.status is Status.REFUSED)
                    assert client.client.denied == "document.missing"
                assert time.monotonic() - began < IN_FORCE_S + MACHINE_S
            task.cancel()
        if away == "archived":
            await projects.restore(owner, board.project_id)
            await seen(here, lambda client: not client.read_only)


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


def _only_reads(expected: bool, client: Client) -> bool:
    return client.read_only is expected


async def _person(pool: asyncpg.Pool) -> Actor:
    user_id: UUID = uuid4()
    await users.add_user(pool, UserRow(user_id, f"{secrets.token_hex(6)}@studio.test", "Cem", "#3d8f7d"))
    return Actor(user_id, "Cem", "#3d8f7d", "person", str(uuid4()))

"""Who may open a socket to a document, on real rows: every refusal is told apart."""

import asyncio
import secrets
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from realtime.tasks import OwnedTasks
from services.projects.members import Members
from services.projects.model import ProjectKind
from services.projects.service import Projects
from services.users.access import access_document, access_project
from services.users.document_tokens import revoke_document_token
from services.users.errors import (
    Forbidden,
    NoSuchDocument,
    NoSuchProject,
    TicketSpent,
    TokenExpired,
    TokenForeign,
    TokenForged,
    TokenRevoked,
    UnknownUser,
)
from services.users.keys import load_keys
from services.users.model import Actor, Need, Role
from services.users.sessions import authenticate_session, open_session, sign_out
from services.users.sockets import authenticate_socket, recheck_socket
from services.users.standings import Standings, asking
from services.users.tickets import Tickets
from services.users.tokens import Tokens
from storage.cache import MemoryCache
from storage.errors import StoreAway
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import users
from storage.tables.users import UserRow

ISSUER = "http://studio.test"


@dataclass(frozen=True)
class House:
    """Two users, one project of the first, and its storyboard."""

    pool: asyncpg.Pool
    projects: Projects
    members: Members
    tokens: Tokens
    tickets: Tickets
    owner: Actor
    guest: Actor
    project_id: UUID
    document_id: UUID

    async def invite(self, role: Role) -> None:
        row = await users.user_of_id(self.pool, self.guest.user_id)
        assert row is not None and row.email is not None
        await self.members.add(self.owner, self.project_id, row.email, role)


async def new_user(pool: asyncpg.Pool) -> Actor:
    user = UserRow(uuid4(), f"{secrets.token_hex(6)}@studio.test", "Ada", "#aa33bb")
    await users.add_user(pool, user)
    return Actor(user.id, user.name, user.colour, "person", str(uuid4()))


@pytest_asyncio.fixture
async def house(pool: asyncpg.Pool, objects: Objects, signing_keys_file: Path) -> House:
    owner, guest = await new_user(pool), await new_user(pool)
    projects = Projects(pool, DocumentLog(pool, objects))
    project = await projects.create(owner, "Night train", ProjectKind.SHORT, time.time())
    return House(
        pool=pool,
        projects=projects,
        members=Members(pool),
        tokens=Tokens(load_keys(signing_keys_file), ISSUER),
        tickets=Tickets(MemoryCache(time.monotonic)),
        owner=owner,
        guest=guest,
        project_id=project.id,
        document_id=project.storyboard.id,
    )


async def test_a_document_token_opens_its_document(house: House) -> None:
    now = time.time()
    issued = house.tokens.issue_document(house.owner, house.document_id, Role.VIEWER, now)
    identity = await authenticate_socket(
        asking(house.pool), house.tokens, house.tickets, issued.text, house.document_id, now
    )
    assert (identity.actor.user_id, identity.actor.name, identity.role) == (house.owner.user_id, "Ada", Role.VIEWER)
    assert identity.expires_at == issued.expires_at
    assert (identity.access.project_id, identity.access.kind, identity.access.epoch) == (house.project_id, "sb", 1)


@pytest.mark.parametrize("member", list(Role))
@pytest.mark.parametrize("token", list(Role))
async def test_the_role_is_the_weaker_of_token_and_membership(house: House, member: Role, token: Role) -> None:
    await house.invite(member)
    now = time.time()
    issued = house.tokens.issue_document(house.guest, house.document_id, token, now)
    identity = await authenticate_socket(
        asking(house.pool), house.tokens, house.tickets, issued.text, house.document_id, now
    )
    assert identity.role is member.capped(token)


async def test_a_session_and_a_ticket_open_it_too(house: House) -> None:
    now = time.time()
    issued = house.tokens.issue_session(house.owner, now)
    session = await authenticate_session(house.pool, house.tokens, issued.text, now)
    ticket = await house.tickets.issue(session.actor, session.expires_at)
    for credential in (issued.text, ticket):
        identity = await authenticate_socket(
            asking(house.pool), house.tokens, house.tickets, credential, house.document_id, now
        )
        assert (identity.role, identity.expires_at) == (Role.OWNER, issued.expires_at)
        assert identity.actor.session == str(issued.token_id)
    with pytest.raises(TicketSpent):
        await authenticate_socket(asking(house.pool), house.tokens, house.tickets, ticket, house.document_id, now)


async def test_refusals_are_told_apart(house: House) -> None:
    now = time.time()
    other = await house.projects.create(house.owner, "Other", ProjectKind.SHORT, now)
    late = house.tokens.issue_document(house.owner, house.document_id, Role.OWNER, now - 100, 50).text
    foreign = house.tokens.issue_document(house.owner, other.storyboard.id, Role.OWNER, now).text
    sign_in = house.tokens.issue_sign_in(house.owner.user_id, now).text
    stranger = house.tokens.issue_document(house.guest, house.document_id, Role.OWNER, now).text
    nobody = house.tokens.issue_session(Actor(uuid4(), "No", "#000000", "person", ""), now).text
    session = house.tokens.issue_session(house.owner, now).text
    cases = [
        (late, house.document_id, TokenExpired),
        (foreign, house.document_id, TokenForeign),
        (sign_in, house.document_id, TokenForged),
        ("nonsense", house.document_id, TokenForged),
        (stranger, house.document_id, NoSuchDocument),
        (nobody, house.document_id, UnknownUser),
        (session, uuid4(), NoSuchDocument),
    ]
    for credential, document_id, error in cases:
        with pytest.raises(error):
            await authenticate_socket(asking(house.pool), house.tokens, house.tickets, credential, document_id, now)


async def test_a_revoked_document_token_closes_what_it_opened(house: House) -> None:
    now = time.time()
    issued = house.tokens.issue_document(house.owner, house.document_id, Role.EDITOR, now)
    identity = await authenticate_socket(
        asking(house.pool), house.tokens, house.tickets, issued.text, house.document_id, now
    )
    assert await recheck_socket(asking(house.pool), identity, now) == identity
    assert await revoke_document_token(house.pool, house.owner, house.document_id, issued.token_id, now + 60)
    assert not await revoke_document_token(house.pool, house.owner, house.document_id, issued.token_id, now + 60)
    access = await access_document(house.pool, house.owner, house.document_id)
    assert access.access_version > identity.access.access_version
    with pytest.raises(TokenRevoked):
        await recheck_socket(asking(house.pool), identity, now)
    with pytest.raises(TokenRevoked):
        await authenticate_socket(asking(house.pool), house.tokens, house.tickets, issued.text, house.document_id, now)


async def test_an_open_socket_follows_its_role_and_its_time(house: House) -> None:
    await house.invite(Role.EDITOR)
    now = time.time()
    issued = house.tokens.issue_document(house.guest, house.document_id, Role.OWNER, now, 60)
    identity = await authenticate_socket(
        asking(house.pool), house.tokens, house.tickets, issued.text, house.document_id, now
    )
    await house.members.change(house.owner, house.project_id, house.guest.user_id, Role.VIEWER)
    demoted = await recheck_socket(asking(house.pool), identity, now)
    assert demoted.role is Role.VIEWER
    assert demoted.access.access_version > identity.access.access_version
    with pytest.raises(TokenExpired):
        await recheck_socket(asking(house.pool), demoted, now + 120)
    await house.members.remove(house.owner, house.project_id, house.guest.user_id)
    with pytest.raises(NoSuchDocument):
        await recheck_socket(asking(house.pool), demoted, now)


async def test_signing_out_ends_the_session_and_everything_it_opened(house: House) -> None:
    now = time.time()
    actor, issued = await open_session(
        house.pool, house.tokens, house.tokens.issue_sign_in(house.owner.user_id, now).text, now
    )
    session = await authenticate_session(house.pool, house.tokens, issued.text, now)
    assert session.actor == actor
    ticket = await house.tickets.issue(session.actor)
    before = await access_document(house.pool, house.owner, house.document_id)
    await sign_out(house.pool, session)
    after = await access_document(house.pool, house.owner, house.document_id)
    assert after.access_version > before.access_version
    with pytest.raises(TokenRevoked):
        await authenticate_session(house.pool, house.tokens, issued.text, now)
    with pytest.raises(TokenRevoked):
        await authenticate_socket(asking(house.pool), house.tokens, house.tickets, ticket, house.document_id, now)


async def test_a_sign_in_link_works_once_unless_it_was_made_to_last(house: House) -> None:
    now = time.time()
    once = house.tokens.issue_sign_in(house.owner.user_id, now).text
    await open_session(house.pool, house.tokens, once, now)
    with pytest.raises(TokenRevoked):
        await open_session(house.pool, house.tokens, once, now)
    lasting = house.tokens.issue_sign_in(house.owner.user_id, now, once=False).text
    for _ in range(2):
        await open_session(house.pool, house.tokens, lasting, now)


async def test_a_deleted_project_is_gone_for_everybody(house: House) -> None:
    await house.invite(Role.EDITOR)
    with pytest.raises(Forbidden):
        await house.projects.delete(house.guest, house.project_id)
    await house.projects.delete(house.owner, house.project_id)
    with pytest.raises(NoSuchProject):
        await access_project(house.pool, house.owner, house.project_id, Need.VIEW)
    with pytest.raises(NoSuchDocument):
        await access_document(house.pool, house.owner, house.document_id)


class Counting:
    """The pool, with the number of statements."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.statements = 0

    async def fetch(self, *query: Any) -> Any:
        self.statements += 1
        return await self._pool.fetch(*query)


async def test_many_who_come_at_once_are_one_question_and_each_has_his_own_answer(house: House) -> None:
    counting, now = Counting(house.pool), time.time()
    good = house.tokens.issue_document(house.owner, house.document_id, Role.EDITOR, now)
    revoked = house.tokens.issue_document(house.owner, house.document_id, Role.OWNER, now)
    await revoke_document_token(house.pool, house.owner, house.document_id, revoked.token_id, now + 60)
    stranger = house.tokens.issue_document(house.guest, house.document_id, Role.OWNER, now)
    async with OwnedTasks() as tasks:
        standings = Standings(cast(asyncpg.Pool, counting), tasks.start)
        answers = await asyncio.gather(
            *(
                authenticate_socket(standings.ask, house.tokens, house.tickets, issued.text, house.document_id, now)
                for issued in (good, revoked, stranger) * 50
            ),
            return_exceptions=True,
        )
    kinds = [type(answer) if isinstance(answer, BaseException) else answer.role for answer in answers]
    assert kinds == [Role.EDITOR, TokenRevoked, NoSuchDocument] * 50
    assert counting.statements == 1


async def test_who_asks_while_a_question_is_under_way_hears_what_was_committed_before_he_asked(house: House) -> None:
    now = time.time()
    issued = house.tokens.issue_document(house.owner, house.document_id, Role.EDITOR, now)
    async with OwnedTasks() as tasks:
        standings = Standings(house.pool, tasks.start)
        ask = partial(authenticate_socket, standings.ask, house.tokens, house.tickets, issued.text, house.document_id)
        early = asyncio.ensure_future(ask(now))
        await revoke_document_token(house.pool, house.owner, house.document_id, issued.token_id, now + 60)
        with pytest.raises(TokenRevoked):
            await ask(now)
        await asyncio.wait([early])


async def test_a_question_that_cannot_be_asked_fails_for_all_and_the_next_is_asked_again(house: House) -> None:
    class Away(Counting):
        async def fetch(self, *query: Any) -> Any:
            if self.statements == 0:
                self.statements += 1
                raise OSError("gone")
            return await super().fetch(*query)

    now = time.time()
    issued = house.tokens.issue_document(house.owner, house.document_id, Role.EDITOR, now)
    async with OwnedTasks() as tasks:
        standings = Standings(cast(asyncpg.Pool, Away(house.pool)), tasks.start)
        ask = partial(authenticate_socket, standings.ask, house.tokens, house.tickets, issued.text, house.document_id)
        failed = await asyncio.gather(ask(now), ask(now), return_exceptions=True)
        assert [type(error) for error in failed] == [StoreAway, StoreAway]
        assert (await ask(now)).role is Role.EDITOR

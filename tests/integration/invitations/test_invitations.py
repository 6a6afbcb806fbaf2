"""Invitations on real rows: to projects and teams, taken once, by whoever has the address."""

import asyncio
import re
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.invitations.errors import (
    AlreadyInvited,
    AlreadyThere,
    EmailUnfit,
    InvitationOver,
    JustSent,
    NoSuchInvitation,
    OtherAddress,
    RoleUnfit,
    SignInFirst,
    TooManyInvitations,
)
from services.invitations.model import OPEN_MAX, RESEND_AFTER_S, TTL_S, Target
from services.invitations.service import Invitations
from services.projects.members import Members
from services.projects.model import Project, ProjectKind
from services.projects.service import Projects
from services.teams.service import Teams
from services.users.errors import Forbidden, NameUnfit, NoAccount, NoSuchProject, NoSuchTeam
from services.users.keys import load_keys
from services.users.model import Actor, Role, TeamRole
from services.users.sessions import authenticate_session
from services.users.tokens import Tokens
from storage.errors import MailAway
from storage.log import DocumentLog
from storage.mail import Mail
from storage.objects import Objects
from storage.tables import teams as team_rows
from storage.tables import users
from storage.tables.users import UserRow

URL = "http://studio.test"


@dataclass
class Postbox:
    """Takes mail, or does not."""

    taken: list[Mail] = field(default_factory=list)
    is_away: bool = False

    async def send(self, mail: Mail) -> None:
        if self.is_away:
            raise MailAway("away")
        self.taken.append(mail)

    @property
    def token(self) -> str:
        """Of the newest mail."""
        [token] = re.findall(rf"{URL}/join#(\S+)", self.taken[-1].text)
        return str(token)


@dataclass(frozen=True)
class House:
    pool: asyncpg.Pool
    tokens: Tokens
    postbox: Postbox
    invitations: Invitations
    projects: Projects
    members: Members
    teams: Teams
    owner: Actor
    project: Project

    @property
    def target(self) -> Target:
        return Target(project_id=self.project.id)

    async def person(self) -> tuple[Actor, str]:
        return await new_person(self.pool)

    async def invite(self, email: str, role: str = "editor") -> str:
        """The token that was mailed."""
        await self.invitations.invite(self.owner, self.target, email, role, time.time())
        return self.postbox.token


async def new_person(pool: asyncpg.Pool) -> tuple[Actor, str]:
    email = f"{secrets.token_hex(6)}@studio.test"
    user = UserRow(uuid4(), email, "Ada", "#aa33bb")
    await users.add_user(pool, user)
    return Actor(user.id, user.name, user.colour, "person", str(uuid4())), email


@pytest_asyncio.fixture
async def house(pool: asyncpg.Pool, objects: Objects, signing_keys_file: Path) -> House:
    owner, _ = await new_person(pool)
    projects, postbox = Projects(pool, DocumentLog(pool, objects)), Postbox()
    tokens = Tokens(load_keys(signing_keys_file), URL)
    return House(
        pool=pool,
        tokens=tokens,
        postbox=postbox,
        invitations=Invitations(pool, postbox, tokens, URL),
        projects=projects,
        members=Members(pool),
        teams=Teams(pool),
        owner=owner,
        project=await projects.create(owner, "Night train", ProjectKind.SHORT, time.time()),
    )


async def test_who_is_invited_gets_a_mail_and_accepts(house: House) -> None:
    guest, email = await house.person()
    made = await house.invitations.invite(house.owner, house.target, f" {email.upper()} ", "editor", time.time())
    assert (made.email, made.role, made.state, made.to) == (email, "editor", "open", "Night train")
    assert made.sent_at is not None
    [mail] = house.postbox.taken
    assert mail.to == email and "Ada invites you" in mail.subject and "as an editor" in mail.text
    offer = await house.invitations.look(house.postbox.token, time.time())
    assert (offer.row.to, offer.has_account) == ("Night train", True)
    before = await _version(house)
    await house.invitations.accept(guest, house.postbox.token, time.time())
    assert (await house.projects.get(guest, house.project.id)).role is Role.EDITOR
    assert await _version(house) > before
    with pytest.raises(InvitationOver):
        await house.invitations.accept(guest, house.postbox.token, time.time())
    [row] = await house.invitations.invitations(house.owner, house.target)
    assert row.state == "accepted"
    found = await house.pool.fetch("select action from audit_log where project_id = $1 order by id", house.project.id)
    assert [each["action"] for each in found] == [
        "project.created",
        "invitation.made",
        "member.set",
        "invitation.accepted",
    ]


async def test_the_token_is_kept_nowhere(house: House) -> None:
    token = await house.invite("new@elsewhere.test")
    stored = await house.pool.fetch("select i::text from invitations i where project_id = $1", house.project.id)
    logged = await house.pool.fetch("select a::text from audit_log a where project_id = $1", house.project.id)
    assert token not in str(stored) + str(logged)


async def test_a_stronger_role_stays(house: House) -> None:
    token = await house.invite((guest := await house.person())[1], "viewer")
    await house.members.add(house.owner, house.project.id, guest[1], Role.EDITOR)
    await house.invitations.accept(guest[0], token, time.time())
    assert (await house.projects.get(guest[0], house.project.id)).role is Role.EDITOR


async def test_another_account_does_not_accept(house: House) -> None:
    _, email = await house.person()
    token, (other, _) = await house.invite(email), await house.person()
    with pytest.raises(OtherAddress):
        await house.invitations.accept(other, token, time.time())
    with pytest.raises(NoAccount):
        guest = Actor(other.user_id, "Guest", "#aa33bb", "guest", str(uuid4()))
        await house.invitations.accept(guest, token, time.time())


async def test_who_has_no_account_gets_one_with_a_session(house: House) -> None:
    email = f"{secrets.token_hex(6)}@elsewhere.test"
    token = await house.invite(email, "commenter")
    assert not (await house.invitations.look(token, time.time())).has_account
    for name in ("", "   ", "x" * 81, "a\0b", "a\x1bb"):
        with pytest.raises(NameUnfit):
            await house.invitations.accept_as_new(token, name, time.time())
    _, issued = await house.invitations.accept_as_new(token, "  Zoë \n Quinn ", time.time())
    session = await authenticate_session(house.pool, house.tokens, issued.text, time.time())
    assert (session.actor.name, session.actor.kind) == ("Zoë Quinn", "person")
    assert (await house.projects.get(session.actor, house.project.id)).role is Role.COMMENTER
    row = await users.user_of_id(house.pool, session.actor.user_id)
    assert row is not None and row.email == email


async def test_the_mail_opens_no_account_that_exists(house: House) -> None:
    _, email = await house.person()
    token = await house.invite(email)
    with pytest.raises(SignInFirst):
        await house.invitations.accept_as_new(token, "Mallory", time.time())


async def test_two_who_accept_at_once_make_one_account(house: House) -> None:
    token = await house.invite(f"{secrets.token_hex(6)}@elsewhere.test")
    outcomes = await asyncio.gather(
        *(house.invitations.accept_as_new(token, "Zoë", time.time()) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvitationOver", "tuple"]


async def test_it_is_declined_revoked_and_over_in_time(house: House) -> None:
    guest, email = await house.person()
    token = await house.invite(email)
    await house.invitations.decline(token, time.time())
    with pytest.raises(InvitationOver):
        await house.invitations.accept(guest, token, time.time())
    token = await house.invite(email)
    [row, _] = await house.invitations.invitations(house.owner, house.target)
    await house.invitations.revoke(house.owner, row.id)
    with pytest.raises(InvitationOver):
        await house.invitations.look(token, time.time())
    with pytest.raises(InvitationOver):
        await house.invitations.revoke(house.owner, row.id)
    token = await house.invite(email)
    with pytest.raises(InvitationOver):
        await house.invitations.accept(guest, token, time.time() + TTL_S + 1)
    with pytest.raises(NoSuchInvitation):
        await house.invitations.look("join_nonsense", time.time())
    await house.projects.delete(house.owner, house.project.id)
    with pytest.raises(InvitationOver):
        await house.invitations.accept(guest, token, time.time())


async def test_it_is_sent_again_with_another_token(house: House) -> None:
    guest, email = await house.person()
    old = await house.invite(email)
    [row] = await house.invitations.invitations(house.owner, house.target)
    with pytest.raises(JustSent):
        await house.invitations.resend(house.owner, row.id, time.time())
    later = time.time() + RESEND_AFTER_S + 1
    renewed = await house.invitations.resend(house.owner, row.id, later)
    assert renewed.expires_at.timestamp() == pytest.approx(later + TTL_S, abs=1)
    with pytest.raises(NoSuchInvitation):
        await house.invitations.accept(guest, old, later)
    await house.invitations.accept(guest, house.postbox.token, later)


async def test_a_mail_that_is_not_taken_is_sent_again(house: House) -> None:
    house.postbox.is_away = True
    made = await house.invitations.invite(house.owner, house.target, "new@elsewhere.test", "viewer", time.time())
    assert made.sent_at is None
    house.postbox.is_away = False
    assert (await house.invitations.resend(house.owner, made.id, time.time())).sent_at is not None
    assert len(house.postbox.taken) == 1


async def test_only_owners_invite(house: House) -> None:
    (editor, email), (stranger, _) = await house.person(), await house.person()
    await house.members.add(house.owner, house.project.id, email, Role.EDITOR)
    made = await house.invitations.invite(house.owner, house.target, "new@elsewhere.test", "viewer", time.time())
    for actor, outside, inside in ((editor, Forbidden, Forbidden), (stranger, NoSuchProject, NoSuchInvitation)):
        with pytest.raises(outside):
            await house.invitations.invite(actor, house.target, "x@elsewhere.test", "viewer", time.time())
        with pytest.raises(outside):
            await house.invitations.invitations(actor, house.target)
        with pytest.raises(inside):
            await house.invitations.revoke(actor, made.id)
        with pytest.raises(inside):
            await house.invitations.resend(actor, made.id, time.time())
    with pytest.raises(NoSuchInvitation):
        await house.invitations.revoke(house.owner, UUID(int=1))


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@b", "a b@studio.test", "a@b.test\r\nBcc: x@y.test", "x" * 65 + "@b.test", "a@b.test,c@d.test"],
)
async def test_only_an_address_is_invited(house: House, email: str) -> None:
    with pytest.raises(EmailUnfit):
        await house.invitations.invite(house.owner, house.target, email, "viewer", time.time())


async def test_one_is_invited_once_and_members_are_not(house: House) -> None:
    _, email = await house.person()
    await house.invite(email)
    with pytest.raises(AlreadyInvited):
        await house.invite(email)
    _, member = await house.person()
    await house.members.add(house.owner, house.project.id, member, Role.VIEWER)
    with pytest.raises(AlreadyThere):
        await house.invite(member)
    with pytest.raises(RoleUnfit):
        await house.invite("new@elsewhere.test", "admin")


async def test_so_many_are_open_and_no_more(house: House) -> None:
    for number in range(OPEN_MAX):
        await house.invite(f"{number}@elsewhere.test")
    with pytest.raises(TooManyInvitations):
        await house.invite("one.more@elsewhere.test")


async def test_to_a_team(house: House) -> None:
    team = await house.teams.create(house.owner, "Cutting room", time.time())
    target, (guest, email), (stranger, _) = Target(team_id=team.id), await house.person(), await house.person()
    with pytest.raises(NoSuchTeam):
        await house.invitations.invite(stranger, target, email, "member", time.time())
    with pytest.raises(RoleUnfit):
        await house.invitations.invite(house.owner, target, email, "editor", time.time())
    made = await house.invitations.invite(house.owner, target, email, "admin", time.time())
    assert made.to == "Cutting room" and 'the team "Cutting room"' in house.postbox.taken[-1].text
    await house.invitations.accept(guest, house.postbox.token, time.time())
    assert {row.user_id: row.role for row in await house.teams.members(guest, team.id)} == {
        house.owner.user_id: "owner",
        guest.user_id: "admin",
    }
    with pytest.raises(Forbidden):
        await house.invitations.invite(guest, target, "new@elsewhere.test", "owner", time.time())
    await house.invitations.invite(guest, target, "new@elsewhere.test", "member", time.time())


async def test_a_stronger_role_in_a_team_stays(house: House) -> None:
    team, (guest, email) = await house.teams.create(house.owner, "Ours", time.time()), await house.person()
    await house.invitations.invite(house.owner, Target(team_id=team.id), email, "member", time.time())
    await team_rows.set_team_member(house.pool, team.id, guest.user_id, TeamRole.ADMIN.value)
    await house.invitations.accept(guest, house.postbox.token, time.time())
    assert (await house.teams.get(guest, team.id)).role == "admin"


async def test_whatever_somebody_is_called_a_subject_is_one_line(house: House) -> None:
    await house.pool.execute(
        "update users set name = $2 where id = $1", house.owner.user_id, "Ana\r\nBcc: everybody@studio.test"
    )
    await house.invite("new@elsewhere.test")
    assert house.postbox.taken[-1].subject == "Ana Bcc: everybody@studio.test invites you to Night train"


async def _version(house: House) -> int:
    return int(await house.pool.fetchval("select access_version from projects where id = $1", house.project.id))

"""The audit log: who did what to whom, from where and when. Every sign-in, sign-out, key and change of rights.

An entry is written in the transaction of what it tells, so neither is there without the other. It holds ids, roles and
codes; never a token, a password or a text of a film. Nothing changes or removes one: the table refuses that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from uuid import UUID

from services import trace
from services.users.tokens import token_free
from storage.postgres import Executor
from storage.tables import audit as rows
from storage.tables.audit import Address, NewEntry

AGENT_CHARS_MAX = 200
DETAIL_CHARS_MAX = 200
"""Of one text in an entry's detail; the rest is cut."""

Detail = str | int | bool | None


class Action(StrEnum):
    """What was done: `thing.what_happened_to_it`. Names are kept: whoever reads the log searches for them."""

    SESSION_OPENED = "session.opened"
    SESSION_REFUSED = "session.refused"
    SESSION_ENDED = "session.ended"
    REFRESH_REUSED = "refresh.reused"
    DEVICE_APPROVED = "device.approved"
    DEVICE_DENIED = "device.denied"
    DEVICE_GUESSED = "device.guessed"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    TOKEN_ISSUED = "token.issued"
    TOKEN_REVOKED = "token.revoked"
    MEMBER_SET = "member.set"
    MEMBER_REMOVED = "member.removed"
    PROJECT_CREATED = "project.created"
    PROJECT_ARCHIVED = "project.archived"
    PROJECT_RESTORED = "project.restored"
    PROJECT_DELETED = "project.deleted"
    PROJECT_TRANSFERRED = "project.transferred"
    PROJECT_TEAM_SET = "project.team_set"
    PROJECT_TEAM_REMOVED = "project.team_removed"
    EPISODE_MEMBER_SET = "episode.member_set"
    EPISODE_MEMBER_REMOVED = "episode.member_removed"
    EPISODE_TEAM_SET = "episode.team_set"
    EPISODE_TEAM_REMOVED = "episode.team_removed"
    TEAM_CREATED = "team.created"
    TEAM_DELETED = "team.deleted"
    TEAM_MEMBER_SET = "team.member_set"
    TEAM_MEMBER_REMOVED = "team.member_removed"
    INVITATION_MADE = "invitation.made"
    INVITATION_RENEWED = "invitation.renewed"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_DECLINED = "invitation.declined"
    INVITATION_REVOKED = "invitation.revoked"
    LINK_CREATED = "link.created"
    LINK_CHANGED = "link.changed"
    LINK_OPENED = "link.opened"
    LINK_REVOKED = "link.revoked"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DELETED = "account.deleted"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    CREDITS_GRANTED = "credits.granted"
    CREDITS_BOUGHT = "credits.bought"
    CREDITS_REFUNDED = "credits.refunded"
    CREDITS_TRANSFERRED = "credits.transferred"
    WALLET_CAPPED = "wallet.capped"
    PAYER_SET = "project.payer_set"
    BUDGETS_SET = "project.budgets_set"
    MODELS_SET = "project.models_set"
    APPEAL_MADE = "appeal.made"
    APPEAL_DECIDED = "appeal.decided"
    CACHE_SET = "project.cache_set"


@dataclass(frozen=True, slots=True)
class Source:
    """From where: the address that reached us, and what the caller says that it is."""

    address: Address | None = None
    agent: str | None = None


_NOWHERE = Source()
_source: ContextVar[Source] = ContextVar("storyforge_source", default=_NOWHERE)


@contextmanager
def coming_from(address: str | None, agent: str | None) -> Iterator[None]:
    """What is recorded inside, in this task and those that it starts, came from there. Bound by the door."""
    token = _source.set(Source(parsed_address(address), None if agent is None else _clean(agent, AGENT_CHARS_MAX)))
    try:
        yield
    finally:
        _source.reset(token)


def parsed_address(text: str | None) -> Address | None:
    """Without its zone, which only means something here; None for a Unix socket's peer."""
    try:
        return None if text is None else ip_address(text.partition("%")[0])
    except ValueError:
        return None


async def record(
    executor: Executor,
    action: Action,
    *,
    actor_id: UUID | None,
    user_id: UUID | None = None,
    project_id: UUID | None = None,
    **detail: Detail,
) -> None:
    """`executor`: the connection whose transaction makes it true. `user_id`: to whom it was done, if not to oneself."""
    source = _source.get()
    await rows.add_entry(
        executor,
        NewEntry(
            action=action.value,
            actor_id=actor_id,
            user_id=user_id,
            project_id=project_id,
            address=source.address,
            agent=source.agent,
            request_id=trace.bound().get("request_id"),
            detail={
                name: _clean(value, DETAIL_CHARS_MAX) if isinstance(value, str) else value
                for name, value in detail.items()
            },
        ),
    )


def _clean(text: str, chars_max: int) -> str:
    """PostgreSQL keeps no NUL and no half of a surrogate pair, and nobody shall find a token here."""
    return token_free(text.replace("\0", "").encode("utf-8", "replace").decode())[:chars_max]

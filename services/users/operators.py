"""Who may look into a running studio: people and services that its settings name, by user id. Nobody by default.

Not a role: roles are of projects, and an operator has no right in any project by being one.
"""

from collections.abc import Mapping
from uuid import UUID

from services.users.errors import NotAnOperator
from services.users.model import Actor
from services.users.sessions import authenticate_session
from services.users.tokens import Tokens
from storage.postgres import Executor
from sync import ids


def operators_of(environ: Mapping[str, str]) -> frozenset[UUID]:
    """`STORYFORGE_OPERATORS`: user ids with commas between. Raises `MalformedId`."""
    named = environ.get("STORYFORGE_OPERATORS", "").split(",")
    return frozenset(ids.from_text("usr", one.strip()) for one in named if one.strip())


def require_operator(operators: frozenset[UUID], actor: Actor) -> None:
    """Raises `NotAnOperator`."""
    if actor.user_id not in operators:
        raise NotAnOperator(NotAnOperator.__doc__)


async def authenticate_operator(
    executor: Executor, tokens: Tokens, operators: frozenset[UUID], text: str, now: float
) -> None:
    """`text`: a session token. Raises one of `Unauthenticated`, or `NotAnOperator`."""
    session = await authenticate_session(executor, tokens, text, now)
    require_operator(operators, session.actor)

"""Who may look into a running studio: people and services that its settings name, by user id. Nobody by default.

Not a role: roles are of projects, and an operator has no right in any project by being one.
"""

from uuid import UUID

from services.users.errors import NotAnOperator
from services.users.sessions import authenticate_session
from services.users.tokens import Tokens
from storage.postgres import Executor


async def authenticate_operator(
    executor: Executor, tokens: Tokens, operators: frozenset[UUID], text: str, now: float
) -> None:
    """`text`: a session token. Raises one of `Unauthenticated`, or `NotAnOperator`."""
    session = await authenticate_session(executor, tokens, text, now)
    if session.actor.user_id not in operators:
        raise NotAnOperator(NotAnOperator.__doc__)

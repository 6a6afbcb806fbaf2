"""Routes of one's own account: what one is called, and where one is signed in."""

from uuid import UUID

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import Me, MeChange, SessionOut, SessionsOut
from api.sessions import me_of
from services.users.account import SESSION_PREFIX
from storage.tables.sign_ins import SignInRow
from sync import ids


async def change(call: Call) -> Response:
    body = await call.body(MeChange)
    return reply(me_of(await call.state.account.change(call.actor, body.name, body.colour)))


async def listed(call: Call) -> Response:
    current = UUID(call.actor.session)
    found = await call.state.account.sessions(call.actor)
    return reply(SessionsOut(sessions=[_session(row, row.root == current) for row in found]))


async def end(call: Call) -> Response:
    await call.state.account.end_session(call.actor, call.id(SESSION_PREFIX, "session"))
    return Response(status_code=204)


def _session(row: SignInRow, is_current: bool) -> SessionOut:
    return SessionOut(
        id=ids.to_text(SESSION_PREFIX, row.root),
        current=is_current,
        how=row.how,
        client=row.client,
        address=None if row.address is None else str(row.address),
        agent=row.agent,
        created_at=row.since,
        expires_at=row.until,
    )


OPERATIONS = (
    Operation(
        "PATCH", "/v1/me", change, "account", "Change my name or colour", body=MeChange, answer=Me, refusals=(403,)
    ),
    Operation("GET", "/v1/sessions", listed, "account", "Where I am signed in", answer=SessionsOut, refusals=(403,)),
    Operation(
        "DELETE",
        "/v1/sessions/{session}",
        end,
        "account",
        "End a session of mine, and what was opened by it",
        status=204,
        refusals=(403, 404),
    ),
)

"""The route of a project's event stream: who may follow it, and from where.

The stream itself is `follower.py`.
"""

from uuid import UUID

from starlette.responses import Response

from api.call import Call
from api.errors import HeaderInvalid
from api.follower import Follower, Source
from api.operation import Header, Operation
from api.schemas import StreamQuery
from api.state import ApiState
from services.users.access import access_project
from services.users.model import Need, Role, Standing
from services.users.sessions import Session, recheck_session
from storage.events import ProjectEvent, read_events
from storage.postgres import store_away
from storage.wall import walled_for

CURSOR_DIGITS_MAX = 18


async def follow(call: Call) -> Response:
    """EventSource repeats its first address when it reconnects, so `Last-Event-ID` is the newer of the two."""
    project_id, session = call.id("prj", "project"), call.known_session
    query, state = call.query(StreamQuery), call.state
    cursor = _last_event(call.request.headers.get("last-event-id"))
    await access_project(state.stores.pool, session.actor, project_id, Need.VIEW)
    state.audience.check(session.actor.user_id)
    return Follower(source_of(state, session, project_id), state.audience, query.cursor if cursor is None else cursor)


def source_of(state: ApiState, session: Session, project_id: UUID) -> Source:
    """The project's events as this session may read them: `head` looks how far that is, before any is read."""
    pool = state.stores.pool
    standing = Standing(Role.VIEWER, episodes=frozenset())

    async def head() -> int:
        nonlocal standing
        with store_away(), walled_for(session.actor.user_id):
            await recheck_session(pool, session, state.now())
            access = await access_project(pool, session.actor, project_id, Need.VIEW)
        standing = access.standing
        return access.project.event_cursor

    async def rows(after: int, limit: int) -> list[ProjectEvent]:
        with store_away(), walled_for(session.actor.user_id):
            return await read_events(pool, project_id, after, limit, standing.episodes)

    return Source(
        project_id=project_id,
        user_id=session.actor.user_id,
        feed=state.feed,
        rights=state.rights,
        head=head,
        rows=rows,
        heartbeat_s=state.settings.heartbeat_s,
        recheck_s=state.settings.recheck_s,
        ticks=lambda: standing.episodes is None,
    )


def _last_event(header: str | None) -> int | None:
    """Raises `HeaderInvalid`."""
    if not header:
        return None
    if not (header.isascii() and header.isdecimal() and len(header) <= CURSOR_DIGITS_MAX):
        raise HeaderInvalid("Last-Event-ID is a cursor of this stream.", field="Last-Event-ID", limit=CURSOR_DIGITS_MAX)
    return int(header)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/stream",
        follow,
        "stream",
        "What happens in the project, as it happens",
        query=StreamQuery,
        content="text/event-stream",
        refusals=(404, 429),
        headers=(Header("Last-Event-ID", "The last event that arrived; wins over `cursor`.", CURSOR_DIGITS_MAX),),
        head=False,
    ),
)

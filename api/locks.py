"""Routes of locks: lock or approve a scene, and unlock it.

Who may is decided in `services.locks`.
"""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import In, Out
from services.locks.service import WHY_CHARS_MAX
from sync import ids

Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=WHY_CHARS_MAX, pattern=r"^[^\x00]*$")]
TakeText = Annotated[str, StringConstraints(pattern=r"^tak_[0-7][0-9a-hjkmnp-tv-z]{25}$")]


class NewLock(In):
    """`why`: people read it. `take`: the take that is approved by it, which must be the one that is shown."""

    why: Why = ""
    take: TakeText | None = None


class LockOut(Out):
    """`at`: ms since 1970. `seq`: edits behind this row of the storyboard meet the lock."""

    scene: str
    by: str
    at: int
    why: str
    take: str | None
    seq: int


async def lock(call: Call) -> Response:
    body = await call.body(NewLock)
    document_id = await _storyboard(call)
    held = await call.state.locks.lock(
        call.actor, document_id, call.text("scene"), body.why, body.take, call.state.now()
    )
    by = ids.to_text("usr", held.by)
    return reply(LockOut(scene=held.scene, by=by, at=held.at, why=held.why, take=held.take, seq=held.seq))


async def unlock(call: Call) -> Response:
    await call.state.locks.unlock(call.actor, await _storyboard(call), call.text("scene"))
    return Response(status_code=204)


async def _storyboard(call: Call) -> UUID:
    return await call.state.scenes.storyboard_of(call.actor, call.id("prj", "project"), call.text("scene"))


_LOCK = "/v1/projects/{project}/scenes/{scene}/lock"

OPERATIONS = (
    Operation(
        "POST",
        _LOCK,
        lock,
        "scenes",
        "Lock a scene, or approve it",
        body=NewLock,
        answer=LockOut,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation("DELETE", _LOCK, unlock, "scenes", "Unlock a scene", status=204, refusals=(403, 404, 409)),
)

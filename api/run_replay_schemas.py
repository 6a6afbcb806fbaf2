"""Shapes of asking once more for all that failed."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from api.run_schemas import RunOut
from api.schemas import In, Out

REPLAYS_MAX = 100
CODES_MAX = 20
ErrorCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]


class FailedRuns(In):
    """Which of the scenes whose newest run failed: with one of these `codes` of an error (none: any), ended `since`
    then, at most `limit`, who has waited longest first."""

    codes: Annotated[tuple[ErrorCode, ...], Field(max_length=CODES_MAX)] = ()
    since: AwareDatetime | None = None
    limit: int = Field(REPLAYS_MAX, ge=1, le=REPLAYS_MAX)


class ReplayOut(Out):
    """`failed`: the run that is asked for once more, and `error`: of what. `run`: the new one; null: `code` and
    `sentence` say why there is none."""

    failed: str
    scene: str
    error: dict[str, Any]
    run: RunOut | None
    code: str | None
    sentence: str | None


class ReplaysOut(Out):
    replays: list[ReplayOut]

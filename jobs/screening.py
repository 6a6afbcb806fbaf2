"""What is asked for is judged before anything of it is made: the step that everything else of a run stands behind.

Not how words are judged: `services/safety`.
"""

import time
from collections.abc import Callable

import asyncpg

from services.claude import Claude
from services.generation.errors import StepEnded
from services.generation.request import SceneRequest, from_json
from services.generation.routing.model import Purpose
from services.generation.shots.asking import wish_of
from services.runs.service import Held
from services.safety.claude import ClaudeWords
from services.safety.errors import PromptRefused
from services.safety.model import passages_of
from services.safety.policy import newest
from services.safety.service import Asked, Moderation


class Screening:
    """`claude`: asked for a second opinion where somebody is about to be paid; a draft is judged by the policy alone.

    `now`: seconds since 1970.
    """

    def __init__(self, pool: asyncpg.Pool, claude: Claude | None, now: Callable[[], float] = time.time) -> None:
        policy = newest()
        self._drafts = Moderation(pool, policy)
        self._finals = Moderation(pool, policy, None if claude is None else ClaudeWords(claude))
        self._now = now

    async def passed(self, held: Held) -> None:
        """Raises `StepEnded` with the reasons and the verdict to appeal against, `StoreAway`."""
        request = from_json(SceneRequest, held.step.params["request"])
        run = held.run
        asked = Asked(run.project_id, run.requested_by, self._now(), run.id)
        judges = self._finals if wish_of(held).purpose is Purpose.FINAL else self._drafts
        try:
            await judges.prompt(asked, passages_of(request))
        except PromptRefused as error:
            raise StepEnded(error.code, str(error)) from error

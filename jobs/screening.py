"""What is asked for is judged before anything of it is made, frames before they are filmed, a take before it is told.

Not how words and pictures are judged: `services/safety`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg

from jobs.desk import RunDesk
from services.claude import Claude
from services.generation.errors import StepEnded
from services.generation.providers.interface import FinishedTake, Panels
from services.generation.quality.model import Wanted, WantedShot
from services.generation.quality.scorer import looks
from services.generation.request import SceneRequest, from_json
from services.generation.routing.model import Purpose
from services.generation.shots.asking import wish_of
from services.runs.service import Held, hold
from services.safety.claude import ClaudeWords
from services.safety.errors import VERDICT_PREFIX, PromptRefused
from services.safety.judges import PictureJudge
from services.safety.model import Outcome, passages_of, reasons_of
from services.safety.policy import newest
from services.safety.service import Asked, Moderation, Verdict
from storage.postgres import store_away
from storage.tables import media
from storage.tables.media import MediaRow
from sync import ids


class Screening:
    """`claude`: asked for a second opinion where somebody is about to be paid; a draft is judged by the policy alone.

    `pictures`: all that look at pictures. `now`: seconds since 1970.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        claude: Claude | None,
        pictures: Sequence[PictureJudge] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        policy = newest()
        self._pool = pool
        self._drafts = Moderation(pool, policy, pictures=pictures)
        self._finals = Moderation(pool, policy, None if claude is None else ClaudeWords(claude))
        self._has_eyes = bool(pictures)
        self._now = now

    async def passed(self, held: Held) -> None:
        """Raises `StepEnded` with the reasons and the verdict to appeal against, `StoreAway`."""
        request = from_json(SceneRequest, held.step.params["request"])
        judges = self._finals if wish_of(held).purpose is Purpose.FINAL else self._drafts
        try:
            await judges.prompt(self._asked(held), passages_of(request))
        except PromptRefused as error:
            raise StepEnded(error.code, str(error)) from error

    async def viewed(self, held: Held, boards: Mapping[str, Mapping[str, Any]], desk: RunDesk) -> None:
        """Of each set its poster and all plates. Raises `StepEnded` as `passed` does, `Fenced`, `StoreAway`."""
        for name, board in boards.items():
            panels = from_json(Panels, board)
            file = await desk.fetch(panels.poster, f"{name}.jpg")
            pictures = [file]
            if self._has_eyes:
                plates = enumerate(panels.panels)
                pictures += [await desk.fetch(panel.plate, f"{name}-{index}.jpg") for index, panel in plates]
            frames = [await asyncio.to_thread(picture.read_bytes) for picture in pictures]
            await self._known(held, MediaRow(panels.poster, "image/jpeg", len(frames[0])))
            verdict = await self._drafts.output(self._asked(held), panels.poster, frames)
            if verdict.outcome is Outcome.REFUSED:
                refused = PromptRefused(
                    verdict.id, (), ["These frames are not filmed.", *reasons_of(verdict.judgement)]
                )
                raise StepEnded(refused.code, str(refused))

    async def shown(self, held: Held, take: FinishedTake, desk: RunDesk) -> dict[str, Any]:
        """The verdict on a finished take, for its provenance. A refused one stays, for those who may edit.

        Raises `Fenced`, `StoreAway`, `ClipUnreadable`, `ClipTooCostly`.
        """
        frames: list[bytes] = []
        if self._has_eyes:
            file = await desk.fetch(take.media, "take.mp4")
            wanted = Wanted((WantedShot(take.frames),), take.width, take.height, take.rate)
            frames = await looks(desk.folder, file.name, wanted)
        await self._known(held, MediaRow(take.media, "video/mp4", take.media_bytes))
        return _told(await self._drafts.output(self._asked(held), take.media, frames))

    async def _known(self, held: Held, row: MediaRow) -> None:
        """What a verdict is about has to be media of the project."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await hold(connection, held)
                await media.add_media(connection, held.run.project_id, row)

    def _asked(self, held: Held) -> Asked:
        run = held.run
        return Asked(run.project_id, run.requested_by, self._now(), run.id)


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": ids.to_text(VERDICT_PREFIX, verdict.id),
        "outcome": verdict.outcome.value,
        "judges": [
            {"judge": opinion.judge, "version": opinion.version, "failed": opinion.failed}
            for opinion in verdict.judgement.opinions
        ],
    }

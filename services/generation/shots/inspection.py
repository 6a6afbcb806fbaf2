"""What a provider has sent for a shot is looked at before it counts as its result, and so before anybody pays for it.

A film that is black, or stands still, is none: the call has failed, its cost is ours, and the router goes on as after
any failure. What was sent is kept with the reason, for those who may edit.
"""

from collections.abc import Sequence

import asyncpg

from services.generation.errors import ClipTooCostly, ClipUnreadable
from services.generation.providers.capabilities import Kind
from services.generation.providers.errors import OutputUnfit
from services.generation.providers.intents import Inspect
from services.generation.providers.interface import Desk, Plan
from services.generation.providers.outputs import Kept
from services.generation.providers.port import Failure, FailureKind
from services.generation.quality import limits
from services.generation.quality.asked import wanted_of_shot
from services.generation.quality.examiner import Examiner
from services.generation.quality.model import Measure, Report, report_to_json
from services.generation.request import SceneRequest
from services.runs.service import Held, hold
from storage.postgres import store_away
from storage.tables import media, outputs
from storage.tables.intents import IntentRow
from storage.tables.media import MediaRow
from storage.tables.outputs import NewOutput


class Inspection:
    """`of` answers whoever looks at the results of one step."""

    def __init__(self, pool: asyncpg.Pool, examiner: Examiner) -> None:
        self._pool = pool
        self._examiner = examiner

    def of(self, held: Held, request: SceneRequest, plan: Plan, index: int, desk: Desk) -> Inspect:
        """`index`: of the shot, from 0. What it answers raises `OutputUnfit`, `Fenced`, `StoreAway`."""
        wanted = wanted_of_shot(request, plan, index)

        async def inspect(row: IntentRow, kept: Sequence[Kept]) -> None:
            for sent in kept:
                if row.kind != Kind.VIDEO:
                    continue
                file = await desk.fetch(sent.media, "inspected")
                try:
                    faults = await self._examiner.faults(desk.folder, file.name, wanted)
                except (ClipUnreadable, ClipTooCostly) as error:
                    raise _unfit(error.code, str(error)) from error
                if faults:
                    await self._turned_away(held, sent, faults)
                    raise _unfit(f"output.{faults[0].name}", " ".join(fault.sentence for fault in faults))

        return inspect

    async def _turned_away(self, held: Held, sent: Kept, faults: Sequence[Measure]) -> None:
        report = Report(tuple(faults), limits.VERSION)
        run = held.run
        row = NewOutput(
            run_id=run.id,
            project_id=run.project_id,
            step=held.step.name,
            media=sent.media,
            accepted=False,
            verdict=report.verdict.value,
            score=report.score,
            report=report_to_json(report),
        )
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await hold(connection, held)
                stored = MediaRow(sent.media, sent.content_type, sent.size_bytes)
                await media.add_media(connection, run.project_id, stored)
                await outputs.add_output(connection, row)


def _unfit(code: str, sentence: str) -> OutputUnfit:
    return OutputUnfit(Failure(FailureKind.RETRYABLE, code, sentence))

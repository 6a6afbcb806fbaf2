"""What was made for a scene is measured: each shot as it stands in the film, and the finished take.

Measuring decides nothing: it is told to people and to the router. What is no film at all was turned away before
(`shots/inspection.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services import programs
from services.generation.clips import BOUNDS, judged
from services.generation.conform import cut, piece_of
from services.generation.providers.interface import Clip, Desk, FinishedTake, Plan, Provider
from services.generation.quality.asked import wanted_of, wanted_of_shot
from services.generation.quality.examiner import Examiner
from services.generation.quality.model import Report, Verdict, report_to_json
from services.generation.request import SceneRequest
from services.generation.shots.film import Shot
from storage.postgres import Connection
from storage.tables import media, outputs
from storage.tables.media import MediaRow
from storage.tables.outputs import NewOutput
from storage.tables.runs import RunRow


@dataclass(frozen=True, slots=True)
class Judged:
    """Output of `judge` and `measure`. `media`: what was looked at; `score`: 0..1; `report`: all measures."""

    media: str
    media_bytes: int
    verdict: str
    score: float
    report: Mapping[str, Any]


class Judging:
    """`local` draws the frames that shots are compared with."""

    def __init__(self, examiner: Examiner, local: Provider) -> None:
        self._examiner = examiner
        self._local = local

    async def shot(self, shot: Shot, clip: Clip, desk: Desk) -> Judged:
        """In its look, at the film's rate and raster, as long as planned; beside the frame that was chosen.

        Raises `ClipUnreadable`, `ClipTooCostly`, `ObjectMissing`.
        """
        request, folder = shot.request, desk.folder
        file = await desk.fetch(clip.media, "sent.mp4")
        async with judged():
            piece = piece_of(request, clip, shot.alone.frames, file)
            await programs.run(cut([piece], request.picture, "shot.mp4"), folder, bounds=BOUNDS)
        board = await self._local.still(request, shot.alone, shot.drawn, desk, graded=True)
        wanted = wanted_of_shot(request, shot.plan, shot.index, request.brain.look, board)
        report = await self._examiner.report(folder, "shot.mp4", wanted)
        media = await desk.keep(folder / "shot.mp4", "video/mp4")
        return _judged(media, (folder / "shot.mp4").stat().st_size, report)

    async def take(self, request: SceneRequest, plan: Plan, take: FinishedTake, desk: Desk) -> Judged:
        """Whole, with its sound. Raises `ClipTooCostly`, `ObjectMissing`."""
        file = await desk.fetch(take.media, "take.mp4")
        report = await self._examiner.report(desk.folder, file.name, wanted_of(request, plan, request.brain.look))
        return _judged(take.media, take.media_bytes, report)


async def keep(connection: Connection, run: RunRow, found: Mapping[str, Judged]) -> None:
    """Of a run's steps by their names: rows that people read, in the transaction that tells the take."""
    for step, one in found.items():
        await media.add_media(connection, run.project_id, MediaRow(one.media, "video/mp4", one.media_bytes))
        row = NewOutput(
            run_id=run.id,
            project_id=run.project_id,
            step=step,
            media=one.media,
            accepted=True,
            verdict=one.verdict,
            score=one.score,
            report=one.report,
        )
        await outputs.add_output(connection, row)


def quality_of(found: Mapping[str, Judged]) -> dict[str, Any]:
    """Of a take's steps by their names, in short, for its provenance: the whole reports are the run's outputs."""
    return {
        name: {
            "verdict": one.verdict,
            "score": one.score,
            "limits_version": one.report["limits_version"],
            "wrong": [measure["sentence"] for measure in one.report["measures"] if measure["verdict"] == Verdict.FAIL],
            "unmeasured": {
                measure["name"]: measure["sentence"] for measure in one.report["measures"] if measure["value"] is None
            },
        }
        for name, one in sorted(found.items())
    }


def _judged(media: str, media_bytes: int, report: Report) -> Judged:
    return Judged(media, media_bytes, report.verdict.value, report.score, report_to_json(report))

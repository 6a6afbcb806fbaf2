"""A built-in provider that draws nothing: what it answers is of the right shape and costs no time."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from services.generation.providers.animatic import NAME, VERSION, enhance
from services.generation.providers.interface import Clip, Desk, FinishedTake, Panel, Panels, Plan, Sound, TakeParts
from services.generation.quality import limits
from services.generation.quality.examiner import Examiner
from services.generation.quality.model import Measure, Report, Wanted
from services.generation.request import SceneRequest

PICTURE = b"\xff\xd8\xff\xe0 a picture"
SHOTS_MAX = 2


class QuickEye(Examiner):
    """Looks at the same clip once only; what is measured is nobody's matter here, what is no film is."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, Wanted], tuple[Measure, ...]] = {}

    async def report(self, folder: Path, clip: str, wanted: Wanted) -> Report:
        return Report((), limits.VERSION)

    async def faults(self, folder: Path, clip: str, wanted: Wanted) -> tuple[Measure, ...]:
        content = await asyncio.to_thread((folder / clip).read_bytes)
        seen = hashlib.sha256(content).hexdigest(), replace(wanted, words="")
        if seen not in self._seen:
            self._seen[seen] = await super().faults(folder, clip, wanted)
        return self._seen[seen]


class Sketchbook:
    """Implements `Provider`; plans are real, and at most `SHOTS_MAX` shots long."""

    name = NAME
    version = VERSION

    async def enhance(self, request: SceneRequest, desk: Desk) -> Plan:
        plan = enhance.plan(request, request.brain.look)
        await desk.progress(1.0)
        return Plan(plan.prompt, plan.model, plan.shots[:SHOTS_MAX])

    async def frames(self, request: SceneRequest, plan: Plan, board: int, desk: Desk) -> Panels:
        media = await desk.keep(PICTURE + bytes([board]), "image/jpeg")
        return Panels(tuple(Panel(media, media) for _ in plan.shots), media)

    async def repaint(self, request: SceneRequest, plan: Plan, panels: Panels, board: int, desk: Desk) -> Panels:
        media = await desk.keep(PICTURE + b"repainted" + bytes([board]), "image/jpeg")
        return Panels(panels.panels, media)

    async def still(self, request: SceneRequest, plan: Plan, panels: Panels, desk: Desk, *, graded: bool) -> Path:
        file = desk.folder / "still.jpg"
        file.write_bytes(PICTURE)
        return file

    async def clip(self, request: SceneRequest, plan: Plan, panels: Panels, desk: Desk) -> Clip:
        media = await desk.keep(b"a clip", "video/mp4")
        return Clip(media, plan.frames, request.picture.width, request.picture.height)

    async def voice(self, request: SceneRequest, plan: Plan, recorded: Mapping[int, str], desk: Desk) -> Sound:
        return Sound(await desk.keep(b"a sound", "audio/wav"), 48_000, 0.0)

    async def finish(self, request: SceneRequest, plan: Plan, clip: Clip, sound: Sound, desk: Desk) -> FinishedTake:
        thumb = await desk.keep(PICTURE, "image/jpeg")
        await desk.progress(1.0)
        size = (clip.width, clip.height)
        return FinishedTake(clip.media, 6, thumb, len(PICTURE), plan.frames, *size, request.picture.rate, -23.0)

    async def parts(self, take: FinishedTake, desk: Desk) -> TakeParts:
        return TakeParts({})

"""The built-in provider: plans, draws, films, speaks and puts a take together on this machine.

Not the drawing itself: every heavy stage runs in a program of its own, and this module watches it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from services import programs
from services.assets.parts import Made
from services.generation.errors import TakeUnsound
from services.generation.finishing.model import TARGET_LUFS, Recipe
from services.generation.finishing.parts import parts
from services.generation.finishing.sound import join
from services.generation.providers.animatic import NAME, VERSION, enhance, ffmpeg, grade, program
from services.generation.providers.animatic.sound import RATE_HZ
from services.generation.providers.interface import (
    Clip,
    Desk,
    FinishedTake,
    Panel,
    Panels,
    Part,
    Plan,
    Preview,
    Sound,
    TakeParts,
)
from services.generation.request import Picture, SceneRequest, canonical, to_json

THUMB_PX = 640
SILENCE_DB = -70.0
"""A take whose sound is quieter than this has none."""
AAC_FRAME = 1024


class LocalAnimatic:
    """Implements `Provider`."""

    name = NAME
    version = VERSION

    async def enhance(self, request: SceneRequest, desk: Desk) -> Plan:
        plan = enhance.plan(request, request.brain.look)
        await desk.progress(1.0)
        return plan

    async def frames(self, request: SceneRequest, plan: Plan, board: int, desk: Desk) -> Panels:
        poster = ""

        async def heard(line: str) -> None:
            nonlocal poster
            said = json.loads(line)
            if "preview" in said:
                data = (desk.folder / said["file"]).read_bytes()
                await desk.preview(Preview(said["preview"], data, said["width"], said["height"], said["blur"]))
                poster = said["file"]
            else:
                await desk.progress((said["panel"] + 1) / len(plan.shots))

        job = program.Job(request, plan, board=board)
        await programs.lines(program.command("draw"), desk.folder, _spelled(job), heard)
        panels = [
            Panel(
                await desk.keep(desk.folder / f"plate-{index}.jpg", "image/jpeg"),
                await desk.keep(desk.folder / f"figures-{index}.png", "image/png"),
            )
            for index in range(len(plan.shots))
        ]
        return Panels(tuple(panels), await desk.keep(desk.folder / poster, "image/jpeg"))

    async def repaint(self, request: SceneRequest, plan: Plan, panels: Panels, board: int, desk: Desk) -> Panels:
        part = request.part
        assert part is not None
        poster = ""

        async def heard(line: str) -> None:
            nonlocal poster
            said = json.loads(line)
            poster = said["file"]
            data = (desk.folder / poster).read_bytes()
            await desk.preview(Preview(said["preview"], data, said["width"], said["height"], said["blur"]))

        old = replace(panels, panels=panels.panels[part.shot : part.shot + 1])
        job = program.Job(request, plan, await _fetched(old, desk), board)
        await programs.lines(program.command("repaint"), desk.folder, _spelled(job), heard)
        new = Panel(
            await desk.keep(desk.folder / "plate.jpg", "image/jpeg"),
            await desk.keep(desk.folder / "figures.png", "image/png"),
        )
        kept = panels.panels
        together = (*kept[: part.shot], new, *kept[part.shot + 1 :])
        return Panels(together, await desk.keep(desk.folder / poster, "image/jpeg"))

    async def clip(self, request: SceneRequest, plan: Plan, panels: Panels, desk: Desk) -> Clip:
        look = request.brain.look
        plates = await _fetched(panels, desk)
        cdl = look.cdl.at(request.brain.strength / 100)
        (desk.folder / ffmpeg.CUBE_NAME).write_text(grade.cube(cdl, look.name))

        async def heard(line: str) -> None:
            key, _, value = line.partition("=")
            if key == "frame" and value.strip().isdecimal():
                await desk.progress(min(1.0, int(value) / plan.frames))

        height = program.picture_height(request, look)
        job = program.Job(request, plan, plates)
        sink = ffmpeg.encode(request.picture, height, "clip.mp4")
        await programs.pipe(program.command("film"), sink, desk.folder, _spelled(job), heard)
        media = await desk.keep(desk.folder / "clip.mp4", "video/mp4")
        return Clip(media, plan.frames, request.picture.width, request.picture.height)

    async def still(self, request: SceneRequest, plan: Plan, panels: Panels, desk: Desk, *, graded: bool) -> Path:
        job = program.Job(request, plan, await _fetched(panels, desk), graded=graded)
        await programs.run(program.command("still"), desk.folder, _spelled(job))
        return desk.folder / "still.jpg"

    async def voice(self, request: SceneRequest, plan: Plan, recorded: Mapping[int, str], desk: Desk) -> Sound:
        said: dict[str, Any] = {}

        async def heard(line: str) -> None:
            said.update(json.loads(line))
            await desk.progress(1.0)

        names = {line: f"line-{line}.mp3" for line in recorded}
        for line, name in names.items():
            await desk.fetch(recorded[line], name)
        job = program.Job(request, plan, recorded=names)
        await programs.lines(program.command("speak"), desk.folder, _spelled(job), heard)
        media = await desk.keep(desk.folder / "sound.wav", "audio/wav")
        return Sound(media, int(said["samples"]), float(said["spoken_s"]))

    async def finish(self, request: SceneRequest, plan: Plan, clip: Clip, sound: Sound, desk: Desk) -> FinishedTake:
        folder = desk.folder
        await desk.fetch(clip.media, "clip.mp4")
        await desk.fetch(sound.media, "sound.wav")
        spoken = TARGET_LUFS if sound.spoken_s else None
        recipe = Recipe(request.picture, plan.frames, target_lufs=spoken)
        _, loudness = await join(folder, "clip.mp4", "sound.wav", recipe)
        await desk.progress(0.4)
        loudness_db = await verify(folder, "take.mp4", plan.frames, request.picture)
        await desk.progress(0.7)
        first_s = plan.shots[0].frames * request.picture.rate[1] / request.picture.rate[0]
        thumb_px = min(THUMB_PX, clip.width)
        await programs.run(ffmpeg.thumbnail("take.mp4", first_s / 3, thumb_px, "thumb.jpg"), folder)
        return FinishedTake(
            media=await desk.keep(folder / "take.mp4", "video/mp4"),
            media_bytes=(folder / "take.mp4").stat().st_size,
            thumb=await desk.keep(folder / "thumb.jpg", "image/jpeg"),
            thumb_bytes=(folder / "thumb.jpg").stat().st_size,
            frames=plan.frames,
            width=clip.width,
            height=clip.height,
            rate=request.picture.rate,
            loudness_db=round(loudness_db, 1),
            loudness_lufs=None if loudness is None else loudness.integrated_lufs,
        )

    async def parts(self, take: FinishedTake, desk: Desk) -> TakeParts:
        """Its thumbnail it has already."""
        await desk.fetch(take.media, "take.mp4")
        made = await parts(desk.folder, "take.mp4", desk.progress)
        return TakeParts({name: await _part(part, desk) for name, part in sorted(made.items()) if name != "thumb"})


async def _part(made: Made, desk: Desk) -> Part:
    assert made.file is not None
    file = desk.folder / made.file
    media = await desk.keep(file, made.content_type)
    return Part(media, file.stat().st_size, made.content_type, made.facts)


async def _fetched(panels: Panels, desk: Desk) -> tuple[tuple[str, str], ...]:
    """Names of the plates' files: background and figures of each shot."""
    names = [(f"plate-{index}.jpg", f"figures-{index}.png") for index in range(len(panels.panels))]
    for drawn, (plate, figures) in zip(panels.panels, names, strict=True):
        await desk.fetch(drawn.plate, plate)
        await desk.fetch(drawn.figures, figures)
    return tuple(names)


async def verify(folder: Path, take: str, frames: int, picture: Picture) -> float:
    """Decodes everything. Answers the loudness in dB below full scale; raises `TakeUnsound`."""
    decoded = await programs.run(ffmpeg.decode(take, "heard.raw"), folder)
    found = len(decoded) // ffmpeg.PROBE_PX**2
    if found != frames:
        raise TakeUnsound(f"The take decodes to {found} frames instead of {frames}.")
    samples = np.fromfile(folder / "heard.raw", "<i2").astype(np.float32) / 32768
    wanted = frames * RATE_HZ * picture.rate[1] // picture.rate[0]
    if abs(len(samples) // 2 - wanted) > AAC_FRAME:
        raise TakeUnsound(f"The sound is {len(samples) // 2} samples long instead of {wanted}.")
    level = float(np.sqrt(np.mean(samples**2)))
    loudness_db = 20 * math.log10(max(level, 1e-9))
    if loudness_db < SILENCE_DB:
        raise TakeUnsound("The take has no sound.")
    return loudness_db


def _spelled(job: program.Job) -> bytes:
    return canonical(to_json(job))

"""What draws, films and speaks in a process of its own: `python -m ...program draw|repaint|still|film|speak`.

Not a service: it reads one job from standard input, writes into the current folder and ends. A process can be killed at
once, and the worker's loop never waits for a pixel.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageFilter

from services.brains.model import Brain
from services.generation.providers.animatic import film, grade, panel, repaint, sound
from services.generation.providers.animatic.boards import variation
from services.generation.providers.animatic.recording import recording
from services.generation.providers.animatic.subject import Subject, heading_of_part, read
from services.generation.providers.animatic.tones import tones
from services.generation.providers.animatic.weather import falling
from services.generation.providers.interface import Plan, PlannedShot, Preview
from services.generation.request import SceneRequest, from_json
from services.generation.seeds import place_seed

MODULE = "services.generation.providers.animatic.program"
BLOCKING_PX, PREVIEW_PX = 64, (64, 256, 640)
"""Widths of the previews; the last of all has the width of the take."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Job:
    """What every command reads. `plates`: file names of background and figures: for `film` and `still` of every shot,
    for `repaint` of the one that is changed. `graded`: whether a still is in its look. `recorded`: file names of lines,
    for `speak`."""

    request: SceneRequest
    plan: Plan
    plates: tuple[tuple[str, str], ...] = ()
    board: int = 1
    graded: bool = True
    recorded: Mapping[int, str] = field(default_factory=dict)


def command(name: str) -> list[str]:
    """How to start it. `-P`: never import from the scratch folder."""
    return [sys.executable, "-P", "-m", MODULE, name]


def picture_height(request: SceneRequest, look: Brain) -> int:
    """Height of the visible frame without its bars: even, never more than the raster."""
    return min(request.picture.height, round(request.picture.width / look.aspect / 2) * 2)


class Studio:
    """One job at work."""

    def __init__(self, job: Job) -> None:
        self.request, self.plan, self.job = job.request, job.plan, job
        self.brain = job.request.brain.look
        self.cdl = self.brain.cdl.at(job.request.brain.strength / 100)
        self.subject: Subject = read(job.request.slug, job.request.prompt)
        seed, varied = place_seed(job.request, job.board), variation(job.board)
        side = 1 if place_seed(job.request, 1) % 2 else -1
        self.scene = panel.Scene(self.subject, self.brain, seed, -side if varied.other_side else side, varied)
        self.width = job.request.picture.width
        self.height = picture_height(job.request, self.brain)

    def draw(self) -> None:
        """Every panel into files; a line of JSON for each, and for each preview of the first."""
        first = self.plan.shots[0]
        self._preview(1, self._sketch(first), BLOCKING_PX)
        self._preview(2, self._sketch(first), PREVIEW_PX[1])
        for index, shot in enumerate(self.plan.shots):
            plates = panel.draw(self.scene, shot, self.speaker(shot), self.width)
            plates.background.convert("RGB").save(f"plate-{index}.jpg", quality=94, subsampling=0)
            plates.figures.save(f"figures-{index}.png", compress_level=3)
            if index == 0:
                poster = self._shown(plates, shot)
                self._preview(3, poster, min(PREVIEW_PX[2], self.width))
            _say({"panel": index})
        self._preview(4, poster, self.width)

    def repaint(self) -> None:
        """One panel into files, with what is new in its part; a line of JSON for it, and for a preview."""
        part = self.request.part
        assert part is not None
        words = f"{part.words.rstrip('. ')}. {self.request.prompt}"
        heading = heading_of_part(self.request.slug, part.words)
        asked = replace(self.request, prompt=words, slug=heading, part=None)
        other = Studio(replace(self.job, request=asked))
        shot, (old,) = self.plan.shots[part.shot], self._plates()
        new = panel.draw(other.scene, shot, self.speaker(shot), self.width)
        raster = self.request.picture.width, self.request.picture.height
        masks = [
            repaint.mask(part.mask, view, old.background.size, raster, self.height)
            for view in film.views(shot, part.frame, _way(shot))
        ]
        plates = repaint.painted(old, new, *masks)
        plates.background.save("plate.jpg", quality=94, subsampling=0)
        plates.figures.save("figures.png", compress_level=3)
        self._preview(4, self._shown(plates, shot, at=part.frame), self.width)

    def _sketch(self, shot: PlannedShot) -> Image.Image:
        """The first panel quickly, at a fraction of the size."""
        width = min(self.width, 320)
        return self._shown(panel.draw(self.scene, shot, self.speaker(shot), width), shot, width)

    def still(self) -> None:
        """`still.jpg`: the first frame of the first shot."""
        picture = self._shown(self._plates()[0], self.plan.shots[0], at=0, graded=self.job.graded)
        picture.save("still.jpg", quality=92, subsampling=0)

    def _shown(
        self,
        plates: panel.Plates,
        shot: PlannedShot,
        width: int | None = None,
        at: int | None = None,
        *,
        graded: bool = True,
    ) -> Image.Image:
        """A frame as the take will show it: moved, graded, with its bars. `at`: which; else one of the first third."""
        wide = width or self.width
        tall = max(2, round(wide * self.height / self.width))
        picture = film.still(self._reel(shot, plates, wide, tall), shot.frames // 3 if at is None else at, wide, tall)
        if graded:
            pixels = grade.graded(np.asarray(picture, np.float32) / np.float32(255), self.cdl)
            picture = Image.fromarray((pixels * 255 + 0.5).astype(np.uint8))
        framed = Image.new("RGB", (wide, round(wide * self.request.picture.height / self.request.picture.width)))
        framed.paste(picture, (0, (framed.height - tall) // 2))
        return framed

    def _preview(self, step: int, picture: Image.Image, width: int) -> None:
        small = picture.resize((width, max(2, round(width * picture.height / picture.width))), Image.Resampling.LANCZOS)
        if step == 1:
            small = small.filter(ImageFilter.GaussianBlur(1.6))
        name = f"preview-{step}.jpg"
        small.save(name, quality=70 if step == 1 else 85)
        _say({"preview": step, "file": name, "width": small.width, "height": small.height, "blur": blur(small)})

    def speaker(self, shot: PlannedShot) -> str | None:
        """Whose mouth is open, as the cast calls them; empty for a voice."""
        if not shot.lines:
            return None
        called = self.request.lines[shot.lines[0]].character.strip()
        around = self.request.around
        return called if around is None else around.speakers.get(called.casefold(), called)

    def _reel(self, shot: PlannedShot, plates: panel.Plates, width: int, height: int) -> film.Reel:
        shades = tones(self.brain, self.subject)
        layers = falling(self.subject, shades, width, height, shot.seed)
        number = self.plan.shots.index(shot) + 1
        lens = f"{shot.lens_mm} mm"
        words = "   ".join(
            [f"{self.request.number or '-'}-{number}", shot.size.value, shot.angle.value, lens, shot.move.value]
        )
        return film.Reel(shot, plates, layers, words, _way(shot))

    def film(self, out: BinaryIO) -> None:
        """Every frame as raw RGB."""
        pairs = zip(self.plan.shots, self._plates(), strict=True)
        reels = [self._reel(shot, plates, self.width, self.height) for shot, plates in pairs]
        for picture in film.frames(reels, self.width, self.height):
            out.write(picture.tobytes())

    def _plates(self) -> list[panel.Plates]:
        return [
            panel.Plates(Image.open(background).convert("RGB"), Image.open(figures).convert("RGBA"))
            for background, figures in self.job.plates
        ]

    def speak(self) -> None:
        """`sound.wav`, and a line of JSON about it."""
        recorded = {line: recording(name) for line, name in self.job.recorded.items()}
        voices = sound.Voices(_voice(), recorded)
        track = sound.mix_scene(
            self.plan, self.request.lines, self.request.picture.rate, self.subject, self.scene.seed, voices
        )
        sound.write_wav(Path("sound.wav"), track.samples)
        _say({"samples": len(track.samples), "spoken_s": round(track.spoken_s, 3)})


def _way(shot: PlannedShot) -> int:
    """To which side pans and tracks go."""
    return 1 if shot.seed % 2 else -1


def blur(picture: Image.Image) -> str:
    """Three colours from top to bottom, `rrggbb-rrggbb-rrggbb`: a placeholder that any page can paint."""
    rows = picture.convert("RGB").resize((1, 3), Image.Resampling.BOX)
    return "-".join(bytes(np.asarray(rows)[index, 0].tolist()).hex() for index in range(3))


def _voice() -> sound.Speak:
    """Loads its model when the first line is spoken: most scenes have none."""
    speaker: list[Any] = []

    def speak(text: str, tempo: float, seed: int) -> sound.Samples:
        if not speaker:
            from hibari import Hibari  # type: ignore[import-untyped]  # ships no types; its result is converted

            speaker.append(Hibari())
        return np.asarray(speaker[0](text, speed=min(2.0, max(0.5, tempo)), seed=seed), np.float32)

    return speak


def _say(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)


def _die_with_parent() -> None:
    """A worker that is killed takes its drawing hands with it."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def main(arguments: Sequence[str]) -> None:
    """One command, one job."""
    _die_with_parent()
    studio = Studio(from_json(Job, json.load(sys.stdin)))
    match arguments[0]:
        case "draw":
            studio.draw()
        case "repaint":
            studio.repaint()
        case "film":
            studio.film(sys.stdout.buffer)
        case "still":
            studio.still()
        case "speak":
            studio.speak()
        case other:
            sys.exit(f"no command {other!r}")


__all__ = ["Job", "Preview", "command", "main"]

if __name__ == "__main__":
    main(sys.argv[1:])

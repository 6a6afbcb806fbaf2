"""One panel: place, things, people and weather composed into two plates, background and figures.

Not the film: plates are larger than the frame, so that the camera has room to move over them.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from services.brains.model import Brain, Size
from services.generation.providers.animatic import camera
from services.generation.providers.animatic.boards import VARIATIONS, Variation, framed, toned
from services.generation.providers.animatic.canvas import Canvas, mix
from services.generation.providers.animatic.figures import Person, rim, shoulder
from services.generation.providers.animatic.heads import HEAD_SHARE, Light, Look, look
from services.generation.providers.animatic.interior import Indoors
from services.generation.providers.animatic.places import Outdoors
from services.generation.providers.animatic.props import Props
from services.generation.providers.animatic.subject import Place, Subject, Time
from services.generation.providers.animatic.tones import Tones, tones
from services.generation.providers.animatic.weather import grain, vignette, weather
from services.generation.providers.interface import PlannedShot

MARGIN = 1.28
"""Plates are this much wider and taller than the visible frame."""


@dataclass(frozen=True, slots=True)
class Plates:
    """Two pictures of one size: RGB, and RGBA with straight alpha."""

    background: Image.Image
    figures: Image.Image


@dataclass(frozen=True, slots=True)
class Scene:
    """What stays the same through all shots of a scene. `seed` places things, so they stay where they are; `varied`:
    how this set of frames differs from the others."""

    subject: Subject
    brain: Brain
    seed: int
    light_side: int
    varied: Variation = VARIATIONS[0]


def draw(scene: Scene, shot: PlannedShot, speaker: str | None, width: int) -> Plates:
    """The same arguments give the same pixels. `width` of the visible frame, in pixels."""
    aspect = scene.brain.aspect
    unit = width / aspect
    size = (round(width * MARGIN), round(unit * MARGIN))
    frame = framed(camera.framing(shot, aspect), scene.varied)
    shades = toned(tones(scene.brain, scene.subject), scene.varied)
    back = Canvas(*size, unit)
    Painter = Indoors if scene.subject.interior else Outdoors
    Painter(back, scene.subject, shades, frame, np.random.default_rng([scene.seed, 1]), scene.light_side).paint()
    Props(back, scene.subject, shades, frame, np.random.default_rng([scene.seed, 2]), scene.light_side).paint()
    weather(back, scene.subject, shades, np.random.default_rng([shot.seed, 3]))
    back.soften(frame.blur)
    front = Canvas(*size, unit)
    _people(front, back, scene, shot, speaker, shades, frame)
    dusk = scene.subject.time is not Time.DAY
    for canvas in (back, front):
        vignette(canvas, aspect, 0.55 if dusk or scene.subject.interior else 0.4)
    grain(back, np.random.default_rng([shot.seed, 5]), 0.014)
    grain(front, np.random.default_rng([shot.seed, 6]), 0.010)
    return Plates(_image(back, frame.roll_deg), _image(front, frame.roll_deg))


def _people(
    front: Canvas,
    back: Canvas,
    scene: Scene,
    shot: PlannedShot,
    speaker: str | None,
    shades: Tones,
    frame: camera.Framing,
) -> None:
    """The cast, placed by the size of the shot; nobody where nobody is named and the frame is wide."""
    if not shot.cast or (scene.subject.place is Place.SPACE and shot.size is Size.ELS):
        return
    light = lighting(scene)
    rng = np.random.default_rng([shot.seed, 7])
    close = shot.size in (Size.MS, Size.MCU, Size.CU, Size.ECU)
    if close:
        _close(front, shot, speaker, shades, frame, light)
    else:
        _wide(front, back, scene, shot, speaker, shades, frame, light, rng)
    backlit = scene.subject.time is not Time.DAY or scene.subject.interior
    rim_colour = mix(shades.key, shades.practical, 0.5 if backlit else 0.2)
    width = min(0.012, 0.006 * frame.person**0.5)
    rim(front, light, rim_colour, width, 0.75 if backlit else 0.45)


def lighting(scene: Scene) -> Light:
    """From the brain's key ratio and the hour."""
    ratio = scene.brain.light.key_ratio
    shade = min(0.78, 0.24 + 1.05 / ratio)
    level = {Time.NIGHT: 0.62, Time.DUSK: 0.72, Time.DAWN: 0.85}.get(scene.subject.time, 1.0)
    if scene.subject.interior:
        level = max(0.72, level)
    return Light(scene.light_side, shade, level)


def _close(
    front: Canvas, shot: PlannedShot, speaker: str | None, shades: Tones, frame: camera.Framing, light: Light
) -> None:
    cast = list(shot.cast)
    lead = next((name for name in (speaker, shot.subject) if name in cast), cast[0])
    order = cast.index(lead)
    facing = 1 if order % 2 == 0 else -1
    half = frame.half_width
    if shot.size is Size.MS and len(cast) > 1:
        for index, name in enumerate(cast[:3]):
            side = (-1, 1, 0)[index]
            x = side * half * 0.42
            who = look(name)
            Person(front, shades, light, who, -side or 1, name == speaker).bust(
                (x, frame.eyes + 0.02 * index), frame.person
            )
        return
    offset = {Size.MS: 0.22, Size.MCU: 0.24, Size.CU: 0.18, Size.ECU: 0.10}[shot.size] * half
    who = look(lead)
    Person(front, shades, light, who, facing, lead == speaker).bust((-facing * offset, frame.eyes), frame.person)
    if len(cast) > 1 and shot.size is Size.MCU:
        other = look(cast[(order + 1) % len(cast)])
        shoulder(front, shades, other, (facing * half * 0.80, 0.16), HEAD_SHARE * frame.person * 1.5, facing)


def _wide(
    front: Canvas,
    back: Canvas,
    scene: Scene,
    shot: PlannedShot,
    speaker: str | None,
    shades: Tones,
    frame: camera.Framing,
    light: Light,
    rng: np.random.Generator,
) -> None:
    cast = shot.cast[:4]
    gap = 0.36 * frame.person if shot.size is not Size.ELS else 0.6 * frame.person
    start = -scene.light_side * frame.half_width * (0.12 if shot.size is Size.ELS else 0.10)
    for index, name in enumerate(cast):
        who: Look = look(name)
        x = start + (index - (len(cast) - 1) / 2) * gap + float(rng.uniform(-0.03, 0.03)) * frame.person
        facing = 1 if index % 2 == 0 else -1
        if len(cast) == 1:
            facing = scene.light_side
        stride = 0.9 if len(cast) == 1 and shot.size in (Size.ELS, Size.LS) else 0.15
        feet = (x, frame.feet + 0.012 * index)
        _ground_shadow(back, scene, feet, frame, shades)
        Person(front, shades, light, who, facing, name == speaker).stand(
            feet, frame.person, frame.squash, frame.taper, stride
        )


def _ground_shadow(back: Canvas, scene: Scene, feet: tuple[float, float], frame: camera.Framing, shades: Tones) -> None:
    """What ties a figure to the ground: a contact, and a cast shadow away from the light."""
    tall, side = frame.person, -scene.light_side
    flat = 0.10 if frame.squash == 1.0 else 0.32
    shadow = back.mask().polygon(
        [
            (feet[0] - 0.07 * tall, feet[1]),
            (feet[0] + 0.07 * tall, feet[1]),
            (feet[0] + side * 0.55 * tall + 0.05 * tall, feet[1] + flat * tall),
            (feet[0] + side * 0.55 * tall - 0.05 * tall, feet[1] + flat * tall),
        ]
    )
    back.paint(shadow.blurred(0.02 * tall), shades.ramp[0], 0.42)
    back.paint(
        back.mask().disc((feet[0], feet[1]), 0.13 * tall, 0.02 * tall).blurred(0.012 * tall), shades.ramp[0], 0.6
    )


def _image(canvas: Canvas, roll_deg: float) -> Image.Image:
    """Eight bits; opaque canvases as RGB, others as RGBA; turned for a dutch angle (the margin covers the corners)."""
    opaque = bool(canvas.alpha.min() >= 0.999)
    if opaque:
        image = Image.fromarray((np.clip(canvas.rgb, 0, 1) * 255 + 0.5).astype(np.uint8))
    else:
        alpha = np.clip(canvas.alpha, 0, 1)[:, :, None]
        straight = np.divide(canvas.rgb, np.maximum(alpha, 1e-4))
        whole = np.concatenate([np.clip(straight, 0, 1), alpha], 2)
        image = Image.fromarray((whole * 255 + 0.5).astype(np.uint8))
    if not roll_deg:
        return image
    grown = image.resize((round(image.width * 1.16), round(image.height * 1.16)), Image.Resampling.BICUBIC)
    turned = grown.rotate(roll_deg, Image.Resampling.BICUBIC)
    left, top = (turned.width - image.width) // 2, (turned.height - image.height) // 2
    return turned.crop((left, top, left + image.width, top + image.height))

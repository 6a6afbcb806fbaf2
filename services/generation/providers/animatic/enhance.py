"""From a scene to a shot plan: sizes, angles, lenses and moves by the brain's mix, length by the dialogue; pure.

Not a language model: the same scene always gives the same plan, and what the storyboard says is never overruled.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from services.brains.model import Angle, Brain, Move, Size
from services.generation.errors import SceneTooLong
from services.generation.length import SPEECH_LEAD_S, speech_s
from services.generation.providers.animatic.subject import INTERIORS, PLACES, Subject, read
from services.generation.providers.interface import Plan, PlannedShot
from services.generation.request import SCENE_FRAMES_MAX, SHOT_FRAMES_MIN, SceneRequest, ShotRequest, digest, to_json

SHOTS_DEFAULT = 3
SHOT_FRAMES_DEFAULT = 48
DERIVED_SHOTS_MAX = 8
CAST_MAX = 4

_CLOSE = frozenset({Size.ECU, Size.CU, Size.MCU, Size.MS})
_NAME = re.compile(r"\b(?:[A-Z][A-Z]{2,}|[A-Z][a-z]{2,})\b")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|\n)\W*(\w+)")
_PLACE_WORDS = frozenset(word for spelled in PLACES.values() for word in spelled.split())

Choice = TypeVar("Choice", bound=str)


def plan(request: SceneRequest, brain: Brain) -> Plan:
    """Raises `SceneTooLong` when the dialogue needs more than one generation makes."""
    content = digest(to_json(request) | {"picture": None})
    rng = np.random.default_rng(int(content[:16], 16))
    subject = read(request.slug, request.prompt)
    cast = cast_of(request, subject)
    asked = request.shots or _derived(request, brain, rng)
    split = _lines_by_shot(len(asked), len(request.lines), derived=not request.shots)
    shots = [
        _decide(shot, index, len(asked), request, brain, cast, split[index], rng) for index, shot in enumerate(asked)
    ]
    frames = sum(shot.frames for shot in shots)
    if frames > SCENE_FRAMES_MAX:
        rate = request.picture.rate[0] / request.picture.rate[1]
        raise SceneTooLong(frames / rate, SCENE_FRAMES_MAX / rate)
    return Plan(_prompt(request, subject, brain, shots), f"{request.provider}/{request.provider_version}", tuple(shots))


def cast_of(request: SceneRequest, subject: Subject) -> tuple[str, ...]:
    """Who is in the scene: speakers first, then names in the prompt, then whoever its words imply."""
    found: dict[str, str] = {}
    for line in request.lines:
        found.setdefault(line.character.strip().lower(), line.character.strip())
    starts = set(_SENTENCE_START.findall(request.prompt))
    for name in _NAME.findall(request.prompt):
        ordinary = name in starts and not name.isupper()
        if not ordinary and name.lower() not in _PLACE_WORDS and name not in ("INT", "EXT"):
            found.setdefault(name.lower(), name)
    if not found and "pair" in subject.props:
        return "one", "another"
    if not found and "person" in subject.props:
        return ("someone",)
    return tuple(name for name in found.values() if name)[:CAST_MAX]


def _derived(request: SceneRequest, brain: Brain, rng: np.random.Generator) -> tuple[ShotRequest, ...]:
    """Shots for a scene that names none: an opening, then closer; lengths spread about their mean."""
    rate = request.picture.rate[0] / request.picture.rate[1]
    total = request.frames or SHOTS_DEFAULT * SHOT_FRAMES_DEFAULT
    by_pace = round(total / rate / brain.pacing.average_shot_s) + 1
    count = min(DERIVED_SHOTS_MAX, max(SHOTS_DEFAULT, by_pace, min(len(request.lines) + 1, 6)))
    count = max(1, min(count, total // SHOT_FRAMES_MIN))
    weights = np.exp(rng.normal(0, 0.22, count))
    spare = total - count * SHOT_FRAMES_MIN
    edges = np.round(np.cumsum(weights) / weights.sum() * spare).astype(int)
    lengths = np.diff(edges, prepend=0) + SHOT_FRAMES_MIN
    return tuple(ShotRequest(id=f"derived-{index}", frames=int(length)) for index, length in enumerate(lengths))


def _lines_by_shot(shots: int, lines: int, derived: bool) -> list[tuple[int, ...]]:
    """Lines in order, spread evenly; a derived opening shot stays silent where there is room."""
    first = 1 if derived and shots > 1 else 0
    split: list[list[int]] = [[] for _ in range(shots)]
    for line in range(lines):
        split[first + line * (shots - first) // lines].append(line)
    return [tuple(part) for part in split]


def _decide(
    shot: ShotRequest,
    index: int,
    count: int,
    request: SceneRequest,
    brain: Brain,
    cast: tuple[str, ...],
    lines: tuple[int, ...],
    rng: np.random.Generator,
) -> PlannedShot:
    size = shot.size or _size(index, cast, lines, brain, rng)
    angle = shot.angle or (Angle.EYE if size is Size.ECU else _pick(brain.angles, rng))
    move = shot.move or _pick(brain.moves, rng)
    lens = shot.lens_mm or _lens(size, brain)
    rate = request.picture.rate[0] / request.picture.rate[1]
    spoken = sum(speech_s(request.lines[line].text) for line in lines)
    needed = round((spoken + SPEECH_LEAD_S) * rate) if lines else 0
    frames = max(SHOT_FRAMES_MIN, needed, shot.frames or SHOT_FRAMES_DEFAULT)
    return PlannedShot(
        size=size,
        angle=angle,
        move=move,
        lens_mm=lens,
        frames=frames,
        description=shot.description or _describe(size, angle, move, lens),
        cast=_present(size, cast, [request.lines[line].character for line in lines], index),
        lines=lines,
        seed=int(rng.integers(2**31)),
    )


def _size(index: int, cast: tuple[str, ...], lines: tuple[int, ...], brain: Brain, rng: np.random.Generator) -> Size:
    if index == 0:
        wide = {size: brain.sizes[size] for size in (Size.ELS, Size.LS, Size.MLS)}
        return _pick(wide, rng)
    if not cast:
        return _pick({Size.ELS: 0.5, Size.LS: 0.5}, rng)
    if lines:
        close = {size: brain.sizes[size] for size in (Size.MS, Size.MCU, Size.CU)}
        return _pick(close, rng)
    return _pick({size: share for size, share in brain.sizes.items() if size is not Size.ECU}, rng)


def _present(size: Size, cast: tuple[str, ...], speakers: Sequence[str], index: int) -> tuple[str, ...]:
    """Wide shots hold everyone; close ones whoever speaks, with a partner for the shoulder in front."""
    if size not in _CLOSE:
        return cast
    if not cast:
        return ("someone",)
    spoken = [name for name in cast if name.lower() in {speaker.strip().lower() for speaker in speakers}]
    lead = spoken[0] if spoken else cast[index % len(cast)]
    partner = next((name for name in cast if name != lead), None)
    order = (lead, partner) if cast.index(lead) == 0 or partner is None else (partner, lead)
    return tuple(name for name in order if name)


def _lens(size: Size, brain: Brain) -> int:
    """Wide sizes on the short end, close ones on the long end of the brain's set."""
    lens = brain.lens
    share = {Size.ELS: -1.0, Size.LS: -0.5, Size.MLS: 0.0, Size.MS: 0.1, Size.MCU: 0.5, Size.CU: 0.8, Size.ECU: 1.0}[
        size
    ]
    end = lens.max_mm if share > 0 else lens.min_mm
    return round(lens.typical_mm + abs(share) * (end - lens.typical_mm))


def _pick(shares: Mapping[Choice, float], rng: np.random.Generator) -> Choice:
    names = list(shares)
    weights = np.array([shares[name] for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def _describe(size: Size, angle: Angle, move: Move, lens: int) -> str:
    return f"{size.value}, {angle.value} angle, {lens} mm, {move.value}"


def _prompt(request: SceneRequest, subject: Subject, brain: Brain, shots: Sequence[PlannedShot]) -> str:
    """The scene in one paragraph, as a model of pictures would want it."""
    place = request.slug.place or subject.place.value
    where = f"{'interior' if subject.place in INTERIORS else 'exterior'}, {place.lower()}, {subject.time.value}"
    told = request.prompt.strip().rstrip(".") or f"A quiet moment, {where}"
    seen = ", ".join(sorted(subject.props - {"person", "pair"}))
    parts = [
        f"{told}.",
        f"Setting: {where}.",
        f"Seen: {seen}." if seen else "",
        f"Look: {', '.join(brain.prompt_words)}.",
    ]
    coverage = "; ".join(_describe(shot.size, shot.angle, shot.move, shot.lens_mm) for shot in shots)
    return " ".join(
        part for part in (*parts, f"Coverage: {coverage}.", f"Avoid: {', '.join(brain.avoid_words)}.") if part
    )

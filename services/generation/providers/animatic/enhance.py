"""From a scene to what this provider draws: the shot plan by rules, with whoever its words imply; pure.

Not a language model: the same scene always gives the same plan, and what the storyboard says is never overruled.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from services.brains.blend import at_strength
from services.brains.model import Brain, Setup, Size
from services.generation.errors import SceneTooLong
from services.generation.plans.expand import MODEL, expand, needed_frames
from services.generation.plans.model import PlanShot, ShotPlan, Surroundings
from services.generation.providers.animatic.subject import INTERIORS, PLACES, Subject, read
from services.generation.providers.interface import Plan, PlannedShot
from services.generation.request import SCENE_FRAMES_MAX, SHOT_FRAMES_MIN, SceneRequest
from services.generation.seeds import seeds_of

CAST_MAX = 4

_CLOSE = frozenset({Size.ECU, Size.CU, Size.MCU, Size.MS})
_NAME = re.compile(r"\b(?:[A-Z][A-Z]{2,}|[A-Z][a-z]{2,})\b")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|\n)\W*(\w+)")
_PLACE_WORDS = frozenset(word for spelled in PLACES.values() for word in spelled.split())


def plan(request: SceneRequest, brain: Brain) -> Plan:
    """`brain`: of the request, at its full strength. Raises `SceneTooLong`."""
    return drawn(request, _planned(request, brain))


def planned(request: SceneRequest) -> ShotPlan:
    """By rules. Raises `SceneTooLong`, `UnknownBrain`."""
    return _planned(request, request.brain.look)


def _planned(request: SceneRequest, brain: Brain) -> ShotPlan:
    return expand(request, at_strength(brain, request.brain.strength), around(request))


def around(request: SceneRequest) -> Surroundings:
    """As the story has it; of a request without one, whoever its words imply."""
    return request.around or Surroundings(people=cast_of(request, read(request.slug, request.prompt)))


def drawn(request: SceneRequest, planned: ShotPlan) -> Plan:
    """The plan's shots as they are drawn. Raises `SceneTooLong`."""
    subject, cast = read(request.slug, request.prompt), around(request).people[:CAST_MAX]
    seeds = random.Random(seeds_of(request).shots)
    shots = tuple(_drawn(shot, request, cast, seeds.getrandbits(31)) for shot in planned.shots)
    frames, rate = sum(shot.frames for shot in shots), request.picture.rate[0] / request.picture.rate[1]
    if frames > SCENE_FRAMES_MAX:
        raise SceneTooLong(frames / rate, SCENE_FRAMES_MAX / rate)
    model = f"{request.provider}/{request.provider_version}" if planned.model == MODEL else planned.model
    return Plan(_prompt(request, subject, request.brain.look, shots), model, shots)


def reseeded(plan: Plan, request: SceneRequest) -> Plan:
    """With the seeds of this request."""
    seeds = random.Random(seeds_of(request).shots)
    return replace(plan, shots=tuple(replace(shot, seed=seeds.getrandbits(31)) for shot in plan.shots))


def _drawn(shot: PlanShot, request: SceneRequest, cast: tuple[str, ...], seed: int) -> PlannedShot:
    """At least as long as its words take, whatever the storyboard says: the voice is made in full."""
    return PlannedShot(
        size=shot.size,
        angle=shot.angle,
        move=shot.move,
        lens_mm=shot.lens_mm,
        frames=max(SHOT_FRAMES_MIN, needed_frames(request, shot.lines), shot.frames),
        description=shot.description,
        cast=_present(shot, cast),
        lines=shot.lines,
        seed=seed,
        subject=shot.subject,
    )


def cast_of(request: SceneRequest, subject: Subject) -> tuple[str, ...]:
    """Who is in the scene: speakers first, then names in the prompt, then whoever its words imply."""
    found: dict[str, str] = {}
    for line in request.lines:
        found.setdefault(line.character.strip().lower(), line.character.strip())
    for name in names_in(request.prompt):
        found.setdefault(name.lower(), name)
    if not found and "pair" in subject.props:
        return "one", "another"
    if not found and "person" in subject.props:
        return ("someone",)
    return tuple(name for name in found.values() if name)[:CAST_MAX]


def names_in(prompt: str) -> list[str]:
    """Of people, as far as capitals tell."""
    starts = set(_SENTENCE_START.findall(prompt))
    return [
        name
        for name in _NAME.findall(prompt)
        if (name not in starts or name.isupper()) and name.lower() not in _PLACE_WORDS and name not in ("INT", "EXT")
    ]


def _present(shot: PlanShot, cast: tuple[str, ...]) -> tuple[str, ...]:
    """From left to right. Wide shots hold everyone; close ones whoever they are of, with a partner for the shoulder in
    front; inserts nobody, and what somebody sees everyone else."""
    if shot.setup is Setup.INSERT:
        return ()
    if shot.setup is Setup.POV:
        return cast[1:]
    if shot.size not in _CLOSE:
        return cast
    if not cast:
        return ("someone",)
    lead = shot.subject if shot.subject in cast else cast[0]
    partner = next((name for name in cast if name != lead), None)
    order = (lead, partner) if cast.index(lead) == 0 or partner is None else (partner, lead)
    return tuple(name for name in order if name)


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
    coverage = "; ".join(
        f"{shot.size.value}, {shot.angle.value} angle, {shot.lens_mm} mm, {shot.move.value}" for shot in shots
    )
    return " ".join(
        part for part in (*parts, f"Coverage: {coverage}.", f"Avoid: {', '.join(brain.avoid_words)}.") if part
    )

"""From a scene to its shot plan, by rules: the same scene with the same surroundings always gives the same plan; pure.

Sizes go from wide to close by the brain's own mix, lenses and moves are the brain's, lengths follow pacing and speech,
and the camera stays on one side of its line. What the storyboard says is kept, field by field.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from services.brains.model import Angle, Brain, Move, Setup, Size
from services.generation.errors import SceneTooLong
from services.generation.length import SPEECH_LEAD_S, speech_s
from services.generation.plans.coverage import SHOT_FRAMES_DEFAULT, SHOTS_DEFAULT, Slot, settled, slots_of, speakers_of
from services.generation.plans.model import FIELDS, Direction, Origin, PlanShot, Reason, ShotPlan, Surroundings
from services.generation.plans.rules import Said, checked, line_of, mended
from services.generation.request import SCENE_FRAMES_MAX, SHOT_FRAMES_MIN, SceneRequest, ShotRequest
from services.generation.seeds import seeds_of

MODEL = "local-coverage/1"
"""Counted up whenever the same scene would get another plan."""
WIDE_TO_CLOSE = (Size.ELS, Size.LS, Size.MLS, Size.MS, Size.MCU, Size.CU, Size.ECU)
CLIMAX = 0.8
"""Here a scene is closest; after that it lets go a little."""
SPREAD = 0.22
"""Of the logarithm of lengths that are chosen: shots are not all of one length, nor as uneven as in a whole film."""
MOVE_S_MIN = 1.5
"""A shorter shot has no time for a move."""

_SIZES: Mapping[Setup, tuple[Size, ...]] = {
    Setup.MASTER: (Size.ELS, Size.LS, Size.MLS),
    Setup.TWO_SHOT: (Size.MLS, Size.MS, Size.MCU),
    Setup.OVER_SHOULDER: (Size.MS, Size.MCU),
    Setup.SINGLE: (Size.MS, Size.MCU, Size.CU, Size.ECU),
    Setup.INSERT: (Size.CU, Size.ECU),
    Setup.POV: (Size.LS, Size.MLS, Size.MS, Size.MCU),
}
_LENGTHS: Mapping[Size, float] = {
    Size.ELS: 1.35,
    Size.LS: 1.2,
    Size.MLS: 1.1,
    Size.MS: 1.0,
    Size.MCU: 0.95,
    Size.CU: 0.85,
    Size.ECU: 0.7,
}
"""A wide picture takes longer to read."""
_STEADY = frozenset({Setup.INSERT, Setup.OVER_SHOULDER})
_STEADY_MOVES = frozenset({Move.STATIC, Move.PUSH_IN, Move.HANDHELD})
_LENS_SHARES: Mapping[Size, float] = {
    Size.ELS: -1.0,
    Size.LS: -0.5,
    Size.MLS: 0.0,
    Size.MS: 0.1,
    Size.MCU: 0.5,
    Size.CU: 0.8,
    Size.ECU: 1.0,
}

Choice = TypeVar("Choice", bound=str)


def expand(request: SceneRequest, brain: Brain, around: Surroundings) -> ShotPlan:
    """Raises `SceneTooLong` when the dialogue needs more than one generation makes."""
    around = settled(request, around)
    rng = random.Random(seeds_of(request).plan)
    slots = slots_of(request, brain, around, rng)
    named = request.shots or tuple(ShotRequest(id=f"new-{at + 1}") for at in range(len(slots)))
    line = line_of(around.people, speakers_of(request, around))
    looks = [_decided(shot, slot, brain, around, line, rng) for shot, slot in zip(named, slots, strict=True)]
    lengths = lengths_of(request, brain, around, named, looks, rng)
    shots = [_timed(look, length, request) for look, length in zip(looks, lengths, strict=True)]
    said = said_fields(request, around)
    shots = mended([_still_if_short(shot, request, said) for shot in shots], brain, said, line)
    check_length(shots, request)
    return ShotPlan(
        request.scene_id, MODEL, prompt_of(request, brain, around), tuple(shots), checked(shots, request, brain)
    )


def said_fields(request: SceneRequest, around: Surroundings) -> Said:
    """What the storyboard says: no rule and no model writes it."""
    return frozenset(
        (shot.id, name)
        for shot in request.shots
        for name in FIELDS
        if (around.directions.get(shot.id) if name == "direction" else getattr(shot, name))
    )


def check_length(shots: Sequence[PlanShot], request: SceneRequest) -> None:
    """Raises `SceneTooLong`."""
    frames, rate = sum(shot.frames for shot in shots), _rate(request)
    if frames > SCENE_FRAMES_MAX:
        raise SceneTooLong(frames / rate, SCENE_FRAMES_MAX / rate)


def prompt_of(request: SceneRequest, brain: Brain, around: Surroundings) -> str:
    """The scene's words as they are, and behind them what the brain and the beat add."""
    told = request.prompt.strip() or request.title.strip() or "A quiet moment."
    heading = ", ".join(filter(None, (request.slug.ie, request.slug.place, request.slug.time)))
    parts = [
        told if told.endswith((".", "!", "?")) else f"{told}.",
        f"Setting: {heading.lower()}." if heading else "",
        f"Beat: {around.beat.name}. {around.beat.purpose}" if around.beat is not None else "",
        f"Look: {', '.join(brain.prompt_words)}." if brain.prompt_words else "",
        f"Avoid: {', '.join(brain.avoid_words)}." if brain.avoid_words else "",
    ]
    return " ".join(part for part in parts if part)


# One shot -----------------------------------------------------------------------------------------


def _decided(
    shot: ShotRequest,
    slot: Slot,
    brain: Brain,
    around: Surroundings,
    line: Mapping[str, Direction],
    rng: random.Random,
) -> PlanShot:
    size = shot.size or _size(slot, brain, around)
    angle = shot.angle or _angle(slot, size, brain, rng)
    move = shot.move or _move(slot, brain, rng)
    lens = shot.lens_mm or lens_of(size, brain)
    direction, why = _direction(slot, line)
    reasons = {
        "size": Reason(Origin.COVERAGE, _why_size(slot, around)),
        "angle": Reason(Origin.BRAIN, f"{brain.name} shoots {angle} in {_percent(brain.angles.get(angle, 0))}."),
        "move": Reason(Origin.BRAIN, f"{brain.name} moves like this in {_percent(brain.moves.get(move, 0))}."),
        "lens_mm": Reason(Origin.BRAIN, f"{brain.name} takes {lens} mm for a {size}."),
        "direction": Reason(Origin.RULE, why),
    }
    said = {name for name in ("size", "angle", "move", "lens_mm") if getattr(shot, name)}
    said |= {"direction"} if shot.id in around.directions else set()
    reasons |= {name: Reason(Origin.SAID, "The storyboard says so.") for name in said}
    return PlanShot(
        id=shot.id,
        setup=slot.setup,
        size=size,
        angle=angle,
        move=move,
        lens_mm=lens,
        frames=shot.frames or 0,
        direction=around.directions.get(shot.id, direction),
        people=slot.people,
        lines=slot.lines,
        description=shot.description or described(slot.setup, slot.people, size, angle, move, around),
        reasons=reasons,
    )


def _size(slot: Slot, brain: Brain, around: Surroundings) -> Size:
    """The quantile of the brain's mix that belongs to how far the scene is, among what the setup allows."""
    possible = _SIZES[slot.setup] if around.people or slot.setup is not Setup.MASTER else (Size.ELS, Size.LS)
    weights = [(size, brain.sizes.get(size, 0.0)) for size in possible if size.value not in brain.never]
    if slot.lines:  # a mouth that speaks is not cut off by the frame
        weights = [(size, share) for size, share in weights if size is not Size.ECU] or weights
    total = sum(share for _, share in weights)
    if total <= 0:
        return weights[0][0] if weights else Size.MS
    reached, wanted = 0.0, tightness(slot.progress) * total
    for size, share in weights:
        reached += share
        if wanted <= reached and share > 0:
            return size
    return weights[-1][0]


def tightness(progress: float) -> float:
    """0 at the beginning of a scene, 1 at its climax, then a little less."""
    return progress / CLIMAX if progress <= CLIMAX else 1.0 - 0.4 * (progress - CLIMAX) / (1 - CLIMAX)


def _angle(slot: Slot, size: Size, brain: Brain, rng: random.Random) -> Angle:
    """Level where a face fills the frame or two talk over a shoulder; tilted only once it gets tense."""
    if size is Size.ECU or slot.setup is Setup.OVER_SHOULDER:
        return Angle.EYE
    weights = dict(brain.angles)
    if slot.progress < 0.5:
        weights.pop(Angle.DUTCH, None)
    if slot.setup is not Setup.MASTER:
        weights.pop(Angle.BIRD, None)
    if slot.setup is Setup.INSERT:  # a thing is looked at as it lies there
        weights = {angle: share for angle, share in weights.items() if angle in (Angle.EYE, Angle.HIGH)}
    return _picked(weights, brain, rng) or Angle.EYE


def _move(slot: Slot, brain: Brain, rng: random.Random) -> Move:
    weights = dict(brain.moves)
    if slot.setup in _STEADY or (slot.lines and slot.setup is Setup.SINGLE):
        weights = {move: share for move, share in weights.items() if move in _STEADY_MOVES}
    return _picked(weights, brain, rng) or Move.STATIC


def _picked(shares: Mapping[Choice, float], brain: Brain, rng: random.Random) -> Choice | None:
    there = {name: share for name, share in shares.items() if share > 0 and str(name) not in brain.never}
    return rng.choices(list(there), list(there.values()))[0] if there else None


def lens_of(size: Size, brain: Brain) -> int:
    """Wide sizes on the short end, close ones on the long end of the brain's set."""
    lens, share = brain.lens, _LENS_SHARES[size]
    end = lens.max_mm if share > 0 else lens.min_mm
    return round(lens.typical_mm + abs(share) * (end - lens.typical_mm))


def _direction(slot: Slot, line: Mapping[str, Direction]) -> tuple[Direction | None, str]:
    """Who stands on the left looks to the right, so that two who talk look at each other across every cut."""
    subject = slot.people[0] if slot.people and slot.setup is not Setup.MASTER else ""
    if not subject:
        return None, "Nobody's eyes to follow."
    direction = line.get(subject, Direction.RIGHT)
    where = "left" if direction is Direction.RIGHT else "right"
    return direction, f"{subject} stands on the {where} of the line and looks across it."


def described(setup: Setup, people: Sequence[str], size: Size, angle: Angle, move: Move, around: Surroundings) -> str:
    """A plain sentence of what is in the frame."""
    who = " and ".join(people[:2]) + (" and others" if len(people) > 2 else "")
    things = ", ".join(around.props[:2])
    seen = {
        Setup.MASTER: who or "the place",
        Setup.SINGLE: who or "somebody",
        Setup.OVER_SHOULDER: f"{people[0]} over {people[1]}'s shoulder" if len(people) > 1 else who,
        Setup.TWO_SHOT: f"{who} together",
        Setup.INSERT: f"insert of {things}" if things else "insert of a detail",
        Setup.POV: f"what {around.people[0]} sees" if around.people else "what somebody sees",
    }[setup]
    return f"{size.value}, {seen}; {angle.value} angle, {move.value}."


def _why_size(slot: Slot, around: Surroundings) -> str:
    if slot.setup is Setup.MASTER:
        return "The master shows who is where." if around.people else "The place itself."
    how = "closer towards the climax" if slot.progress <= CLIMAX else "letting go after the climax"
    return f"{slot.setup.value.capitalize()} at {_percent(slot.progress)} of the scene: {how}."


# Lengths ------------------------------------------------------------------------------------------


def lengths_of(
    request: SceneRequest,
    brain: Brain,
    around: Surroundings,
    named: Sequence[ShotRequest],
    shots: Sequence[PlanShot],
    rng: random.Random,
) -> list[tuple[int, Reason]]:
    """Frames of each shot: what is said; of the others at least what is spoken, by pace within the scene's length."""
    rate = _rate(request)
    spoken = [needed_frames(request, shot.lines) for shot in shots]
    weights = [_LENGTHS[shot.size] * math.exp(rng.gauss(0, SPREAD)) for shot in shots]
    said = [shot.frames for shot in named]
    free = [at for at, frames in enumerate(said) if frames is None]
    total = request.frames or (None if request.shots else SHOTS_DEFAULT * SHOT_FRAMES_DEFAULT)
    room = SCENE_FRAMES_MAX if total is None else total
    left = room - sum(frames for frames in said if frames is not None)
    if total is None:
        pace = brain.pacing.average_shot_s * rate * quarter(brain, around)
        left = min(left, round(pace * sum(weights[at] for at in free)))
    least = shortest_of(request, left, len(free))
    chosen = shared(left, [max(spoken[at], least) for at in free], [weights[at] for at in free])
    lengths: list[tuple[int, Reason]] = []
    for at, frames in enumerate(said):
        if frames is not None:
            lengths.append((frames, Reason(Origin.SAID, "The storyboard says so.")))
        else:
            length = chosen[free.index(at)]
            lengths.append((length, _why_length(spoken[at], length, least, request, brain)))
    return lengths


def shortest_of(request: SceneRequest, frames: int, shots: int) -> int:
    """How long each of `shots` is at least, that have `frames` together: a scene is not made longer for it."""
    return max(SHOT_FRAMES_MIN, min(request.shot_frames_min, frames // max(1, shots)))


def shared(total: int, least: Sequence[int], weights: Sequence[float]) -> list[int]:
    """`total` by weight, none below what it needs; more than `total` only where the needs are more."""
    lengths = [max(need, SHOT_FRAMES_MIN) for need in least]
    open_ = set(range(len(lengths)))
    while open_:
        spare = total - sum(lengths[at] for at in range(len(lengths)) if at not in open_)
        scale = spare / sum(weights[at] for at in open_)
        held = {at for at in open_ if scale * weights[at] < lengths[at]}
        if not held:
            edges = [round(scale * sum(weights[at] for at in sorted(open_)[:end])) for end in range(len(open_) + 1)]
            for place, at in enumerate(sorted(open_)):
                lengths[at] = max(lengths[at], edges[place + 1] - edges[place])
            break
        open_ -= held
    return lengths


def quarter(brain: Brain, around: Surroundings) -> float:
    """How much longer or shorter shots are where the scene stands in its story."""
    return 1.0 if around.place is None else brain.pacing.quarters[min(3, int(around.place * 4))]


def needed_frames(request: SceneRequest, lines: Sequence[int]) -> int:
    """What these lines take, with a moment before them; 0 for none."""
    spoken_s = sum(speech_s(request.lines[line].text) for line in lines)
    return round((spoken_s + SPEECH_LEAD_S) * _rate(request)) if lines else 0


def _why_length(spoken: int, frames: int, least: int, request: SceneRequest, brain: Brain) -> Reason:
    if spoken and frames <= max(spoken, SHOT_FRAMES_MIN):
        return Reason(Origin.DIALOGUE, "As long as the words take.")
    if frames == least > SHOT_FRAMES_MIN:
        return Reason(Origin.RULE, f"No film model makes a shorter one than {least / _rate(request):g} s.")
    return Reason(Origin.PACING, f"By the pace of {brain.name}, {brain.pacing.average_shot_s:.1f} s a shot.")


def _timed(shot: PlanShot, length: tuple[int, Reason], request: SceneRequest) -> PlanShot:
    frames, why = length
    return replace(shot, frames=frames, reasons={**shot.reasons, "frames": why})


def _still_if_short(shot: PlanShot, request: SceneRequest, said: Said) -> PlanShot:
    if shot.move is Move.STATIC or (shot.id, "move") in said or shot.frames >= MOVE_S_MIN * _rate(request):
        return shot
    why = Reason(Origin.RULE, f"{shot.frames / _rate(request):.1f} s are too short for a move.")
    return replace(shot, move=Move.STATIC, reasons={**shot.reasons, "move": why})


def _rate(request: SceneRequest) -> float:
    return request.picture.rate[0] / request.picture.rate[1]


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"

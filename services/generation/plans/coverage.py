"""Which camera positions cover a scene: a master, then who speaks, who listens, what is looked at; pure.

How each looks is decided in `expand`; here is what each is for, who is in it and which lines it holds.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from services.brains.model import PREFERRED, Brain, Setup
from services.generation.length import speech_s
from services.generation.plans.model import Surroundings
from services.generation.request import SceneRequest, ShotRequest

SHOTS_DEFAULT = 3
SHOT_FRAMES_DEFAULT = 48
"""Of a scene that says nothing: three shots of two seconds, a draft that costs little."""
DERIVED_SHOTS_MAX = 8
DIALOGUE_SHOTS_MAX = 6
LISTENED_S = 4.0
"""Who is spoken to for so long is seen listening."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One position. `people`: the one whom it is of first. `progress`: how far in the scene, 0 to 1."""

    setup: Setup
    people: tuple[str, ...]
    lines: tuple[int, ...]
    progress: float


def slots_of(request: SceneRequest, brain: Brain, around: Surroundings, rng: random.Random) -> list[Slot]:
    """As many as the storyboard has shots; where it has none, as many as pacing and dialogue ask for."""
    if request.shots:
        return _named(request, around)
    count = shots_count(request, brain)
    opening = not around.quick and count > 1
    body = count - 1 if opening else count
    inner = _spoken(request, around, brain, body, rng) if request.lines else _silent(around, brain, body, rng)
    parts = [(Setup.MASTER, around.people, ())] if opening else []
    return _spread([*parts, *inner])


def shots_count(request: SceneRequest, brain: Brain) -> int:
    """By the brain's pace over the length of the scene, and one for each line and the master, up to six."""
    rate = request.picture.rate[0] / request.picture.rate[1]
    total = request.frames or SHOTS_DEFAULT * SHOT_FRAMES_DEFAULT
    by_pace = round(total / rate / brain.pacing.average_shot_s) + 1
    by_lines = min(len(request.lines) + 1, DIALOGUE_SHOTS_MAX)
    count = min(DERIVED_SHOTS_MAX, max(SHOTS_DEFAULT, by_pace, by_lines))
    return max(1, min(count, total // request.shot_frames_min))


Part = tuple[Setup, tuple[str, ...], tuple[int, ...]]


def _spread(parts: Sequence[Part]) -> list[Slot]:
    last = max(1, len(parts) - 1)
    return [Slot(setup, people, lines, at / last) for at, (setup, people, lines) in enumerate(parts)]


def _named(request: SceneRequest, around: Surroundings) -> list[Slot]:
    """The storyboard's own shots, each for what it says or where it stands; the lines spread evenly."""
    lines = lines_by_shot(len(request.shots), len(request.lines))
    parts: list[Part] = []
    for at, (shot, held) in enumerate(zip(request.shots, lines, strict=True)):
        speaker = speaker_of(request, held, around)
        setup = _setup_of(shot, at, around, speaker)
        parts.append((setup, _people(setup, around, speaker or _whose(at, around)), held))
    return _spread(parts)


def _setup_of(shot: ShotRequest, at: int, around: Surroundings, speaker: str) -> Setup:
    told = shot.description.casefold()
    for words, setup in (
        (("over the shoulder", "over-the-shoulder", "over her shoulder", "over his shoulder"), Setup.OVER_SHOULDER),
        (("point of view", "pov"), Setup.POV),
        (("insert", "close on the"), Setup.INSERT),
        (("two-shot", "two shot", "the two of them"), Setup.TWO_SHOT),
    ):
        if any(word in told for word in words) and (around.people or setup is Setup.INSERT):
            return setup
    wide = shot.size in ("ELS", "LS", "MLS")
    if wide or (shot.size is None and at == 0 and not around.quick) or not around.people:
        return Setup.MASTER
    return Setup.SINGLE


def _spoken(request: SceneRequest, around: Surroundings, brain: Brain, count: int, rng: random.Random) -> list[Part]:
    """A shot for each turn of the dialogue; what is left over listens, after the longest turns."""
    turns = _turns(request, count)
    spoken = {at: sum(speech_s(request.lines[line].text) for line in turn) for at, turn in enumerate(turns)}
    longest = sorted(spoken, key=lambda at: (-spoken[at], at))[: max(0, count - len(turns))]
    parts: list[Part] = []
    for at, turn in enumerate(turns):
        speaker = speaker_of(request, turn, around)
        setup = _talking(around, brain, speaker, rng) if speaker else _inset(around, "")
        parts.append((setup, _people(setup, around, speaker or _whose(at, around)), turn))
        if at in longest:
            listener = next((name for name in around.people if name.casefold() != speaker.casefold()), "")
            heard = Setup.SINGLE if listener and spoken[at] >= LISTENED_S else _inset(around, listener)
            parts.append((heard, _people(heard, around, listener), ()))
    parts += _silent(around, brain, count - len(parts), rng)
    return parts


def _turns(request: SceneRequest, count: int) -> list[tuple[int, ...]]:
    """Lines in order, those of one speaker together; joined where there are more turns than shots."""
    turns = [
        tuple(line for line, _ in group)
        for _, group in groupby(enumerate(request.lines), key=lambda pair: pair[1].character.strip().casefold())
    ]
    if len(turns) <= count:
        return turns
    joined: list[tuple[int, ...]] = [()] * count
    for at, turn in enumerate(turns):
        joined[at * count // len(turns)] += turn
    return joined


def _talking(around: Surroundings, brain: Brain, speaker: str, rng: random.Random) -> Setup:
    """Alone, over the other's shoulder, or the two together, as the brain prefers."""
    if not any(name.casefold() != speaker.casefold() for name in around.people):
        return Setup.SINGLE
    weights = {setup: brain.setups.get(setup, 0.0) for setup in (Setup.SINGLE, Setup.OVER_SHOULDER, Setup.TWO_SHOT)}
    return picked(weights, rng) or Setup.SINGLE


def _inset(around: Surroundings, listener: str) -> Setup:
    return Setup.INSERT if around.props else Setup.SINGLE if listener or around.people else Setup.MASTER


def _silent(around: Surroundings, brain: Brain, count: int, rng: random.Random) -> list[Part]:
    """Nobody speaks: by the brain's mix of what is possible with who and what is there."""
    possible = {Setup.SINGLE: around.people[:1], Setup.POV: around.people[:1], Setup.INSERT: around.props}
    possible |= {Setup.TWO_SHOT: around.people[1:2], Setup.OVER_SHOULDER: around.people[1:2]}
    parts: list[Part] = []
    for at in range(count):
        weights = {setup: brain.setups.get(setup, 0.0) for setup in PREFERRED if possible[setup]}
        if parts and parts[-1][0] in (Setup.INSERT, Setup.POV):  # after a look at something, whoever looks
            weights = {setup: share for setup, share in weights.items() if setup is not parts[-1][0]} or weights
        setup = picked(weights, rng) or Setup.MASTER
        parts.append((setup, _people(setup, around, _whose(at, around)), ()))
    return parts


def _people(setup: Setup, around: Surroundings, subject: str) -> tuple[str, ...]:
    """Who is in the frame. A speaker whom nobody has placed is there all the same."""
    if setup in (Setup.INSERT, Setup.POV):
        return ()
    known = next((name for name in around.people if name.casefold() == subject.casefold()), subject)
    others = tuple(name for name in around.people if name != known)
    if setup is Setup.MASTER:
        return around.people if not known or known in around.people else (*around.people, known)
    if setup in (Setup.TWO_SHOT, Setup.OVER_SHOULDER):
        return (known, *others[:1]) if known else others[:2]
    return (known,) if known else others[:1]


def _whose(at: int, around: Surroundings) -> str:
    """Silent shots go round."""
    return around.people[at % len(around.people)] if around.people else ""


def speaker_of(request: SceneRequest, lines: Sequence[int], around: Surroundings) -> str:
    """Whose shot it is when it holds these lines; empty for none, and for one who is only heard."""
    called = request.lines[lines[0]].character.strip() if lines else ""
    return around.speakers.get(called.casefold(), called)


def speakers_of(request: SceneRequest, around: Surroundings) -> list[str]:
    """Who of the people speaks and is seen, each once, in the order of speech."""
    called = (speaker_of(request, (line,), around) for line in range(len(request.lines)))
    folded = {name.casefold(): name for name in around.people}
    return list(dict.fromkeys(folded.get(name.casefold(), name) for name in called if name))


def settled(request: SceneRequest, around: Surroundings) -> Surroundings:
    """With all who speak and are seen among the people, behind those who are placed already."""
    people = {name.casefold(): name for name in (*around.people, *speakers_of(request, around))}
    return replace(around, people=tuple(people.values()))


def lines_by_shot(shots: int, lines: int) -> list[tuple[int, ...]]:
    """In order, spread evenly."""
    split: list[list[int]] = [[] for _ in range(shots)]
    for line in range(lines):
        split[line * shots // lines].append(line)
    return [tuple(part) for part in split]


def picked(shares: dict[Setup, float], rng: random.Random) -> Setup | None:
    """By weight; None where nothing has any."""
    there = [(setup, share) for setup, share in shares.items() if share > 0]
    if not there:
        return None
    return rng.choices([setup for setup, _ in there], [share for _, share in there])[0]

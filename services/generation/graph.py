"""The steps of a generation: which there are, what each of them reads, how much of the whole each is; pure.

A plain one has one step for each stage. One in which a person chooses, or whose shots are made one by one, is not known
whole until there is a plan: its `breakdown` adds the rest.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from services.generation.branch import Branch, Kept
from services.generation.quality import limits
from services.generation.request import to_json
from services.generation.routing.model import Purpose
from services.runs.model import StepSpec

BOARDS_MAX = 4
"""Sets of frames to choose from. Error: the door's, `request.invalid`."""


class Stage(StrEnum):
    """What is being made, in order: what people read of a run."""

    ENHANCE = "enhance"
    FRAMES = "frames"
    CLIP = "clip"
    VOICE = "voice"
    FINISH = "finish"


NEEDS: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.ENHANCE: (),
    Stage.FRAMES: (Stage.ENHANCE,),
    Stage.CLIP: (Stage.ENHANCE, Stage.FRAMES),
    Stage.VOICE: (Stage.ENHANCE,),
    Stage.FINISH: (Stage.ENHANCE, Stage.CLIP, Stage.VOICE),
}
"""Which outputs a stage reads. (The first stands behind `screen`, so all do.)"""

SHARES: Mapping[Stage, int] = {Stage.ENHANCE: 2, Stage.FRAMES: 30, Stage.CLIP: 48, Stage.VOICE: 8, Stage.FINISH: 12}
"""Of 100 %: about how long each takes."""

SCREEN = "screen"
"""What is asked for is judged: every other step stands behind it. Its output is the same for all that pass."""
EXPAND = "expand"
"""The shot plan of a final, which a language model looks over where there is one."""
AGREE = "agree"
"""A person says whether the plan is the model's or the rules'; nobody is asked where they are the same."""
AGREED = "agreed"
"""Kind of the plan that was agreed upon: a final's `enhance`."""
REUSE = "reuse"
"""A take that shows the same is looked for, and offered if there is one."""
ANEW = "anew"
"""Answer of a person who wants no take that is there."""
PROCEED = "proceed"
"""Behind an offer that was waited for: it adds all that a run without one has from the beginning."""
BREAKDOWN = "breakdown"
"""The plan is there: it adds the steps that make it."""
SHOT = "shot"
"""One shot of a final, made by whom the router says: `shot.1` is the first."""
JUDGE = "judge"
"""One shot of a final, measured: `judge.1` is of `shot.1`."""
MEASURE = "measure"
"""The finished take of a final, measured whole."""
LINE = "line"
"""One line of a final's dialogue, spoken by somebody else: `line.1` is the first."""
PARTS = "parts"
"""What players and pages need beside the take."""
CONFORM = "conform"
"""Kind of the clip of a final: its shots, cut together. (A draft's clip is filmed as a whole.)"""
VIEW = "view"
"""The frames are judged before people choose between them, or anybody is paid to film them."""
CHOOSE = "choose"
"""A person says which frames are filmed."""
KEPT = "kept"
"""Kind of a step whose output is there: a run that goes on from another has some."""
REPAINT = "repaint"
"""Kind of the frames of which a part is drawn anew."""
PUBLISH = "publish"
"""The step behind the last stage: the take is told to everybody."""

_STAGES: Mapping[str, Stage] = {
    SCREEN: Stage.ENHANCE,
    EXPAND: Stage.ENHANCE,
    AGREE: Stage.ENHANCE,
    REUSE: Stage.ENHANCE,
    PROCEED: Stage.ENHANCE,
    BREAKDOWN: Stage.ENHANCE,
    VIEW: Stage.FRAMES,
    CHOOSE: Stage.FRAMES,
    SHOT: Stage.CLIP,
    JUDGE: Stage.CLIP,
    MEASURE: Stage.FINISH,
    LINE: Stage.VOICE,
    PARTS: Stage.FINISH,
    PUBLISH: Stage.FINISH,
}
"""Of the steps that are not called by their stage."""
BOUGHT = frozenset({EXPAND, SHOT, LINE})
"""Steps that somebody else may be paid for."""
BESIDE = frozenset({SCREEN, REUSE, PROCEED, BREAKDOWN, VIEW, PUBLISH})
"""Steps that make nothing of the take."""
_WITHOUT_WEIGHT = BESIDE | {AGREE, CHOOSE, JUDGE, MEASURE}
"""First words of steps that take no share of the whole."""


class Planner(StrEnum):
    """Who plans the shots of a final: a language model over the rules, where there is one, or the rules alone."""

    MODEL = "model"
    RULES = "rules"


class Offering(StrEnum):
    """What happens where a take is there that shows the same."""

    SHOW = "show"
    """It is offered while the run goes on."""
    WAIT = "wait"
    """It is offered, and nothing is made before somebody has answered."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wish:
    """How a scene is generated, beside what it is. `boards`: sets of frames to choose from, 1 for no choice.

    A draft is filmed on our own machines, free; each shot of a final goes to whom the router picks. `models`: the only
    ones that may make it (`provider` or `provider/model`; empty: all that the project allows).
    `spend_max_microcredits`: of the whole run. `voices`: who speaks with which, by character. `planner`: of a final.
    `branch`: what it goes on from, where it does: such a run is offered nothing.
    """

    boards: int = 1
    purpose: Purpose = Purpose.DRAFT
    models: tuple[str, ...] = ()
    spend_max_microcredits: int | None = None
    voices: Annotated[Mapping[str, str], Field(exclude_if=lambda voices: not voices)] = field(default_factory=dict)
    planner: Annotated[Planner, Field(exclude_if=lambda planner: planner == Planner.MODEL)] = Planner.MODEL
    branch: Annotated[Branch | None, Field(exclude_if=lambda branch: branch is None)] = None
    offers: Annotated[Offering, Field(exclude_if=lambda offers: offers is Offering.SHOW)] = Offering.SHOW

    @property
    def kept(self) -> Kept | None:
        """What is not made anew."""
        return None if self.branch is None else self.branch.kept

    @property
    def is_plain(self) -> bool:
        """One step for each stage, all of them known at once."""
        return self.kept is None and replace(self, branch=None, offers=Offering.SHOW) == Wish()

    @property
    def offering(self) -> Offering:
        """What goes on from another run is to be other than what is there."""
        return self.offers if self.branch is None else Offering.NONE


def stage_of(name: str) -> Stage:
    """Of a step: `frames.2` belongs to the frames."""
    word = name.partition(".")[0]
    return _STAGES.get(word) or Stage(word)


def percent(finished: Collection[str], names: Collection[str], name: str, share: float) -> int:
    """0..99 over the whole run; 100 is said only by a finished take.

    `finished`, `names`: of the steps that are done, and of all. `share`: of the step `name` that is done.
    """
    before = sum(_weight(done, names) for done in finished if done != name)
    return min(99, int(before + _weight(name, names) * min(1.0, max(0.0, share)) + 1e-9))


def _weight(name: str, names: Collection[str]) -> float:
    if not weighs(name):
        return 0.0
    stage = stage_of(name)
    return SHARES[stage] / sum(1 for other in names if weighs(other) and stage_of(other) is stage)


def measures(name: str) -> bool:
    """Whether a step tells how good something is."""
    return name.partition(".")[0] in (JUDGE, MEASURE)


def weighs(name: str) -> bool:
    """Whether a step is a share of the whole, or one beside."""
    return name.partition(".")[0] not in _WITHOUT_WEIGHT


def graph_of(request: Mapping[str, Any], run: str, wish: Wish | None = None) -> tuple[StepSpec, ...]:
    """The steps of a run at its beginning. `request`: as JSON; `run`: as text."""
    wish = wish or Wish()
    params = {"request": request, "run": run}
    screen = StepSpec(SCREEN, f"{SCREEN}/1", params=params)
    if wish.offering is Offering.NONE:
        return (screen, *behind_offers(request, run, wish))
    waits = wish.offering is Offering.WAIT
    reuse = StepSpec(REUSE, f"{REUSE}/1", (SCREEN,), {**params, "waits": waits})
    if waits:
        return (screen, reuse, StepSpec(PROCEED, f"{PROCEED}/1", (REUSE,), {**params, "wish": to_json(wish)}))
    return (screen, reuse, *behind_offers(request, run, wish))


def behind_offers(request: Mapping[str, Any], run: str, wish: Wish) -> tuple[StepSpec, ...]:
    """The steps of a run but for those that judge it and look for what is there."""
    plan = _planned(request, wish)
    if wish.is_plain:
        rest = (_made(stage, request) for stage in Stage if stage is not Stage.ENHANCE)
        return (*plan, *rest, _parts(request), _told(request, run, wish))
    params = {"request": request, "run": run, "wish": to_json(wish)}
    return (*plan, StepSpec(BREAKDOWN, f"{BREAKDOWN}/1", (Stage.ENHANCE.value,), params))


def _planned(request: Mapping[str, Any], wish: Wish) -> tuple[StepSpec, ...]:
    """The steps up to `enhance`. What is asked of a model has no seeds in it: other pictures have the same plan, which
    is agreed upon once."""
    if wish.kept is not None:
        return (_there(Stage.ENHANCE.value, (SCREEN,), {"output": wish.kept.plan}),)
    if wish.purpose is not Purpose.FINAL or wish.planner is Planner.RULES:
        return (_made(Stage.ENHANCE, request, (SCREEN,)),)
    words = {name: value for name, value in request.items() if name != "seeds"}
    return (
        StepSpec(EXPAND, f"{EXPAND}/1", (SCREEN,), {"request": words, "models": sorted(wish.models)}, lane="remote"),
        StepSpec(AGREE, f"{AGREE}/1", (EXPAND,)),
        StepSpec(Stage.ENHANCE.value, f"{AGREED}/1", (EXPAND, AGREE), {"request": request}),
    )


def broken_down(
    request: Mapping[str, Any], run: str, wish: Wish, shots: int, lines: Sequence[StepSpec] = ()
) -> tuple[StepSpec, ...]:
    """The steps behind `breakdown`. `shots`: of the plan; `lines`: of the dialogue, where somebody else speaks it."""
    boards: tuple[StepSpec, ...] = (replace(_board(request, 1, wish.kept), name=Stage.FRAMES.value),)
    if wish.boards > 1:
        boards = tuple(_board(request, number, wish.kept) for number in range(1, wish.boards + 1))
    names = tuple(board.name for board in boards)
    frames = (*boards, StepSpec(VIEW, f"{VIEW}/1", names, {"run": run}))
    drawn = (Stage.ENHANCE.value, *names, VIEW)
    if wish.boards > 1:
        frames = (*frames, StepSpec(CHOOSE, f"{CHOOSE}/1", (*names, VIEW), {"run": run}))
        drawn = (Stage.ENHANCE.value, CHOOSE)
    picture: tuple[StepSpec, ...] = (_made(Stage.CLIP, request, drawn),)
    judged: tuple[StepSpec, ...] = ()
    if wish.purpose is Purpose.FINAL:
        single = tuple(_shot(request, number, wish, drawn) for number in range(1, shots + 1))
        cut = (Stage.ENHANCE.value, *(shot.name for shot in single))
        picture = (*single, StepSpec(Stage.CLIP.value, f"{CONFORM}/1", cut, {"request": request}))
        judged = (*(_judge(request, number, drawn) for number in range(1, shots + 1)), _measure(request))
    voice = _made(Stage.VOICE, request, (Stage.ENHANCE.value, *(line.name for line in lines)))
    made = (*frames, *picture, *lines, voice, _made(Stage.FINISH, request), _parts(request), *judged)
    return (*made, _told(request, run, wish, tuple(step.name for step in judged)))


def _board(request: Mapping[str, Any], number: int, kept: Kept | None) -> StepSpec:
    """The first one is what a plain run would have drawn, under the same key."""
    name, needs = f"{Stage.FRAMES.value}.{number}", (Stage.ENHANCE.value,)
    params = {"request": request} if number == 1 else {"request": request, "board": number}
    if kept is not None:
        return StepSpec(name, f"{REPAINT}/1", needs, {**params, "panels": kept.panels})
    return StepSpec(name, f"{Stage.FRAMES.value}/{1 if number == 1 else 2}", needs, params)


def _there(name: str, needs: tuple[str, ...], params: Mapping[str, Any]) -> StepSpec:
    """`params`: with the `output`."""
    return StepSpec(name, f"{KEPT}/1", needs, params)


def _shot(request: Mapping[str, Any], number: int, wish: Wish, needs: tuple[str, ...]) -> StepSpec:
    """Who may make it decides what it becomes, so it is in the key; what the run may cost does not."""
    name = f"{SHOT}.{number}"
    if wish.kept is not None and name in wish.kept.shots:
        return _there(name, needs, wish.kept.shots[name])
    params = {"request": request, "shot": number, "models": sorted(wish.models)}
    return StepSpec(name, f"{SHOT}/1", needs, params, lane="remote")


def _judge(request: Mapping[str, Any], number: int, needs: tuple[str, ...]) -> StepSpec:
    """Other thresholds judge anew."""
    params = {"request": request, "shot": number, "limits": limits.VERSION}
    return StepSpec(f"{JUDGE}.{number}", f"{JUDGE}/1", (*needs, f"{SHOT}.{number}"), params)


def _measure(request: Mapping[str, Any]) -> StepSpec:
    params = {"request": request, "limits": limits.VERSION}
    return StepSpec(MEASURE, f"{MEASURE}/1", (Stage.ENHANCE.value, Stage.FINISH.value), params)


def spoken(text: str, number: int, voice: str, seed: int, models: Sequence[str]) -> StepSpec:
    """A line has nothing of its scene in its key: it is bought once. `number`: in the dialogue, from 1."""
    params = {"text": text, "voice": voice, "seed": seed, "models": sorted(models)}
    return StepSpec(f"{LINE}.{number}", f"{LINE}/1", (BREAKDOWN,), params, lane="remote")


def _made(stage: Stage, request: Mapping[str, Any], needs: tuple[str, ...] | None = None) -> StepSpec:
    read = tuple(need.value for need in NEEDS[stage]) if needs is None else needs
    return StepSpec(stage.value, f"{stage.value}/1", read, {"request": request})


def _parts(request: Mapping[str, Any]) -> StepSpec:
    return StepSpec(PARTS, f"{PARTS}/1", (Stage.FINISH.value,), {"request": request})


def _told(request: Mapping[str, Any], run: str, wish: Wish, judged: tuple[str, ...] = ()) -> StepSpec:
    """Every run's own. `judged`: steps whose reports are told with the take. What was looked for is found by then."""
    looked = () if wish.offering is Offering.NONE else (REUSE,)
    needs = (Stage.FINISH.value, PARTS, *judged, *looked)
    return StepSpec(PUBLISH, f"{PUBLISH}/1", needs, {"request": request, "run": run})

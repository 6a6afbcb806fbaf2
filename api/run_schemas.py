"""Shapes of generations: runs, their steps, and what a person chooses."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas import In, Out, Page, PageQuery
from services.cache.model import Layer
from services.generation.graph import BOARDS_MAX, Offering, Planner
from services.generation.model import State
from services.generation.reuse.offers import Because
from services.generation.routing.model import Purpose
from services.generation.snapshot import NAME_CHARS_MAX

RUNS_PAGE_MAX = 100
MODELS_MAX = 50
SPEND_MICROCREDITS_MAX = 10**15
VOICES_MAX = 100
CharacterName = Annotated[str, StringConstraints(min_length=1, max_length=NAME_CHARS_MAX)]
VoiceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,64}$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.:/-]{0,127}$")]


class ParentOut(Out):
    """What a run goes on from: a `take`, or the set `frames` of a `run`. `change`: words, pictures, part or length."""

    run: str
    take: str | None
    frames: str | None
    change: str


class RunOut(Out):
    """`state`: queued, running, complete, failed or cancelled. `pct`: 0..100. `replays`: the run that it repeats.

    `parent`: what it is a variation of. `cost_micro`: what was paid for it, in micro-credits, known at its end.
    """

    id: str
    project: str
    scene: str
    state: str
    stage: str
    pct: int
    attempt: int
    take: str | None
    error: dict[str, Any] | None
    replays: str | None
    parent: ParentOut | None
    cost_micro: int | None
    created_at: datetime
    updated_at: datetime


class StepOut(Out):
    """`state`: waiting, ready, running, parked, following, done, failed or cancelled. `reused`: made for another run.

    `layer`: the cache that its output came from (`exact`, `component`, `ahead`); null: it was made, or is not there.
    `asks`: of a parked step, its question and the choices, each with an `id`.
    """

    name: str
    state: str
    attempt: int
    needs: list[str]
    key: str | None
    reused: bool
    layer: Layer | None
    asks: dict[str, Any] | None
    error: dict[str, Any] | None
    started_at: datetime | None
    finished_at: datetime | None


class RunAnswer(Out):
    run: RunOut


class RunsQuery(PageQuery):
    """`state`: only those."""

    state: State | None = None
    limit: int = Field(RUNS_PAGE_MAX, ge=1, le=RUNS_PAGE_MAX)


class RunsOut(Page):
    """Newest first."""

    runs: list[RunOut]


class TakeOfferOut(Out):
    """A take that is there and shows the same as the run is to make. `prompt`: the words that it was made for, `scene`
    and `number`: where. `score`: cosine of the two prompts. `saves_micro`: what it had cost. `answer`: `accepted` or
    `declined`; null: nobody has said."""

    id: str
    take: str
    scene: str
    number: int
    media: str
    thumb: str
    frames: int
    rate: list[int]
    prompt: str
    score: float | None
    saves_micro: int
    answer: str | None
    made_at: datetime


class RunWhole(Out):
    """With its steps, in the order in which they were planned. `offer` null: none was made, or it is not kept."""

    run: RunOut
    steps: list[StepOut]
    offer: TakeOfferOut | None


class Manner(In):
    """How a scene is generated. `boards`: sets of frames; with more than one, the run asks which shall be filmed.

    `purpose`: a `draft` is made on our own machines, free; each shot of a `final` by the model that the router picks,
    out of `models` (`provider` or `provider/model`) where they are named. `spend_max_microcredits`: of the whole run.
    `planner`: of a final: a language `model` over the rules, where the studio has one, whose differences are shown
    before pictures are paid for; or the `rules` alone.
    `voices`: ids of voices at ElevenLabs, by character; whoever is not named has one that follows from the name.
    `offers`: whether a take that is there and shows the same is offered while the run goes on (`show`), is waited for
    before anything is made (`wait`), or is not looked for (`none`).
    """

    boards: Annotated[int, Field(ge=1, le=BOARDS_MAX)] = 1
    purpose: Purpose = Purpose.DRAFT
    models: Annotated[tuple[ModelName, ...], Field(max_length=MODELS_MAX)] = ()
    spend_max_microcredits: Annotated[int, Field(ge=0, le=SPEND_MICROCREDITS_MAX)] | None = None
    planner: Planner = Planner.MODEL
    voices: Annotated[dict[CharacterName, VoiceName], Field(max_length=VOICES_MAX)] = Field(default_factory=dict)
    offers: Offering = Offering.SHOW


class OfferAnswer(In):
    """Of the run's people to the take that was offered to them. `accept`: it becomes the scene's, and the run ends.

    `because`: why it is declined: it `differs` from what was asked for (a false hit), or `another` of it is wanted.
    """

    offer: Annotated[str, StringConstraints(pattern=r"^lkp_[0-9a-z]{26}$")]
    answer: Literal["accept", "decline"]
    because: Because | None = None


class Selection(In):
    """The answer to a parked step: one of the choices that it asks about."""

    step: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    choice: Annotated[str, StringConstraints(min_length=1, max_length=64)]

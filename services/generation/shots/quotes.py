"""The price of a generation before it is asked for: as its plan is now, with the models and budgets of this moment.

Nothing is written, nothing is held and nobody is called.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

import asyncpg

from services.billing.quote import Room
from services.billing.service import credits_of
from services.generation.casting import cast
from services.generation.graph import LINE, SHOT, Wish
from services.generation.providers.animatic import enhance
from services.generation.providers.capabilities import Kind, Model, Want
from services.generation.providers.interface import Plan
from services.generation.request import SceneRequest
from services.generation.routing import policies
from services.generation.routing.facts import facts_of
from services.generation.routing.model import Ask, Facts, Purpose, no_budget
from services.generation.service import Generation
from services.generation.shots.asking import named, pinned, room_of, safety_of
from services.generation.shots.costing import Costing, Part, costing
from services.generation.shots.spoken import VOICE_SEED, SpokenLine
from services.generation.shots.want import candidates_of, makes, want_of
from services.users.model import Actor
from storage.breakers import Breakers
from storage.postgres import store_away
from storage.tables import runs


@dataclass(frozen=True, slots=True)
class SceneQuote:
    """`room`: what whoever asks may still spend on a run. `costing` without shots: the pictures are made here, free."""

    wish: Wish
    seconds: Fraction
    room: Room
    costing: Costing

    @property
    def sentence(self) -> str:
        """Who makes it, or why nobody can, for people."""
        if self.wish.purpose is Purpose.DRAFT:
            return "Drafts are made on the studio's own machines and cost nothing."
        if not self.costing.shots:
            return "This studio has no account for films: their pictures are made on its own machines and cost nothing."
        nobody = next((shot.decision for shot in self.costing.shots if shot.decision.chosen is None), None)
        return self.costing.shots[0].decision.sentence if nobody is None else nobody.sentence


class Quotes:
    """`models`: of the accounts that the studio has; `voices`: ids of those that speak, when nobody asks for others."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        breakers: Breakers,
        generation: Generation,
        models: Sequence[Model],
        voices: Sequence[str],
    ) -> None:
        self._pool = pool
        self._breakers = breakers
        self._generation = generation
        self._models = tuple(models)
        self._voices = tuple(voices)

    async def quote(
        self, actor: Actor, project_id: UUID, document_id: UUID, scene_id: str, wish: Wish, now: datetime
    ) -> SceneQuote:
        """For whoever may spend: the door has asked for that. What was made before and is made again costs less.

        Raises `NoSuchScene`, `SceneTooLong`, `NoPayer`, `StoreAway`.
        """
        request = await self._generation.foreseen(project_id, document_id, scene_id, wish)
        plan = await asyncio.to_thread(enhance.plan, request, request.brain.look)
        with store_away():
            credits = await credits_of(self._pool, project_id, actor.user_id, now)
        room = room_of(credits, wish)
        wanted = [] if wish.purpose is Purpose.DRAFT else self._wanted(request, plan, wish)
        parts = await self._parts(project_id, wish, wanted)
        shots = [part for part in parts if part.seconds is not None]
        lines = [part for part in parts if part.seconds is None]
        return SceneQuote(wish, _seconds(plan.frames, request), room, costing(shots, lines, room))

    def _wanted(self, request: SceneRequest, plan: Plan, wish: Wish) -> list[tuple[str, Fraction | None, Want]]:
        """The steps that are made elsewhere: name, seconds of a shot, and what is wanted."""
        wanted: list[tuple[str, Fraction | None, Want]] = []
        if self._has_anybody(Kind.VIDEO):
            for index, shot in enumerate(plan.shots):
                want = want_of(request, plan, index, request.brain.look)
                wanted.append((f"{SHOT}.{index + 1}", _seconds(shot.frames, request), want))
        if self._has_anybody(Kind.VOICE):
            for number, (line, voice) in enumerate(zip(request.lines, self._cast(request, wish), strict=True), 1):
                wanted.append((f"{LINE}.{number}", None, SpokenLine(line.text, voice, VOICE_SEED).foreseen()))
        return wanted

    def _cast(self, request: SceneRequest, wish: Wish) -> tuple[str, ...]:
        return cast(request.lines, self._voices, wish.voices)

    def _has_anybody(self, kind: Kind) -> bool:
        return any(makes(model, kind) for model in self._models)

    async def _parts(
        self, project_id: UUID, wish: Wish, wanted: Sequence[tuple[str, Fraction | None, Want]]
    ) -> list[Part]:
        if not wanted:
            return []
        safety, rules = await safety_of(self._pool, project_id), await policies.of_project(self._pool, project_id)
        with store_away():
            manner = await runs.manner_of_project(self._pool, project_id)
        assert manner is not None, "its scene was read a moment ago"
        known: dict[tuple[Kind, Fraction | None], Facts] = {}  # parts of one length are alike in all that is measured
        parts = []
        for step, seconds, want in wanted:
            names = named(wish, want.kind, self._models)
            ask = Ask("", wish.purpose, safety, pinned(names), explores=False)
            candidates = candidates_of(self._models, want)
            if (want.kind, seconds) not in known:
                known[want.kind, seconds] = await facts_of(
                    self._pool,
                    self._breakers,
                    ask,
                    candidates,
                    tenant=manner.tenant,
                    policy=rules.narrowed(names),
                    budget=no_budget,
                )
            parts.append(Part(step, seconds, ask, candidates, known[want.kind, seconds]))
        return parts


def _seconds(frames: int, request: SceneRequest) -> Fraction:
    rate = request.picture.rate
    return Fraction(frames * rate[1], rate[0])

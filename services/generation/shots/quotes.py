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
from services.generation.graph import Wish
from services.generation.providers.animatic import enhance
from services.generation.providers.capabilities import Kind, Model
from services.generation.providers.interface import Plan
from services.generation.request import SceneRequest
from services.generation.routing import policies
from services.generation.routing.facts import facts_of
from services.generation.routing.model import Ask, Candidate, Facts, Purpose, no_budget
from services.generation.service import Generation
from services.generation.shots.asking import pinned, room_of, safety_of
from services.generation.shots.costing import Costing, costing
from services.generation.shots.want import candidates_of, makes, want_of
from services.users.model import Actor
from storage.breakers import Breakers
from storage.postgres import store_away
from storage.tables import runs

_FREE = Costing((), ())


@dataclass(frozen=True, slots=True)
class SceneQuote:
    """`room`: what whoever asks may still spend on a run. `costing` without shots: all of it is made here, free."""

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
            return "This studio has no account for films: finals are made on its own machines and cost nothing."
        nobody = next((shot.decision for shot in self.costing.shots if shot.decision.chosen is None), None)
        return self.costing.shots[0].decision.sentence if nobody is None else nobody.sentence


class Quotes:
    """`models`: of the accounts that the studio has."""

    def __init__(self, pool: asyncpg.Pool, breakers: Breakers, generation: Generation, models: Sequence[Model]) -> None:
        self._pool = pool
        self._breakers = breakers
        self._generation = generation
        self._models = tuple(models)

    async def quote(
        self, actor: Actor, project_id: UUID, document_id: UUID, scene_id: str, wish: Wish, now: datetime
    ) -> SceneQuote:
        """For whoever may spend: the door has asked for that. What was made before and is made again costs less.

        Raises `NoSuchScene`, `SceneTooLong`, `NoPayer`, `StoreAway`.
        """
        request = await self._generation.foreseen(project_id, document_id, scene_id)
        plan = await asyncio.to_thread(enhance.plan, request, request.brain.look)
        with store_away():
            credits = await credits_of(self._pool, project_id, actor.user_id, now)
        room, length = room_of(credits, wish), _seconds(plan.frames, request)
        if wish.purpose is Purpose.DRAFT or not any(makes(model, Kind.VIDEO) for model in self._models):
            return SceneQuote(wish, length, room, _FREE)
        return SceneQuote(wish, length, room, await self._costing(project_id, request, plan, wish, room))

    async def _costing(self, project_id: UUID, request: SceneRequest, plan: Plan, wish: Wish, room: Room) -> Costing:
        wants = [want_of(request, plan, index, request.brain.look) for index in range(len(plan.shots))]
        shots = [
            (_seconds(shot.frames, request), candidates_of(self._models, want))
            for shot, want in zip(plan.shots, wants, strict=True)
        ]
        safety = await safety_of(self._pool, project_id)
        ask = Ask("", wish.purpose, safety, pinned(wish.models), explores=False)
        facts = await self._facts(project_id, ask, shots, wish)
        return costing(ask, shots, lambda index: facts[shots[index][0]], room)

    async def _facts(
        self, project_id: UUID, ask: Ask, shots: Sequence[tuple[Fraction, Sequence[Candidate]]], wish: Wish
    ) -> dict[Fraction, Facts]:
        """Shots of one length are alike in all that is measured."""
        policy = (await policies.of_project(self._pool, project_id)).narrowed(wish.models)
        with store_away():
            manner = await runs.manner_of_project(self._pool, project_id)
        assert manner is not None, "its scene was read a moment ago"
        facts: dict[Fraction, Facts] = {}
        for seconds, candidates in shots:
            if seconds not in facts:
                facts[seconds] = await facts_of(
                    self._pool,
                    self._breakers,
                    ask,
                    candidates,
                    tenant=manner.tenant,
                    policy=policy,
                    budget=no_budget,
                )
        return facts


def _seconds(frames: int, request: SceneRequest) -> Fraction:
    rate = request.picture.rate
    return Fraction(frames * rate[1], rate[0])

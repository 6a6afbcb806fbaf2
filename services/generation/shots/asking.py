"""What the router is asked for a step: who may make it, whose rules hold, and what may still be spent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.billing.errors import BillingError
from services.billing.quote import Room, price_of
from services.billing.service import ProjectCredits, credits_of
from services.generation.errors import StepEnded
from services.generation.graph import Wish
from services.generation.providers.capabilities import Kind, Model
from services.generation.request import from_json
from services.generation.routing import policies
from services.generation.routing.model import Ask, Budget, ModelId, Policy, Short
from services.generation.shots.memo import Memo, model_of
from services.projects import settings
from services.projects.settings import Safety
from services.runs.service import Held
from storage.postgres import store_away
from storage.tables import projects


def wish_of(held: Held) -> Wish:
    """How its run was wished for."""
    return from_json(Wish, held.run.wish)


def named(wish: Wish, kind: Kind, models: Sequence[Model]) -> tuple[str, ...]:
    """Of the models that a wish names those that may make a thing of this kind; none: whoever makes such things.

    Names are of whoever makes the films, and beside that of anybody else: a voice is not refused because a film's
    maker was named.
    """
    if kind is Kind.VIDEO:
        return wish.models
    able = [model for model in models if model.kind is kind]
    return tuple(
        name for name in wish.models if any(name in (each.provider, f"{each.provider}/{each.name}") for each in able)
    )


async def ask_of(pool: asyncpg.Pool, held: Held, memo: Memo, names: Sequence[str]) -> Ask:
    """This turn's question, as the project is set now. `names`: who may be asked. Raises `StoreAway`."""
    assert held.step.key is not None
    safety = await safety_of(pool, held.run.project_id)
    return Ask(held.step.key, wish_of(held).purpose, safety, pinned(names), tried=memo.models_tried)


async def policy_of(pool: asyncpg.Pool, held: Held, names: Sequence[str]) -> Policy:
    """The owner's rules as they are now, and of what they allow the models that were named. Raises `StoreAway`."""
    return (await policies.of_project(pool, held.run.project_id)).narrowed(names)


def pinned(names: Sequence[str]) -> ModelId | None:
    """A single model that was named is the only one that may be asked."""
    return model_of(names[0]) if len(names) == 1 and "/" in names[0] else None


async def safety_of(pool: asyncpg.Pool, project_id: UUID) -> Safety:
    """As the project is set now. Raises `StoreAway`."""
    with store_away():
        stored, _ = await projects.settings(pool, project_id)
    return settings.from_json(stored).safety


def room_of(credits: ProjectCredits, wish: Wish) -> Room:
    """What the project has left, or what the run may cost, whichever is less."""
    most = wish.spend_max_microcredits
    return credits.room if most is None or most >= credits.room.left else Room(most, "run")


async def budget_of(pool: asyncpg.Pool, held: Held, now: datetime) -> Budget:
    """What may still be spent, as it is now; the hold looks again. Raises `StepEnded`, `StoreAway`."""
    run = held.run
    try:
        with store_away():
            credits = await credits_of(pool, run.project_id, run.requested_by, now, run.id)
    except BillingError as error:
        raise StepEnded(error.code, str(error)) from error
    room = room_of(credits, wish_of(held))

    def fits(price_microcredits: int) -> Short | None:
        return None if room.fits(price_of(price_microcredits)) else Short(room.name, room.left)

    return fits

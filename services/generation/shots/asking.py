"""What the router is asked for a shot: its want, whose rules hold, and what may still be spent."""

from datetime import datetime

import asyncpg

from services.billing.errors import BillingError
from services.billing.quote import Room, price_of
from services.billing.service import credits_of
from services.generation.errors import StepEnded
from services.generation.graph import Wish
from services.generation.request import from_json
from services.generation.routing import policies
from services.generation.routing.model import Ask, Budget, ModelId, Policy, Short
from services.generation.shots.memo import Memo, model_of
from services.projects import settings
from services.runs.service import Held
from storage.postgres import store_away
from storage.tables import projects


def wish_of(held: Held) -> Wish:
    """How its run was wished for."""
    return from_json(Wish, held.run.wish)


async def ask_of(pool: asyncpg.Pool, held: Held, memo: Memo) -> Ask:
    """This turn's question, as the project is set now. Raises `StoreAway`."""
    assert held.step.key is not None
    with store_away():
        stored, _ = await projects.settings(pool, held.run.project_id)
    safety = settings.from_json(stored).safety
    return Ask(held.step.key, wish_of(held).purpose, safety, pinned(held), tried=memo.models_tried)


async def policy_of(pool: asyncpg.Pool, held: Held) -> Policy:
    """The owner's rules as they are now, and of what they allow the models that were named. Raises `StoreAway`."""
    return (await policies.of_project(pool, held.run.project_id)).narrowed(wish_of(held).models)


def pinned(held: Held) -> ModelId | None:
    """A single model that was named is the only one that may be asked."""
    models = wish_of(held).models
    return model_of(models[0]) if len(models) == 1 and "/" in models[0] else None


async def budget_of(pool: asyncpg.Pool, held: Held, now: datetime) -> Budget:
    """What may still be spent, as it is now; the hold looks again. Raises `StepEnded`, `StoreAway`."""
    run = held.run
    try:
        with store_away():
            credits = await credits_of(pool, run.project_id, run.requested_by, now, run.id)
    except BillingError as error:
        raise StepEnded(error.code, str(error)) from error
    most = wish_of(held).spend_max_microcredits
    room = credits.room if most is None or most >= credits.room.left else Room(most, "run")

    def fits(price_microcredits: int) -> Short | None:
        return None if room.fits(price_of(price_microcredits)) else Short(room.by, room.left)

    return fits

"""What the router is asked for a shot: its want, whose rules hold, and what may still be spent."""

from datetime import datetime
from uuid import UUID

import asyncpg

from services.billing.errors import BillingError
from services.billing.quote import Room, price_of
from services.billing.service import ProjectCredits, credits_of
from services.generation.errors import StepEnded
from services.generation.graph import Wish
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


async def ask_of(pool: asyncpg.Pool, held: Held, memo: Memo) -> Ask:
    """This turn's question, as the project is set now. Raises `StoreAway`."""
    assert held.step.key is not None
    safety = await safety_of(pool, held.run.project_id)
    return Ask(held.step.key, wish_of(held).purpose, safety, pinned(held), tried=memo.models_tried)


async def policy_of(pool: asyncpg.Pool, held: Held) -> Policy:
    """The owner's rules as they are now, and of what they allow the models that were named. Raises `StoreAway`."""
    return (await policies.of_project(pool, held.run.project_id)).narrowed(wish_of(held).models)


def pinned(held: Held) -> ModelId | None:
    """Whom a person chose for the run."""
    return pinned_by(wish_of(held))


def pinned_by(wish: Wish) -> ModelId | None:
    """A single model that was named is the only one that may be asked."""
    return model_of(wish.models[0]) if len(wish.models) == 1 and "/" in wish.models[0] else None


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
        return None if room.fits(price_of(price_microcredits)) else Short(room.by, room.left)

    return fits

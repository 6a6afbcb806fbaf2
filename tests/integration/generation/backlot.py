"""Finals made by stubs of the providers, one turn of a step after the other, by a clock that is moved: no waiting."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry

from deploy.stubs.app import Stubs
from deploy.stubs.media import Media
from deploy.stubs.stage import Clock, Stage
from jobs.main import Hands, open_hands
from jobs.metrics import WorkerMetrics
from services.billing import funds
from services.billing.model import MICRO, Holder, HolderKind
from services.cache.exact import Exact
from services.cache.semantic import Semantic
from services.cache.service import Cache
from services.generation.graph import Wish
from services.generation.providers.animatic.provider import LocalAnimatic
from services.generation.providers.interface import Provider
from services.generation.providers.settings import URLS
from services.generation.quality.examiner import Examiner
from services.generation.routing.model import Purpose
from services.safety.judges import PictureJudge
from storage.breakers import MemoryBreakers
from storage.tables import intents, ledger
from storage.tables.intents import IntentRow
from storage.tables.runs import RunRow
from storage.tables.steps import Ring
from tests.contract.remote import KEY, MEDIA, NOW, Door, settings_of
from tests.word_counter import WordCounter

from .studio import Studio

TURN_S = 4.0
"""By how much the clock is moved between two turns."""
TURNS_MAX = 300


PUBLIC_URL = "https://studio.test"
"""Where nobody is: what callbacks hint at is asked for anyway, and a test may carry one over."""

Told = tuple[str, Mapping[str, str], bytes]
"""A callback: (address, headers, body)."""


@dataclass
class Backlot:
    """One studio whose finals are made by stubs."""

    studio: Studio
    hands: Hands
    stage: Stage
    stubs: Stubs
    told: list[Told]
    registry: CollectorRegistry

    async def final(self, *, frames: int = 48, **wish: object) -> RunRow:
        """Of a scene with one shot of two seconds or so."""
        return await self.final_of(await self.studio.add_scene(frames=frames), **wish)

    async def final_of(self, scene_id: str, **wish: object) -> RunRow:
        wished = replace(Wish(purpose=Purpose.FINAL), **wish)  # type: ignore[arg-type]
        return await self.studio.generation.request(
            self.studio.project_id, self.studio.document_id, scene_id, self.studio.user_id, wish=wished
        )

    async def turn(self, run_id: UUID) -> RunRow:
        """Whatever of the run is ready is due, and one step of it has its turn."""
        pool = self.studio.stores.pool
        await pool.execute("update steps set due_at = now() where run_id = $1 and state = 'ready'", run_id)
        await pool.execute("update lanes set held_until = held_until - $1 * interval '1 s'", TURN_S)
        await self.hands.runner.attend(Ring(run_id, "any", 0), lambda run: None)
        self.stage.clock.advance(TURN_S)
        return await self.studio.generation.run(run_id)

    async def told_after(self, seconds: float) -> list[Told]:
        """What the stubs call back to say when so much time has gone by."""
        self.stage.clock.advance(seconds)
        await self.stubs.tell()
        told, self.told[:] = list(self.told), []
        return told

    async def aged(self, seconds: float) -> None:
        """So much later, for the providers and for all calls so far."""
        self.stage.clock.advance(seconds)
        await self.studio.stores.pool.execute(
            "update intents set created_at = intents.created_at - $1 * interval '1 s', looked_at = null"
            " from runs where runs.id = run_id and project_id = $2",
            seconds,
            self.studio.project_id,
        )

    async def over(self, run_id: UUID) -> RunRow:
        """The run when it has ended."""
        for _ in range(TURNS_MAX):
            run = await self.turn(run_id)
            if run.state in ("complete", "failed", "cancelled"):
                return run
        states = {step.name: (step.state, step.memo) for step in await self.studio.generation.steps.of_run(run_id)}
        raise AssertionError(f"it does not end: {states}")

    async def intents(self, run_id: UUID) -> list[IntentRow]:
        return await intents.of_run(self.studio.stores.pool, run_id)

    async def closed(self, rounds: int = 5, apart_s: float = 600.0) -> None:
        """Everything that nobody follows is accounted for."""
        for _ in range(rounds):
            await self.aged(apart_s)
            await self.hands.closer.round()

    async def balanced(self) -> None:
        """Nothing is held, the sum is zero, and nobody paid more than the provider took and our margin."""
        pool = self.studio.stores.pool
        proof = await ledger.proof(pool, 0, 10_000)
        assert (proof.imbalance, proof.held_astray, proof.wrong) == (0, 0, 0)
        open_holds = await pool.fetchval(
            "select count(*) from credit_holds where project_id = $1 and state = 'open'", self.studio.project_id
        )
        assert open_holds == 0
        assert (
            await pool.fetchval(
                "select count(*) from intents join runs on runs.id = run_id"
                " where project_id = $1 and intents.state in ('intent', 'submitted', 'unknown')",
                self.studio.project_id,
            )
            == 0
        )

    def paid(self) -> Counter[str]:
        """How many paid calls each provider took."""
        return Counter(charge.provider for charge in self.stage.charges)


@asynccontextmanager
async def open_backlot(
    studio: Studio,
    door: Door,
    *accounts: str,
    credits: int = 10_000,
    local: Provider | None = None,
    examiner: Examiner | None = None,
    media: Media = MEDIA,
    pictures: Sequence[PictureJudge] = (),
) -> AsyncIterator[Backlot]:
    """With accounts at these providers only, and so many credits. `local`: makes what is not made elsewhere; `media`:
    what the stubs send; `pictures`: who judges what may be shown."""
    told: list[Told] = []

    async def deliver(url: str, headers: Mapping[str, str], body: bytes) -> None:
        told.append((url, headers, body))

    stage = Stage(Clock(NOW), deliver, dict.fromkeys(URLS, KEY))
    stubs = Stubs(stage, media)
    door.app = stubs.app()
    providers = settings_of(door.url)
    chosen = {name: account for name, account in providers.accounts.items() if name in accounts}
    settings = studio.settings(providers=replace(providers, accounts=chosen), close_again_s=0.0, public_url=PUBLIC_URL)
    holder = Holder(HolderKind.USER, studio.user_id)
    if credits:
        async with studio.stores.pool.acquire() as connection, connection.transaction():
            await funds.grant(connection, holder, credits * MICRO, f"test:{uuid4()}")
    registry = CollectorRegistry()
    metrics = WorkerMetrics(registry)
    stores = replace(studio.stores, breakers=MemoryBreakers(stage.clock.now))
    cache = Cache(stores.pool, Exact(stores.shelf), Semantic(stores.pool, stores.vectors, WordCounter()))
    made_here = local or LocalAnimatic()
    async with open_hands(
        settings, stores, studio.generation, registry, metrics, made_here, cache, examiner, pictures
    ) as hands:
        yield Backlot(studio, hands, stage, stubs, told, registry)

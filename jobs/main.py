"""The worker's composition: stores in; crew, bell, sweeper, and those who look after things by the clock out.

Not a server: health and metrics are served by whoever runs this.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from prometheus_client import CollectorRegistry

from jobs.archivist import Archivist
from jobs.bell import Bell, Line
from jobs.bookkeeper import Bookkeeper
from jobs.cache_keeper import CacheKeeper
from jobs.closer import Closing
from jobs.copyist import Copyist
from jobs.crew import Crew
from jobs.errands import Errands
from jobs.foresight import Foresight
from jobs.intake import Intake
from jobs.janitor import Janitor
from jobs.mail_round import MailRound
from jobs.metrics import WorkerMetrics
from jobs.projectionist import Projectionist
from jobs.runner import Runner
from jobs.screening import Screening
from jobs.settings import WorkerSettings
from jobs.stages import Stages
from jobs.sweeper import Sweeper
from jobs.undertaker import Undertaker
from services.assets.collection import Collector
from services.assets.ingest import Ingest
from services.assets.mentions import Mentions
from services.cache.service import Cache
from services.claude import claude_of
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.documents.rebase import Rebaser
from services.fetching.fetch import open_fetcher
from services.generation.judging import Judging
from services.generation.providers.animatic.provider import LocalAnimatic
from services.generation.providers.intents import Intents
from services.generation.providers.interface import Provider
from services.generation.providers.outputs import Outputs
from services.generation.providers.registry import open_providers
from services.generation.quality.claude import ClaudeScorer
from services.generation.quality.examiner import Examiner
from services.generation.reuse.lookout import Lookout
from services.generation.reuse.voices import Voices
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.router import Router
from services.generation.routing.taste import Taste
from services.generation.service import Generation
from services.generation.shots import money
from services.generation.shots.closer import Closer
from services.generation.shots.inspection import Inspection
from services.generation.shots.maker import ShotMaker
from services.invitations.letters import KIND, InvitationLetters
from services.mail.postman import Postman
from services.projects.copying import Copying
from services.projects.purge import Purger
from services.safety.judges import PictureJudge
from services.safety.pictures import installed
from services.safety.policy import newest
from storage.log import DocumentLog
from storage.mail import open_mailer
from storage.mover import Mover
from storage.snapshots import Snapshots
from storage.stores import Stores
from storage.tables.runs import RunRow


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does steps, and what they share with the rest of a worker."""

    generation: Generation
    runner: Runner
    closer: Closer


@asynccontextmanager
async def open_hands(
    settings: WorkerSettings,
    stores: Stores,
    generation: Generation,
    registry: CollectorRegistry,
    metrics: WorkerMetrics,
    local: Provider,
    cache: Cache,
    examiner: Examiner | None = None,
    pictures: Sequence[PictureJudge] | None = None,
    told: Callable[[RunRow], None] = lambda run: None,
) -> AsyncIterator[Hands]:
    """With the accounts at remote providers that there are. `local`: makes everything else, and whatever nobody can.

    `examiner`: looks at what is made; by default one with all the opinions that there are accounts for. `pictures`: who
    judges what may be shown; by default all that are installed.
    `told`: hears of runs that have a take.
    """
    async with (
        open_providers(settings.providers) as remotes,
        open_fetcher(settings.providers.inside) as fetcher,
        httpx.AsyncClient() as client,
    ):
        router = Router(stores.pool, stores.breakers, RoutingMetrics(registry))
        outputs = Outputs(fetcher, stores.objects, settings.scratch)
        calls = Intents(stores.pool, remotes, outputs, money.settle)
        url, steps = settings.public_url, generation.steps
        claude = claude_of(settings.providers, client)
        looks = examiner or Examiner(None if claude is None else ClaudeScorer(claude))
        shots = ShotMaker(stores.pool, steps, remotes, router, calls, url, random.Random())
        screening = Screening(stores.pool, claude, installed() if pictures is None else pictures)
        lookout, judging, voices = (
            Lookout(stores.pool, cache, newest()),
            Judging(looks, local),
            Voices(stores.pool, cache),
        )
        errands = Errands(shots, local, Inspection(stores.pool, looks), settings.providers.voices)
        taste = Taste(stores.pool)
        stages = Stages(generation, local, screening, errands, judging, taste, cache, lookout, voices, metrics, told)
        runner = Runner(generation, stages, stores.bus, stores.objects, settings, metrics, random.Random())
        yield Hands(generation, runner, Closer(stores.pool, calls, settings.close_again_s))


async def run_worker(
    settings: WorkerSettings,
    stores: Stores,
    registry: CollectorRegistry | None = None,
    provider: Provider | None = None,
) -> None:
    """Works until cancelled; then hands back what it holds, at once."""
    pool, bus = stores.pool, stores.bus
    registry = registry or CollectorRegistry()
    metrics = WorkerMetrics(registry)
    log = DocumentLog(pool, stores.objects)
    snapshots = Snapshots(pool, stores.objects)
    editor = DocumentEditor(log, snapshots, bus, pool, announcements=stores.announcements)
    line = Line()
    projector = Projector(KeptDocuments(editor), pool, bus)
    generation = Generation(pool, editor, projector, line, bus, lease_s=settings.lease_s)
    cache = Cache.over(pool, stores.shelf, stores.vectors)
    local = provider or LocalAnimatic()
    foresight = Foresight(pool, generation, cache, local, stores.objects, settings.scratch, settings.slots, metrics)
    async with (
        open_hands(settings, stores, generation, registry, metrics, local, cache, told=foresight.heard) as hands,
        Crew(hands.runner, generation, bus, settings.slots) as crew,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(Bell(settings.redis_url, line, crew, metrics, settings.slots, random.Random()).run())
        group.create_task(Sweeper(pool, line, generation, crew, metrics, settings.sweep_s).run())
        mover = Mover(pool, stores.objects, timedelta(days=settings.segment_after_days))
        rebaser = Rebaser(pool, log, snapshots, editor)
        group.create_task(Archivist(mover, rebaser, metrics, settings.archive_interval_s).run())
        copying = Copying(pool, log, editor, projector, bus, settings.lease_s)
        group.create_task(Copyist(copying, metrics, settings.node_id).run())
        cached = CacheKeeper(pool, stores.shelf, stores.vectors)
        purger = Purger(pool, stores.objects, timedelta(days=settings.purge_after_days), forget=cached.forget)
        group.create_task(cached.run())
        group.create_task(Undertaker(purger, metrics).run())
        group.create_task(Projectionist(pool, projector, metrics).run())
        group.create_task(crew.listen())
        group.create_task(foresight.run(lambda: crew.free))
        group.create_task(Closing(hands.closer, metrics).run())
        mentions = Mentions(pool, log)
        age = timedelta(days=settings.collect_after_days)
        collector = Collector(pool, stores.objects, stores.uploads, mentions, age, lambda: datetime.now(UTC))
        if settings.mail_url:
            letters = {KIND: InvitationLetters(settings.public_url)}
            postman = Postman(pool, open_mailer(settings.mail_url, settings.mail_from), letters)
            group.create_task(MailRound(postman, metrics).run())
        group.create_task(Bookkeeper(pool, metrics).run())
        group.create_task(Janitor(collector, metrics).run())
        intake = Intake(Ingest(pool, stores.objects, stores.uploads, bus), bus, settings, metrics)
        group.create_task(intake.listen())
        group.create_task(intake.run())

"""The composition of the HTTP door: opens what its routes need, and makes the routes and the application.

`deploy` puts it beside the other doors; nothing here listens on a port.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from api import (
    account,
    assets,
    audit,
    billing,
    brains,
    cache,
    callbacks,
    characters,
    continuity,
    decisions,
    devices,
    documents,
    duplications,
    episode_roles,
    episodes,
    films,
    formats,
    gestures,
    history,
    invitations,
    locks,
    media,
    members,
    model_policy,
    openapi,
    openid,
    pages,
    plans,
    projects,
    proposals,
    purchases,
    reference,
    run_outputs,
    run_quotes,
    run_replays,
    run_routes,
    runs,
    scenes,
    search,
    service_accounts,
    sessions,
    shares,
    statements,
    stream,
    takes,
    teams,
    uploads,
    variations,
    verdicts,
)
from api.audience import Audience
from api.cross_origin import cross_origin
from api.errors import EXCEPTION_HANDLERS
from api.graphql import route as graphql
from api.graphql import sockets
from api.graphql.queries import Queries
from api.middleware import Door
from api.operation import Operation, to_routes
from api.preconditions import CHANGES_MAX
from api.rates import Limiter, RateMetrics
from api.rights import Rights
from api.settings import ApiSettings
from api.state import ApiState, Clock
from services.assets.mentions import Mentions
from services.assets.service import Assets
from services.assets.uploads import Arrivals
from services.billing.cashiers.settings import open_cashier
from services.billing.purchases import Purchases
from services.billing.service import Billing
from services.billing.statements import Statements
from services.brains.service import Brains
from services.cache.reports import Reports
from services.continuity.characters import Characters
from services.continuity.service import ContinuitySheets
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.films.service import Films
from services.formats.service import Formats
from services.generation.plans.service import Plans
from services.generation.providers.registry import models_of, open_providers
from services.generation.service import Generation
from services.generation.shots.callbacks import Callbacks
from services.generation.shots.quotes import Quotes
from services.gestures.service import Gestures
from services.history.service import History
from services.invitations.service import Invitations
from services.locks.service import SceneLocks
from services.projects.duplication import Duplications
from services.projects.episode_roles import EpisodeRoles
from services.projects.episodes import Episodes
from services.projects.members import Members
from services.projects.service import Projects
from services.proposals.service import Proposals
from services.review.service import Review
from services.safety.policy import newest as newest_policy
from services.safety.service import Moderation
from services.scenes.reader import StoryReader
from services.scenes.service import Scenes
from services.search.service import Search
from services.service_accounts.service import ServiceAccounts
from services.shares.service import Shares
from services.teams.service import Teams
from services.users.account import Account
from services.users.devices import Devices
from services.users.keys import SigningKeys
from services.users.openid.service import OpenIdParts, open_openid
from services.users.refresh import RefreshTokens
from services.users.tickets import Tickets
from services.users.tokens import Tokens
from storage.arq_queue import open_arq_queue
from storage.events import ProjectFeed
from storage.log import DocumentLog
from storage.mail import open_mailer
from storage.rates import MemoryRates
from storage.snapshots import Snapshots
from storage.stores import Stores
from storage.tasks import beside

__all__ = ["EXCEPTION_HANDLERS", "application", "middleware", "open_api", "operations", "routes"]

_SUBJECTS = (
    sessions,
    account,
    openid,
    devices,
    teams,
    projects,
    episodes,
    episode_roles,
    members,
    characters,
    brains,
    formats,
    continuity,
    plans,
    invitations,
    duplications,
    shares,
    service_accounts,
    scenes,
    locks,
    search,
    films,
    runs,
    callbacks,
    run_outputs,
    run_routes,
    run_quotes,
    run_replays,
    model_policy,
    takes,
    decisions,
    media,
    stream,
    documents,
    history,
    proposals,
    gestures,
    billing,
    statements,
    purchases,
    cache,
    audit,
    assets,
    uploads,
    variations,
    verdicts,
    graphql,
    pages,
)


def operations() -> tuple[Operation, ...]:
    """Every route of this door, the description of all the others at the end."""
    described = [operation for subject in _SUBJECTS for operation in subject.OPERATIONS]
    itself = Operation(
        "GET",
        "/openapi.json",
        openapi.handler_of(described),
        "openapi",
        "This description",
        content="application/json",
        public=True,
    )
    page = Operation(
        "GET",
        "/docs",
        reference.handler_of(described),
        "openapi",
        "This description as a page",
        content="text/html",
        public=True,
    )
    described += (itself, page)
    return tuple(described)


def routes(state: ApiState) -> list[BaseRoute]:
    """The table as Starlette routes, and the one for sockets, without the middleware."""
    return [sockets.route_of(graphql.PATH, state), *to_routes(operations(), state)]


def middleware(settings: ApiSettings) -> list[Middleware]:
    """What goes round every route of the process, the other doors' too."""
    proxies = settings.trusted_proxies
    door = Middleware(Door, now=time.monotonic, secure=settings.secure, trusted_proxies=proxies)
    return [*cross_origin(settings.cors_origins), door]


def application(state: ApiState) -> Starlette:
    """This door alone."""
    return Starlette(
        routes=routes(state), middleware=middleware(state.settings), exception_handlers=dict(EXCEPTION_HANDLERS)
    )


@asynccontextmanager
async def open_api(
    settings: ApiSettings,
    stores: Stores,
    keys: SigningKeys,
    tokens: Tokens,
    tickets: Tickets,
    now: Clock = time.time,
    registry: CollectorRegistry | None = None,
) -> AsyncIterator[ApiState]:
    """Everything the routes use. Leaving it ends the streams; a server ends them earlier, by `audience.close`."""
    pool = stores.pool
    metrics = RateMetrics(registry or CollectorRegistry())
    log = DocumentLog(pool, stores.objects)
    snapshots = Snapshots(pool, stores.objects)
    editor = DocumentEditor(log, snapshots, stores.bus, pool, announcements=stores.announcements)
    kept = KeptDocuments(editor)
    projector = Projector(kept, pool, stores.bus)
    story_scenes = Scenes(pool, editor, projector)
    reader = StoryReader(story_scenes, kept)
    audience = Audience()
    refresh = RefreshTokens(pool, tokens)
    rights = Rights(pool)
    signing_in = OpenIdParts(pool, stores.cache, tokens, settings.public_url)
    async with (
        open_arq_queue(settings.redis_url) as queue,
        ProjectFeed(stores.bus) as feed,
        open_openid(settings.providers, signing_in) as openid,
        open_cashier(settings.cashier) as cashier,
        open_providers(settings.remotes) as remotes,
        beside(rights.run()),
    ):
        generation = Generation(pool, editor, projector, queue, stores.bus, models=models_of(remotes))
        try:
            yield ApiState(
                settings=settings,
                stores=stores,
                keys=keys,
                tokens=tokens,
                tickets=tickets,
                openid=openid,
                refresh=refresh,
                devices=Devices(pool, tokens, refresh),
                account=Account(pool),
                projects=Projects(pool, log),
                episodes=Episodes(pool, log, stores.bus),
                episode_roles=EpisodeRoles(pool),
                members=Members(pool),
                teams=Teams(pool),
                characters=Characters(pool, stores.bus),
                brains=Brains(pool),
                formats=Formats(pool, reader),
                continuity=ContinuitySheets(pool, reader),
                plans=Plans(pool, reader),
                invitations=Invitations(
                    pool, open_mailer(settings.mail_url, settings.mail_from), tokens, settings.public_url
                ),
                duplications=Duplications(pool, stores.bus),
                shares=Shares(pool, tokens),
                accounts=ServiceAccounts(pool),
                billing=Billing(pool, settings.operators),
                statements=Statements(pool),
                purchases=Purchases(pool, cashier, settings.operators),
                cache_reports=Reports(pool),
                scenes=story_scenes,
                review=Review(pool, stores.bus),
                search=Search(pool),
                films=Films(pool),
                generation=generation,
                quotes=Quotes(pool, stores.breakers, generation, models_of(remotes), settings.remotes.voices),
                callbacks=Callbacks(pool, remotes, generation.steps, now),
                locks=SceneLocks(pool, editor, projector, stores.bus),
                history=History(pool, log, snapshots, editor, projector, kept),
                proposals=Proposals(pool, log, stores.bus, editor, projector),
                moderation=Moderation(pool, newest_policy()),
                gestures=Gestures(pool, editor, projector, kept),
                feed=feed,
                rights=rights,
                now=now,
                audience=audience,
                changes=asyncio.Semaphore(CHANGES_MAX),
                limiter=Limiter(stores.rates, MemoryRates(time.monotonic), settings.quotas, metrics, time.monotonic),
                assets=Assets(pool, kept, Mentions(pool, log), stores.bus),
                arrivals=Arrivals(pool, stores.uploads, stores.bus),
                receiving=asyncio.Semaphore(uploads.RECEIVING_MAX),
                queries=Queries(settings.graphql_queries),
            )
        finally:
            audience.close()

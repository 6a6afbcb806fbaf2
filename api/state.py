"""Everything a request may use, opened once by `main.open_api` and handed to every route.

No behaviour: the services have that.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from api.audience import Audience
from api.graphql.queries import Queries
from api.rates import Limiter
from api.rights import Rights
from api.settings import ApiSettings
from services.assets.service import Assets
from services.assets.uploads import Arrivals
from services.billing.purchases import Purchases
from services.billing.service import Billing
from services.billing.statements import Statements
from services.brains.service import Brains
from services.cache.reports import Reports
from services.continuity.characters import Characters
from services.continuity.service import ContinuitySheets
from services.films.service import Films
from services.formats.service import Formats
from services.generation.plans.service import Plans
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
from services.safety.service import Moderation
from services.scenes.service import Scenes
from services.search.service import Search
from services.service_accounts.service import ServiceAccounts
from services.shares.service import Shares
from services.teams.service import Teams
from services.users.account import Account
from services.users.devices import Devices
from services.users.keys import SigningKeys
from services.users.openid.service import OpenId
from services.users.refresh import RefreshTokens
from services.users.tickets import Tickets
from services.users.tokens import Tokens
from storage.events import ProjectFeed
from storage.stores import Stores

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class ApiState:
    """`now`: seconds since 1970. `receiving`: a place for each upload that comes in."""

    settings: ApiSettings
    stores: Stores
    keys: SigningKeys
    tokens: Tokens
    tickets: Tickets
    openid: OpenId
    refresh: RefreshTokens
    devices: Devices
    account: Account
    projects: Projects
    episodes: Episodes
    episode_roles: EpisodeRoles
    members: Members
    teams: Teams
    characters: Characters
    brains: Brains
    formats: Formats
    continuity: ContinuitySheets
    plans: Plans
    invitations: Invitations
    duplications: Duplications
    shares: Shares
    accounts: ServiceAccounts
    billing: Billing
    statements: Statements
    purchases: Purchases
    cache_reports: Reports
    scenes: Scenes
    review: Review
    search: Search
    films: Films
    generation: Generation
    quotes: Quotes
    callbacks: Callbacks
    history: History
    locks: SceneLocks
    proposals: Proposals
    moderation: Moderation
    gestures: Gestures
    feed: ProjectFeed
    rights: Rights
    now: Clock
    audience: Audience
    limiter: Limiter
    changes: asyncio.Semaphore
    """Of `preconditions.py`."""
    assets: Assets
    arrivals: Arrivals
    receiving: asyncio.Semaphore
    queries: Queries

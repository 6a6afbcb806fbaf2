"""Refusals and failures as `application/problem+json` (RFC 9457): the HTTP door's translation point.

ApiError
├── BodyTooLarge        413, `limit`
├── BodyNotJson         400
├── BodyWrongType       415
├── FieldInvalid        422, `field`, `limit`
├── HeaderInvalid       400, `field`, `limit`
├── OriginForeign       403
├── TusVersion          412
├── UploadsFull         503
├── UrlExpired          410
├── UrlForged           403
├── MediaMissing        404
├── RangeUnsatisfiable  416
├── TakeMissing         404
├── StreamsFull         429, `limit`
└── PageMissing         404

What any route may refuse is in `gateway_errors.py`. Errors of the services and the stores come with their own codes;
`STATUS` gives each family its status.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from services.assets import errors as assets
from services.billing import errors as billing
from services.brains import errors as brains
from services.cache import errors as cache
from services.continuity import errors as continuity
from services.documents import errors as documents
from services.formats import errors as formats
from services.generation import errors as generation
from services.generation.providers.errors import HintRefused
from services.gestures import errors as gestures
from services.history import errors as history
from services.invitations import errors as invitations
from services.locks import errors as locks
from services.projects import errors as projects
from services.proposals import errors as proposals
from services.review import errors as review
from services.runs import errors as runs
from services.safety import errors as safety
from services.scenes import errors as scenes
from services.service_accounts import errors as accounts
from services.shares import errors as shares
from services.teams import errors as teams
from services.users import errors as users
from storage import errors as storage
from sync.errors import ClipLocked, MalformedId, MalformedName, NoSuchEntity, SceneLocked

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 2


class ApiError(Exception):
    """Base of what only this door refuses."""

    code = "http"
    status = 400

    def __init__(
        self, detail: str | None = None, *, field: str | None = None, limit: int | float | str | None = None
    ) -> None:
        super().__init__(detail or type(self).__doc__)
        self.field = field
        self.limit = limit
        self.headers: dict[str, str] = {}


class BodyTooLarge(ApiError):
    """The request body is larger than this door takes."""

    code = "body.too_large"
    status = 413


class BodyNotJson(ApiError):
    """The request body is not JSON."""

    code = "body.json"


class BodyWrongType(ApiError):
    """The request body must be application/json."""

    code = "body.type"
    status = 415


class FieldInvalid(ApiError):
    """A field of the request does not have the form that it must have."""

    code = "field.invalid"
    status = 422


class HeaderInvalid(ApiError):
    """A header of the request does not have the form that it must have."""

    code = "header.invalid"


class OriginForeign(ApiError):
    """A page of another origin may not write with this session."""

    code = "origin.foreign"
    status = 403


class TusVersion(ApiError):
    """Uploads are spoken to in tus 1.0.0: send `Tus-Resumable: 1.0.0`."""

    code = "tus.version"
    status = 412


class UploadsFull(ApiError):
    """As many uploads as this server takes in at once are coming in; try again."""

    code = "upload.busy"
    status = 503


class UrlExpired(ApiError):
    """This address is past its time; ask the project for a fresh one."""

    code = "url.expired"
    status = 410


class UrlForged(ApiError):
    """This address was not signed by this studio."""

    code = "url.forged"
    status = 403


class MediaMissing(ApiError):
    """There is no such media in this project."""

    code = "media.missing"
    status = 404


class TakeMissing(ApiError):
    """There is no such take."""

    code = "take.missing"
    status = 404


class RangeUnsatisfiable(ApiError):
    """The range lies outside the media."""

    code = "media.range"
    status = 416


class StreamsFull(ApiError):
    """This user follows too many streams already."""

    code = "stream.count"
    status = 429


class PageMissing(ApiError):
    """There is no such page."""

    code = "page.missing"
    status = 404


STATUS: Mapping[type[Exception], int] = {
    users.Unauthenticated: 401,
    users.Forbidden: 403,
    users.ProjectArchived: 409,
    users.Missing: 404,
    users.ProviderAway: 503,
    users.DevicePending: 409,
    users.DeviceCodeOver: 410,
    users.TooManyGuesses: 429,
    users.TtlOutOfRange: 422,
    projects.NoSuchMember: 404,
    projects.NoSuchPerson: 422,
    projects.TitleUnfit: 422,
    projects.UnknownBrain: 422,
    projects.SettingUnfit: 422,
    projects.SettingsChanged: 412,
    projects.SettingsUnread: 428,
    projects.NoSuchEpisode: 404,
    projects.NoSuchSeason: 404,
    projects.NoSuchDuplication: 404,
    projects.ProjectError: 409,
    users.NameUnfit: 422,
    users.ColourUnfit: 422,
    teams.NoSuchTeamMember: 404,
    teams.NameUnfit: 422,
    teams.TeamError: 409,
    formats.NoSuchFormat: 404,
    formats.FormatError: 409,
    cache.NoSuchDecision: 404,
    cache.CacheError: 409,
    continuity.NoSuchCharacter: 404,
    continuity.TooManyCharacters: 409,
    continuity.ContinuityError: 422,
    shares.LabelUnfit: 422,
    shares.PasswordUnfit: 422,
    shares.ExpiryUnfit: 422,
    shares.NoSuchLink: 404,
    shares.PasswordWrong: 403,
    shares.TooManyTries: 429,
    shares.ShareError: 409,
    accounts.NoSuchServiceAccount: 404,
    accounts.NoSuchKey: 404,
    accounts.KeyExpiryUnfit: 422,
    accounts.AccountError: 409,
    billing.AmountUnfit: 422,
    billing.CreditsShort: 402,
    billing.BudgetSpent: 402,
    billing.NoPayer: 404,
    billing.NoSuchWallet: 404,
    billing.NoSuchHold: 404,
    billing.NoSuchPack: 422,
    billing.MonthUnfit: 422,
    billing.BudgetUnfit: 422,
    billing.WalletForeign: 403,
    billing.NoSuchPurchase: 404,
    billing.NoSuchSale: 404,
    billing.CashierMissing: 503,
    billing.CashierAway: 503,
    billing.MessageForged: 400,
    billing.BillingError: 409,
    invitations.EmailUnfit: 422,
    invitations.RoleUnfit: 422,
    invitations.NoSuchInvitation: 404,
    invitations.JustSent: 429,
    invitations.InvitationError: 409,
    scenes.NoSuchScene: 404,
    scenes.FieldUnfit: 422,
    scenes.TooManyScenes: 409,
    documents.EditTooBig: 409,
    history.NoSuchVersion: 404,
    history.NoSuchPoint: 422,
    history.LabelUnfit: 422,
    history.TooManyVersions: 409,
    history.HistoryTooLong: 409,
    history.ContentTooBig: 409,
    history.DiffTooBig: 409,
    locks.NoSuchScene: 404,
    locks.LocksError: 409,
    review.NothingToDecide: 404,
    review.NotAFilm: 409,
    review.ReviewError: 422,
    proposals.NoSuchProposal: 404,
    proposals.ProposalsError: 409,
    safety.PromptRefused: 422,
    safety.NoSuchVerdict: 404,
    safety.SafetyError: 409,
    gestures.GesturesError: 409,
    assets.NoSuchAsset: 404,
    assets.NameUnfit: 422,
    assets.NoSuchUpload: 404,
    assets.UploadGone: 410,
    assets.UploadOvertaken: 423,
    assets.OffsetMoved: 409,
    assets.UploadOverrun: 413,
    assets.ChecksumWrong: 460,
    assets.FileEmpty: 422,
    assets.FileTooLarge: 413,
    assets.QuotaFull: 413,
    assets.TooManyUploads: 429,
    assets.TypeRefused: 415,
    generation.NoSuchRun: 404,
    generation.NoSuchScene: 404,
    generation.SceneTooLong: 422,
    generation.ChangeUnfit: 422,
    generation.Refusal: 409,
    runs.ChoiceRefused: 409,
    HintRefused: 401,
    brains.NoSuchBrain: 404,
    brains.TooManyBrains: 409,
    brains.BrainError: 422,
    storage.StoreAway: 503,
    storage.DocumentMissing: 404,
    storage.ObjectMissing: 404,
    storage.MalformedHash: 404,
    SceneLocked: 409,
    ClipLocked: 409,
    NoSuchEntity: 404,
    MalformedId: 404,
    MalformedName: 404,
}
"""The nearest class of the error's own tree counts; what is not here is a failure of ours: 500."""

_AWAY = (storage.StoreAway, users.ProviderAway, billing.CashierAway)
_HTTP_CODES = {404: "route.missing", 405: "method.not_allowed"}


def status_of(error: Exception) -> int:
    """500 for what nobody expected."""
    if isinstance(error, ApiError):
        return error.status
    if isinstance(error, HTTPException):
        return error.status_code
    for family in type(error).__mro__:
        if family in STATUS:
            return STATUS[family]
    return 500


def problem(error: Exception, request_id: str) -> JSONResponse:
    """The answer to a request that ended in `error`."""
    status = status_of(error)
    headers = dict(getattr(error, "headers", None) or {})
    if isinstance(error, _AWAY):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="storyforge"'
    return JSONResponse(described(error, request_id), status, headers, media_type=PROBLEM_TYPE)


def described(error: Exception, request_id: str) -> dict[str, Any]:
    """What is said of it, whatever the form of the answer; of what nobody expected, nothing."""
    status = status_of(error)
    body: dict[str, Any] = {"status": status, "request_id": request_id}
    if isinstance(error, HTTPException):
        body |= {"code": _HTTP_CODES.get(status, "http"), "title": error.detail, "detail": error.detail}
    elif status == 500:
        body |= {"code": "server.error", "title": "Something went wrong here.", "detail": "It is in our log."}
    else:
        title = (type(error).__doc__ or "Refused").partition("\n")[0]
        body |= {"code": getattr(error, "code", "refused"), "title": title, "detail": str(error) or title}
        if isinstance(error, _AWAY):  # which server, and what it said, is for our log only
            body["detail"] = title
    for name in ("field", "limit", "needed", "left", "scene", "locked_by"):
        if getattr(error, name, None) is not None:
            body[name] = getattr(error, name)
    body["type"] = f"urn:storyforge:problem:{body['code']}"
    return body


async def _problem(request: Request, error: Exception) -> JSONResponse:
    return problem(error, request.state.request_id)


EXCEPTION_HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]] = (
    MappingProxyType({HTTPException: _problem})
)
"""For Starlette's own 404 and 405; whatever else is raised reaches `middleware.Door`."""

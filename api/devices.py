"""Routes of devices without a keyboard: OAuth's for programs (RFC 8628, 6749, 7009, 8414), a page's own, and those of
whoever enters the code.

OAuth's answers have the form of its RFCs, refusals too; everything else is as everywhere.
"""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field
from starlette.responses import JSONResponse, Response

from api.call import Call, reply
from api.errors import ApiError
from api.operation import Operation
from api.rates import RouteClass
from api.schemas import In, Out
from api.sessions import keep_session
from services.users.devices import DEVICE_CHARS_MAX, INTERVAL_S, SESSION_TTL_S, SLOW_DOWN_S
from services.users.errors import (
    DeviceCodeOver,
    DeviceDenied,
    DevicePending,
    DeviceTooFast,
    RefreshSpent,
    UsersError,
)
from services.users.refresh import ACCESS_TTL_S, Granted

CLIENTS = frozenset({"storyforge-tv"})
"""Programs of ours that run on devices. None has a secret: whatever is in a device can be taken out of it."""
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CODE_CHARS_MAX = 128
_OAUTH_CODES: dict[type[UsersError], str] = {
    DeviceTooFast: "slow_down",
    DevicePending: "authorization_pending",
    DeviceDenied: "access_denied",
    DeviceCodeOver: "expired_token",
    RefreshSpent: "invalid_grant",
}


class OAuthIn(In):
    """RFC 6749, 3.1: what is not known is ignored."""

    model_config = ConfigDict(extra="ignore")


class DeviceRequest(OAuthIn):
    """`device_name`: what whoever enters the code is told that asks."""

    client_id: str = Field(max_length=CODE_CHARS_MAX)
    device_name: str = Field("A device", min_length=1, max_length=DEVICE_CHARS_MAX)


class DeviceAnswer(Out):
    """RFC 8628, 3.2. `interval`: seconds between two questions."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class TokenRequest(OAuthIn):
    grant_type: str = Field(max_length=CODE_CHARS_MAX)
    client_id: str = Field(max_length=CODE_CHARS_MAX)
    device_code: str = Field("", max_length=CODE_CHARS_MAX)
    refresh_token: str = Field("", max_length=CODE_CHARS_MAX)


class TokenAnswer(Out):
    """RFC 6749, 5.1. The refresh token is good once: the next answer has another."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str


class RevocationRequest(OAuthIn):
    token: str = Field(max_length=CODE_CHARS_MAX)


class OAuthProblem(Out):
    """RFC 6749, 5.2."""

    error: str
    error_description: str


class NewSession(In):
    """For a page on a screen: what `/oauth/token` is for a program."""

    client_id: str = Field(max_length=CODE_CHARS_MAX)
    device_code: str = Field(max_length=CODE_CHARS_MAX)


class SessionState(Out):
    """`pending`: ask again after `interval_s` seconds. `open`: the session is in the page's cookie."""

    state: Literal["pending", "open"]
    interval_s: int | None


class DeviceAsking(Out):
    """`address`: from where the device asks, as far as our own proxies can tell."""

    device: str
    address: str | None
    asked_at: datetime


class Decision(In):
    approve: bool


async def metadata(call: Call) -> Response:
    here = call.state.settings.public_url
    content = {
        "issuer": here,
        "jwks_uri": f"{here}/.well-known/jwks.json",
        "device_authorization_endpoint": f"{here}/oauth/device_authorization",
        "token_endpoint": f"{here}/oauth/token",
        "revocation_endpoint": f"{here}/oauth/revoke",
        "grant_types_supported": [DEVICE_GRANT, "refresh_token"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
    }
    return JSONResponse(content, headers={"Cache-Control": "public, max-age=300"})


async def begin(call: Call) -> Response:
    try:
        asked = await call.form(DeviceRequest)
    except ApiError as error:
        return _refused("invalid_request", error)
    if asked.client_id not in CLIENTS:
        return _refused("invalid_client")
    codes = await call.state.devices.begin(asked.client_id, asked.device_name, call.address, call.state.now())
    page = f"{call.state.settings.public_url}/device"
    return reply(
        DeviceAnswer(
            device_code=codes.device_code,
            user_code=codes.user_code,
            verification_uri=page,
            verification_uri_complete=f"{page}?code={codes.user_code}",
            expires_in=codes.ttl_s,
            interval=codes.interval_s,
        )
    )


async def token(call: Call) -> Response:
    try:
        asked = await call.form(TokenRequest)
    except ApiError as error:
        return _refused("invalid_request", error)
    if asked.client_id not in CLIENTS:
        return _refused("invalid_client")
    try:
        if asked.grant_type == DEVICE_GRANT:
            return _granted(await call.state.devices.tokens(asked.device_code, asked.client_id, call.state.now()))
        if asked.grant_type == "refresh_token":
            return _granted(await call.state.refresh.renew(asked.refresh_token, asked.client_id, call.state.now()))
    except (DevicePending, DeviceDenied, DeviceCodeOver, RefreshSpent) as error:
        return _refused(_OAUTH_CODES[type(error)], error)
    return _refused("unsupported_grant_type")


async def revoke(call: Call) -> Response:
    """RFC 7009: whether the token was one is not told."""
    try:
        asked = await call.form(RevocationRequest)
    except ApiError as error:
        return _refused("invalid_request", error)
    await call.state.refresh.end(asked.token)
    return Response(status_code=200)


async def open_session(call: Call) -> Response:
    body = await call.body(NewSession)
    try:
        issued = await call.state.devices.session(body.device_code, body.client_id, call.state.now())
    except DevicePending as pending:
        more_s = SLOW_DOWN_S if isinstance(pending, DeviceTooFast) else 0
        return reply(SessionState(state="pending", interval_s=INTERVAL_S + more_s))
    answer = reply(SessionState(state="open", interval_s=None))
    keep_session(call, answer, issued, SESSION_TTL_S)
    return answer


async def look(call: Call) -> Response:
    asking = await call.state.devices.look(call.actor, call.text("code"), call.state.now())
    return reply(_asking(asking.device, asking.address, asking.asked_at))


async def decide(call: Call) -> Response:
    body = await call.body(Decision)
    asking = await call.state.devices.decide(call.actor, call.text("code"), body.approve, call.state.now())
    return reply(_asking(asking.device, asking.address, asking.asked_at))


def _asking(device: str, address: object, asked_at: datetime) -> DeviceAsking:
    return DeviceAsking(device=device, address=None if address is None else str(address), asked_at=asked_at)


def _granted(granted: Granted) -> Response:
    return reply(
        TokenAnswer(
            access_token=granted.access.text,
            token_type="Bearer",
            expires_in=ACCESS_TTL_S,
            refresh_token=granted.refresh,
        )
    )


def _refused(code: str, error: Exception | None = None) -> Response:
    return reply(OAuthProblem(error=code, error_description=str(error or code)), 400)


OPERATIONS = (
    Operation(
        "GET",
        "/.well-known/oauth-authorization-server",
        metadata,
        "devices",
        "What OAuth clients may do here (RFC 8414)",
        content="application/json",
        public=True,
    ),
    Operation(
        "POST",
        "/oauth/device_authorization",
        begin,
        "devices",
        "A code for a device that wants to be signed in (RFC 8628)",
        form=DeviceRequest,
        answer=DeviceAnswer,
        refusal=OAuthProblem,
        public=True,
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "POST",
        "/oauth/token",
        token,
        "devices",
        "Tokens for a device code or a refresh token",
        form=TokenRequest,
        answer=TokenAnswer,
        refusal=OAuthProblem,
        public=True,
    ),
    Operation(
        "POST",
        "/oauth/revoke",
        revoke,
        "devices",
        "Sign a device out (RFC 7009)",
        form=RevocationRequest,
        refusal=OAuthProblem,
        public=True,
    ),
    Operation(
        "POST",
        "/v1/sessions",
        open_session,
        "devices",
        "A session in this page's cookie, once its device code was approved",
        body=NewSession,
        answer=SessionState,
        public=True,
        refusals=(403, 410),
    ),
    Operation(
        "GET",
        "/v1/device-codes/{code}",
        look,
        "devices",
        "Which device shows this code",
        answer=DeviceAsking,
        refusals=(403, 404, 429),
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "POST",
        "/v1/device-codes/{code}",
        decide,
        "devices",
        "Let the device in that shows this code, or send it away",
        body=Decision,
        answer=DeviceAsking,
        refusals=(403, 404, 429),
        costs=RouteClass.SIGN_IN,
        resumes=True,
    ),
)

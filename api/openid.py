"""Routes of signing in through an outside provider: which there are, going there, and coming back.

What is checked on the way back is in `services/users/openid`.
"""

from datetime import datetime

from pydantic import ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api.call import Call, reply
from api.errors import status_of
from api.operation import Operation
from api.rates import RouteClass
from api.schemas import NEXT_CHARS_MAX, In, Out
from api.sessions import keep_session, refusal_page, same_site
from services.users.errors import UsersError
from services.users.openid.service import BEGUN_TTL_S, Begun, Returned

BROWSER_COOKIE = "sf_signin"
"""Holds what binds a sign-in to the browser that began it."""
ANSWER_CHARS_MAX = 4096


class SignInWith(In):
    next: str = Field("/", max_length=NEXT_CHARS_MAX)


class ProviderAnswer(In):
    """A provider may send more than this, so unknown fields are no error."""

    model_config = ConfigDict(extra="ignore")

    state: str = Field(min_length=1, max_length=ANSWER_CHARS_MAX)
    code: str | None = Field(None, max_length=ANSWER_CHARS_MAX)
    iss: str | None = Field(None, max_length=ANSWER_CHARS_MAX)


class ProviderOut(Out):
    """`path`: where a browser goes to sign in with it; add `?next=/...`."""

    name: str
    title: str
    path: str


class ProvidersOut(Out):
    providers: list[ProviderOut]


async def providers(call: Call) -> Response:
    found = [
        ProviderOut(name=one.name, title=one.title, path=f"/signin/{one.name}") for one in call.state.openid.providers
    ]
    return reply(ProvidersOut(providers=found))


class NewIdentity(In):
    """`next`: the path to come back to."""

    provider: str = Field(max_length=32)
    next: str = Field("/", max_length=NEXT_CHARS_MAX)


class SignInAddress(Out):
    """Where this browser goes next, within ten minutes."""

    url: str


class LinkedIdentity(Out):
    provider: str
    title: str
    linked_at: datetime


class IdentitiesOut(Out):
    identities: list[LinkedIdentity]


async def begin(call: Call) -> Response:
    query = call.query(SignInWith)
    begun = await call.state.openid.begin(call.text("provider"), same_site(query.next))
    answer = RedirectResponse(begun.url, 303)
    _bind(call, answer, begun)
    return answer


async def link(call: Call) -> Response:
    """A write, so that no other site can link its own person to whoever is signed in here."""
    body = await call.body(NewIdentity)
    begun = await call.state.openid.begin(body.provider, same_site(body.next), call.actor)
    answer = reply(SignInAddress(url=begun.url))
    _bind(call, answer, begun)
    return answer


async def linked(call: Call) -> Response:
    found = await call.state.openid.linked(call.actor)
    return reply(
        IdentitiesOut(
            identities=[LinkedIdentity(provider=one.name, title=one.title, linked_at=since) for one, since in found]
        )
    )


async def unlink(call: Call) -> Response:
    await call.state.openid.unlink(call.actor, call.text("provider"))
    return Response(status_code=204)


def _bind(call: Call, answer: Response, begun: Begun) -> None:
    """Only this browser can come back with it."""
    answer.set_cookie(
        BROWSER_COOKIE,
        begun.browser_secret,
        max_age=int(BEGUN_TTL_S),
        path="/signin",
        secure=call.state.settings.secure,
        httponly=True,
        samesite="lax",
    )


async def finish(call: Call) -> Response:
    query = call.query(ProviderAnswer)
    returned = Returned(query.state, query.code, query.iss)
    browser_secret = call.request.cookies.get(BROWSER_COOKIE, "")
    try:
        issued, target = await call.state.openid.finish(
            call.text("provider"), browser_secret, returned, call.state.now()
        )
    except UsersError as error:
        if "text/html" not in call.request.headers.get("accept", ""):
            raise
        return refusal_page(status_of(error), "You are not signed in", error.__doc__ or "", error.code)
    answer = RedirectResponse(target, 303)
    keep_session(call, answer, issued)
    answer.delete_cookie(BROWSER_COOKIE, path="/signin", secure=call.state.settings.secure, httponly=True)
    return answer


OPERATIONS = (
    Operation(
        "GET",
        "/v1/sign-in",
        providers,
        "signin",
        "Through whom one may sign in",
        answer=ProvidersOut,
        public=True,
    ),
    Operation(
        "GET",
        "/signin/{provider}",
        begin,
        "signin",
        "Sign in with a provider",
        query=SignInWith,
        status=303,
        public=True,
        refusals=(404,),
        head=False,
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "GET",
        "/signin/{provider}/callback",
        finish,
        "signin",
        "Where the provider sends the browser back",
        query=ProviderAnswer,
        status=303,
        public=True,
        refusals=(401, 403, 404),
        head=False,
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "GET",
        "/v1/identities",
        linked,
        "signin",
        "Through whom I sign in",
        answer=IdentitiesOut,
    ),
    Operation(
        "POST",
        "/v1/identities",
        link,
        "signin",
        "Sign in through one more provider from now on",
        body=NewIdentity,
        answer=SignInAddress,
        refusals=(403, 404),
        resumes=True,
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "DELETE",
        "/v1/identities/{provider}",
        unlink,
        "signin",
        "Sign in through a provider no more",
        status=204,
        refusals=(403, 404),
    ),
)

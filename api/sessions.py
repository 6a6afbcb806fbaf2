"""Routes of people: the sign-in link, who I am, signing out, tickets, and the public keys.

The cookie is HttpOnly and SameSite=Lax; on https it is Secure too.
"""

from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.call import Call, reply
from api.errors import FieldInvalid
from api.operation import Operation
from api.rates import RouteClass
from api.schemas import Me, SignIn, SignOut, Ticket
from services.users.errors import Unauthenticated, UnknownUser
from services.users.sessions import COOKIE, open_session, sign_out
from services.users.tickets import TICKET_TTL_S
from services.users.tokens import SESSION_TTL_S, Issued
from storage.tables import users
from storage.tables.users import UserRow
from sync import ids


async def sign_in(call: Call) -> Response:
    query = call.query(SignIn)
    target = same_site(query.next)
    try:
        _, issued = await open_session(call.state.stores.pool, call.state.tokens, query.token, call.state.now())
    except Unauthenticated as error:
        if "text/html" in call.request.headers.get("accept", ""):
            return refusal_page(
                401,
                "This sign-in link does not work",
                "It was used before, is too old, or was not copied whole. Ask for a new one.",
                error.code,
            )
        raise
    answer = RedirectResponse(target, 303)
    keep_session(call, answer, issued)
    return answer


def keep_session(call: Call, answer: Response, issued: Issued, ttl_s: int = SESSION_TTL_S) -> None:
    """In the browser's cookie, for as long as the token is good."""
    answer.set_cookie(
        COOKIE,
        issued.text,
        max_age=ttl_s,
        path="/",
        secure=call.state.settings.secure,
        httponly=True,
        samesite="lax",
    )


def same_site(path: str) -> str:
    """A path of this studio. Raises `FieldInvalid` for whatever a browser could take for another site."""
    parts = urlsplit(path)
    plain = path.startswith("/") and not path.startswith("//") and not any(char in path for char in "\\\r\n\t\0")
    if not plain or parts.scheme or parts.netloc:
        raise FieldInvalid("next must be a path of this studio.", field="next", limit="/...")
    return path


def refusal_page(status: int, title: str, text: str, code: str) -> Response:
    """For a person in front of a browser, instead of JSON."""
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(text)}</p>"
        f'<p><a href="/">StoryForge</a></p><p><code>{escape(code)}</code></p></html>'
    )
    return HTMLResponse(page, status)


async def me(call: Call) -> Response:
    user = await users.user_of_id(call.state.stores.pool, call.actor.user_id)
    if user is None:
        raise UnknownUser(UnknownUser.__doc__)
    return reply(me_of(user))


def me_of(user: UserRow) -> Me:
    """Of the asker's own row."""
    return Me(id=ids.to_text("usr", user.id), name=user.name, email=user.email, colour=user.colour, kind=user.kind)


async def leave(call: Call) -> Response:
    body = await call.body(SignOut)
    await sign_out(call.state.stores.pool, call.known_session, body.everywhere)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/", secure=call.state.settings.secure, httponly=True, samesite="lax")
    return answer


async def ticket(call: Call) -> Response:
    text = await call.state.tickets.issue(call.actor, call.known_session.expires_at)
    return reply(Ticket(ticket=text, expires_in_s=int(TICKET_TTL_S)), 201)


async def jwks(call: Call) -> Response:
    return JSONResponse(call.state.tokens.jwks(), headers={"Cache-Control": "public, max-age=300"})


OPERATIONS = (
    Operation(
        "GET",
        "/signin",
        sign_in,
        "sessions",
        "Open a session with a sign-in link",
        query=SignIn,
        status=303,
        public=True,
        refusals=(401,),
        head=False,
        costs=RouteClass.SIGN_IN,
    ),
    Operation("GET", "/v1/me", me, "sessions", "Who I am", answer=Me),
    Operation(
        "POST",
        "/v1/sign-out",
        leave,
        "sessions",
        "End this session, or all of yours, and what was opened by it",
        body=SignOut,
        status=204,
        resumes=True,
    ),
    Operation(
        "POST",
        "/v1/tickets",
        ticket,
        "sessions",
        "A one-use ticket for a socket",
        answer=Ticket,
        status=201,
        resumes=True,
    ),
    Operation(
        "GET", "/.well-known/jwks.json", jwks, "sessions", "The public keys", content="application/json", public=True
    ),
)

"""One request as a handler sees it: who asks, what the path, the query and the body say, checked.

A handler gets a `Call` and returns a response; refusals are raised and translated in `errors.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from api.cursors import opened, sealed
from api.errors import BodyNotJson, BodyWrongType, FieldInvalid, OriginForeign
from api.once import Once
from api.schemas import Page
from api.state import ApiState
from services.users.errors import Unauthenticated
from services.users.model import Actor
from services.users.sessions import COOKIE, Session, authenticate_session
from storage.postgres import Connection, Executor, Made, Within
from sync import ids

FORM_TYPE = "application/x-www-form-urlencoded"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_LIMITS = ("max_length", "min_length", "le", "ge", "lt", "gt", "pattern", "expected")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """`session` is None only on public routes, `once` where no Idempotency-Key came."""

    request: Request
    state: ApiState
    session: Session | None
    once: Once | None = None

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.known_session.actor

    @property
    def address(self) -> str | None:
        """From where, as far as our own proxies can tell; None: by a Unix socket."""
        address: str | None = self.request.state.address
        return address

    @property
    def known_session(self) -> Session:
        """Raises `Unauthenticated`."""
        if self.session is None:
            raise Unauthenticated(Unauthenticated.__doc__)
        return self.session

    def id(self, prefix: str, name: str) -> UUID:
        """An id of the path, `prj_...`. Raises `MalformedId`: what cannot be an id does not exist."""
        return ids.from_text(prefix, self.request.path_params[name])

    def document_id(self) -> UUID:
        """The bare 26 characters of a document. Raises `MalformedId`."""
        return ids.decode(self.request.path_params["document"])

    def text(self, name: str) -> str:
        """A piece of the path."""
        value: str = self.request.path_params[name]
        return value

    async def body(self, model: type[Model]) -> Model:
        """The JSON body. Raises `BodyNotJson`, `BodyWrongType`, `FieldInvalid`."""
        data = await self.request.body()
        if data and _media_type(self.request) != "application/json":
            raise BodyWrongType(BodyWrongType.__doc__, field="Content-Type", limit="application/json")
        try:
            return model.model_validate_json(data or b"{}")
        except ValidationError as error:
            raise _refusal(error) from error

    async def form(self, model: type[Model]) -> Model:
        """The body as a form, each field once. Raises `BodyWrongType`, `FieldInvalid`."""
        if _media_type(self.request) != FORM_TYPE:
            raise BodyWrongType(f"The request body must be {FORM_TYPE}.", field="Content-Type", limit=FORM_TYPE)
        pairs = parse_qsl((await self.request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise FieldInvalid("No field may be there twice.", field="body")
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            raise _refusal(error) from error

    def query(self, model: type[Model]) -> Model:
        """The query string. Raises `FieldInvalid`."""
        try:
            return model.model_validate(dict(self.request.query_params))
        except ValidationError as error:
            raise _refusal(error) from error

    def idempotency_key(self) -> str | None:
        """After what the effects of this request are named: the same when it is repeated with its Idempotency-Key."""
        return None if self.once is None else str(self.once.id)

    def position(self, cursor: str | None) -> str | None:
        """Where a page starts, as `page` wrote it; None: at the beginning. Raises `CursorInvalid`."""
        return None if cursor is None else opened(self.state.keys.media_secret, self.request.url.path, cursor)

    def cursor(self, position: str | None) -> str | None:
        """For the `next` of a page; None where no more follows."""
        return None if position is None else sealed(self.state.keys.media_secret, self.request.url.path, position)

    def page(self, page: Page) -> Response:
        """As JSON; the address of the next one in `Link` (RFC 8288), too."""
        answer = reply(page)
        if page.next is not None:
            url = self.request.url.include_query_params(cursor=page.next)
            answer.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return answer

    async def keep(self, executor: Executor, answer: Response) -> None:
        """What a repetition with the same Idempotency-Key is answered, in the transaction that makes it true."""
        if self.once is not None:
            await self.once.keep(executor, answer)

    def keeping(self, answer: Callable[[Made], Response]) -> Within[Made]:
        """`keep` for a service that makes something and calls back inside its transaction."""

        async def within(connection: Connection, made: Made) -> None:
            await self.keep(connection, answer(made))

        return within


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def reply(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON."""
    return Response(model.model_dump_json(), status, media_type="application/json")


async def authenticate(request: Request, state: ApiState) -> Session:
    """By Bearer header or cookie; a write with the cookie must come from a page of ours. Raises `Unauthenticated`."""
    authorization = request.headers.get("authorization", "")
    return await session_of(request, state, authorization, writes=request.method not in SAFE_METHODS)


async def session_of(connection: HTTPConnection, state: ApiState, authorization: str, *, writes: bool) -> Session:
    """As `authenticate`, where `authorization` may come otherwise than as a header."""
    scheme, _, credential = authorization.partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise Unauthenticated("Only Bearer authorisation is understood here.")
        return await _of_bearer(credential.strip(), state)
    cookie = connection.cookies.get(COOKIE)
    if not cookie:
        raise Unauthenticated(Unauthenticated.__doc__)
    if writes:
        _check_origin(connection, state)
    return await authenticate_session(state.stores.pool, state.tokens, cookie, state.now())


async def _of_bearer(credential: str, state: ApiState) -> Session:
    """Our own session token, or an access token of a provider whose settings say so."""
    theirs = await state.openid.session_of(credential, state.now())
    return theirs or await authenticate_session(state.stores.pool, state.tokens, credential, state.now())


def _check_origin(connection: HTTPConnection, state: ApiState) -> None:
    """Browsers send Origin with every write; one that sends none must at least say that the page is ours."""
    origin = connection.headers.get("origin")
    ours = origin in state.settings.origins if origin else connection.headers.get("sec-fetch-site") == "same-origin"
    if not ours:
        raise OriginForeign(OriginForeign.__doc__, field="Origin", limit=state.settings.public_url)


def _refusal(error: ValidationError) -> BodyNotJson | FieldInvalid:
    """The first thing that is wrong, with the path of its field and the limit that it broke."""
    first: ErrorDetails = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return BodyNotJson(f"The body is not JSON: {first['ctx']['error']}.")
    field = ".".join(str(piece) for piece in first["loc"]) or "body"
    context = first.get("ctx", {})
    limit = next((context[name] for name in _LIMITS if name in context), None)
    return FieldInvalid(f"{field}: {first['msg']}", field=field, limit=limit)

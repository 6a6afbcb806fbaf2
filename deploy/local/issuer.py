"""A sign-in provider for one machine: real OpenID Connect, with the demo people to choose from instead of passwords.

For `./dev up` and tests. Whoever reaches it can be anybody, so it listens on a loopback address only, gives codes only
to addresses of this machine, and is a process of its own that no production process imports.
"""

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from api.settings import LOOPBACK_HOSTS
from deploy.local.folder import write_private
from deploy.local.ports import free_port, port_free

HOST = "127.0.0.1"
ALGORITHM = "ES256"
API_AUDIENCE = "storyforge-api"
CODE_TTL_S = 60.0
TOKEN_TTL_S = 3600
FORM_BYTES_MAX = 16 * 1024
_ASKED = ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")
STYLE = """
:root { color-scheme: dark; }
body { margin: 0 auto; padding: 12vh 20px 40px; max-width: 420px; background: #0f1013; color: #e8e6e1;
       font: 17px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; letter-spacing: -0.02em; margin: 0 0 6px; } p { color: #a2a7b0; margin: 0 0 24px; }
button { display: block; width: 100%; margin: 0 0 12px; padding: 14px 16px; border: 1px solid #2b2f36; color: inherit;
         border-radius: 10px; background: #17191d; font: inherit; text-align: left; cursor: pointer; }
button:hover, button:focus-visible { border-color: #f2b84b; } small { display: block; color: #a2a7b0; }
"""
_STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
PAGE_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class IssuerPerson:
    """Somebody to be. The subject of their tokens is their address."""

    name: str
    email: str
    is_verified: bool = True

    @property
    def profile(self) -> dict[str, Any]:
        """The claims about them."""
        return {"name": self.name, "email": self.email, "email_verified": self.is_verified}


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code stands for."""

    person: IssuerPerson
    asked: Mapping[str, str]
    expires_at: float


@dataclass
class Issuer:
    """`url`: where it is reached. `redirect_origins`: besides this machine's. `now`: seconds since 1970."""

    url: str
    people: Sequence[IssuerPerson]
    redirect_origins: frozenset[str] = frozenset()
    now: Callable[[], float] = time.time
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)}))
    _grants: dict[str, _Grant] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0, section 3."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> dict[str, Any]:
        """The public half."""
        return {"keys": [self.key.as_dict(private=False, alg=ALGORITHM, use="sig")]}

    def accepts(self, asked: Mapping[str, str]) -> bool:
        """Whether the browser may be sent back there. Nothing else is answered by a redirect."""
        parts = urlsplit(asked.get("redirect_uri", ""))
        here = parts.scheme == "http" and (parts.hostname or "") in {host.strip("[]") for host in LOOPBACK_HOSTS}
        return bool(asked.get("client_id")) and (here or f"{parts.scheme}://{parts.netloc}" in self.redirect_origins)

    def grant(self, person: IssuerPerson, asked: Mapping[str, str]) -> str:
        """A code, good for one use and a minute."""
        code = secrets.token_urlsafe(24)
        self._grants = {name: one for name, one in self._grants.items() if one.expires_at > self.now()}
        self._grants[code] = _Grant(person, dict(asked), self.now() + CODE_TTL_S)
        return code

    def redeem(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Tokens for a code, its redirect address and its PKCE verifier; None for any other three."""
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or grant.expires_at <= self.now():
            return None
        challenge = _base64url(sha256(form.get("code_verifier", "").encode()).digest())
        same = all(form.get(name) == grant.asked.get(name) for name in ("client_id", "redirect_uri"))
        if not same or not compare_digest(challenge, grant.asked["code_challenge"]):
            return None
        client, person = grant.asked["client_id"], grant.person
        nonce = {"nonce": grant.asked["nonce"]} if grant.asked.get("nonce") else {}
        return {
            "token_type": "Bearer",
            "expires_in": TOKEN_TTL_S,
            "scope": grant.asked.get("scope", "openid"),
            "id_token": self.token(person, client, **person.profile, **nonce),
            "access_token": self.token(person, API_AUDIENCE, client_id=client),
        }

    def token(self, person: IssuerPerson, audience: str, **more: Any) -> str:
        """A signed token of this issuer."""
        now = int(self.now())
        claims = {
            "iss": self.url,
            "sub": person.email,
            "aud": audience,
            "iat": now,
            "exp": now + TOKEN_TTL_S,
            "jti": secrets.token_hex(8),
            **more,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid}, claims, self.key, algorithms=[ALGORITHM])

    def person_of(self, access_token: str) -> IssuerPerson | None:
        """Whose access token it is."""
        try:
            claims = jwt.decode(access_token, self.key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        good = claims.get("aud") == API_AUDIENCE and claims.get("exp", 0) > self.now()
        return self.by_email(claims["sub"]) if good else None

    def by_email(self, email: str) -> IssuerPerson | None:
        return next((person for person in self.people if person.email == email), None)


def issuer_app(issuer: Issuer, more: Sequence[BaseRoute] = ()) -> Starlette:
    """Its endpoints. `more`: beside them."""

    async def discovery(request: Request) -> Response:
        return JSONResponse(issuer.discovery())

    async def jwks(request: Request) -> Response:
        return JSONResponse(issuer.jwks())

    async def authorize(request: Request) -> Response:
        asked = {name: request.query_params[name] for name in _ASKED if name in request.query_params}
        if not issuer.accepts(asked):
            return HTMLResponse("<!doctype html><h1>This program may not sign anybody in here</h1>", 400)
        wrong = _wrong(request.query_params)
        if wrong is not None:
            return _back(issuer, asked, error=wrong)
        return HTMLResponse(_page(issuer, asked), headers=PAGE_HEADERS)

    async def choose(request: Request) -> Response:
        form = await _form(request)
        person = issuer.by_email(form.get("person", ""))
        asked = {name: form[name] for name in _ASKED if name in form}
        if person is None or not issuer.accepts(asked) or "code_challenge" not in asked:
            return HTMLResponse("<!doctype html><h1>Begin again</h1>", 400)
        return _back(issuer, asked, code=issuer.grant(person, asked))

    async def token(request: Request) -> Response:
        form = await _form(request)
        no_store = {"Cache-Control": "no-store"}
        if form.get("grant_type") != "authorization_code":
            return JSONResponse({"error": "unsupported_grant_type"}, 400, no_store)
        tokens = issuer.redeem(form)
        if tokens is None:
            return JSONResponse({"error": "invalid_grant"}, 400, no_store)
        return JSONResponse(tokens, headers=no_store)

    async def userinfo(request: Request) -> Response:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        person = issuer.person_of(text) if scheme.lower() == "bearer" else None
        if person is None:
            return Response(status_code=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return JSONResponse({"sub": person.email, **person.profile})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", jwks),
            Route("/authorize", authorize),
            Route("/authorize", choose, methods=["POST"]),
            Route("/token", token, methods=["POST"]),
            Route("/userinfo", userinfo, methods=["GET", "POST"]),
            *more,
        ]
    )


def _wrong(query: Mapping[str, str]) -> str | None:
    """The error of RFC 6749 with which the browser is sent back."""
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in query.get("scope", "").split():
        return "invalid_scope"
    if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
        return "invalid_request"
    return None


def _back(issuer: Issuer, asked: Mapping[str, str], **answer: str) -> Response:
    state = {"state": asked["state"]} if "state" in asked else {}
    target = asked["redirect_uri"]
    separator = "&" if urlsplit(target).query else "?"
    return RedirectResponse(f"{target}{separator}{urlencode({**answer, **state, 'iss': issuer.url})}", 303)


def _page(issuer: Issuer, asked: Mapping[str, str]) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in asked.items())
    buttons = "".join(
        f'<button name="person" value="{escape(one.email)}">{escape(one.name)}'
        f"<small>{escape(one.email)}</small></button>"
        for one in issuer.people
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Who are you?</title><style>{STYLE}</style><h1>Who are you?</h1>"
        "<p>This sign-in is for one machine: there are no passwords, and nobody else can reach it.</p>"
        f'<form method="post" action="/authorize">{hidden}{buttons}</form></html>'
    )


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def provider_file(folder: Path) -> tuple[Path, int]:
    """The providers file of a data folder, by which its studio signs people in here, and the port that it names: that
    of the last start where it is free, because people are known by their issuer's address."""
    path = folder / "openid.json"
    known = urlsplit(json.loads(path.read_text())["providers"][0]["issuer"]).port if path.exists() else None
    port = known if known is not None and port_free(known) else free_port()
    write_private(path, provider_of(issuer_url(port)))
    return path, port


def issuer_url(port: int) -> str:
    """Never another address than this machine's own."""
    return f"http://{HOST}:{port}"


def provider_of(url: str) -> str:
    """The content of a providers file."""
    provider = {
        "name": "local",
        "title": "Demo sign-in",
        "issuer": url,
        "client_id": "storyforge",
        "algorithms": [ALGORITHM],
        "api_audience": API_AUDIENCE,
        "links_by_email": True,
    }
    return json.dumps({"providers": [provider]}, indent=2)

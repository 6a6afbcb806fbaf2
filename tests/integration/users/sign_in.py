"""A provider on no port, a studio that signs people in through it, and tokens as others would forge them."""

import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from api.main import application
from deploy.local.issuer import API_AUDIENCE, Issuer, IssuerPerson, issuer_app, provider_of
from services.fetching.fetch import Fetcher
from services.users.openid.provider import RemoteProvider
from services.users.openid.service import OpenId, OpenIdParts
from services.users.openid.settings import Provider, Providers
from tests.integration.api.studio import URL, Studio

ISSUER = "http://127.0.0.1:9"


@dataclass
class Desk:
    """`web`: what the studio's requests to the provider meet. `asked`: the paths that it asked for. `skip_s`: moves the
    clock of what it has kept of the provider's."""

    studio: Studio
    issuer: Issuer
    openid: OpenId
    asked: list[str]
    skip_s: float = 0.0
    is_away: bool = False

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Somebody who is not signed in, at the studio."""
        app = application(replace(self.studio.state, openid=self.openid))
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, headers={"Origin": URL, **headers})

    @property
    def at_issuer(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(issuer_app(self.issuer)), base_url=ISSUER)

    async def chosen(self, begun: httpx.Response, email: str) -> str:
        """Goes where the studio sent the browser and chooses somebody; the address to which it is sent back."""
        assert begun.status_code == 303, begun.text
        asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
        async with self.at_issuer as http:
            page = await http.get(begun.headers["location"])
            assert email in page.text
            answer = await http.post("/authorize", data={**asked, "person": email})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def sign_in(self, http: httpx.AsyncClient, email: str, target: str = "/") -> httpx.Response:
        back = await self.chosen(await http.get("/signin/local", params={"next": target}), email)
        return await http.get(back)


def desk(studio: Studio, *people: IssuerPerson, **changes: Any) -> Desk:
    """`changes`: of the provider's settings."""
    issuer = Issuer(ISSUER, people, frozenset({URL}))
    local = Providers.model_validate_json(provider_of(ISSUER)).providers[0]
    provider = Provider.model_validate({**local.model_dump(), **changes})
    asked: list[str] = []
    inner = httpx.ASGITransport(issuer_app(issuer))

    class Web(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            if made.is_away:
                raise httpx.ConnectError("nobody there")
            return await inner.handle_async_request(request)

    state = studio.state
    parts = OpenIdParts(state.stores.pool, state.stores.cache, state.tokens, URL)
    made = Desk(studio, issuer, OpenId([], parts), asked)
    remote = RemoteProvider(provider, Fetcher(Web(), provider.inside), lambda: time.monotonic() + made.skip_s)
    made.openid = OpenId([remote], parts)
    return made


def access_claims(email: str, **changes: Any) -> dict[str, Any]:
    """Of an access token; `...` leaves a claim out."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": email, "aud": API_AUDIENCE, "iat": now, "exp": now + 60, "jti": "one", **changes}
    return {name: value for name, value in claims.items() if value is not ...}

"""One provider over a network that we are: what it may say about itself, and how it may refuse and fail."""

import json
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr

from services.fetching.addresses import Address
from services.fetching.fetch import Fetcher
from services.users.errors import CodeRefused, ProviderAway, TokenForged
from services.users.openid.provider import RemoteProvider
from services.users.openid.settings import Provider

ISSUER = "https://p.test"
KEY = ECKey.generate_key("P-256", {"kid": "a"})
DISCOVERY = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/me",
    "jwks_uri": f"{ISSUER}/keys",
}
ANSWERS: Mapping[str, Any] = {
    "/.well-known/openid-configuration": DISCOVERY,
    "/token": {"id_token": "i", "access_token": "a"},
    "/me": {"sub": "s"},
    "/keys": {"keys": [KEY.as_dict(private=False), {"kty": "unheard of"}, 7]},
}


class Web:
    """`answers`: by path, JSON for 200, a number for another status, None for nobody there."""

    def __init__(self, secret: str | None = None, **answers: Any) -> None:
        self.answers = {**ANSWERS, **{f"/{name}": answer for name, answer in answers.items()}}
        self.asked: list[httpx.Request] = []
        settings = Provider(
            name="p",
            title="P",
            issuer=ISSUER,
            client_id="us & co",
            client_secret=None if secret is None else SecretStr(secret),
        )
        fetcher = Fetcher(httpx.MockTransport(self._answer), (), self._resolve)
        self.remote = RemoteProvider(settings, fetcher, lambda: 0.0)

    def discovery(self, **changes: Any) -> "Web":
        found = {name: value for name, value in {**DISCOVERY, **changes}.items() if value is not ...}
        self.answers["/.well-known/openid-configuration"] = found
        return self

    async def _resolve(self, host: str, port: int) -> list[Address]:
        return [ip_address("10.0.0.1" if host.startswith("inside") else "93.184.216.34")]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers[request.url.path]
        if answer is None:
            raise httpx.ConnectError("nobody there")
        if isinstance(answer, int):
            return httpx.Response(answer)
        content = httpx.ByteStream(json.dumps(answer).encode())
        return httpx.Response(200, headers={"content-type": "application/json"}, stream=content)


async def test_where_the_browser_goes() -> None:
    url = urlsplit(await Web().remote.authorization_url("https://us.test/back", "s", "n", "c"))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.netloc, url.path, asked.pop("tenant")) == ("p.test", "/authorize", "1")
    assert asked == {
        "response_type": "code",
        "client_id": "us & co",
        "redirect_uri": "https://us.test/back",
        "scope": "openid email profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": "c",
        "code_challenge_method": "S256",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://q.test"},
        {"issuer": f"{ISSUER}/"},
        {"token_endpoint": ...},
        {"token_endpoint": "http://p.test/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": 7},
        {"userinfo_endpoint": "http://p.test/me"},
    ],
)
async def test_a_provider_that_says_nonsense_about_itself_is_not_used(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderAway):
        await Web().discovery(**changes).remote.metadata()


@pytest.mark.parametrize("answer", [None, 404, 500, 302, [], "x"])
async def test_a_provider_that_does_not_answer_is_away(answer: Any) -> None:
    web = Web()
    web.answers["/.well-known/openid-configuration"] = answer
    with pytest.raises(ProviderAway):
        await web.remote.metadata()


async def test_it_cannot_send_us_inside() -> None:
    web = Web().discovery(jwks_uri="https://inside.test/keys", token_endpoint="https://inside.test/token")
    with pytest.raises(ProviderAway):
        await web.remote.redeem("c", "https://us.test/back", "v")
    with pytest.raises(ProviderAway):
        await web.remote.verified(jwt.encode({"alg": "ES256", "kid": "a"}, {}, KEY))
    assert [request.url.path for request in web.asked] == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("secret", "methods", "header", "in_form"),
    [
        (None, ..., None, None),
        ("%&+", ..., "Basic dXMlMjAlMjYlMjBjbzolMjUlMjYlMkI=", None),
        ("%&+", ["client_secret_post"], None, ["%&+"]),
    ],
)
async def test_how_we_say_who_we_are(secret: str | None, methods: Any, header: str | None, in_form: Any) -> None:
    web = Web(secret).discovery(token_endpoint_auth_methods_supported=methods)
    redeemed = await web.remote.redeem("c", "https://us.test/back", "v")
    assert (redeemed.id_token, redeemed.access_token) == ("i", "a")
    asked = web.asked[-1]
    form = parse_qs(asked.content.decode())
    assert asked.headers.get("authorization") == header and form.get("client_secret") == in_form
    assert (form["code"], form["code_verifier"], form["client_id"]) == (["c"], ["v"], ["us & co"])


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [(400, CodeRefused), (401, CodeRefused), (500, ProviderAway), (None, ProviderAway), ({}, ProviderAway)],
)
async def test_a_code_that_is_not_taken(answer: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await Web(token=answer).remote.redeem("c", "https://us.test/back", "v")


async def test_userinfo_is_asked_with_the_access_token_where_there_is_one() -> None:
    web = Web()
    assert await web.remote.userinfo("a") == {"sub": "s"}
    assert web.asked[-1].headers["authorization"] == "Bearer a"
    assert await Web().discovery(userinfo_endpoint=...).remote.userinfo("a") == {}


async def test_a_signature_is_good_by_a_key_of_the_provider_alone() -> None:
    web = Web()
    text = jwt.encode({"alg": "ES256", "kid": "a"}, {"sub": "s"}, KEY)
    assert await web.remote.verified(text) == {"sub": "s"}
    for header in ({"alg": "ES256", "kid": "b"}, {"alg": "ES256", "kid": "a"}):
        with pytest.raises(TokenForged):
            await web.remote.verified(jwt.encode(header, {}, ECKey.generate_key("P-256")))
    assert [request.url.path for request in web.asked].count("/keys") == 1


@pytest.mark.parametrize("answer", [None, {}, {"keys": 7}])
async def test_without_keys_nobody_is_let_in(answer: Any) -> None:
    with pytest.raises(ProviderAway):
        await Web(keys=answer).remote.verified(jwt.encode({"alg": "ES256", "kid": "a"}, {}, KEY))

"""Signing in through a provider: the whole way with a browser's eyes, and every token that must not open anything."""

import base64
import json
import logging
import secrets
import time
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from httpx import ASGITransport
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from deploy.local.issuer import API_AUDIENCE, Issuer, IssuerPerson, issuer_app
from services.users.openid.kept import RENEWAL_FLOOR_S
from services.users.openid.provider import RemoteProvider
from services.users.openid.service import BEGUN_TTL_S
from services.users.sessions import COOKIE
from tests.integration.api.studio import Person, Studio
from tests.integration.users.sign_in import ISSUER, Desk, access_claims, desk


def somebody(name: str = "Mia Okoro") -> IssuerPerson:
    return IssuerPerson(name, f"{secrets.token_hex(6)}@studio.test")


async def test_the_first_sign_in_makes_a_user_and_the_second_finds_them(studio: Studio) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    seen = []
    for _ in range(2):
        async with signing.browser() as http:
            answer = await signing.sign_in(http, mia.email, "/studio/prj_x")
            assert (answer.status_code, answer.headers["location"]) == (303, "/studio/prj_x")
            seen.append((await http.get("/v1/me")).json())
            assert "sf_signin" not in http.cookies
    assert seen[0] == seen[1]
    assert (seen[0]["name"], seen[0]["email"]) == (mia.name, mia.email)


async def test_the_providers_are_told_to_whoever_wants_to_sign_in(studio: Studio) -> None:
    async with desk(studio).browser() as http:
        told = (await http.get("/v1/sign-in")).json()["providers"]
        assert told == [{"name": "local", "title": "Demo sign-in", "path": "/signin/local"}]
        assert (await http.get("/signin/other")).json()["code"] == "signin.provider_missing"


async def test_an_address_leads_to_an_account_only_where_the_provider_is_trusted_with_it(
    studio: Studio, ada: Person
) -> None:
    me = IssuerPerson("Somebody Else", ada.email)
    signing = desk(studio, me, links_by_email=False)
    async with signing.browser() as http:
        refused = await signing.sign_in(http, me.email)
        assert (refused.status_code, refused.json()["code"]) == (403, "signin.address_taken")
        assert COOKIE not in http.cookies
    trusted = desk(studio, me)
    async with trusted.browser() as http:
        assert (await trusted.sign_in(http, me.email)).status_code == 303
        assert (await http.get("/v1/me")).json()["name"] == "Ada"


async def test_an_unverified_address_is_nobody(studio: Studio, ada: Person) -> None:
    signing = desk(studio, IssuerPerson("Somebody Else", ada.email, is_verified=False))
    async with signing.browser() as http:
        refused = await signing.sign_in(http, ada.email)
        assert (refused.status_code, refused.json()["code"]) == (403, "signin.address_unverified")
    assert signing.asked[-1] == "/userinfo", "which does not know better"


@pytest.mark.parametrize(
    ("profile", "status"),
    [({"email_verified": True}, 303), ({"email_verified": True, "sub": "another"}, 401), ({}, 403)],
)
async def test_an_address_that_only_userinfo_tells_counts_if_it_is_about_the_same_person(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, profile: dict[str, Any], status: int
) -> None:
    mia = replace(somebody(), is_verified=False)
    signing = desk(studio, mia)

    async def told(_: Any, __: str) -> dict[str, Any]:
        return {"sub": mia.email, "email": mia.email, **profile}

    monkeypatch.setattr(RemoteProvider, "userinfo", told)
    async with signing.browser() as http:
        assert (await signing.sign_in(http, mia.email)).status_code == status


async def linking(signing: Desk, http: httpx.AsyncClient, email: str, **headers: str) -> httpx.Response:
    """Signed in already, somebody adds a provider and comes back from it."""
    begun = await http.post("/v1/identities", json={"provider": "local", "next": "/there"}, headers=headers)
    if begun.status_code != 200:
        return begun
    moved = httpx.Response(303, headers={"location": begun.json()["url"]})
    return await http.get(await signing.chosen(moved, email))


async def test_whoever_is_signed_in_adds_a_provider_to_their_account(studio: Studio, ada: Person) -> None:
    work = somebody("Ada At Work")
    signing = desk(studio, work, links_by_email=False)
    async with signing.browser() as http:
        http.cookies.set(COOKIE, ada.session)
        foreign = await linking(signing, http, work.email, Origin="https://evil.test")
        assert (foreign.status_code, foreign.json()["code"]) == (403, "origin.foreign")
        answer = await linking(signing, http, work.email)
        assert (answer.status_code, answer.headers["location"]) == (303, "/there")
        assert (await http.get("/v1/me")).json()["email"] == ada.email
        [one] = (await http.get("/v1/identities")).json()["identities"]
        assert (one["provider"], one["title"]) == ("local", "Demo sign-in")
    async with signing.browser() as http:
        assert (await signing.sign_in(http, work.email)).status_code == 303
        assert (await http.get("/v1/me")).json()["email"] == ada.email
        assert (await http.delete("/v1/identities/local")).status_code == 204
        assert (await http.get("/v1/identities")).json() == {"identities": []}
    async with signing.browser() as http:
        await signing.sign_in(http, work.email)
        assert (await http.get("/v1/me")).json()["email"] == work.email, "a person of their own now"


async def test_a_providers_person_is_one_account(studio: Studio, ada: Person) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    await known(signing, mia)
    async with signing.browser() as http:
        http.cookies.set(COOKIE, ada.session)
        refused = await linking(signing, http, mia.email)
        assert (refused.status_code, refused.json()["code"]) == (403, "signin.identity_taken")
        assert (await http.post("/v1/identities", json={"provider": "other"})).status_code == 404
        assert (await http.delete("/v1/identities/other")).status_code == 404
    async with signing.browser() as http:
        assert (await http.post("/v1/identities", json={"provider": "local"})).status_code == 401


async def test_an_answer_is_good_once_and_only_in_the_browser_that_asked(studio: Studio) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    async with signing.browser() as http, signing.browser() as other:
        back = await signing.chosen(await http.get("/signin/local"), mia.email)
        stolen = await other.get(back)
        assert (stolen.status_code, stolen.json()["code"]) == (401, "signin.over")
        assert (await http.get(back)).json()["code"] == "signin.over", "whoever stole it has spent it"
        back = await signing.chosen(await http.get("/signin/local"), mia.email)
        assert (await http.get(back)).status_code == 303
        assert (await http.get(back)).json()["code"] == "signin.over"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "another"}, "signin.over"),
        ({"code": "another"}, "signin.refused"),
        ({"code": ...}, "signin.refused"),
        ({"code": ..., "error": "access_denied"}, "signin.refused"),
        ({"iss": "https://evil.test"}, "signin.refused"),
        ({"iss": ...}, "signin.refused"),
    ],
)
async def test_another_answer_than_the_providers_is_refused(studio: Studio, changes: dict[str, Any], code: str) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    async with signing.browser() as http:
        back = urlsplit(await signing.chosen(await http.get("/signin/local"), mia.email))
        answer = {name: value for name, value in {**dict(parse_qsl(back.query)), **changes}.items() if value is not ...}
        refused = await http.get(f"{back.path}?{urlencode(answer)}")
        assert (refused.status_code, refused.json()["code"]) == (401, code)
        page = await http.get(f"{back.path}?{urlencode(answer)}", headers={"Accept": "text/html"})
        assert page.status_code == 401 and "You are not signed in" in page.text
        assert COOKIE not in http.cookies


@pytest.mark.parametrize("wrong", ["nonce", "audience", "party", "expired", "issuer", "key", "none"])
async def test_an_id_token_that_answers_something_else_is_refused(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    issue = signing.issuer.token

    def forged(person: IssuerPerson, audience: str, **claims: Any) -> str:
        if wrong == "key":
            return Issuer(ISSUER, [mia]).token(person, audience, **claims)
        if wrong == "none":
            return f"{encoded({'alg': 'none'})}.{encoded({**access_claims(mia.email, aud=audience), **claims})}."
        changes: dict[str, Any] = {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "another"},
            "party": {"aud": [audience, "another"], "azp": "another"},
            "expired": {"exp": int(time.time()) - 61},
            "issuer": {"iss": "https://evil.test"},
        }
        return issue(person, audience, **{**claims, **changes[wrong]})

    monkeypatch.setattr(signing.issuer, "token", forged)
    async with signing.browser() as http:
        refused = await signing.sign_in(http, mia.email)
        assert (refused.status_code, refused.json()["code"]) == (
            401,
            "token.expired" if wrong == "expired" else "token.forged",
        )
        assert COOKIE not in http.cookies


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def known(signing: Desk, person: IssuerPerson) -> None:
    async with signing.browser() as http:
        assert (await signing.sign_in(http, person.email)).status_code == 303


async def test_an_access_token_of_the_provider_is_good_at_the_api(studio: Studio) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    bearer = {"Authorization": f"Bearer {signing.issuer.token(mia, API_AUDIENCE)}"}
    async with signing.browser(**bearer) as http:
        assert (await http.get("/v1/me")).json()["code"] == "user.unknown"
        await known(signing, mia)
        assert (await http.get("/v1/me")).json()["email"] == mia.email
        assert (await http.post("/v1/tickets")).status_code == 201
        assert (await http.post("/v1/sign-out")).status_code == 204
        assert (await http.get("/v1/me")).json()["code"] == "token.revoked"
    closed = desk(studio, mia, api_audience=None)
    async with closed.browser(Authorization=f"Bearer {signing.issuer.token(mia, API_AUDIENCE)}") as http:
        assert (await http.get("/v1/me")).json()["code"] == "token.forged"


def forgeries(signing: Desk, person: IssuerPerson) -> dict[str, str]:
    """name -> an access token that must not open anything."""
    key = signing.issuer.key
    public = json.dumps(key.as_dict(private=False)).encode()
    head = {"alg": "ES256", "kid": key.kid}
    good = access_claims(person.email)
    other = ECKey.generate_key("P-256", {"kid": "unknown"})

    def signed(header: dict[str, Any], claims: Any, by: Any = key) -> str:
        return jwt.encode(header, claims, by, algorithms=[header["alg"]])

    return {
        "forged": signed(head, good, ECKey.generate_key("P-256", {"kid": str(key.kid)})),
        "expired": signed(head, access_claims(person.email, exp=int(time.time()) - 61)),
        "without an expiry": signed(head, access_claims(person.email, exp=...)),
        "of tomorrow": signed(head, access_claims(person.email, iat=int(time.time()) + 3600)),
        "wrong audience": signed(head, access_claims(person.email, aud="storyforge")),
        "without an audience": signed(head, access_claims(person.email, aud=...)),
        "wrong issuer": signed(head, access_claims(person.email, iss="https://evil.test")),
        "alg=none": f"{encoded({'alg': 'none', 'kid': key.kid})}.{encoded(good)}.",
        "alg=None": f"{encoded({'alg': 'None'})}.{encoded(good)}.",
        "HS256 with the public key": signed({"alg": "HS256", "kid": key.kid}, good, OctKey.import_key(public)),
        "unknown key": signed({"alg": "ES256", "kid": "unknown"}, good, other),
        "its own key": signed({**head, "jwk": other.as_dict(private=False)}, good, other),
        "an ID token": signed(head, access_claims(person.email, nonce="n")),
        "nobody": signed(head, access_claims("nobody@studio.test")),
        "nonsense": f"eyJhbGciOiJFUzI1NiJ9.{encoded({'iss': ISSUER})}.AAAA",
    }


async def test_every_bad_token_gets_401_and_a_line_without_it(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    await known(signing, mia)
    for name, text in forgeries(signing, mia).items():
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            async with signing.browser(Authorization=f"Bearer {text}") as http:
                answer = await http.get("/v1/me")
        assert answer.status_code == 401, name
        codes = {"expired": "token.expired", "nobody": "user.unknown"}
        assert answer.json()["code"] == codes.get(name, "token.forged"), name
        [line] = [record for record in caplog.records if record.message == "http.unauthenticated"]
        assert line.__dict__["code"] == answer.json()["code"]
        said = "\n".join(str(record.__dict__) for record in caplog.records)
        assert text not in said and text.split(".")[1] not in said, name


async def test_unknown_keys_make_the_studio_ask_once_and_a_new_key_is_found(studio: Studio) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    await known(signing, mia)
    signing.asked.clear()
    unknown = [
        jwt.encode({"alg": "ES256", "kid": f"k{number}"}, access_claims(mia.email), signing.issuer.key)
        for number in range(5)
    ]
    for text in unknown:
        async with signing.browser(Authorization=f"Bearer {text}") as http:
            assert (await http.get("/v1/me")).status_code == 401
    assert signing.asked == [], "asked a moment ago"
    signing.issuer.key = ECKey.generate_key("P-256", {"kid": "new"})
    signing.skip_s = RENEWAL_FLOOR_S
    for _ in range(3):
        async with signing.browser(Authorization=f"Bearer {signing.issuer.token(mia, API_AUDIENCE)}") as http:
            assert (await http.get("/v1/me")).status_code == 200
    assert signing.asked == ["/jwks"]


async def test_while_the_provider_is_away_nobody_new_comes_in_and_tokens_stay_good(studio: Studio) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    await known(signing, mia)
    signing.is_away = True
    signing.skip_s = 2 * 24 * 3600
    async with signing.browser(Authorization=f"Bearer {signing.issuer.token(mia, API_AUDIENCE)}") as http:
        assert (await http.get("/v1/me")).json()["email"] == mia.email
    unknown = desk(studio, mia)
    unknown.is_away = True
    async with unknown.browser() as http:
        refused = await http.get("/signin/local")
        assert (refused.status_code, refused.json()["code"]) == (503, "signin.provider_away")
        assert ISSUER not in refused.text and refused.headers["retry-after"]


async def test_a_stock_client_signs_in_by_pkce_and_its_token_opens_the_api(studio: Studio) -> None:
    mia = somebody()
    signing = desk(studio, mia)
    await known(signing, mia)
    verifier = secrets.token_urlsafe(48)
    stock = AsyncOAuth2Client(
        client_id="tool",
        redirect_uri="http://127.0.0.1:49152/done",
        scope="openid email",
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        transport=ASGITransport(issuer_app(signing.issuer)),
    )
    async with stock, signing.at_issuer as http:
        found = (await http.get("/.well-known/openid-configuration")).json()
        url, state = stock.create_authorization_url(
            found["authorization_endpoint"], code_verifier=verifier, nonce="of the tool"
        )
        asked = dict(parse_qsl(urlsplit(url).query))
        answer = await http.post(url, data={**asked, "person": mia.email})
        token = await stock.fetch_token(
            found["token_endpoint"],
            authorization_response=answer.headers["location"],
            state=state,
            code_verifier=verifier,
        )
        keys = KeySet.import_key_set((await http.get(found["jwks_uri"])).json())
        claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
        assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, "tool", "of the tool")
        assert (await stock.get(found["userinfo_endpoint"])).json()["email"] == mia.email
    async with signing.browser(Authorization=f"Bearer {token['access_token']}") as http:
        assert (await http.get("/v1/me")).json()["email"] == mia.email


async def test_a_sign_in_is_kept_in_a_cookie_for_ten_minutes_and_no_page_reads_it(studio: Studio) -> None:
    async with desk(studio).browser() as http:
        cookie = (await http.get("/signin/local")).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/signin" in cookie
    assert f"max-age={int(BEGUN_TTL_S)}" in cookie

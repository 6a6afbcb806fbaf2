"""Coming in: sign-in links, cookies, Bearer tokens, and what is refused without leaving a trace in the log."""

import base64
import json
import logging
import time
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from api.main import application
from services.users.keys import create_keys
from services.users.model import Actor, Role
from services.users.sessions import COOKIE
from services.users.tokens import SESSION_TTL_S, Tokens
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, path


async def test_a_link_opens_a_session_in_a_strict_cookie(studio: Studio) -> None:
    user = await studio.user()
    link = studio.state.tokens.issue_sign_in(user.id, time.time()).text
    async with studio.client() as http:
        answer = await http.get("/signin", params={"token": link, "next": "/studio/prj_x?a=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/studio/prj_x?a=1")
        [morsel] = SimpleCookie(answer.headers["set-cookie"]).values()
        assert (morsel.key, morsel["path"], morsel["max-age"]) == (COOKIE, "/", str(SESSION_TTL_S))
        assert morsel["httponly"] and morsel["samesite"].lower() == "lax" and not morsel["secure"]
        me = await http.get("/v1/me")
        assert me.json() == {
            "id": ids.to_text("usr", user.id),
            "name": "Ada",
            "email": user.email,
            "colour": "#aa33bb",
            "kind": "person",
        }
        assert (await http.get("/signin", params={"token": link})).status_code == 401


async def test_over_tls_the_cookie_is_secure(studio: Studio) -> None:
    settings = replace(studio.state.settings, public_url="https://studio.test")
    transport = httpx.ASGITransport(application(replace(studio.state, settings=settings)))
    link = studio.state.tokens.issue_sign_in((await studio.user()).id, time.time()).text
    async with httpx.AsyncClient(transport=transport, base_url="https://studio.test") as http:
        answer = await http.get("/signin", params={"token": link})
    [morsel] = SimpleCookie(answer.headers["set-cookie"]).values()
    assert morsel["secure"] and "strict-transport-security" in answer.headers


async def test_a_link_is_not_spent_by_looking(studio: Studio) -> None:
    link = studio.state.tokens.issue_sign_in((await studio.user()).id, time.time()).text
    async with studio.client() as http:
        assert (await http.head("/signin", params={"token": link})).status_code == 405
        assert (await http.get("/signin", params={"token": link})).status_code == 303


async def test_a_person_with_an_old_link_reads_a_sentence(studio: Studio) -> None:
    async with studio.client() as http:
        answer = await http.get("/signin", params={"token": "old"}, headers={"Accept": "text/html,*/*"})
        assert answer.status_code == 401 and "does not work" in answer.text
        assert (await http.get("/signin", params={"token": "old"})).json()["code"] == "token.forged"
        assert (await http.get("/signin")).json()["field"] == "token"


@pytest.mark.parametrize(
    "target", ["https://evil.test", "//evil.test", "/\\evil.test", "evil", "javascript:alert(1)", "/\t/evil.test"]
)
async def test_a_link_never_leads_to_another_site(studio: Studio, target: str) -> None:
    link = studio.state.tokens.issue_sign_in((await studio.user()).id, time.time()).text
    async with studio.client() as http:
        answer = await http.get("/signin", params={"token": link, "next": target})
        assert (answer.status_code, answer.json()["field"]) == (422, "next")
        assert (await http.get("/signin", params={"token": link})).status_code == 303


async def test_signing_out_ends_the_session_everywhere(studio: Studio, ada: Person) -> None:
    async with studio.browser(ada) as browser:
        answer = await browser.post("/v1/sign-out")
        assert answer.status_code == 204 and f'{COOKIE}=""' in answer.headers["set-cookie"]
    refused = await ada.http.get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "token.revoked")


async def test_signing_out_takes_along_what_the_session_asked_for(studio: Studio) -> None:
    user = await studio.user()
    links = [studio.state.tokens.issue_sign_in(user.id, time.time()).text for _ in range(3)]
    async with studio.client(Origin=URL) as one, studio.client(Origin=URL) as two, studio.client(Origin=URL) as three:
        for http, link in zip((one, two, three), links, strict=True):
            assert (await http.get("/signin", params={"token": link})).status_code == 303
        assert (await one.post("/v1/sign-out")).status_code == 204
        answers = [await http.get("/v1/me") for http in (two, three)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert (await two.post("/v1/sign-out", json={"everywhere": True})).status_code == 204
        assert (await three.get("/v1/me")).json()["code"] == "token.revoked"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(URL, True), (None, False), ("http://evil.test", False), ("null", False), (f"{URL}.evil.test", False)],
)
async def test_a_write_with_the_cookie_comes_from_our_pages(
    studio: Studio, ada: Person, origin: str | None, allowed: bool
) -> None:
    async with studio.browser(ada, origin) as browser:
        assert (await browser.get("/v1/me")).status_code == 200
        answer = await browser.post("/v1/projects", json={"title": "Night train"})
        assert answer.status_code == (201 if allowed else 403)
        if not allowed:
            assert answer.json()["code"] == "origin.foreign"


async def test_a_browser_without_origin_must_say_that_the_page_is_ours(studio: Studio, ada: Person) -> None:
    async with studio.browser(ada, None) as browser:
        for site, status in (("same-origin", 201), ("same-site", 403), ("cross-site", 403)):
            answer = await browser.post("/v1/tickets", headers={"Sec-Fetch-Site": site})
            assert answer.status_code == status


def forged(studio: Studio, person: Person, tmp_path: Path) -> dict[str, str]:
    """Name -> a credential that must not open anything."""
    now, actor = time.time(), person.actor
    tokens = studio.state.tokens
    header, payload, signature = person.session.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    other = Tokens(create_keys(tmp_path / "keys.json"), URL)
    return {
        "expired": tokens.issue_session(actor, now - 100, 10).text,
        "alg none": f"{none}.{payload}.",
        "other key": other.issue_session(actor, now).text,
        "other studio": Tokens(studio.state.keys, "http://elsewhere.test").issue_session(actor, now).text,
        "document": tokens.issue_document(actor, uuid4(), Role.OWNER, now).text,
        "sign-in": tokens.issue_sign_in(actor.user_id, now).text,
        "no user": tokens.issue_session(Actor(uuid4(), "No", "#000000", "person", ""), now).text,
        "tampered": f"{header}.{payload}.{signature[:-6]}AAAAAA",
        "nonsense": "secret-nonsense",
    }


async def test_bad_credentials_are_refused_and_never_logged(
    studio: Studio, ada: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    credentials = forged(studio, ada, tmp_path)
    with caplog.at_level(logging.DEBUG):
        for name, credential in credentials.items():
            async with studio.client(Authorization=f"Bearer {credential}") as http:
                answer = await http.get("/v1/me")
            assert answer.status_code == 401, name
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["code"] == ("token.expired" if name == "expired" else answer.json()["code"])
            assert credential not in answer.text
            async with studio.client(Cookie=f"{COOKIE}={credential}") as http:
                assert (await http.get("/v1/me")).status_code == 401, name
            async with studio.client() as http:
                await http.get("/signin", params={"token": credential})
    logged = json.dumps([record.__dict__ for record in caplog.records], default=str)
    assert "http.request" in logged
    ours = json.dumps([r.__dict__ for r in caplog.records if r.name.startswith("storyforge")], default=str)
    assert all(credential not in ours for credential in credentials.values())


async def test_nobody_gets_in_without_a_credential(studio: Studio) -> None:
    async with studio.client() as http:
        answer = await http.get("/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")
    async with studio.client(Authorization="Basic abc") as http:
        assert (await http.get("/v1/me")).status_code == 401


async def test_the_public_keys_verify_our_tokens(studio: Studio, ada: Person) -> None:
    async with studio.client() as http:
        keys = (await http.get("/.well-known/jwks.json")).json()
    assert all("d" not in key for key in keys["keys"])
    token = jwt.decode(ada.session, KeySet.import_key_set(keys), algorithms=["ES256"])
    assert token.claims["sub"] == str(ada.actor.user_id)


async def test_a_ticket_carries_who_asked_for_it(studio: Studio, ada: Person) -> None:
    answer = await ada.http.post("/v1/tickets", json={})
    assert answer.status_code == 201 and answer.json()["expires_in_s"] == 30
    redeemed = await studio.state.tickets.redeem(answer.json()["ticket"])
    assert redeemed.actor == ada.actor


async def test_a_document_token_is_capped_and_can_be_withdrawn(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, commenter=bob)
    tokens = f"/v1/documents/{ids.encode(project.storyboard.id)}/tokens"
    answer = await bob.http.post(tokens, json={"role": "owner", "ttl_s": 60})
    assert answer.status_code == 201
    issued = answer.json()
    assert (issued["role"], issued["name"]) == ("commenter", str(project.storyboard))
    claims = studio.state.tokens.verify_document(issued["token"], time.time())
    assert (claims.role, claims.document_id) == (Role.COMMENTER, project.storyboard.id)
    assert claims.expires_at == issued["expires_at"] <= time.time() + 60
    assert (await ada.http.post(tokens)).json()["role"] == "owner"
    assert (await bob.http.delete(f"{tokens}/{issued['id']}")).status_code == 204
    assert (await bob.http.delete(f"{tokens}/nonsense")).json()["field"] == "token"
    too_long = await bob.http.post(tokens, json={"ttl_s": 43_201})
    assert (too_long.status_code, too_long.json()["field"], too_long.json()["limit"]) == (422, "ttl_s", 43_200)


async def test_a_stranger_gets_no_document_token(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    for document in (ids.encode(project.storyboard.id), ids.encode(uuid4()), "nonsense"):
        answer = await bob.http.post(f"/v1/documents/{document}/tokens", json={})
        assert (answer.status_code, answer.json()["code"]) == (
            404,
            "document.missing" if document != "nonsense" else "id.malformed",
        )
    assert (await bob.http.get(path(project))).status_code == 404

"""One's own account: what one is called, and where one is signed in."""

import time

from services.users.model import Actor
from services.users.sessions import open_session
from storage.tables.users import UserRow
from sync import ids
from tests.integration.api.studio import URL, Person, Studio


async def test_a_name_and_a_colour_are_changed_and_what_is_unfit_is_named(studio: Studio, ada: Person) -> None:
    changed = await ada.http.patch("/v1/me", json={"name": "  Ada   King ", "colour": "#00ff7f"})
    assert (changed.json()["name"], changed.json()["colour"]) == ("Ada King", "#00ff7f")
    assert (await ada.http.patch("/v1/me", json={})).json() == changed.json() == (await ada.http.get("/v1/me")).json()
    for body, field in (({"name": " "}, "name"), ({"name": "a\x07"}, "name"), ({"colour": "red"}, "colour")):
        refused = await ada.http.patch("/v1/me", json=body)
        assert (refused.status_code, refused.json()["field"]) == (422, field)


async def _signed_in(studio: Studio, user: UserRow) -> tuple[Actor, str]:
    link = studio.state.tokens.issue_sign_in(user.id, time.time()).text
    actor, issued = await open_session(studio.state.stores.pool, studio.state.tokens, link, time.time())
    return actor, issued.text


async def test_sessions_are_listed_and_one_is_ended_with_what_it_asked_for(studio: Studio, bob: Person) -> None:
    user = await studio.user()
    link = studio.state.tokens.issue_sign_in(user.id, time.time()).text
    async with studio.client(Origin=URL) as browser:
        agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        assert (await browser.get("/signin", params={"token": link}, headers=agent)).status_code == 303
        _, other = await _signed_in(studio, user)
        project = (await browser.post("/v1/projects", json={"title": "Night train"})).json()
        elsewhere = studio.client(Authorization=f"Bearer {other}")
        document = project["documents"]["storyboard"]["id"]
        assert (await elsewhere.post(f"/v1/documents/{document}/tokens", json={})).status_code == 201

        newest, oldest = (await browser.get("/v1/sessions")).json()["sessions"]
        assert (oldest["current"], oldest["how"], oldest["client"]) == (True, "link", None)
        assert oldest["agent"] == agent["User-Agent"]
        assert newest["current"] is False and newest["created_at"] < newest["expires_at"]
        assert [session["current"] for session in (await elsewhere.get("/v1/sessions")).json()["sessions"]] == [
            True,
            False,
        ]
        where = f"/v1/sessions/{newest['id']}"
        assert (await bob.http.delete(where)).json()["code"] == "session.missing"
        version = "select access_version from projects where id = $1"
        project_id = ids.from_text("prj", project["id"])
        before = await studio.state.stores.pool.fetchval(version, project_id)
        assert (await browser.delete(where)).status_code == 204
        assert (await elsewhere.get("/v1/me")).json()["code"] == "token.revoked"
        assert await studio.state.stores.pool.fetchval(version, project_id) == before + 1  # open sockets look again
        live = (
            "select count(*) from issued_tokens i left join revoked_tokens r using (jti) where root = $1 and r is null"
        )
        assert await studio.state.stores.pool.fetchval(live, ids.from_text("ses", newest["id"])) == 0
        assert (await browser.delete(where)).status_code == 404
        assert len((await browser.get("/v1/sessions")).json()["sessions"]) == 1


async def test_a_program_that_a_device_code_let_in_is_listed_until_it_is_ended(studio: Studio) -> None:
    user = await studio.user()
    actor, text = await _signed_in(studio, user)
    http = studio.client(Authorization=f"Bearer {text}")
    form = {"client_id": "storyforge-tv", "device_name": "Living room"}
    codes = (await http.post("/oauth/device_authorization", data=form)).json()
    assert (await http.post(f"/v1/device-codes/{codes['user_code']}", json={"approve": True})).status_code == 200
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "storyforge-tv"}
    tokens = (await http.post("/oauth/token", data=grant | {"device_code": codes["device_code"]})).json()
    program = studio.client(Authorization=f"Bearer {tokens['access_token']}")
    assert (await program.get("/v1/sessions")).json()["code"] == "key.scope"
    assert (await program.patch("/v1/me", json={"name": "TV"})).status_code == 403
    [found] = [each for each in (await http.get("/v1/sessions")).json()["sessions"] if each["client"] is not None]
    assert found["client"] == "storyforge-tv"
    assert (await http.delete(f"/v1/sessions/{found['id']}")).status_code == 204
    assert (await program.get("/v1/me")).status_code == 401
    renewal = {"grant_type": "refresh_token", "client_id": "storyforge-tv", "refresh_token": tokens["refresh_token"]}
    assert (await http.post("/oauth/token", data=renewal)).json()["error"] == "invalid_grant"
    assert [each["current"] for each in (await http.get("/v1/sessions")).json()["sessions"]] == [True]
    assert actor.user_id == user.id

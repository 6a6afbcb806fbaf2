"""Invitations over HTTP: from the mail to the project, signed in or new, and what no log may hold."""

import logging
import re
from uuid import uuid4

import pytest

from services.users.sessions import COOKIE
from sync import ids
from tests.integration.api.studio import Person, Studio, path


async def invited(studio: Studio, owner: Person, where: str, email: str, role: str) -> str:
    """The token of the mail."""
    made = await owner.http.post(f"{where}/invitations", json={"email": email, "role": role})
    assert made.status_code == 201 and made.json()["sent_at"] is not None, made.text
    [token] = re.findall(r"/join#(\S+)", studio.mailed(email))
    return str(token)


async def test_somebody_with_an_account_comes_in(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    token = await invited(studio, ada, path(project), bob.email, "editor")
    async with studio.client() as anybody:
        offer = (await anybody.post("/v1/invitations/look", json={"token": token})).json()
        assert (offer["to"], offer["role"], offer["invited_by_name"]) == ("Night train", "editor", "Ada")
        assert (offer["email"], offer["has_account"], offer["team"]) == (bob.email, True, None)
        unknown = await anybody.post("/v1/invitations/accept", json={"token": token})
        assert (unknown.status_code, unknown.json()["code"]) == (401, "auth.required")
        known = await anybody.post("/v1/invitations/accept", json={"token": token, "name": "Mallory"})
        assert (known.status_code, known.json()["code"]) == (409, "invitation.sign_in")
    foreign = await ada.http.post("/v1/invitations/accept", json={"token": token})
    assert (foreign.status_code, foreign.json()["code"]) == (409, "invitation.other_address")
    accepted = await bob.http.post("/v1/invitations/accept", json={"token": token})
    assert accepted.json() == {"project": ids.to_text("prj", project.id), "episode": None, "team": None}
    assert (await bob.http.get(path(project))).json()["role"] == "editor"
    [row] = (await ada.http.get(f"{path(project)}/invitations")).json()["invitations"]
    assert (row["state"], row["email"]) == ("accepted", bob.email)


async def test_somebody_new_gets_an_account_and_its_cookie(studio: Studio, ada: Person) -> None:
    team = (await ada.http.post("/v1/teams", json={"name": "Cutting room"})).json()["id"]
    email = f"{uuid4().hex}@elsewhere.test"
    token = await invited(studio, ada, f"/v1/teams/{team}", email, "member")
    async with studio.client() as browser:
        accepted = await browser.post("/v1/invitations/accept", json={"token": token, "name": "Zoë"})
        assert accepted.json() == {"project": None, "episode": None, "team": team}
        assert "HttpOnly" in accepted.headers["set-cookie"] and COOKIE in browser.cookies
        me = (await browser.get("/v1/me")).json()
        assert (me["name"], me["email"], me["kind"]) == ("Zoë", email, "person")
        assert [each["id"] for each in (await browser.get("/v1/teams")).json()["teams"]] == [team]


async def test_it_is_declined_revoked_and_sent_again(studio: Studio, ada: Person, bob: Person, cem: Person) -> None:
    project = await studio.project(ada)
    token = await invited(studio, ada, path(project), bob.email, "viewer")
    async with studio.client() as anybody:
        assert (await anybody.post("/v1/invitations/decline", json={"token": token})).status_code == 204
        over = await anybody.post("/v1/invitations/look", json={"token": token})
        assert (over.status_code, over.json()["code"]) == (409, "invitation.over")
        missing = await anybody.post("/v1/invitations/look", json={"token": "join_nonsense"})
        assert (missing.status_code, missing.json()["code"]) == (404, "invitation.missing")
    await invited(studio, ada, path(project), bob.email, "viewer")
    [row, _] = (await ada.http.get(f"{path(project)}/invitations")).json()["invitations"]
    one = f"/v1/invitations/{row['id']}"
    soon = await ada.http.post(f"{one}/resend")
    assert (soon.status_code, soon.json()["code"], soon.json()["limit"]) == (429, "invitation.just_sent", 60)
    for stranger in (bob.http, cem.http):
        assert (await stranger.delete(one)).json()["code"] == "invitation.missing"
    assert (await ada.http.delete(one)).status_code == 204
    assert (await ada.http.delete(one)).json()["code"] == "invitation.over"


async def test_a_page_of_another_origin_accepts_nothing(studio: Studio, ada: Person, bob: Person) -> None:
    token = await invited(studio, ada, path(await studio.project(ada)), bob.email, "viewer")
    async with studio.browser(bob, "http://evil.test") as browser:
        answer = await browser.post("/v1/invitations/accept", json={"token": token})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin.foreign")


async def test_no_log_line_holds_a_token(
    studio: Studio, ada: Person, bob: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="storyforge"):
        token = await invited(studio, ada, path(await studio.project(ada)), bob.email, "viewer")
        await bob.http.post("/v1/invitations/accept", json={"token": token})
    assert caplog.records and all(token not in str(record.__dict__) for record in caplog.records)

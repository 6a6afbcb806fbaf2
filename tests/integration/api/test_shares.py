"""Share links over HTTP: guests with and without a password, what they may, and the end of it within a second."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.projects.model import Project
from services.shares.errors import TooManyGuests, TooManyLinks
from services.shares.model import GUESTS_MAX, LINKS_MAX, TRIES_MAX, NewShare
from services.shares.passwords import Passwords
from services.users.model import Role
from services.users.tokens import SESSION_TTL_S
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, path

PLAIN = NewShare("", None, False, False, False, None)


async def shared(owner: Person, project: Project, **wanted: object) -> tuple[dict[str, Any], str]:
    """The link and its token."""
    made = await owner.http.post(f"{path(project)}/share-links", json=wanted)
    assert made.status_code == 201, made.text
    return made.json(), made.json()["url"].partition("#")[2]


@asynccontextmanager
async def guest(studio: Studio, token: str, name: str = "Gus", **more: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that came in by the link."""
    async with studio.client(Origin="http://studio.test") as browser:
        opened = await browser.post("/v1/share-links/open", json={"token": token, "name": name, **more})
        assert opened.status_code == 200, opened.text
        yield browser


async def test_a_guest_reviews_and_does_nothing_else(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    link, token = await shared(ada, project, label="Client")
    async with studio.client() as anybody:
        seen = (await anybody.post("/v1/share-links/look", json={"token": token})).json()
    assert (seen["title"], seen["label"], seen["needs_password"]) == ("Night train", "Client", False)
    async with guest(studio, token) as browser:
        me = (await browser.get("/v1/me")).json()
        assert (me["name"], me["kind"], me["email"]) == ("Gus", "guest", None)
        there = (await browser.get(path(project))).json()
        assert (there["role"], there["may"]) == ("viewer", ["view"])
        assert [each["id"] for each in (await browser.get("/v1/projects")).json()["projects"]] == [there["id"]]
        assert (await browser.get(f"{path(project)}/snapshot")).status_code == 200
        members = (await browser.get(f"{path(project)}/members")).json()["members"]
        assert [(each["name"], each["email"]) for each in members] == [("Ada", None)]
        changed = await browser.patch(f"{path(project)}/scenes/{scene}", json={"title": "Mine"})
        assert (changed.status_code, changed.json()["code"]) == (403, "role.forbidden")
        for address, body in (("/v1/projects", {"title": "Mine"}), ("/v1/teams", {"name": "Mine"})):
            refused = await browser.post(address, json=body)
            assert (refused.status_code, refused.json()["code"]) == (403, "account.required")
        assert (await browser.get(path(await studio.project(ada)))).status_code == 404
    [row] = (await ada.http.get(f"{path(project)}/share-links")).json()["links"]
    assert (row["id"], row["guests"], row["url"]) == (link["id"], 1, None)
    came = (await ada.http.get(f"{path(project)}/share-links/{link['id']}/guests")).json()["guests"]
    assert [(each["name"], each["kind"]) for each in came] == [("Gus", "guest")]


@pytest.mark.parametrize(
    ("flags", "role", "may"),
    [
        ({"comment": True}, "commenter", ["view", "comment"]),
        ({"download": True}, "viewer", ["view", "download"]),
        ({"approve": True}, "viewer", ["view", "approve"]),
        ({"comment": True, "download": True, "approve": True}, "commenter", ["view", "comment", "download", "approve"]),
    ],
)
async def test_flags_say_what_a_guest_may(
    studio: Studio, ada: Person, flags: dict[str, bool], role: str, may: list[str]
) -> None:
    project = await studio.project(ada)
    _, token = await shared(ada, project, **flags)
    async with guest(studio, token) as browser:
        there = (await browser.get(path(project))).json()
        assert (there["role"], there["may"]) == (role, may)
        kept = await browser.get(f"{path(project)}/media/{'ab' * 32}?download=1")
        assert kept.status_code == (404 if "download" in may else 403)


async def test_a_password_is_asked_for_and_not_guessed(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    link, token = await shared(ada, project, password="correct horse")
    assert link["has_password"]

    async def attempt(**given: str) -> tuple[int, str]:
        async with studio.client() as anybody:
            answer = await anybody.post("/v1/share-links/open", json={"token": token, "name": "Gus", **given})
            return answer.status_code, answer.json().get("code", "")

    assert await attempt() == (403, "share.password")
    assert await attempt(password="correct horse") == (200, "")
    outcomes = await asyncio.gather(*(attempt(password=f"wrong horse {n}") for n in range(TRIES_MAX + 2)))
    assert sorted(outcomes) == [(403, "share.password")] * TRIES_MAX + [(429, "share.tries")] * 2
    assert await attempt(password="correct horse") == (429, "share.tries")
    stored = await studio.state.stores.pool.fetchval(
        "select l::text from share_links l where id = $1", ids.from_text("lnk", link["id"])
    )
    assert "correct horse" not in stored and token not in stored and "scrypt$15$8$3$" in stored


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"password": "short"}, "password"),
        ({"label": "x" * 81}, "label"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
        ({"role": "owner"}, "role"),
    ],
)
async def test_a_refusal_names_the_field(studio: Studio, ada: Person, wanted: dict[str, object], field: str) -> None:
    answer = await ada.http.post(f"{path(await studio.project(ada))}/share-links", json=wanted)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_who_is_signed_in_comes_as_who_they_are(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    link, token = await shared(ada, project, comment=True)
    opened = await bob.http.post("/v1/share-links/open", json={"token": token})
    assert opened.json() == {"project": ids.to_text("prj", project.id)} and "set-cookie" not in opened.headers
    assert (await bob.http.get(path(project))).json()["role"] == "commenter"
    for _ in range(2):  # again, and as a member who has more already
        await bob.http.post("/v1/share-links/open", json={"token": token})
        await studio.state.members.add(ada.actor, project.id, bob.email, Role.EDITOR)
    assert (await bob.http.get(path(project))).json()["role"] == "editor"
    [row] = (await ada.http.get(f"{path(project)}/share-links")).json()["links"]
    assert (row["id"], row["guests"]) == (link["id"], 1)


async def test_a_revoked_link_is_over_at_once(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    link, token = await shared(ada, project)
    async with guest(studio, token) as browser:
        assert (await ada.http.delete(f"{path(project)}/share-links/{link['id']}")).status_code == 204
        assert (await browser.get(path(project))).status_code == 404
        again = await browser.post("/v1/share-links/open", json={"token": token, "name": "Gus"})
        assert (again.status_code, again.json()["code"]) == (409, "share.over")
    twice = await ada.http.delete(f"{path(project)}/share-links/{link['id']}")
    assert (twice.status_code, twice.json()["code"]) == (409, "share.over")


async def test_a_guests_session_ends_with_the_link(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    ends_at = datetime.now(UTC) + timedelta(hours=1)
    _, token = await shared(ada, project, expires_at=ends_at.isoformat())
    now = time.time()
    opened = await studio.state.shares.open(token, None, "Gus", None, now)
    assert opened.session is not None
    assert opened.session.expires_at == pytest.approx(ends_at.timestamp(), abs=1)
    assert opened.session.expires_at < now + SESSION_TTL_S
    late = await studio.state.stores.pool.execute(
        "update share_links set expires_at = now() - interval '1 second' where project_id = $1", project.id
    )
    assert late == "UPDATE 1"
    async with studio.client(Authorization=f"Bearer {opened.session.text}") as browser:
        assert (await browser.get(path(project))).status_code == 404
        over = await browser.post("/v1/share-links/look", json={"token": token})
        assert (over.status_code, over.json()["code"]) == (409, "share.over")


async def test_a_link_of_a_deleted_project_is_gone(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    _, token = await shared(ada, project)
    await ada.http.delete(path(project))
    async with studio.client() as anybody:
        for given in (token, "shr_nonsense"):
            answer = await anybody.post("/v1/share-links/open", json={"token": given, "name": "Gus"})
            assert (answer.status_code, answer.json()["code"]) == (404, "share.missing")


async def test_a_guest_has_a_name(studio: Studio, ada: Person) -> None:
    _, token = await shared(ada, await studio.project(ada))
    async with studio.client() as anybody:
        for name in (None, "  ", "a\x07b"):
            answer = await anybody.post("/v1/share-links/open", json={"token": token, "name": name})
            assert (answer.status_code, answer.json()["field"]) == (422, "name")


async def test_so_many_links_and_guests_and_no_more(studio: Studio, ada: Person) -> None:
    project, shares, now = await studio.project(ada), studio.state.shares, time.time()
    made = [await shares.create(ada.actor, project.id, PLAIN, now) for _ in range(LINKS_MAX)]
    with pytest.raises(TooManyLinks):
        await shares.create(ada.actor, project.id, PLAIN, now)
    link, token = made[0]
    await studio.state.stores.pool.execute(
        """
        with people as (
            insert into users (id, name, colour, kind)
            select gen_random_uuid(), 'Gus', '#aa33bb', 'guest' from generate_series(1, $2) returning id
        )
        insert into share_guests (link_id, user_id) select $1, id from people
        """,
        link.id,
        GUESTS_MAX,
    )
    with pytest.raises(TooManyGuests):
        await shares.open(token, None, "Gus", None, now)


async def test_passwords_are_compared_whole() -> None:
    passwords = Passwords(lambda size: b"\7" * size)
    kept = await passwords.hash("correct horse ✓")
    assert await passwords.matches("correct horse ✓", kept)
    for wrong in ("", "correct horse", "correct horse ✓ "):
        assert not await passwords.matches(wrong, kept)


async def test_a_link_is_changed_by_whoever_has_read_it(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    link, token = await shared(ada, project, comment=True, download=True)
    where = f"{path(project)}/share-links/{link['id']}"
    unread = await ada.http.patch(where, json={"comment": False})
    assert (unread.status_code, unread.json()["code"]) == (428, "precondition.required")
    tag = (await ada.http.get(where)).headers["etag"]
    browser = studio.client(Origin=URL)
    assert (await browser.post("/v1/share-links/open", json={"token": token, "name": "Gus"})).status_code == 200
    changed = await ada.http.patch(where, json={"comment": False, "label": "Producer"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert {**changed.json(), "guests": 1} == changed.json()
    assert (changed.json()["comment"], changed.json()["download"], changed.json()["label"]) == (False, True, "Producer")
    late = await ada.http.patch(where, json={"comment": True}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "precondition.failed")
    assert (await browser.get(path(project))).json()["role"] == "viewer"
    entries = (await ada.http.get(f"{path(project)}/audit")).json()["entries"]
    assert [entry["action"] for entry in entries if entry["action"].startswith("link")] == [
        "link.changed",
        "link.opened",
        "link.created",
    ]


async def test_its_password_and_its_end_come_and_go(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    link, token = await shared(ada, project)
    where, anybody = f"{path(project)}/share-links/{link['id']}", {"If-Match": "*"}
    locked = await ada.http.patch(where, json={"password": "correct horse"}, headers=anybody)
    assert locked.json()["has_password"] is True
    browser = studio.client(Origin=URL)
    refused = await browser.post("/v1/share-links/open", json={"token": token, "name": "Gus"})
    assert (refused.status_code, refused.json()["code"]) == (403, "share.password")
    soon = datetime.fromtimestamp(studio.state.now() + 3600, UTC).isoformat()
    ended = await ada.http.patch(where, json={"password": None, "expires_at": soon}, headers=anybody)
    assert (ended.json()["has_password"], ended.json()["expires_at"] is None) == (False, False)
    assert (await browser.post("/v1/share-links/open", json={"token": token, "name": "Gus"})).status_code == 200
    for_ever = await ada.http.patch(where, json={"expires_at": None}, headers=anybody)
    assert for_ever.json()["expires_at"] is None
    past = await ada.http.patch(where, json={"expires_at": "2001-01-01T00:00:00Z"}, headers=anybody)
    assert (past.status_code, past.json()["code"]) == (422, "share.expiry")
    await ada.http.delete(where)
    over = await ada.http.patch(where, json={"comment": True}, headers=anybody)
    assert (over.status_code, over.json()["code"]) == (409, "share.over")

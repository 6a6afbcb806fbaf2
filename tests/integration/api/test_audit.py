"""The audit log: what is in it, who reads it, and that nobody changes it."""

import time
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest

from api.main import application
from services.users import audit
from services.users.audit import Action
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, path


async def of_project(person: Person, project: Any, **query: Any) -> list[dict[str, Any]]:
    answer = await person.http.get(f"{path(project)}/audit", params=query)
    assert answer.status_code == 200, answer.text
    entries: list[dict[str, Any]] = answer.json()["entries"]
    return entries


async def of_studio(studio: Studio, operator: Person) -> httpx.Response:
    settings = replace(studio.state.settings, operators=frozenset({operator.actor.user_id}))
    transport = httpx.ASGITransport(application(replace(studio.state, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url=URL, headers=operator.http.headers) as http:
        return await http.get("/v1/audit")


async def test_a_token_of_a_document_is_written_down_without_the_token(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    tokens = f"/v1/documents/{ids.encode(project.storyboard.id)}/tokens"
    issued = (await ada.http.post(tokens, json={"role": "viewer"}, headers={"User-Agent": "board/1"})).json()
    assert (await ada.http.delete(f"{tokens}/{issued['id']}")).status_code == 204
    revoked, made, _created = await of_project(ada, project)
    assert (made["action"], revoked["action"]) == ("token.issued", "token.revoked")
    assert made["actor"] == {"id": ids.to_text("usr", ada.actor.user_id), "name": "Ada"}
    assert (made["address"], made["agent"]) == ("127.0.0.1", "board/1")
    assert made["detail"] == {"id": issued["id"], "document": str(project.storyboard.id), "role": "viewer"}
    assert made["request_id"] and made["project"] == ids.to_text("prj", project.id)
    assert issued["token"] not in str(made)


async def test_signing_in_and_out_and_what_was_refused(studio: Studio, ada: Person) -> None:
    user = await studio.user("Eve")
    link = studio.state.tokens.issue_sign_in(user.id, time.time()).text
    async with studio.client(Origin=URL) as http:
        await http.get("/signin", params={"token": link})
        await http.get("/signin", params={"token": link}, headers={"User-Agent": f"curl ?token={link}"})
        assert (await http.post("/v1/sign-out")).status_code == 204
    answer = await of_studio(studio, ada)
    ended, refused, opened = answer.json()["entries"][:3]
    assert (opened["action"], opened["actor"]["name"], opened["detail"]["how"]) == ("session.opened", "Eve", "link")
    assert (refused["action"], refused["actor"]) == ("session.refused", None)
    assert refused["detail"] == {"how": "link", "code": "token.revoked"}
    assert refused["agent"] == "curl ?token=[removed]"
    assert (ended["action"], ended["detail"]["id"]) == ("session.ended", opened["detail"]["id"])
    assert link not in answer.text


async def test_pages_go_back_in_time_and_hold_one_project(studio: Studio, ada: Person) -> None:
    project, other = await studio.project(ada), await studio.project(ada)
    for number in range(5):
        for one in (project, other):
            await audit.record(
                studio.state.stores.pool, Action.TOKEN_ISSUED, actor_id=None, project_id=one.id, number=number
            )
    first = (await ada.http.get(f"{path(project)}/audit", params={"limit": 4})).json()
    second = (await ada.http.get(f"{path(project)}/audit", params={"limit": 4, "cursor": first["next"]})).json()
    numbers = [entry["detail"].get("number") for page in (first, second) for entry in page["entries"]]
    assert (numbers, second["next"]) == ([4, 3, 2, 1, 0, None], None), "the oldest is that of the project's making"


async def test_only_operators_read_that_of_the_studio(studio: Studio, ada: Person, bob: Person) -> None:
    assert (await of_studio(studio, ada)).status_code == 200
    refused = await bob.http.get("/v1/audit")
    assert (refused.status_code, refused.json()["code"]) == (403, "operator.required")


@pytest.mark.parametrize(
    "statement",
    ["update audit_log set action = 'a.b'", "delete from audit_log where id = -1", "truncate audit_log"],
)
async def test_the_database_refuses_to_change_it(pool: asyncpg.Pool, statement: str) -> None:
    """The tests connect as the owner of the tables, who may do more than any role of the application."""
    await audit.record(pool, Action.TOKEN_ISSUED, actor_id=None)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only appended to"):
            await connection.execute(statement)
        await transaction.rollback()


@pytest.mark.parametrize("address", ["fe80::1%eth0", "2001:db8::1", "10.0.0.7", "unix", None])
async def test_whatever_the_peer_is_called_the_entry_is_written(
    pool: asyncpg.Pool, studio: Studio, ada: Person, address: str | None
) -> None:
    with audit.coming_from(address, "\ud800 \0 " + "x" * 300):
        await audit.record(pool, Action.SESSION_REFUSED, actor_id=None, code="\0" + "y" * 300)
    entry = (await of_studio(studio, ada)).json()["entries"][0]
    assert entry["address"] == {"fe80::1%eth0": "fe80::1", "unix": None}.get(str(address), address)
    assert (len(entry["agent"]), len(entry["detail"]["code"])) == (200, 200)

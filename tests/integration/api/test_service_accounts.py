"""Service accounts and their keys over HTTP and at documents: what a key opens, how much of it, and its end."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from services.projects.model import Project
from services.service_accounts.errors import TooManyAccounts, TooManyKeys
from services.service_accounts.service import ACCOUNTS_MAX, KEYS_MAX, WantedKey
from services.users.api_keys import KEY_CHARS, is_api_key
from services.users.errors import NoSuchDocument, TokenForged, TokenRevoked
from services.users.model import Role
from services.users.sockets import authenticate_key_socket, authenticate_socket, recheck_socket
from services.users.standings import asking
from sync import ids
from tests.integration.api.studio import Person, Studio, path


@dataclass(frozen=True)
class Renderer:
    """A program of Ada's team, which edits her project."""

    studio: Studio
    ada: Person
    project: Project
    team: str
    account: str

    async def key(self, role: str = "editor", **more: str) -> dict[str, Any]:
        body = {"name": "Night shift", "role": role, **more}
        made = await self.ada.http.post(f"/v1/service-accounts/{self.account}/keys", json=body)
        assert made.status_code == 201, made.text
        return dict(made.json())

    def http(self, key: str) -> httpx.AsyncClient:
        return self.studio.client(Authorization=f"Bearer {key}")


@pytest_asyncio.fixture
async def renderer(studio: Studio, ada: Person) -> Renderer:
    project = await studio.project(ada)
    team = (await ada.http.post("/v1/teams", json={"name": "Machines"})).json()["id"]
    account = await ada.http.post(f"/v1/teams/{team}/service-accounts", json={"name": "Renderer"})
    assert account.status_code == 201, account.text
    assert (await ada.http.put(f"{path(project)}/teams/{team}", json={"role": "editor"})).status_code == 200
    return Renderer(studio, ada, project, team, account.json()["id"])


async def test_a_program_comes_in_with_its_key(renderer: Renderer) -> None:
    made = await renderer.key()
    key = made["key"]
    assert is_api_key(key) and len(key) == KEY_CHARS and key.startswith(made["shown"])
    async with renderer.http(key) as http:
        me = (await http.get("/v1/me")).json()
        assert (me["id"], me["name"], me["kind"], me["email"]) == (renderer.account, "Renderer", "service", None)
        assert (await http.get(path(renderer.project))).json()["role"] == "editor"
        assert (await http.post(f"{path(renderer.project)}/scenes", json={"title": "New"})).status_code == 201
    where = f"/v1/service-accounts/{renderer.account}/keys"
    [row] = (await renderer.ada.http.get(where)).json()["keys"]
    assert (row["key"], row["shown"], row["role"], row["project"]) == (None, made["shown"], "editor", None)
    assert row["used_at"] is not None
    members = (await renderer.ada.http.get(f"/v1/teams/{renderer.team}/members")).json()["members"]
    assert ("Renderer", "service", None) in [(each["name"], each["kind"], each["email"]) for each in members]


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("commenter", 403), ("editor", 201), ("owner", 201)])
async def test_a_key_carries_at_most_its_role(renderer: Renderer, role: str, status: int) -> None:
    async with renderer.http((await renderer.key(role))["key"]) as http:
        seen = (await http.get(path(renderer.project))).json()["role"]
        assert seen == ("editor" if role == "owner" else role)  # the account itself is an editor
        assert (await http.post(f"{path(renderer.project)}/scenes", json={})).status_code == status
        narrow = await http.post("/v1/projects", json={"title": "Mine"})
        assert (narrow.status_code, narrow.json().get("code")) == (
            (201, None) if role == "owner" else (403, "key.scope")
        )


async def test_a_key_of_one_project_opens_no_other(renderer: Renderer) -> None:
    other = await renderer.studio.project(renderer.ada)
    await renderer.ada.http.put(f"{path(other)}/teams/{renderer.team}", json={"role": "editor"})
    here = ids.to_text("prj", renderer.project.id)
    key = (await renderer.key(project=here))["key"]
    async with renderer.http(key) as http:
        assert (await http.get(path(renderer.project))).status_code == 200
        assert (await http.get(path(other))).status_code == 404
        assert [each["id"] for each in (await http.get("/v1/projects")).json()["projects"]] == [here]
        assert (await http.get(f"/v1/documents/{ids.encode(other.storyboard.id)}/content")).status_code == 404
        ticket = (await http.post("/v1/tickets")).json()["ticket"]
    ask, state = asking(renderer.studio.state.stores.pool), renderer.studio.state
    with pytest.raises(NoSuchDocument):
        await authenticate_socket(ask, state.tokens, state.tickets, ticket, other.storyboard.id, time.time())


async def test_a_socket_takes_a_key_and_loses_it(renderer: Renderer) -> None:
    made, pool, document = (
        await renderer.key("commenter"),
        renderer.studio.state.stores.pool,
        renderer.project.storyboard,
    )
    identity = await authenticate_key_socket(asking(pool), pool, made["key"], document.id, time.time())
    assert (identity.role, identity.actor.kind, identity.actor.name) == (Role.COMMENTER, "service", "Renderer")
    assert identity.expires_at == pytest.approx(datetime.fromisoformat(made["expires_at"]).timestamp(), abs=1)
    async with renderer.http(made["key"]) as http:
        token = (await http.post(f"/v1/documents/{ids.encode(document.id)}/tokens", json={})).json()["token"]
    state = renderer.studio.state
    traded = await authenticate_socket(asking(pool), state.tokens, state.tickets, token, document.id, time.time())
    assert traded.role is Role.COMMENTER
    where = f"/v1/service-accounts/{renderer.account}/keys/{made['id']}"
    assert (await renderer.ada.http.delete(where)).status_code == 204
    for opened in (identity, traded):
        with pytest.raises(TokenRevoked):
            await recheck_socket(asking(pool), opened, time.time())
    with pytest.raises(TokenRevoked):
        await authenticate_key_socket(asking(pool), pool, made["key"], document.id, time.time())
    version = await pool.fetchval("select access_version from projects where id = $1", renderer.project.id)
    assert version > identity.access.access_version, "the hub is told to look"
    over = await renderer.ada.http.delete(where)
    assert (over.status_code, over.json()["code"]) == (409, "key.over")


async def test_a_key_that_is_not_good_opens_nothing(renderer: Renderer, caplog: pytest.LogCaptureFixture) -> None:
    made, pool = await renderer.key(), renderer.studio.state.stores.pool
    forged = made["key"][:-4] + "AAAA"
    with caplog.at_level(logging.DEBUG, logger="storyforge"):
        for key, code in ((forged, "token.forged"), (made["key"] + "A", "token.forged")):
            async with renderer.http(key) as http:
                answer = await http.get(path(renderer.project))
                assert (answer.status_code, answer.json()["code"]) == (401, code)
        await pool.execute(
            "update api_keys set expires_at = now() - interval '1 s' where id = $1", ids.from_text("key", made["id"])
        )
        async with renderer.http(made["key"]) as http:
            late = await http.get(path(renderer.project))
            assert (late.status_code, late.json()["code"]) == (401, "token.expired")
    assert caplog.records
    assert all(made["key"][10:30] not in str(record.__dict__) for record in caplog.records)
    stored = await pool.fetchval("select k::text from api_keys k where id = $1", ids.from_text("key", made["id"]))
    assert made["key"] not in stored
    with pytest.raises(TokenForged):
        await authenticate_key_socket(asking(pool), pool, forged, renderer.project.storyboard.id, time.time())


async def test_signing_out_ends_the_key(renderer: Renderer) -> None:
    async with renderer.http((await renderer.key())["key"]) as http:
        assert (await http.post("/v1/sign-out")).status_code == 204
        assert (await http.get("/v1/me")).json()["code"] == "token.revoked"


async def test_an_account_that_is_deleted_is_nobody(renderer: Renderer) -> None:
    made = await renderer.key()
    assert (await renderer.ada.http.delete(f"/v1/service-accounts/{renderer.account}")).status_code == 204
    async with renderer.http(made["key"]) as http:
        assert (await http.get("/v1/me")).json()["code"] == "token.forged"
    gone = await renderer.ada.http.get(f"/v1/service-accounts/{renderer.account}/keys")
    assert (gone.status_code, gone.json()["code"]) == (404, "account.missing")
    assert (await renderer.ada.http.get(f"/v1/teams/{renderer.team}/service-accounts")).json() == {"accounts": []}


async def test_a_team_that_is_deleted_takes_its_programs_along(renderer: Renderer) -> None:
    key = (await renderer.key())["key"]
    assert (await renderer.ada.http.delete(f"/v1/teams/{renderer.team}")).status_code == 204
    async with renderer.http(key) as http:
        assert (await http.get("/v1/me")).status_code == 401


async def test_only_its_teams_admins_have_to_do_with_it(renderer: Renderer, bob: Person) -> None:
    made = await renderer.key()
    keys, accounts = f"/v1/service-accounts/{renderer.account}/keys", f"/v1/teams/{renderer.team}/service-accounts"
    routes = [
        ("GET", keys, None, "account.missing"),
        ("POST", keys, {"name": "Mine"}, "account.missing"),
        ("DELETE", f"{keys}/{made['id']}", None, "account.missing"),
        ("DELETE", f"/v1/service-accounts/{renderer.account}", None, "account.missing"),
        ("GET", accounts, None, "team.missing"),
        ("POST", accounts, {"name": "Mine"}, "team.missing"),
    ]
    async with renderer.http((await renderer.key("owner"))["key"]) as itself:
        for method, where, body, code in routes:
            answer = await bob.http.request(method, where, json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, code), (method, where)
            weak = await itself.request(method, where, json=body)  # a member of the team, no admin
            assert (weak.status_code, weak.json()["code"]) == (403, "role.forbidden"), (method, where)
    unknown = await renderer.ada.http.delete(f"{keys}/{ids.to_text('key', uuid4())}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "key.missing")


async def test_a_key_ends_within_a_year_and_names_a_project_of_ones_own(renderer: Renderer, bob: Person) -> None:
    where, now = f"/v1/service-accounts/{renderer.account}/keys", datetime.now(UTC)
    foreign = ids.to_text("prj", (await renderer.studio.project(bob)).id)
    for body, status, field in (
        ({"expires_at": (now - timedelta(seconds=1)).isoformat()}, 422, "expires_at"),
        ({"expires_at": (now + timedelta(days=367)).isoformat()}, 422, "expires_at"),
        ({"role": "admin"}, 422, "role"),
        ({"name": " "}, 422, "name"),
        ({"project": foreign}, 404, None),
    ):
        answer = await renderer.ada.http.post(where, json={"name": "Night shift", **body})
        assert (answer.status_code, answer.json().get("field")) == (status, field), body
    made = await renderer.key(expires_at=(now + timedelta(days=1)).isoformat())
    assert datetime.fromisoformat(made["expires_at"]) == now + timedelta(days=1)


async def test_so_many_accounts_and_keys_and_no_more(renderer: Renderer) -> None:
    accounts, ada = renderer.studio.state.accounts, renderer.ada.actor
    team_id, user_id = ids.from_text("team", renderer.team), ids.from_text("usr", renderer.account)
    for number in range(ACCOUNTS_MAX - 1):
        await accounts.create(ada, team_id, f"Renderer {number}")
    with pytest.raises(TooManyAccounts):
        await accounts.create(ada, team_id, "One more")
    wanted = WantedKey("Night shift", Role.VIEWER, None, None)
    for _ in range(KEYS_MAX):
        await accounts.create_key(ada, user_id, wanted, time.time())
    with pytest.raises(TooManyKeys):
        await accounts.create_key(ada, user_id, wanted, time.time())


async def test_all_of_it_is_in_the_audit_log(renderer: Renderer) -> None:
    made = await renderer.key()
    await renderer.ada.http.delete(f"/v1/service-accounts/{renderer.account}/keys/{made['id']}")
    await renderer.ada.http.delete(f"/v1/service-accounts/{renderer.account}")
    found = await renderer.studio.state.stores.pool.fetch(
        "select action, a::text as entry from audit_log a where user_id = $1 order by id",
        ids.from_text("usr", renderer.account),
    )
    assert [row["action"] for row in found] == [
        "team.member_set",
        "account.created",
        "key.created",
        "key.revoked",
        "account.deleted",
    ]
    assert all(made["key"] not in row["entry"] for row in found)

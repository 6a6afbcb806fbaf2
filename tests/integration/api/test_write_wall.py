"""Writes over HTTP work as the application's database role: a rule that is forgotten is not a hole."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.projects.model import ProjectKind
from services.users.access import ProjectAccess, access_project
from services.users.model import Need
from storage.tables import projects as project_rows
from storage.wall import ROLE
from sync import ids
from tests.integration.api.studio import Person, Studio, path


def forget(monkeypatch: pytest.MonkeyPatch, access: ProjectAccess) -> None:
    """Services that let everybody do everything: what one that forgot to ask would be."""

    async def anything(executor: Any, actor: Any, project_id: UUID, need: Any, **more: Any) -> ProjectAccess:
        return access

    for place in ("changes", "episodes", "members", "service", "episode_roles"):
        monkeypatch.setattr(f"services.projects.{place}.access_project", anything)
    monkeypatch.setattr("services.shares.service.access_project", anything)


WRITES: dict[str, Callable[[httpx.AsyncClient, str, Person], Awaitable[httpx.Response]]] = {
    "season": lambda http, project, bob: http.post(f"{project}/seasons", json={"title": "Mine"}),
    "episode": lambda http, project, bob: http.post(f"{project}/episodes", json={"title": "Mine"}),
    "member": lambda http, project, bob: http.post(f"{project}/members", json={"email": bob.email, "role": "owner"}),
    "link": lambda http, project, bob: http.post(f"{project}/share-links", json={"label": "Mine"}),
    "title": lambda http, project, bob: http.patch(project, json={"title": "Mine"}),
    "deletion": lambda http, project, bob: http.delete(project),
}


@pytest.mark.parametrize("write", WRITES)
async def test_a_forgotten_question_changes_nothing_of_others(
    studio: Studio, ada: Person, bob: Person, write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = studio.state.stores.pool
    project = await studio.project(ada, ProjectKind.SERIES)
    forget(monkeypatch, await access_project(pool, ada.actor, project.id, Need.ADMIN))

    async def everything() -> list[asyncpg.Record]:
        tables = ("seasons", "episodes", "project_members", "share_links", "project_events")
        found = await pool.fetch("select * from projects where id = $1", project.id)
        for table in tables:
            found += await pool.fetch(f"select * from {table} where project_id = $1", project.id)
        return found

    before = await everything()
    async with studio.lenient(bob) as http:
        await WRITES[write](http, path(project), bob)
    assert await everything() == before


async def test_every_write_works_as_the_role(studio: Studio, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    update = project_rows.update_project

    async def watched(executor: Any, *given: Any) -> None:
        seen.append(await executor.fetchval("select current_user"))
        await update(executor, *given)

    monkeypatch.setattr(project_rows, "update_project", watched)
    project = await studio.project(ada)
    assert (await ada.http.patch(path(project), json={"title": "New"})).status_code == 200
    assert seen == [ROLE]


async def test_who_leaves_by_a_request_is_told_to_everybody_by_it(studio: Studio, ada: Person, bob: Person) -> None:
    project, pool = await studio.project(ada, editor=bob), studio.state.stores.pool

    async def version() -> int:
        return int(await pool.fetchval("select access_version from projects where id = $1", project.id))

    before = await version()
    me = ids.to_text("usr", bob.actor.user_id)
    assert (await bob.http.delete(f"{path(project)}/members/{me}")).status_code == 204
    assert await version() == before + 1
    team = (await ada.http.post("/v1/teams", json={"name": "Sound"})).json()["id"]
    await ada.http.put(f"{path(project)}/teams/{team}", json={"role": "viewer"})
    await pool.execute(
        "insert into team_members (team_id, user_id, role) values ($1, $2, 'member')",
        *(ids.from_text("team", team), bob.actor.user_id),
    )
    before = await version()
    assert (await bob.http.delete(f"/v1/teams/{team}/members/{me}")).status_code == 204
    assert await version() == before + 1
    assert (await bob.http.get(path(project))).status_code == 404


async def test_who_is_invited_to_a_team_is_read_by_its_members(studio: Studio, ada: Person) -> None:
    team = (await ada.http.post("/v1/teams", json={"name": "Sound"})).json()["id"]
    where = f"/v1/teams/{team}/invitations"
    made = await ada.http.post(where, json={"email": "zoe@elsewhere.test", "role": "member"})
    assert made.status_code == 201, made.text
    assert [each["id"] for each in (await ada.http.get(where)).json()["invitations"]] == [made.json()["id"]]

"""Roles of one episode over HTTP: what they show, what they narrow, and what they can never widen."""

import re
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from api.stream import source_of
from services.projects.model import Project, ProjectKind
from services.users.errors import NoSuchProject
from services.users.sessions import Session
from storage.events import read_events
from storage.wall import walled_for
from sync import ids
from tests.integration.api.studio import Person, Studio, path


@dataclass(frozen=True)
class Series:
    """Two episodes with a scene and a take each; the second is the one that is shared."""

    project: Project
    first: dict[str, Any]
    second: dict[str, Any]
    scenes: tuple[str, str]
    take: str

    @property
    def path(self) -> str:
        return path(self.project)

    @property
    def there(self) -> str:
        return f"{self.path}/episodes/{self.second['id']}"


@pytest_asyncio.fixture
async def series(studio: Studio, ada: Person) -> Series:
    project = await studio.project(ada, ProjectKind.SERIES)
    made = await ada.http.post(f"{path(project)}/episodes", json={"title": "Two"})
    first, second = (await ada.http.get(f"{path(project)}/episodes")).json()["episodes"]
    assert second == made.json()
    here = await studio.scene(ada, project, title="Platform one", prompt="A train at night.")
    there = await studio.scene(ada, project, title="Platform two", prompt="A train.", episode=second["id"])
    _, take = await studio.take(ada, project, here)
    return Series(project, first, second, (here, there), take)


def document_of(episode: dict[str, Any]) -> str:
    """The storyboard's bare id, of its name."""
    name: str = episode["documents"]["storyboard"]["name"]
    return name.split(":")[1].partition("@")[0]


async def give(owner: Person, series: Series, person: Person, role: str) -> None:
    answer = await owner.http.post(f"{series.there}/members", json={"email": person.email, "role": role})
    assert answer.status_code == 200, answer.text


async def test_who_has_one_episode_sees_that_and_nothing_of_the_others(
    studio: Studio, ada: Person, bob: Person, series: Series
) -> None:
    assert (await bob.http.get(series.path)).status_code == 404
    await give(ada, series, bob, "editor")
    project = (await bob.http.get(series.path)).json()
    assert (project["role"], project["episodes"]) == ("viewer", 1)
    assert [each["id"] for each in (await bob.http.get("/v1/projects")).json()["projects"]] == [project["id"]]
    [seen] = (await bob.http.get(f"{series.path}/episodes")).json()["episodes"]
    assert seen == series.second | {"number": 1}, "the first that they see"
    for where in ("scenes", "snapshot"):
        assert [each["id"] for each in (await bob.http.get(f"{series.path}/{where}")).json()["scenes"]] == [
            series.scenes[1]
        ]
    found = (await bob.http.get(f"{series.path}/search?q=platform")).json()["hits"]
    assert {hit["episode"] for hit in found} == {series.second["id"]}
    assert (await bob.http.get(f"{series.path}/takes")).json()["takes"] == []
    for hidden in (
        f"{series.path}/scenes/{series.scenes[0]}",
        f"{series.path}/scenes/{series.scenes[0]}/shots",
        f"/v1/takes/{series.take}",
        f"/v1/documents/{document_of(series.first)}/content",
        f"{series.path}/episodes/{series.first['id']}/members",
    ):
        assert (await bob.http.get(hidden)).status_code == 404, hidden


async def test_an_editor_of_one_episode_edits_there_and_only_there(
    studio: Studio, ada: Person, bob: Person, series: Series
) -> None:
    await give(ada, series, bob, "editor")
    scene = f"{series.path}/scenes/{series.scenes[1]}"
    assert (await bob.http.patch(scene, json={"title": "Mine"})).status_code == 200
    added = await bob.http.post(f"{series.path}/scenes", json={"title": "New"})
    assert (added.status_code, added.json()["episode"]) == (201, series.second["id"])
    elsewhere = await bob.http.post(f"{series.path}/scenes", json={"title": "New", "episode": series.first["id"]})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "episode.missing")
    for answer in (
        await bob.http.patch(series.path, json={"title": "Mine"}),
        await bob.http.post(f"{series.path}/episodes", json={"title": "Three"}),
        await bob.http.post(f"{series.path}/duplicates", json={"title": "All of it"}),
        await bob.http.put(f"{series.there}/members/{me(bob)}", json={"role": "editor"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "role.forbidden"), answer.text


async def test_the_role_of_a_member_is_narrowed_there_and_comes_back(
    studio: Studio, ada: Person, bob: Person, series: Series
) -> None:
    await ada.http.post(f"{series.path}/members", json={"email": bob.email, "role": "editor"})
    narrowed = await ada.http.put(f"{series.there}/members/{me(bob)}", json={"role": "viewer"})
    [row] = narrowed.json()["members"]
    assert (row["role"], row["project_role"]) == ("viewer", "editor")
    here, there = (f"{series.path}/scenes/{scene}" for scene in series.scenes)
    assert (await bob.http.get(there)).status_code == 200
    for refused in (
        await bob.http.patch(there, json={"title": "Mine"}),
        await bob.http.patch(series.there, json={"title": "Mine"}),
        await bob.http.delete(series.there),
        await bob.http.post(f"{there}/generate"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "role.forbidden"), refused.text
    assert (await bob.http.patch(here, json={"title": "Mine"})).status_code == 200
    assert (await bob.http.delete(f"{series.there}/members/{me(bob)}")).status_code == 403, "nobody widens themselves"
    assert (await ada.http.delete(f"{series.there}/members/{me(bob)}")).status_code == 204
    assert (await bob.http.patch(there, json={"title": "Mine"})).status_code == 200


async def test_an_episode_never_gives_more_than_the_project(
    studio: Studio, ada: Person, bob: Person, cem: Person, series: Series
) -> None:
    await ada.http.post(f"{series.path}/members", json={"email": bob.email, "role": "commenter"})
    wider = await ada.http.put(f"{series.there}/members/{me(bob)}", json={"role": "editor"})
    assert (wider.status_code, wider.json()["code"]) == (409, "episode.role_wider")
    team = (await ada.http.post("/v1/teams", json={"name": "Cutting room"})).json()["id"]
    await ada.http.put(f"{series.path}/teams/{team}", json={"role": "viewer"})
    wider = await ada.http.put(f"{series.there}/teams/{team}", json={"role": "commenter"})
    assert (wider.status_code, wider.json()["code"]) == (409, "episode.role_wider")
    owner = await ada.http.put(f"{series.there}/members/{me(bob)}", json={"role": "owner"})
    assert owner.status_code == 422
    unknown = await ada.http.put(f"{series.there}/members/{me(cem)}", json={"role": "viewer"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "member.missing")
    await ada.http.put(f"{series.there}/members/{me(bob)}", json={"role": "commenter"})
    await ada.http.patch(f"{series.path}/members/{me(bob)}", json={"role": "viewer"})
    refused = await bob.http.post(f"{series.path}/scenes/{series.scenes[1]}/lock", json={})
    assert refused.status_code == 403, "what was given before is no more than what the project gives now"


async def test_whoever_leaves_the_project_keeps_nothing_of_its_episodes(
    studio: Studio, ada: Person, bob: Person, series: Series
) -> None:
    await ada.http.post(f"{series.path}/members", json={"email": bob.email, "role": "editor"})
    await ada.http.put(f"{series.there}/members/{me(bob)}", json={"role": "viewer"})
    await ada.http.delete(f"{series.path}/members/{me(bob)}")
    assert (await bob.http.get(series.path)).status_code == 404
    await give(ada, series, bob, "viewer")
    await ada.http.post(f"{series.path}/members", json={"email": bob.email, "role": "editor"})
    scene = f"{series.path}/scenes/{series.scenes[1]}"
    assert (await bob.http.patch(scene, json={"title": "Mine"})).status_code == 200, "a role in the project replaces it"


async def test_a_team_has_one_episode_and_its_members_may_leave_alone(
    studio: Studio, ada: Person, bob: Person, cem: Person, series: Series
) -> None:
    team = (await ada.http.post("/v1/teams", json={"name": "Sound"})).json()["id"]
    pool = studio.state.stores.pool
    await pool.execute(
        "insert into team_members (team_id, user_id, role) values ($1, $2, 'member')",
        *(ids.from_text("team", team), bob.actor.user_id),
    )
    [row] = (await ada.http.put(f"{series.there}/teams/{team}", json={"role": "commenter"})).json()["teams"]
    assert (row["name"], row["role"], row["project_role"], row["members"]) == ("Sound", "commenter", None, 2)
    assert (await bob.http.get(f"{series.path}/scenes/{series.scenes[1]}")).status_code == 200
    assert (await bob.http.get(f"{series.path}/scenes/{series.scenes[0]}")).status_code == 404
    await give(ada, series, cem, "viewer")
    assert (await cem.http.delete(f"{series.there}/members/{me(cem)}")).status_code == 204
    assert (await cem.http.get(series.path)).status_code == 404
    assert (await ada.http.delete(f"{series.there}/teams/{team}")).status_code == 204
    assert (await bob.http.get(series.path)).status_code == 404


async def test_an_invitation_is_to_one_episode(studio: Studio, ada: Person, bob: Person, series: Series) -> None:
    body = {"email": bob.email, "role": "editor", "episode": series.second["id"]}
    made = await ada.http.post(f"{series.path}/invitations", json=body)
    assert (made.status_code, made.json()["episode"]) == (201, series.second["id"])
    mail = studio.mailed(bob.email)
    assert 'to the episode "Two" of the project "Night train"' in " ".join(mail.split())
    [token] = re.findall(r"/join#(\S+)", mail)
    accepted = await bob.http.post("/v1/invitations/accept", json={"token": token})
    assert accepted.json()["episode"] == series.second["id"]
    [seen] = (await bob.http.get(f"{series.path}/episodes")).json()["episodes"]
    assert seen["id"] == series.second["id"]
    for role, episode, status in (
        ("owner", series.second["id"], 422),
        ("viewer", ids.to_text("epi", UUID(int=7)), 404),
    ):
        body = {"email": "zoe@elsewhere.test", "role": role, "episode": episode}
        assert (await ada.http.post(f"{series.path}/invitations", json=body)).status_code == status


async def test_events_of_other_episodes_say_nothing(studio: Studio, ada: Person, bob: Person, series: Series) -> None:
    pool = studio.state.stores.pool
    own = frozenset({ids.from_text("epi", series.second["id"])})
    all_of_them = await read_events(pool, series.project.id, 0)
    told = await read_events(pool, series.project.id, 0, episodes=own)
    assert [event.cursor for event in told] == [event.cursor for event in all_of_them]
    for event, whole in zip(told, all_of_them, strict=True):
        if series.scenes[0] in str(whole.payload):
            assert (event.kind, event.payload) == ("elsewhere", {})
        else:
            assert event == whole
    assert {series.scenes[1], None} >= {event.payload.get("scn") for event in told}
    for person in (ada, bob):
        source = source_of(studio.state, Session(person.actor, time.time() + 60), series.project.id)
        if person is bob:
            with pytest.raises(NoSuchProject):
                await source.head()
            await give(ada, series, bob, "viewer")
        assert await source.head() == all_of_them[-1].cursor
        assert await source.rows(0, 100) == (told if person is bob else all_of_them)
        assert source.ticks() is (person is ada)


async def test_the_graph_shows_the_same(studio: Studio, ada: Person, bob: Person, series: Series) -> None:
    await give(ada, series, bob, "viewer")
    tree = """query ($p: ID!, $e: ID!, $s: ID!, $t: ID!) { take(id: $t) { id } episode(id: $e) { id }
      scene(episodeId: $e, id: $s) { id } project(id: $p) { episodes { edges { node { id } } } } }"""
    names = {"p": ids.to_text("prj", series.project.id), "e": series.first["id"], "s": series.scenes[0]}
    asked = {"query": tree, "variables": {**names, "t": series.take}}
    for person, shown in ((ada, [series.first["id"], series.second["id"]]), (bob, [series.second["id"]])):
        answer = (await person.http.post("/graphql", json=asked)).json()["data"]
        edges = answer.pop("project")["episodes"]["edges"]
        assert [edge["node"]["id"] for edge in edges] == shown
        assert all((each is None) is (person is bob) for each in answer.values()), answer


@pytest.mark.parametrize("table", ["episodes", "documents", "scenes", "runs", "takes", "texts", "document_log"])
async def test_the_second_wall_stands_between_episodes(
    studio: Studio, ada: Person, bob: Person, series: Series, table: str
) -> None:
    await give(ada, series, bob, "editor")
    pool, of_it = studio.state.stores.pool, "document_id in (select id from documents where project_id = $1)"
    where = "project_id = $1" if table in ("episodes", "documents") else of_it
    there = await pool.fetchval(f"select count(*) from {table} where {where}", series.project.id)
    with walled_for(ada.actor.user_id):
        assert await pool.fetchval(f"select count(*) from {table} where {where}", series.project.id) == there > 0
    with walled_for(bob.actor.user_id):
        shown = await pool.fetchval(f"select count(*) from {table} where {where}", series.project.id)
    expected = {"episodes": 1, "documents": 2, "scenes": 1, "runs": 0, "takes": 0}
    assert shown == expected.get(table, shown) and shown < there


def me(person: Person) -> str:
    return ids.to_text("usr", person.actor.user_id)

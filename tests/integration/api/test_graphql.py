"""The subgraph over real stores: what it reads, for whom, and by how many statements."""

from dataclasses import replace
from hashlib import sha256
from typing import Any, cast
from uuid import uuid4

import asyncpg
import httpx
import pytest

from api.graphql.context import PAGE_MAX
from api.graphql.limits import ENTITIES_MAX
from services.projects.model import Project, ProjectKind
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, path

TREE = """query ($n: Int!) { projects(first: $n) { edges { node { id title role
  members { role user { id name } } characters { edges { node { id name } } }
  episodes(first: 5) { edges { node { id title project { id }
    scenes(first: 5) { edges { node { id title episode { id }
      takes(first: 5) { edges { node { id number scene { id } } } } } } } } } }
} } } }"""
ENTITIES = """query ($keys: [_Any!]!) { _entities(representations: $keys) { __typename
  ... on Project { id title } ... on Episode { id } ... on Scene { id title }
  ... on Character { id } ... on Take { id } ... on User { id name } } }"""


async def asked(http: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def data(http: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    answer = await asked(http, query, **variables)
    assert answer["errors"] is None, answer
    return dict(answer["data"])


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


async def keys_of(owner: Person, studio: Studio, project: Project) -> list[dict[str, str]]:
    """One of each entity, as a router names them."""
    scene = await studio.scene(owner, project, title="Platform", prompt="A train at night.")
    _, take = await studio.take(owner, project, scene)
    character = await owner.http.post(f"{path(project)}/characters", json={"name": "Mara"})
    outline = (await owner.http.get(f"{path(project)}/episodes")).json()
    episode = outline["episodes"][0]["id"]
    return [
        {"__typename": "Project", "id": ids.to_text("prj", project.id)},
        {"__typename": "Episode", "id": episode},
        {"__typename": "Scene", "episodeId": episode, "id": scene},
        {"__typename": "Character", "id": character.json()["id"]},
        {"__typename": "Take", "id": take},
        {"__typename": "User", "id": ids.to_text("usr", owner.actor.user_id)},
    ]


async def test_entities_are_found_by_their_keys(studio: Studio, ada: Person) -> None:
    keys = await keys_of(ada, studio, await studio.project(ada))
    found = (await data(ada.http, ENTITIES, keys=keys))["_entities"]
    assert [(one["__typename"], one["id"]) for one in found] == [(key["__typename"], key["id"]) for key in keys]
    assert (found[0]["title"], found[2]["title"], found[5]["name"]) == ("Night train", "Platform", "Ada")


async def test_a_stranger_cannot_tell_what_is_there_from_what_is_not(studio: Studio, ada: Person, bob: Person) -> None:
    keys = await keys_of(ada, studio, await studio.project(ada))
    absent = [key | {"id": ids.to_text(key["id"].partition("_")[0], uuid4())} for key in keys]
    real, none = [await asked(bob.http, ENTITIES, keys=each) for each in (keys, absent)]
    assert real == none == {"data": {"_entities": [None] * len(keys)}, "errors": None}
    for key in keys[:2] + keys[3:5]:
        name = key["__typename"].lower()
        assert await data(bob.http, f"query ($id: ID!) {{ {name}(id: $id) {{ id }} }}", id=key["id"]) == {name: None}


async def test_who_is_met_in_a_project_is_seen_until_they_leave(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    keys = [{"__typename": "User", "id": ids.to_text("usr", ada.actor.user_id)}]
    assert (await data(bob.http, ENTITIES, keys=keys))["_entities"][0]["name"] == "Ada"
    await studio.state.members.remove(ada.actor, project.id, bob.actor.user_id)
    assert (await data(bob.http, ENTITIES, keys=keys))["_entities"] == [None]


async def test_what_is_deleted_is_not_there(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    keys = await keys_of(ada, studio, project)
    await studio.state.projects.delete(ada.actor, project.id)
    assert (await data(ada.http, ENTITIES, keys=keys))["_entities"][:5] == [None] * 5


async def test_a_key_of_one_project_opens_no_other(studio: Studio, ada: Person) -> None:
    projects = [await studio.project(ada) for _ in range(2)]
    team = (await ada.http.post("/v1/teams", json={"name": "Machines"})).json()["id"]
    account = (await ada.http.post(f"/v1/teams/{team}/service-accounts", json={"name": "Bot"})).json()["id"]
    for project in projects:
        await ada.http.put(f"{path(project)}/teams/{team}", json={"role": "editor"})
    names = [ids.to_text("prj", project.id) for project in projects]
    scoped = {"name": "One", "role": "viewer", "project": names[0]}
    key = (await ada.http.post(f"/v1/service-accounts/{account}/keys", json=scoped)).json()["key"]
    keys = [{"__typename": "Project", "id": name} for name in names]
    async with studio.client(Authorization=f"Bearer {key}") as http:
        found = (await data(http, ENTITIES, keys=keys))["_entities"]
    assert found[0]["id"] == names[0] and found[1] is None


class Counted:
    """A pool that counts its statements."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.statements = 0

    async def fetch(self, *args: Any, **options: Any) -> Any:
        self.statements += 1
        return await self._pool.fetch(*args, **options)

    async def fetchrow(self, *args: Any, **options: Any) -> Any:
        self.statements += 1
        return await self._pool.fetchrow(*args, **options)


async def test_a_tree_takes_as_many_statements_however_wide_it_is(
    studio: Studio, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):  # a page looks one further, and one more is met only as a place where people meet
        project = await studio.project(ada, ProjectKind.SERIES, editor=bob)
        for scene in [await studio.scene(ada, project, title=f"S{n}") for n in range(3)]:
            for number in (1, 2):
                await studio.take(ada, project, scene, number)
        await ada.http.post(f"{path(project)}/episodes", json={"title": "Two"})
    counted = [await statements(studio, ada, n, monkeypatch) for n in (1, 3)]
    assert counted[0] == counted[1] <= 14


async def statements(studio: Studio, person: Person, projects: int, monkeypatch: pytest.MonkeyPatch) -> int:
    pool = Counted(studio.state.stores.pool)
    stores = replace(studio.state.stores, pool=cast(asyncpg.Pool, pool))
    state = replace(studio.state, stores=stores)
    headers = {"Authorization": f"Bearer {person.session}"}
    monkeypatch.setattr(studio.state.projects, "_pool", pool)
    async with httpx.AsyncClient(transport=Studio(state).transport, base_url=URL, headers=headers) as http:
        found = (await data(http, TREE, n=projects))["projects"]["edges"]
    monkeypatch.undo()
    assert len(found) == projects
    for project in found:
        episodes = [edge["node"] for edge in project["node"]["episodes"]["edges"]]
        assert [len(episode["scenes"]["edges"]) for episode in episodes] == [3, 0]
        takes = episodes[0]["scenes"]["edges"][0]["node"]["takes"]["edges"]
        assert [edge["node"]["number"] for edge in takes] == [2, 1]
        assert {member["user"]["name"] for member in project["node"]["members"]} == {"Ada", "Bob"}
    return pool.statements


PAGED = """query ($id: ID!, $first: Int!, $after: String) { project(id: $id) { episodes(first: $first, after: $after)
  { edges { cursor node { id title scenes(first: 2) { edges { node { id } } pageInfo { hasNextPage } } } }
  pageInfo { hasNextPage endCursor } } } }"""


async def test_pages_follow_each_other_without_gap_or_repetition(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada, ProjectKind.SERIES)
    for number in range(2, 6):
        assert (await ada.http.post(f"{path(project)}/episodes", json={"title": f"E{number}"})).status_code == 201
    titles, after = list[str](), None
    while True:
        variables = {"id": ids.to_text("prj", project.id), "first": 2, "after": after}
        page = (await data(ada.http, PAGED, **variables))["project"]["episodes"]
        titles += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert titles == ["Night train", "E2", "E3", "E4", "E5"]


async def test_a_cursor_is_good_for_its_own_list(studio: Studio, ada: Person) -> None:
    one, other = [await studio.project(ada) for _ in range(2)]
    page = (await data(ada.http, PAGED, id=ids.to_text("prj", one.id), first=1))["project"]["episodes"]
    cursor = page["pageInfo"]["endCursor"]
    answer = await asked(ada.http, PAGED, id=ids.to_text("prj", other.id), first=1, after=cursor)
    assert codes(answer) == ["cursor.invalid"]


@pytest.mark.parametrize("first", [0, -1, PAGE_MAX + 1])
async def test_a_page_has_a_limit(ada: Person, first: int) -> None:
    answer = await asked(ada.http, "query ($n: Int!) { projects(first: $n) { edges { cursor } } }", n=first)
    assert codes(answer) == ["field.invalid"] and answer["errors"][0]["extensions"]["limit"] == PAGE_MAX


@pytest.mark.parametrize(
    "query, code",
    [
        ("{ me { id ", "graphql.syntax"),
        ("{ me { email } }", "graphql.invalid"),
        ("{ __schema { types { name } } }", "graphql.invalid"),
        ("{ projects(first: 50) { edges { node { episodes(first: 50) { edges { node { id title } } } } } } }", None),
        ("{ projects(first: 50) { edges { node { episodes(first: 50) { edges { node { id title project { id title"
         " members { role user { name } } } } } } } } } }", "graphql.cost"),
        ('subscription { projectEvents(project: "p") { cursor } }', "graphql.operation"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_query_has_a_code(ada: Person, query: str, code: str | None) -> None:
    answer = await asked(ada.http, query)
    assert set(codes(answer) if answer["errors"] else [None]) == {code}, answer


@pytest.mark.parametrize(
    "keys", [[{"id": "x"}], [{"__typename": "Robot"}], ["x"], [{"__typename": "User", "id": "x"}] * (ENTITIES_MAX + 1)]
)
async def test_representations_that_are_none_are_refused(ada: Person, keys: list[Any]) -> None:
    answer = await asked(ada.http, ENTITIES, keys=keys)
    assert codes(answer) == ["field.invalid"]


async def test_an_operation_that_is_not_in_the_query_is_none(ada: Person) -> None:
    answer = await ada.http.post("/graphql", json={"query": "query A { me { id } }", "operationName": "B"})
    assert answer.status_code == 200 and codes(answer.json()) == ["graphql.invalid"]


async def test_a_failure_of_ours_says_nothing(
    studio: Studio, ada: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*args: Any) -> Any:
        raise RuntimeError("a secret")

    monkeypatch.setattr(studio.state.projects, "of_actor", broken)
    answer = await asked(ada.http, "{ projects { edges { cursor } } }")
    assert codes(answer) == ["server.error"] and "secret" not in str(answer)
    assert "graphql.failed" in caplog.text


async def test_a_query_is_sent_once_and_then_by_its_hash(ada: Person) -> None:
    query = f"{{ me {{ n{uuid4().hex}: name }} }}"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    [unknown, kept, known] = [
        (await ada.http.post("/graphql", json=body)).json()
        for body in ({"extensions": persisted}, {"query": query, "extensions": persisted}, {"extensions": persisted})
    ]
    assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
    assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert kept == known and kept["errors"] is None


async def test_it_is_a_route_like_any_other(studio: Studio, ada: Person) -> None:
    body = {"query": "{ me { name } }"}
    async with studio.client() as nobody, studio.browser(ada, "https://evil.test") as foreign:
        assert (await nobody.post("/graphql", json=body)).json()["code"] == "auth.required"
        assert (await foreign.post("/graphql", json=body)).json()["code"] == "origin.foreign"
    assert (await ada.http.get("/graphql", params=body)).status_code == 405
    headers = {"Idempotency-Key": uuid4().hex}
    answers = [await ada.http.post("/graphql", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json() == {"data": {"me": {"name": "Ada"}}, "errors": None}
    assert answers[1].headers["idempotency-replayed"] == "true" and "ratelimit" in answers[0].headers

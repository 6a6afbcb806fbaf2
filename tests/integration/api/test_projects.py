"""Projects over HTTP: the shapes that pages rely on, and refusals that name the field and the limit."""

from datetime import UTC, datetime, timedelta

import pytest

from sync import ids, names
from tests.integration.api.studio import Person, Studio, path


async def test_a_project_lives_and_dies(ada: Person) -> None:
    made = await ada.http.post("/v1/projects", json={"title": "Night train", "kind": "movie"})
    assert made.status_code == 201
    project = made.json()
    assert (project["title"], project["kind"], project["role"]) == ("Night train", "movie", "owner")
    for document, kind in (("storyboard", "sb"), ("timeline", "tl")):
        name = names.parse(project["documents"][document]["name"])
        assert (name.kind.value, name.epoch) == (kind, 1)
        assert ids.encode(name.id) == project["documents"][document]["id"]
    where = made.headers["location"]
    assert (await ada.http.get(where)).json() == project
    changed = await ada.http.patch(where, json={"title": "Day train"})
    assert (changed.json()["title"], changed.json()["kind"]) == ("Day train", "movie")
    assert (await ada.http.delete(where)).status_code == 204
    gone = await ada.http.get(where)
    assert (gone.status_code, gone.json()["code"]) == (404, "project.missing")
    [kept] = (await ada.http.get("/v1/projects", params={"state": "deleted"})).json()["projects"]
    waits = datetime.fromisoformat(kept["purge_at"]) - datetime.now(UTC)
    assert project["purge_at"] is None and timedelta(days=29, hours=23) < waits < timedelta(days=30)


async def test_the_list_has_pages(studio: Studio, ada: Person) -> None:
    made = [await studio.project(ada) for _ in range(3)]
    first = (await ada.http.get("/v1/projects", params={"limit": 2})).json()
    assert len(first["projects"]) == 2 and first["next"]
    rest = (await ada.http.get("/v1/projects", params={"limit": 2, "cursor": first["next"]})).json()
    assert rest["next"] is None
    listed = {each["id"] for each in first["projects"] + rest["projects"]}
    assert listed == {ids.to_text("prj", project.id) for project in made}


@pytest.mark.parametrize(
    ("body", "field", "limit"),
    [
        ({}, "title", None),
        ({"title": ""}, "title", 1),
        ({"title": "   "}, "title", 255),
        ({"title": "x" * 256}, "title", 255),
        ({"title": "a\0b"}, "title", None),
        ({"title": 7}, "title", None),
        ({"title": "x", "kind": "opera"}, "kind", "'series', 'movie' or 'short'"),
        ({"title": "x", "brian": "horror"}, "brian", None),
        (
            {"title": "x", "brain": "nonesuch"},
            "brain",
            "thriller, k_drama, animated_feature, large_format_epic, horror",
        ),
    ],
)
async def test_a_refusal_names_the_field_and_the_limit(
    ada: Person, body: dict[str, object], field: str, limit: object
) -> None:
    answer = await ada.http.post("/v1/projects", json=body)
    assert answer.status_code == 422, answer.text
    assert (answer.json()["field"], answer.json().get("limit")) == (field, limit)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "body.json"),
        (b"[" * 100_000, "application/json", 400, "body.json"),
        (b"\xff", "application/json", 400, "body.json"),
        (b'{"title": "x"}', "text/plain", 415, "body.type"),
        (b'{"title": "x"}', "application/x-www-form-urlencoded", 415, "body.type"),
        (b"[]", "application/json", 422, "field.invalid"),
    ],
)
async def test_a_body_is_json(ada: Person, content: bytes, kind: str, status: int, code: str) -> None:
    answer = await ada.http.post("/v1/projects", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=nonsense", "cursor=%ff", "page=2"])
async def test_a_query_is_checked(ada: Person, query: str) -> None:
    answer = await ada.http.get(f"/v1/projects?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, query.partition("=")[0])


async def test_members(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    members = f"{path(project)}/members"
    added = await ada.http.post(members, json={"email": bob.email, "role": "viewer"})
    assert [(each["name"], each["role"]) for each in added.json()["members"]] == [("Ada", "owner"), ("Bob", "viewer")]
    bobs = f"{members}/{ids.to_text('usr', bob.actor.user_id)}"
    assert (await bob.http.patch(bobs, json={"role": "owner"})).json()["code"] == "role.forbidden"
    changed = await ada.http.patch(bobs, json={"role": "editor"})
    assert [each["role"] for each in changed.json()["members"]] == ["owner", "editor"]
    unknown = await ada.http.post(members, json={"email": "nobody@studio.test", "role": "viewer"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "email")
    last = await ada.http.delete(f"{members}/{ids.to_text('usr', ada.actor.user_id)}")
    assert (last.status_code, last.json()["code"]) == (409, "project.last_owner")
    assert (await bob.http.delete(bobs)).status_code == 204
    assert (await bob.http.get(members)).status_code == 404

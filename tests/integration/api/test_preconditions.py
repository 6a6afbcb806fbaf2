"""If-Match on whatever can be read: only what was seen is changed, and of two who saw the same one wins."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from api.main import operations
from api.openapi import describe
from api.operation import reads_of
from api.preconditions import CHANGES_MAX
from tests.integration.api.studio import URL, Person, Studio, path
from tests.integration.history.writers import Writer, set_key


async def tag_of(person: Person, where: str) -> dict[str, str]:
    return {"If-Match": (await person.http.get(where)).headers["etag"]}


async def test_what_was_seen_is_changed_and_what_was_not_is_not(studio: Studio, ada: Person) -> None:
    where = path(await studio.project(ada))
    seen = await tag_of(ada, where)
    first = await ada.http.patch(where, json={"title": "One"}, headers=seen)
    second = await ada.http.patch(where, json={"title": "Two"}, headers=seen)
    assert (first.status_code, first.json()["title"]) == (200, "One")
    assert (second.status_code, second.json()["code"], second.json()["field"]) == (
        412,
        "precondition.failed",
        "If-Match",
    )
    assert (await ada.http.patch(where, json={"title": "Three"}, headers={"If-Match": "*"})).status_code == 200
    assert (await ada.http.delete(where, headers=seen)).status_code == 412
    assert (await ada.http.delete(where, headers=await tag_of(ada, where))).status_code == 204


async def test_a_scene_too(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where = f"{path(project)}/scenes/{await studio.scene(ada, project, title='One')}"
    seen = await tag_of(ada, where)
    assert (await ada.http.patch(where, json={"title": "Two"}, headers=seen)).status_code == 200
    assert (await ada.http.patch(where, json={"title": "Three"}, headers=seen)).status_code == 412
    assert (await ada.http.get(where)).json()["title"] == "Two"


async def test_what_people_type_meanwhile_counts_before_its_row_does(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    scene = await studio.scene(ada, project, title="One")
    where, writer = f"{path(project)}/scenes/{scene}", Writer(studio, bob, project)
    seen = await tag_of(ada, where)
    await writer.catch_up()
    await writer.edit(set_key("scenes", scene, "title", "Typed"))
    assert await tag_of(ada, where) == seen
    assert (await ada.http.patch(where, json={"title": "Mine"}, headers=seen)).status_code == 412
    assert (await ada.http.get(where)).json()["title"] == "Typed"


async def test_of_many_with_the_same_tag_one_wins(studio: Studio, ada: Person) -> None:
    where = path(await studio.project(ada))
    seen = await tag_of(ada, where)
    many = range(4 * CHANGES_MAX)
    answers = await asyncio.gather(*(ada.http.patch(where, json={"title": f"T{n}"}, headers=seen) for n in many))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: len(many) - 1}


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_stranger_learns_no_more_than_without(studio: Studio, ada: Person, bob: Person, method: str) -> None:
    project = await studio.project(ada)
    for where in (path(project), path(uuid4())):
        answer = await bob.http.request(method, where, json={"title": "x"}, headers={"If-Match": '"x"'})
        assert (answer.status_code, answer.json()["code"]) == (404, "project.missing")


def test_whatever_can_be_read_can_be_changed_by_its_tag() -> None:
    read = set(reads_of(operations()))
    changed = {each.name for each in operations() if each.method in ("PATCH", "PUT", "DELETE") and each.path in read}
    described = {
        each["operationId"]
        for methods in describe(operations(), URL)["paths"].values()
        for each in methods.values()
        if "If-Match" in {one["name"] for one in each.get("parameters", ())}
    }
    assert {"projects.update", "projects.delete", "scenes.change"} <= changed == described

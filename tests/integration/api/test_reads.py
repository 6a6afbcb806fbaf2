"""Reading: pages that follow each other, tags that spare sending, and an end to waiting."""

import asyncio
import re
from uuid import uuid4

import pytest

from api import operation
from api.rates import RouteClass
from services.projects.model import ProjectKind
from storage.tables import takes
from sync import ids
from tests.integration.api.studio import Person, Studio, path


async def walked(person: Person, where: str, name: str, limit: int) -> tuple[list[str], int]:
    """Every id of a list by its `Link`s, and how many pages it had."""
    found: list[str] = []
    pages, next_path = 0, f"{where}?limit={limit}"
    while next_path:
        answer = await person.http.get(next_path)
        assert answer.status_code == 200, answer.text
        found += [each["id"] for each in answer.json()[name]]
        link = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("link", ""))
        assert (link is not None) == (answer.json()["next"] is not None)
        pages, next_path = pages + 1, link.group(1) if link else ""
    return found, pages


async def test_scenes_have_pages_in_story_order(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    made = [await studio.scene(ada, project, title=f"S{n}") for n in range(5)]
    assert await walked(ada, f"{path(project)}/scenes", "scenes", 2) == (made, 3)
    assert await walked(ada, f"{path(project)}/scenes", "scenes", 1000) == (made, 1)


async def test_pages_go_on_through_seasons_and_episodes(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada, ProjectKind.SERIES)
    season = (await ada.http.post(f"{path(project)}/seasons", json={"title": "One"})).json()["id"]
    for title in ("Two", "Three"):
        await ada.http.post(f"{path(project)}/episodes", json={"title": title, "season": season})
    episodes = (await ada.http.get(f"{path(project)}/episodes")).json()["episodes"]
    assert [episode["season"] for episode in episodes] == [None, season, season]
    made = []
    for number, episode in enumerate(episodes):
        for position in range(3):
            made.append(f"scn_{(3 - number) * 10 + 9 - position:026d}")  # ids that sort the other way
            await studio.state.stores.pool.execute(
                "insert into scenes (document_id, id, project_id, seq, position) values ($1, $2, $3, 1, $4)",
                *(ids.decode(episode["documents"]["storyboard"]["id"]), made[-1], project.id, position),
            )
    for limit, pages in ((1, 10), (2, 5), (4, 3), (1000, 1)):
        assert await walked(ada, f"{path(project)}/scenes", "scenes", limit) == (made, pages)


async def test_takes_of_a_scene_have_pages(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project)
    pool = studio.state.stores.pool
    for number in range(1, 4):
        await studio.take(ada, project, scene, number)
    newest_first = [
        ids.to_text("tak", row.id) for row in await takes.takes_of_scene(pool, project.storyboard.id, scene)
    ]
    assert len(newest_first) == 3
    assert await walked(ada, f"{path(project)}/scenes/{scene}/takes", "takes", 2) == (newest_first, 2)


async def test_a_cursor_of_another_list_is_refused(studio: Studio, ada: Person) -> None:
    one, other = await studio.project(ada), await studio.project(ada)
    for project in (one, other):
        for _ in range(2):
            await studio.scene(ada, project)
    cursor = (await ada.http.get(f"{path(one)}/scenes?limit=1")).json()["next"]
    answer = await ada.http.get(f"{path(other)}/scenes", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "cursor.invalid", "cursor")


async def test_who_has_it_already_is_not_sent_it_again(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    first = await ada.http.get(path(project))
    has = {"If-None-Match": first.headers["etag"]}
    again = await ada.http.get(path(project), headers=has)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await ada.http.patch(path(project), json={"title": "Day train"})
    changed = await ada.http.get(path(project), headers=has)
    assert (changed.status_code, changed.json()["title"]) == (200, "Day train")


async def test_a_request_that_takes_too_long_is_ended(
    studio: Studio, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()

    async def never(*_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(operation, "TIME_LIMITS_S", dict.fromkeys(RouteClass, 0.05))
    monkeypatch.setattr(type(studio.state.projects), "get", never)
    async with studio.client(Authorization=f"Bearer {ada.session}") as http:
        answer = await http.get(path(uuid4()))
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (504, "request.too_slow", 0.05)
    assert ended.is_set()

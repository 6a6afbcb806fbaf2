"""Episodes and settings over HTTP: the shapes that pages rely on, scenes by episode, and versions by ETag."""

import pytest

from services.projects.model import ProjectKind
from sync import ids
from tests.integration.api.studio import Person, Studio, path


async def test_a_series_grows(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada, ProjectKind.SERIES)
    season = (await ada.http.post(f"{path(project)}/seasons", json={"title": "One"})).json()
    made = await ada.http.post(f"{path(project)}/episodes", json={"title": "Pilot", "season": season["id"]})
    assert made.status_code == 201, made.text
    episode = made.json()
    assert (episode["number"], episode["season"]) == (1, season["id"])
    moved = await ada.http.patch(
        f"{path(project)}/episodes/{episode['id']}", json={"title": "Pilot, again", "season": None, "after": None}
    )
    assert (moved.json()["number"], moved.json()["season"]) == (1, None)
    outline = (await ada.http.get(f"{path(project)}/episodes")).json()
    assert [each["title"] for each in outline["episodes"]] == ["Pilot, again", "Night train"]
    assert (await ada.http.get(path(project))).json()["documents"] == outline["episodes"][0]["documents"]
    assert (await ada.http.delete(f"{path(project)}/episodes/{episode['id']}")).status_code == 204
    deleted = (await ada.http.get(f"{path(project)}/episodes", params={"deleted": True})).json()
    assert [each["id"] for each in deleted["episodes"]] == [episode["id"]]
    back = await ada.http.post(f"{path(project)}/episodes/{episode['id']}/restore")
    assert back.json()["id"] == episode["id"]
    assert (await ada.http.delete(f"{path(project)}/seasons/{season['id']}")).status_code == 204


async def test_scenes_are_of_an_episode(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada, ProjectKind.SERIES)
    second = (await ada.http.post(f"{path(project)}/episodes", json={"title": "Two"})).json()["id"]
    scenes = f"{path(project)}/scenes"
    here = (await ada.http.post(scenes, json={"title": "Here"})).json()
    there = (await ada.http.post(scenes, json={"title": "There", "episode": second})).json()
    assert (there["episode"], there["position"]) == (second, 0) and here["episode"] != second
    for where, expected in (("", ["Here", "There"]), (f"?episode={second}", ["There"])):
        assert [each["title"] for each in (await ada.http.get(scenes + where)).json()["scenes"]] == expected
        snapshot = (await ada.http.get(f"{path(project)}/snapshot{where}")).json()
        assert [each["title"] for each in snapshot["scenes"]] == expected
    changed = await ada.http.patch(f"{scenes}/{there['id']}", json={"title": "There now"})
    assert (changed.json()["title"], changed.json()["episode"]) == ("There now", second)
    run = await ada.http.post(f"{scenes}/{there['id']}/generate")
    assert run.status_code == 202, run.text
    missing = await ada.http.post(scenes, json={"episode": ids.to_text("epi", project.id)})
    assert (missing.status_code, missing.json()["code"]) == (404, "episode.missing")


async def test_settings_are_changed_by_whoever_has_read_them(studio: Studio, ada: Person) -> None:
    where = f"{path(await studio.project(ada))}/settings"
    read = await ada.http.get(where)
    assert read.headers["etag"] == '"1"'
    wanted = {**read.json(), "rate": [25, 1], "language": "de"}
    written = await ada.http.put(where, json=wanted, headers={"If-Match": read.headers["etag"]})
    assert (written.status_code, written.headers["etag"], written.json()) == (200, '"2"', wanted)
    late = await ada.http.put(where, json=read.json(), headers={"If-Match": read.headers["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "settings.changed")
    blind = await ada.http.put(where, json=wanted)
    assert (blind.status_code, blind.json()["field"]) == (428, "If-Match")
    odd = await ada.http.put(where, json=wanted, headers={"If-Match": "W/x"})
    assert odd.status_code == 400
    assert (await ada.http.get(where)).json() == wanted


@pytest.mark.parametrize(
    ("field", "value"), [("rate", [23, 1]), ("width", 721), ("aspect", [9, 1]), ("language", "e_e"), ("safety", "none")]
)
async def test_a_setting_is_refused_by_name(studio: Studio, ada: Person, field: str, value: object) -> None:
    where = f"{path(await studio.project(ada))}/settings"
    wanted = {**(await ada.http.get(where)).json(), field: value}
    refused = await ada.http.put(where, json=wanted, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_archive_delete_and_restore(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    assert (await ada.http.post(f"{path(project)}/archive")).json()["state"] == "archived"
    refused = await ada.http.post(f"{path(project)}/scenes", json={"title": "New"})
    assert (refused.status_code, refused.json()["code"]) == (409, "project.archived")
    listed = (await ada.http.get("/v1/projects", params={"state": "archived"})).json()["projects"]
    assert [each["id"] for each in listed] == [ids.to_text("prj", project.id)]
    await ada.http.delete(path(project))
    assert (await ada.http.get(path(project))).status_code == 404
    assert (await ada.http.post(f"{path(project)}/restore")).json()["state"] == "active"

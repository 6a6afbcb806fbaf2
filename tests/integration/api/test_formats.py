"""Formats over HTTP, and how far a story that people write fits one."""

from services.formats.presets import FORMATS
from services.projects.model import ProjectKind
from services.users.model import Role
from tests.integration.api.studio import Person, Studio, path
from tests.integration.api.test_stories import Board, add


async def test_the_formats_are_there(ada: Person) -> None:
    listed = (await ada.http.get("/v1/formats")).json()["formats"]
    assert [each["id"] for each in listed] == list(FORMATS)
    one = await ada.http.get("/v1/formats/fifteen_beat", params={"version": 1})
    assert one.json() in listed and len(one.json()["beats"]) == 15
    again = await ada.http.get("/v1/formats/fifteen_beat", headers={"If-None-Match": one.headers["etag"]})
    assert again.status_code == 304
    for missing in ("/v1/formats/x", "/v1/formats/three_act?version=9"):
        answer = await ada.http.get(missing)
        assert (answer.status_code, answer.json()["code"]) == (404, "format.missing")


async def test_a_story_is_fitted_as_it_is_written(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, ProjectKind.SHORT, **{Role.VIEWER.value: bob})
    where = f"{path(project)}/fit"
    empty = (await bob.http.get(where)).json()
    assert (empty["format"], empty["seconds"], empty["scenes"]) == ("short_film", 0, [])
    assert empty["missing"] == ["situation", "disturbance", "pressure", "reversal", "image"]
    for minutes in (1, 1, 5, 1):
        await studio.scene(ada, project, title=f"Scene of {minutes}", est_frames=minutes * 60 * 24)
    fitted = (await bob.http.get(where)).json()
    assert (fitted["missing"], fitted["seconds"], fitted["notes"]) == ([], 480, [])
    assert [scene["eighths"] for scene in fitted["scenes"]] == [8, 8, 40, 8]
    first = fitted["scenes"][0]["scene"]
    await Board(ada, project).edits(
        add("beat", "bts_1", registers={"name": "Reversal", "at": 720}),
        {"gesture": "edit_scene", "id": first, "registers": {"beat": "bts_1"}},
    )
    moved = {each["id"]: each for each in (await bob.http.get(where)).json()["beats"]}
    assert (moved["reversal"]["state"], moved["reversal"]["basis"]) == ("early", "said")
    assert moved["reversal"]["scenes"] == [first] and moved["reversal"]["off_s"] == -285.6
    other = (await bob.http.get(where, params={"format": "ad_30", "measure": "plan"})).json()
    assert other["measure"] == "plan" and "length" in {note["code"] for note in other["notes"]}


async def test_a_season_is_fitted_over_its_episodes(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada, ProjectKind.SERIES)
    for title in ("Two", "Three", "Four"):
        await ada.http.post(f"{path(project)}/episodes", json={"title": title})
    outline = (await ada.http.get(f"{path(project)}/episodes")).json()["episodes"]
    for episode in outline:
        await studio.scene(ada, project, title=episode["title"], est_frames=24 * 60 * 30, episode=episode["id"])
    fitted = (await ada.http.get(f"{path(project)}/fit", params={"format": "serial_sixteen"})).json()
    assert len(fitted["scenes"]) == 4 and [scene["part"] for scene in fitted["scenes"]] == [
        "one",
        "two",
        "three",
        "four",
    ]
    one = await ada.http.get(f"{path(project)}/fit", params={"format": "serial_sixteen", "episode": outline[2]["id"]})
    assert len(one.json()["scenes"]) == 1
    await studio.state.stores.pool.execute(
        "with made as (insert into episodes (id, project_id, ord, title)"
        " select gen_random_uuid(), $1, 'x' || n, 'x' from generate_series(1, 57) n returning id),"
        " needed as (select id, kind from made, unnest(array['sb', 'tl']) kind)"
        " insert into documents (id, project_id, episode_id, kind, server_client)"
        " select gen_random_uuid(), $1, id, kind, 1 from needed",
        project.id,
    )
    refused = await ada.http.get(f"{path(project)}/fit", params={"format": "serial_sixteen"})
    assert (refused.status_code, refused.json()["code"]) == (409, "format.episodes")

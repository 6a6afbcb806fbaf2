"""Generations over HTTP: asked for once, cancelled once, and only by those who may edit."""

import asyncio
from uuid import uuid4

import pytest

from sync import ids
from tests.integration.api.studio import Person, Studio, insisted, path


async def test_a_run_is_asked_for_seen_and_cancelled(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    answer = await ada.http.post(f"{path(project)}/scenes/{scene}/generate", json={})
    assert answer.status_code == 202, answer.text
    run = answer.json()["run"]
    assert (run["state"], run["scene"], run["project"]) == ("queued", scene, ids.to_text("prj", project.id))
    where = f"/v1/runs/{run['id']}"
    whole = (await ada.http.get(where)).json()
    assert whole["run"] == run
    states = {step["name"]: step["state"] for step in whole["steps"]}
    assert (states["screen"], states["enhance"], states["publish"]) == ("ready", "waiting", "waiting")
    asked = await ada.http.post(f"{where}/selections", json={"step": "enhance", "choice": "f1"})
    assert (asked.status_code, asked.json()["code"]) == (409, "selection.refused")
    busy = await ada.http.post(f"{path(project)}/scenes/{scene}/generate")
    assert (busy.status_code, busy.json()["code"]) == (409, "scene.busy")
    cancelled = await ada.http.post(f"{where}/cancel", json={})
    assert (cancelled.status_code, cancelled.json()["run"]["state"]) == (200, "cancelled")
    assert (await ada.http.post(f"{where}/cancel")).json()["run"]["state"] == "cancelled"


async def test_what_was_stopped_is_asked_for_once_more(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    asked = {"boards": 2, "purpose": "final", "models": ["runway"], "spend_max_microcredits": 5_000_000}
    first = (await ada.http.post(f"{path(project)}/scenes/{scene}/generate", json=asked)).json()["run"]["id"]
    early = await ada.http.post(f"/v1/runs/{first}/replay")
    assert (early.status_code, early.json()["code"]) == (409, "run.not_ended")
    await ada.http.post(f"/v1/runs/{first}/cancel")
    assert (await bob.http.post(f"/v1/runs/{first}/replay")).status_code == 404
    answer = await ada.http.post(f"/v1/runs/{first}/replay")
    assert answer.status_code == 202, answer.text
    second = answer.json()["run"]
    assert (second["replays"], second["scene"], second["state"]) == (first, scene, "queued")
    rows = [await studio.state.generation.run(ids.from_text("run", run)) for run in (first, second["id"])]
    assert rows[0].wish == rows[1].wish == asked and rows[0].request == rows[1].request

    listed = (await ada.http.get(f"{path(project)}/runs")).json()
    assert [run["id"] for run in listed["runs"]] == [second["id"], first] and listed["next"] is None
    page = (await ada.http.get(f"{path(project)}/runs", params={"limit": 1})).json()
    rest = (await ada.http.get(f"{path(project)}/runs", params={"limit": 1, "cursor": page["next"]})).json()
    assert [run["id"] for run in (*page["runs"], *rest["runs"])] == [second["id"], first]
    ended = (await ada.http.get(f"{path(project)}/runs", params={"state": "cancelled"})).json()
    assert [run["id"] for run in ended["runs"]] == [first]


@pytest.mark.parametrize("again", range(5))
async def test_the_same_key_starts_one_run_however_the_requests_cross(studio: Studio, ada: Person, again: int) -> None:
    project = await studio.project(ada)
    scenes = [await studio.scene(ada, project, prompt="A train at night.") for _ in range(2)]
    key = uuid4().hex
    where = f"{path(project)}/scenes/{scenes[0]}/generate"
    answers = await asyncio.gather(*(insisted(ada.http, where, key, {}) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [202] * 6, [answer.text for answer in answers]
    await studio.lose_answers(ada)
    answers.append(await insisted(ada.http, where, key, {}))
    assert len({answer.json()["run"]["id"] for answer in answers}) == 1
    other = await insisted(ada.http, f"{path(project)}/scenes/{scenes[1]}/generate", key, {})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.reused")


async def test_what_is_not_there_is_missing(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    nowhere = ids.to_text("scn", uuid4())
    answer = await ada.http.post(f"{path(project)}/scenes/{nowhere}/generate")
    assert (answer.status_code, answer.json()["code"]) == (404, "scene.missing")
    for run in (ids.to_text("run", uuid4()), "nonsense"):
        assert (await ada.http.get(f"/v1/runs/{run}")).status_code == 404
    scene = await studio.scene(ada, project, prompt="A train at night.")
    run = (await ada.http.post(f"{path(project)}/scenes/{scene}/generate")).json()["run"]["id"]
    for strange in (await bob.http.get(f"/v1/runs/{run}"), await bob.http.post(f"/v1/runs/{run}/cancel")):
        assert (strange.status_code, strange.json()["code"]) == (404, "run.missing")
    unknown = await ada.http.post(f"{path(project)}/scenes/{scene}/generate", json={"brain": "horror"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "brain")

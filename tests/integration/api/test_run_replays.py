"""Everything that failed, asked for once more with one request: what is meant, what is refused, and nothing twice."""

import json
from typing import Any
from uuid import uuid4

from services.projects.model import Project
from sync import ids
from tests.integration.api.studio import Person, Studio, path


async def failed(studio: Studio, ada: Person, project: Project, code: str) -> tuple[str, str]:
    """(scene, its run, which has ended with this error)."""
    scene = await studio.scene(ada, project, prompt="A train at night.")
    run = (await ada.http.post(f"{path(project)}/scenes/{scene}/generate")).json()["run"]["id"]
    await ada.http.post(f"/v1/runs/{run}/cancel")
    query = "update runs set state = 'failed', error = $2 where id = $1"
    await studio.state.stores.pool.execute(
        query, ids.from_text("run", run), json.dumps({"code": code, "msg": "It was."})
    )
    return scene, run


async def replayed(person: Person, project: Project, key: str | None = None, **wanted: Any) -> list[dict[str, Any]]:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await person.http.post(f"{path(project)}/runs/replays", json=wanted, headers=headers)
    assert answer.status_code == 202, answer.text
    found: list[dict[str, Any]] = answer.json()["replays"]
    return found


async def test_what_failed_is_asked_for_once_more_and_only_once(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    gone = [await failed(studio, ada, project, code) for code in ("route.nobody", "end.unknown", "route.nobody")]
    key = uuid4().hex
    done = await replayed(ada, project, key, codes=["route.nobody"])
    assert [(each["scene"], each["failed"]) for each in done] == [gone[0], gone[2]]
    assert all(each["run"]["replays"] == each["failed"] and each["run"]["state"] == "queued" for each in done)
    assert done[0]["error"] == {"code": "route.nobody", "msg": "It was."}
    await studio.lose_answers(ada)
    assert await replayed(ada, project, key, codes=["route.nobody"]) == [], "their newest runs have not failed"
    (last,) = await replayed(ada, project)
    assert last["failed"] == gone[1][1]
    runs = await studio.state.stores.pool.fetchval("select count(*) from runs where project_id = $1", project.id)
    assert runs == 6


async def test_one_that_cannot_begin_holds_up_no_other(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    (locked, _), (free, _) = [await failed(studio, ada, project, "step.failed") for _ in range(2)]
    assert (await ada.http.post(f"{path(project)}/scenes/{locked}/lock", json={"why": "final"})).status_code == 200
    first, second = await replayed(ada, project)
    assert (first["scene"], first["run"], first["code"]) == (locked, None, "scene.locked") and first["sentence"]
    assert second["scene"] == free and second["run"]["state"] == "queued"


async def test_how_many_and_since_when(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    made = [await failed(studio, ada, project, "step.failed") for _ in range(3)]
    assert await replayed(ada, project, since="2100-01-01T00:00:00Z") == []
    assert [each["failed"] for each in await replayed(ada, project, limit=1)] == [made[0][1]]
    for wrong in ({"limit": 101}, {"codes": ["Not a code"]}, {"since": "yesterday"}):
        answer = await ada.http.post(f"{path(project)}/runs/replays", json=wrong)
        assert (answer.status_code, answer.json()["field"].split(".")[0]) == (422, next(iter(wrong)))


async def test_only_who_may_edit_begins_anything(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    await failed(studio, ada, project, "step.failed")
    assert (await bob.http.post(f"{path(project)}/runs/replays", json={})).status_code == 403

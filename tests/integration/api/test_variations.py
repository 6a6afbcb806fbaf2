"""Variations over HTTP: asked for once, with every field checked, by those who may edit."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.generation.branch import Branch, Words
from services.generation.graph import Wish
from services.generation.request import from_json
from services.generation.scribe import take_of
from services.projects.model import Project
from sync import ids
from tests.integration.api.studio import Person, Studio, insisted, path

STROKE = {"radius": 0.1, "points": [[0.5, 0.5], [0.6, 0.5]]}


async def made(studio: Studio, ada: Person, project: Project) -> tuple[str, str]:
    """(run, take): a run that was asked for and, as far as its rows say, has made its frames and its take."""
    scene = await studio.scene(ada, project, prompt="A train at night.")
    run = (await ada.http.post(f"{path(project)}/scenes/{scene}/generate")).json()["run"]["id"]
    run_id, pool = ids.from_text("run", run), studio.state.stores.pool
    await ada.http.post(f"/v1/runs/{run}/cancel")
    plan = '{"prompt": "A train", "model": "m/1", "shots": []}'
    done = "update steps set state = 'done', output = $3::jsonb where run_id = $1 and name = $2"
    await pool.execute(done, run_id, "enhance", plan)
    await pool.execute(done, run_id, "frames", '{"panels": [], "poster": "ab"}')
    take = take_of(run_id)
    media = uuid4().hex * 2
    await pool.execute("insert into media (hash, bytes, content_type) values ($1, 1, 'video/mp4')", media)
    await pool.execute(
        "insert into takes (id, project_id, document_id, scene_id, run_id, number, media_hash, thumb_hash, frames,"
        " width, height, rate_num, rate_den, provenance)"
        " select $2, project_id, document_id, scene_id, id, 1, $3, $3, 24, 16, 9, 24, 1, '{}' from runs where id = $1",
        *(run_id, take, media),
    )
    await pool.execute("update runs set take_id = $2 where id = $1", run_id, take)
    return run, ids.to_text("tak", take)


async def test_other_words_are_asked_for_once(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    run, take = await made(studio, ada, project)
    key, where = uuid4().hex, f"/v1/takes/{take}/variations"
    body = {"change": {"kind": "words", "prompt": "A bus at noon."}, "boards": 2}
    assert (await bob.http.post(where, json=body)).status_code == 403
    answers = [await insisted(ada.http, where, key, body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202], answers[0].text
    first, second = (answer.json()["run"] for answer in answers)
    assert first == second
    assert first["parent"] == {"run": run, "take": take, "frames": None, "change": "words"}
    row = await studio.state.generation.run(ids.from_text("run", first["id"]))
    wish = from_json(Wish, row.wish)
    assert wish.boards == 2 and isinstance(wish.branch, Branch)
    assert wish.branch.parents[0].change == Words("A bus at noon.")
    assert row.request["prompt"] == "A bus at noon."
    busy = await ada.http.post(where, json=body)
    assert (busy.status_code, busy.json()["code"]) == (409, "scene.busy")


async def test_frames_are_gone_on_from_too_and_a_seed_is_any_unless_it_is_named(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    run, _ = await made(studio, ada, project)
    where = f"/v1/runs/{run}/frames/frames/variations"
    seeds = []
    for change in ({"kind": "pictures", "seed": 7}, {"kind": "pictures"}):
        answer = await ada.http.post(where, json={"change": change})
        assert answer.status_code == 202, answer.text
        child = answer.json()["run"]
        assert child["parent"] == {"run": run, "take": None, "frames": "frames", "change": "pictures"}
        seeds.append((await stored(studio, child["id"]))["branch"]["parents"][0]["change"]["seed"])
        await ada.http.post(f"/v1/runs/{child['id']}/cancel")
    assert seeds[0] == 7 and 0 <= seeds[1] < 2**31
    none = await ada.http.post(f"/v1/runs/{run}/frames/frames.4/variations", json={"change": {"kind": "pictures"}})
    assert (none.status_code, none.json()["code"]) == (409, "parent.unfit")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "words"}, "change.words.prompt"),
        ({"kind": "words", "prompt": " "}, "change.words.prompt"),
        ({"kind": "colours"}, "change"),
        ({"kind": "pictures", "seed": -1}, "change.pictures.seed"),
        ({"kind": "length", "frames": 3}, "change.length.frames"),
        ({"kind": "part", "words": "A boat", "mask": []}, "change.part.mask"),
        ({"kind": "part", "words": "A boat", "mask": [STROKE | {"radius": 0}]}, "change.part.mask.0.radius"),
        ({"kind": "part", "words": "A boat", "mask": [STROKE | {"points": [[2, 0]]}]}, "change.part.mask.0.points.0.0"),
        ({"kind": "part", "words": "A boat", "mask": [STROKE | {"points": [[0, 0]] * 1500}] * 2}, "change.part"),
    ],
)
async def test_what_cannot_be_changed_is_named(studio: Studio, ada: Person, change: dict[str, Any], field: str) -> None:
    _, take = await made(studio, ada, await studio.project(ada))
    answer = await ada.http.post(f"/v1/takes/{take}/variations", json={"change": change})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "field.invalid", field)


async def test_takes_of_nobody_are_missing(studio: Studio, ada: Person, bob: Person) -> None:
    _, take = await made(studio, ada, await studio.project(ada))
    body = {"change": {"kind": "pictures"}}
    for answer in (
        await bob.http.post(f"/v1/takes/{take}/variations", json=body),
        await ada.http.post(f"/v1/takes/{ids.to_text('tak', uuid4())}/variations", json=body),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "take.missing")


async def stored(studio: Studio, run: str) -> dict[str, Any]:
    """How it was wished for."""
    id: UUID = ids.from_text("run", run)
    return (await studio.state.generation.run(id)).wish

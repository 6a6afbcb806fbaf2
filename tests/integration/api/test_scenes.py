"""Scenes over HTTP: edits in the storyboard document, read back from its rows."""

import asyncio
import time
from uuid import uuid4

import pytest

from services.documents.editor import DocumentEditor
from services.scenes.model import SCENES_MAX
from storage.events import append_event, read_events
from storage.log import DocumentLog
from storage.snapshots import Snapshots
from sync import ids
from sync.storyboard import read
from tests import scenery
from tests.integration.api.studio import Person, Studio, insisted, path

SLUG = {"ie": "INT", "loc": "KITCHEN", "tod": "NIGHT"}


async def titles(person: Person, where: str) -> list[str]:
    return [scene["title"] for scene in (await person.http.get(f"{where}/scenes")).json()["scenes"]]


def editor_of(studio: Studio) -> DocumentEditor:
    stores = studio.state.stores
    return DocumentEditor(
        DocumentLog(stores.pool, stores.objects), Snapshots(stores.pool, stores.objects), stores.bus, stores.pool
    )


async def test_a_scene_is_added_read_and_changed(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where = f"{path(project)}/scenes"
    fields = {"title": "Kitchen", "prompt": "A kettle \u2615 sings.", "slug": SLUG, "est_frames": 96}
    made = await ada.http.post(where, json=fields | {"dialogue": [{"c": "ANN", "txt": "Tea?"}]})
    assert made.status_code == 201, made.text
    scene = made.json()
    assert {key: scene[key] for key in fields} == fields
    assert (scene["number"], scene["status"], scene["position"], scene["current_take"]) == ("1", "draft", 0, None)
    assert (await ada.http.get(made.headers["location"])).json() == scene
    changed = await ada.http.patch(made.headers["location"], json={"prompt": "A kettle \u2615 whistles softly."})
    assert changed.json()["prompt"] == "A kettle \u2615 whistles softly."
    assert (changed.json()["title"], changed.json()["slug"]) == ("Kitchen", SLUG)
    assert changed.json()["seq"] > scene["seq"]
    loaded = await editor_of(studio).load(project.storyboard.id)
    [view] = read.scenes_in_order(loaded.doc)
    assert (view.prompt, view.dlg) == ("A kettle \u2615 whistles softly.", [{"c": "ANN", "txt": "Tea?"}])


async def test_scenes_keep_their_order_and_move(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where = path(project)
    a, b = [await studio.scene(ada, project, title=title) for title in ("A", "B")]
    await studio.scene(ada, project, title="between", after=a)
    await studio.scene(ada, project, title="first", after=None)
    assert await titles(ada, where) == ["first", "A", "between", "B"]
    await ada.http.patch(f"{where}/scenes/{b}", json={"after": None})
    await ada.http.patch(f"{where}/scenes/{a}", json={"after": a})
    assert await titles(ada, where) == ["B", "first", "A", "between"]
    missing = ids.to_text("scn", uuid4())
    answer = await ada.http.patch(f"{where}/scenes/{a}", json={"after": missing})
    assert (answer.status_code, answer.json()["code"]) == (404, "scene.missing")
    assert await titles(ada, where) == ["B", "first", "A", "between"]


async def test_many_at_once_all_arrive(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    made = await asyncio.gather(*(studio.scene(ada, project, title=f"S{n}") for n in range(8)))
    assert len(set(made)) == 8
    assert sorted(await titles(ada, path(project))) == sorted(f"S{n}" for n in range(8))


async def test_the_same_key_makes_one_scene(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where, key = f"{path(project)}/scenes", uuid4().hex
    answers = await asyncio.gather(*(insisted(ada.http, where, key, {"title": "Once"}) for _ in range(4)))
    await studio.lose_answers(ada)
    answers.append(await insisted(ada.http, where, key, {"title": "Once"}))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await titles(ada, path(project)) == ["Once"]
    long = await ada.http.post(where, json={}, headers={"Idempotency-Key": "k" * 129})
    assert (long.status_code, long.json()["field"], long.json()["limit"]) == (400, "Idempotency-Key", 128)


@pytest.mark.parametrize(
    ("body", "field", "limit"),
    [
        ({"prompt": "x" * 8_001}, "prompt", 8_000),
        ({"title": "x" * 121}, "title", 120),
        ({"slug": {"ie": "OUT"}}, "slug.ie", "'INT', 'EXT', 'I/E' or ''"),
        ({"dialogue": [{"c": "ANN", "txt": "x"}, {"c": "BEN", "txt": "x" * 1_001}]}, "dialogue.1.txt", 1_000),
        ({"est_frames": 0}, "est_frames", 1),
        ({"after": "nonsense"}, "after", "^scn_[0-9a-z]{26}$"),
        ({"status": "complete"}, "status", None),
        ({"prompt": "a\0b"}, "prompt", None),
        ({"slug": {"loc": "a\0b"}}, "slug.loc", None),
    ],
)
async def test_a_refusal_names_the_field_and_the_limit(
    studio: Studio, ada: Person, body: dict[str, object], field: str, limit: object
) -> None:
    project = await studio.project(ada)
    answer = await ada.http.post(f"{path(project)}/scenes", json=body)
    assert answer.status_code == 422, answer.text
    assert (answer.json()["field"], answer.json().get("limit")) == (field, limit)
    assert await titles(ada, path(project)) == []


async def test_a_full_storyboard_takes_no_more(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)

    def fill(doc: read.Document) -> None:
        for number in range(SCENES_MAX):
            scene = scenery.NewScene(f"scn_{number:026d}", f"V{number:05d}V", str(number), "", "")
            scenery.add_scene(doc, scene)

    await editor_of(studio).edit(project.storyboard.id, fill, origin="test", batch_id=uuid4())
    answer = await ada.http.post(f"{path(project)}/scenes", json={"title": "One more"})
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "scene.count", SCENES_MAX)


async def test_an_unknown_scene_is_missing(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    for scene in (ids.to_text("scn", uuid4()), "nonsense"):
        for answer in (
            await ada.http.get(f"{path(project)}/scenes/{scene}"),
            await ada.http.patch(f"{path(project)}/scenes/{scene}", json={"title": "x"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "scene.missing")


async def test_an_edit_is_told_to_those_who_follow(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, title="Told")
    events = await read_events(studio.state.stores.pool, project.id, 0)
    assert [(event.kind, event.payload["scn"]) for event in events] == [("scene", scene)]


async def test_the_snapshot_shows_one_moment(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, title="Kitchen", prompt="A kettle.", slug=SLUG)
    run_id, old = uuid4(), uuid4()
    pool = studio.state.stores.pool
    insert = (
        "insert into runs (id, project_id, document_id, scene_id, requested_by, state, stage, pct, request, created_at)"
        " values ($1, $2, $3, $4, $5, $6, 'frames', 40, '{}', to_timestamp($7))"
    )
    for number, state, created_at in ((old, "complete", time.time() - 9), (run_id, "running", time.time())):
        await pool.execute(
            insert, number, project.id, project.storyboard.id, scene, ada.actor.user_id, state, created_at
        )

    async def preview(run: str, sharpness: int) -> int:
        payload = {"run": run, "scn": scene, "f": sharpness, "media": "ab" * 32, "w": 1280, "h": 720}
        async with pool.acquire() as connection, connection.transaction():
            return await append_event(connection, project.id, "preview", payload)

    await preview(ids.to_text("run", old), 4)
    before = (await ada.http.get(f"{path(project)}/snapshot")).json()
    assert before["scenes"][0]["preview"] is None
    cursor = await preview(ids.to_text("run", run_id), 2)
    snapshot = (await ada.http.get(f"{path(project)}/snapshot")).json()
    assert snapshot == {
        "cursor": cursor,
        "project": {
            "id": ids.to_text("prj", project.id),
            "title": "Night train",
            "kind": "short",
            "role": "owner",
        },
        "scenes": [
            {
                "id": scene,
                "episode": snapshot["scenes"][0]["episode"],
                "num": "1",
                "title": "Kitchen",
                "slug": SLUG,
                "prompt": "A kettle.",
                "status": "draft",
                "preview": {"media": "ab" * 32, "f": 2},
                "take": None,
                "run": {"id": ids.to_text("run", run_id), "state": "running", "stage": "frames", "pct": 40},
            }
        ],
    }
    await pool.execute("update runs set state = 'cancelled' where id = $1", run_id)
    after = (await ada.http.get(f"{path(project)}/snapshot")).json()
    assert after["scenes"][0]["preview"] is None and after["scenes"][0]["run"]["state"] == "cancelled"

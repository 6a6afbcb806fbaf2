"""What documents show as rows, over HTTP: complete, in order, in pages, and not again to whom has it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.projects.model import Project
from storage.snapshots import Snapshots
from sync import ids
from sync.timeline.content import MAIN_TRACK
from tests import scenery
from tests.integration.api.studio import Person, Studio, path


def timeline(project: Project) -> str:
    return f"/v1/documents/{ids.encode(project.timeline.id)}"


async def edits(person: Person, project: Project, *gestures: dict[str, Any]) -> dict[str, Any]:
    answer = await person.http.post(f"{timeline(project)}/edits", json={"gestures": gestures})
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


def insert(at: int, frames: int, track: str = MAIN_TRACK, **more: Any) -> dict[str, Any]:
    return {"gesture": "insert", "track": track, "at": at, "frames": frames, **more}


async def edit(studio: Studio, document_id: UUID, change: Callable[[Doc[Any]], None]) -> int:
    """As a job does."""
    stores = studio.state.stores
    editor = DocumentEditor(studio.log, Snapshots(stores.pool, stores.objects), stores.bus, stores.pool)
    result = await editor.edit(document_id, change, origin="test", batch_id=uuid4())
    await Projector(KeptDocuments(editor), stores.pool, stores.bus).project(document_id)
    return result.seq


async def read(person: Person, where: str, **asked: Any) -> dict[str, Any]:
    answer = await person.http.get(where, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_clips_are_those_of_the_film(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    source = {"k": "asset", "id": await studio.media(project)}
    sound = {"gesture": "add_track", "kind": "audio", "name": "Sound"}
    one, two, track = (await edits(ada, project, insert(0, 40), insert(1, 20, src=source), sound))["made"]
    done = await edits(ada, project, insert(10, 15, track), {"gesture": "trim_head", "clip": two, "frames": 5})
    bell = done["made"][0]
    film = await read(ada, f"{timeline(project)}/film")
    found = await read(ada, f"{timeline(project)}/clips")
    assert (found["document"], found["epoch"], found["seq"]) == (ids.encode(project.timeline.id), 1, film["seq"])
    assert [clip["id"] for clip in found["clips"]] == [one, bell, two]
    shown = {clip["id"]: clip for track in film["film"]["tracks"] for clip in track["clips"]}
    for clip in found["clips"]:
        same = shown[clip["id"]]
        assert (clip["start_frame"], clip["frames"]) == (same["start"], same["frames"])
        assert (clip["in_frame"], clip["out_frame"], clip["media_frame"]) == (same["in"], same["out"], same["media"])
    second = found["clips"][2]
    assert (second["track"], second["source"], second["on"], second["seq"]) == (MAIN_TRACK, source, True, done["seq"])
    assert (second["speed_num"], second["speed_den"], second["anchor"], second["dissolve"]) == (1, 1, None, None)
    tracks = (await read(ada, f"{timeline(project)}/tracks"))["tracks"]
    assert [(each["id"], each["kind"], each["name"], each["lanes"]) for each in tracks] == [
        (MAIN_TRACK, "video", "Main", 1),
        (track, "audio", "Sound", 1),
    ]


async def test_clips_of_a_window_and_of_a_track(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    made = (await edits(ada, project, *(insert(place, 10) for place in range(5))))["made"]

    async def clips(**asked: Any) -> list[str]:
        return [clip["id"] for clip in (await read(ada, f"{timeline(project)}/clips", **asked))["clips"]]

    assert await clips(**{"from": 10, "to": 30}) == made[1:3]
    assert await clips(**{"from": 9, "to": 31}) == made[0:4]
    assert await clips(to=0) == []
    assert await clips(**{"from": 49}) == made[4:]
    assert await clips(track="trk_none") == []
    assert await clips(track=MAIN_TRACK) == made


@pytest.mark.parametrize("what", ["clips", "markers", "cuts"])
async def test_pages_go_on_where_the_last_one_ended(studio: Studio, ada: Person, what: str) -> None:
    project = await studio.project(ada)
    gestures = [insert(place, 10) for place in range(5)]
    gestures += [{"gesture": "marker", "frame": frame, "name": str(frame)} for frame in (7, 3, 7, 0, 7)]
    await edits(ada, project, *gestures)

    def name_cuts(doc: Doc[Any]) -> None:
        for number, moment in enumerate((5, None, 3, 5, 4)):
            doc.get("cuts", type=Map)[f"cut_{number}"] = Map({"title": str(number), "at": moment})

    await edit(studio, project.timeline.id, name_cuts)
    whole = await read(ada, f"{timeline(project)}/{what}")
    assert (len(whole[what]), whole["next"]) == (5, None)
    order = {
        "clips": [clip["start_frame"] for clip in whole.get("clips", ())],
        "markers": [marker["frame"] for marker in whole.get("markers", ())],
        "cuts": [cut["title"] for cut in whole.get("cuts", ())],
    }[what]
    assert order == {"clips": [0, 10, 20, 30, 40], "markers": [0, 3, 7, 7, 7], "cuts": ["0", "3", "4", "2", "1"]}[what]
    reached: list[dict[str, Any]] = []
    page = await read(ada, f"{timeline(project)}/{what}", limit=2)
    while True:
        reached += page[what]
        if page["next"] is None:
            break
        page = await read(ada, f"{timeline(project)}/{what}", limit=2, cursor=page["next"])
    assert reached == whole[what]


async def test_shots_of_a_scene(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene, other = [await studio.scene(ada, project, title=title) for title in ("One", "Other")]
    assert (await read(ada, f"{path(project)}/scenes/{scene}/shots"))["shots"] == []

    def shoot(doc: Doc[Any]) -> None:
        scenery.add_shot(doc, scene, scenery.NewShot("sht_2", "b", "CU", "low", "dolly", 50, 36, "Rain."))
        scenery.add_shot(doc, scene, scenery.NewShot("sht_1", "a", "", "", "", 35, 48, "Steam."))
        scenery.add_shot(doc, other, scenery.NewShot("sht_3", "a", "WS", "eye", "pan", 24, 24, "Fog."))

    seq = await edit(studio, project.storyboard.id, shoot)
    found = await read(ada, f"{path(project)}/scenes/{scene}/shots")
    assert (found["document"], found["seq"]) == (ids.encode(project.storyboard.id), seq)
    assert [(shot["id"], shot["position"], shot["size"], shot["frames"]) for shot in found["shots"]] == [
        ("sht_1", 0, None, 48),
        ("sht_2", 1, "CU", 36),
    ]
    missing = await ada.http.get(f"{path(project)}/scenes/scn_none/shots")
    assert (missing.status_code, missing.json()["code"]) == (404, "scene.missing")


async def test_who_has_it_is_not_told_again(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    seq = (await edits(ada, project, insert(0, 10)))["seq"]
    first = await ada.http.get(f"{timeline(project)}/clips")
    assert first.headers["etag"] == f'"1.{seq}"'
    for known in (first.headers["etag"], f'"0.0", W/{first.headers["etag"]}', "*"):
        again = await ada.http.get(f"{timeline(project)}/clips", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await edits(ada, project, insert(0, 10))
    newer = await ada.http.get(f"{timeline(project)}/clips", headers={"If-None-Match": first.headers["etag"]})
    assert (newer.status_code, len(newer.json()["clips"])) == (200, 2)


async def test_a_storyboard_has_no_clips(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    for what in ("tracks", "clips", "markers", "cuts"):
        answer = await ada.http.get(f"/v1/documents/{ids.encode(project.storyboard.id)}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (409, "timeline.kind")


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"limit": 1001}, "limit"), ({"from": -1}, "from"), ({"cursor": "x"}, "cursor"), ({"track": "no id"}, "track")],
)
async def test_what_cannot_be_asked_names_the_field(
    studio: Studio, ada: Person, asked: dict[str, Any], field: str
) -> None:
    project = await studio.project(ada)
    answer = await ada.http.get(f"{timeline(project)}/clips", params=asked)
    assert (answer.status_code, answer.json()["field"]) == (422, field)

"""Gestures over HTTP: one edit or none, once, and refused by name; the film that is seen."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from pycrdt import Doc, Map

from services.projects.model import Project
from sync import ids
from sync.timeline.content import MAIN_TRACK
from tests.integration.api.studio import Person, Studio, insisted


class Cut:
    """One person's timeline over HTTP."""

    def __init__(self, person: Person, project: Project) -> None:
        self._http = person.http
        self._path = f"/v1/documents/{ids.encode(project.timeline.id)}"

    async def film(self) -> dict[str, Any]:
        answer = await self._http.get(f"{self._path}/film")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def main(self) -> list[tuple[int, int]]:
        (track,) = [track for track in (await self.film())["film"]["tracks"] if track["id"] == MAIN_TRACK]
        return [(clip["start"], clip["frames"]) for clip in track["clips"]]

    async def edits(self, *gestures: dict[str, Any], status: int = 200, key: str | None = None, **body: Any) -> Any:
        where, asked = f"{self._path}/edits", {"gestures": gestures, **body}
        answer = await (self._http.post(where, json=asked) if key is None else insisted(self._http, where, key, asked))
        assert answer.status_code == status, answer.text
        return answer.json()


def insert(at: int, frames: int, track: str = MAIN_TRACK, **more: Any) -> dict[str, Any]:
    return {"gesture": "insert", "track": track, "at": at, "frames": frames, **more}


async def test_several_gestures_are_one_edit(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    cut = Cut(ada, project)
    scene = ids.to_text("scn", uuid4())
    done = await cut.edits(insert(0, 10, scn=scene, src={"k": "scene", "take": "latest"}), insert(1, 20))
    assert (done["seq"], done["changed"]) == (2, True)
    first, second = done["made"]
    piece = (await cut.edits({"gesture": "split", "clip": second, "frame": 15}))["made"][0]
    await cut.edits(
        {"gesture": "reorder", "clip": piece, "index": 0},
        {"gesture": "trim_tail", "clip": first, "frames": -4},
        {"gesture": "retime", "clip": piece, "numerator": 3, "denominator": 1},
    )
    assert await cut.main() == [(0, 5), (5, 6), (11, 5)]
    rows = await studio.log.read(project.timeline.id, 1, 1)
    assert [(row.origin, row.actor) for row in rows] == [("gestures", ada.actor.user_id)] * 3
    assert (await cut.film())["seq"] == 4


async def test_every_gesture_has_its_shape(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    cut, picture = Cut(ada, project), {"k": "asset", "id": await studio.media(project)}
    track = (await cut.edits({"gesture": "add_track", "kind": "audio", "name": "Sound"}))["made"][0]
    below, sound, other = (await cut.edits(insert(0, 40), insert(5, 20, track), insert(60, 10, track, src=picture)))[
        "made"
    ]
    made = await cut.edits(
        {"gesture": "anchor", "clip": sound, "to": below},
        {"gesture": "slip", "clip": sound, "frames": 2},
        {"gesture": "link", "clips": [below, sound]},
        {"gesture": "unlink", "clip": sound},
        {"gesture": "unanchor", "clip": sound},
        {"gesture": "move", "clip": other, "frame": 50},
        {"gesture": "change_track", "clip": other, "track": MAIN_TRACK},
        {"gesture": "roll", "clip": below, "frames": -3},
        {"gesture": "trim_head", "clip": sound, "frames": 1},
        {"gesture": "overwrite", "track": track, "frame": 10, "frames": 5},
        {"gesture": "marker", "frame": 7, "name": "look", "clip": below},
        {"gesture": "lift", "clip": other},
        {"gesture": "ripple_delete", "clip": other},
        {"gesture": "restore", "clip": other},
        {"gesture": "remove_track", "track": track},
    )
    assert [place for place, given in enumerate(made["made"]) if given] == [9, 10]
    film = await cut.film()
    assert [shown["id"] for shown in film["film"]["tracks"]] == [MAIN_TRACK, "rec"]
    assert film["repairs"] == 0, "what was on the removed track is recovered"


async def test_one_that_cannot_be_done_is_named_and_none_is_done(studio: Studio, ada: Person) -> None:
    cut = Cut(ada, await studio.project(ada))
    (clip,) = (await cut.edits(insert(0, 10)))["made"]
    refused = await cut.edits(insert(1, 20), {"gesture": "slide", "clip": clip, "frames": 3}, insert(2, 20), status=409)
    assert (refused["code"], refused["field"]) == ("gesture.impossible", "gestures.1")
    refused = await cut.edits({"gesture": "move", "clip": "clp_none", "frame": 3}, status=409)
    assert (refused["code"], refused["field"]) == ("document.no_such_entity", "gestures.0")
    assert await cut.main() == [(0, 10)]


@pytest.mark.parametrize(
    ("gesture", "field"),
    [
        ({"gesture": "fly"}, "gestures.0"),
        (insert(0, 0), "gestures.0.insert.frames"),
        (insert(-1, 5), "gestures.0.insert.at"),
        (insert(0, 5, src={"k": "gap", "more": 1}), "gestures.0.insert.src.gap.more"),
        ({"gesture": "move", "clip": "no id", "frame": 1}, "gestures.0.move.clip"),
        ({"gesture": "retime", "clip": "c", "numerator": 1001, "denominator": 1}, "gestures.0.retime.numerator"),
        ({"gesture": "link", "clips": ["c"]}, "gestures.0.link.clips"),
    ],
)
async def test_bad_input_names_the_field(studio: Studio, ada: Person, gesture: dict[str, Any], field: str) -> None:
    refused = await Cut(ada, await studio.project(ada)).edits(gesture, status=422)
    assert refused["field"] == field


async def test_a_list_has_a_length(studio: Studio, ada: Person) -> None:
    cut = Cut(ada, await studio.project(ada))
    assert (await cut.edits(status=422))["field"] == "gestures"
    assert (await cut.edits(*[insert(0, 1)] * 101, status=422))["limit"] == 100
    assert len((await cut.edits(*[insert(0, 1)] * 100))["made"]) == 100


async def test_the_same_key_does_it_once(studio: Studio, ada: Person) -> None:
    cut = Cut(ada, await studio.project(ada))
    first = await cut.edits(insert(0, 10), key="one")
    assert await cut.edits(insert(0, 10), key="one") == first
    await studio.lose_answers(ada)
    again = await cut.edits(insert(0, 10), key="one")
    assert (again["seq"], again["changed"], again["made"]) == (first["seq"], False, first["made"])
    assert await cut.main() == [(0, 10)]


async def test_at_once_with_one_key_all_get_the_same_answer(studio: Studio, ada: Person) -> None:
    cut = Cut(ada, await studio.project(ada))
    answers = await asyncio.gather(*(cut.edits(insert(0, 10), insert(1, 5), key="same") for _ in range(4)))
    assert answers == [answers[0]] * 4 and answers[0]["seq"] == 2
    assert await cut.main() == [(0, 10), (10, 5)]


async def test_a_key_repeats_what_a_split_has_made_whatever_was_done_since(studio: Studio, ada: Person) -> None:
    cut = Cut(ada, await studio.project(ada))
    (clip,) = (await cut.edits(insert(0, 10)))["made"]
    split = {"gesture": "split", "clip": clip, "frame": 4}
    first = await cut.edits(split, key="split", expected_seq=2)
    await cut.edits({"gesture": "ripple_delete", "clip": clip})
    assert await cut.edits(split, key="split", expected_seq=2) == first
    await studio.lose_answers(ada)
    again = await cut.edits(split, key="split", expected_seq=2)
    assert again == {**first, "changed": False}


async def test_who_expects_another_sequence_changes_nothing(studio: Studio, ada: Person) -> None:
    cut = Cut(ada, await studio.project(ada))
    seq = (await cut.edits(insert(0, 10), expected_seq=1))["seq"]
    await cut.edits(insert(0, 20), expected_seq=seq)
    refused = await cut.edits(insert(0, 30), expected_seq=seq, status=409)
    assert (refused["code"], refused["field"]) == ("document.moved", "expected_seq")
    assert await cut.main() == [(0, 20), (20, 10)]


async def test_a_storyboard_is_no_timeline(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    path = f"/v1/documents/{ids.encode(project.storyboard.id)}"
    answer = await ada.http.get(f"{path}/film")
    assert (answer.status_code, answer.json()["code"]) == (409, "timeline.kind")
    answer = await ada.http.post(f"{path}/edits", json={"gestures": [insert(0, 5)]})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "gesture.kind", "gestures.0")


async def test_media_must_be_the_projects(studio: Studio, ada: Person, bob: Person) -> None:
    project, other = await studio.project(ada), await studio.project(bob)
    mine, foreign = await studio.media(project, "1a" * 32), await studio.media(other, "2b" * 32)
    cut = Cut(ada, project)
    for hash in (foreign, "3c" * 32):
        clips = [insert(0, 10, src={"k": "asset", "id": mine}), insert(1, 10, src={"k": "asset", "id": hash})]
        refused = await cut.edits(*clips, status=409)
        assert (refused["code"], refused["field"]) == ("media.missing", "gestures.1")
    assert await cut.main() == []
    await cut.edits(clips[0])
    assert await cut.main() == [(0, 10)]


async def _hold(studio: Studio, project: Project, root: str, entity: str, held: bool = True) -> None:
    """As a client does it, by the key `lock`."""

    def change(doc: Doc[Any]) -> None:
        doc.get(root, type=Map)[entity]["lock"] = held

    await studio.state.gestures._editor.edit(project.timeline.id, change, origin="test", batch_id=uuid4())


async def test_what_is_locked_in_a_film_is_refused_as_on_a_socket(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    cut = Cut(ada, project)
    track = (await cut.edits({"gesture": "add_track", "kind": "audio", "name": "Sound"}))["made"][0]
    free, held, sound = (await cut.edits(insert(0, 10), insert(1, 20), insert(0, 30, track)))["made"]
    before = await cut.film()
    await _hold(studio, project, "clips", held)
    await _hold(studio, project, "tracks", track)
    for gesture in (
        {"gesture": "trim_tail", "clip": held, "frames": -4},
        {"gesture": "lift", "clip": held},
        {"gesture": "slip", "clip": sound, "frames": 1},
        insert(60, 5, track),
        {"gesture": "change_track", "clip": free, "track": track},
        {"gesture": "change_track", "clip": sound, "track": MAIN_TRACK},
    ):
        refused = await cut.edits({"gesture": "trim_tail", "clip": free, "frames": -1}, gesture, status=409)
        assert refused["code"] == "clip.locked", (gesture, refused)
    assert (await cut.film())["film"]["tracks"][0]["clips"][0]["frames"] == 10, "one edit or none"
    await cut.edits({"gesture": "trim_tail", "clip": free, "frames": -1})
    await _hold(studio, project, "clips", held, False)
    await _hold(studio, project, "tracks", track, False)
    await cut.edits(
        {"gesture": "trim_tail", "clip": held, "frames": -4}, {"gesture": "slip", "clip": sound, "frames": 1}
    )
    assert before["seq"] < (await cut.film())["seq"]


async def test_undo_waits_for_the_lock_of_a_clip(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    cut, where = Cut(ada, project), f"/v1/documents/{ids.encode(project.timeline.id)}/undo"
    (clip,) = (await cut.edits(insert(0, 10)))["made"]
    seq = (await cut.edits({"gesture": "trim_tail", "clip": clip, "frames": -4}))["seq"]
    await _hold(studio, project, "clips", clip)
    undo = {"author": ids.to_text("usr", ada.actor.user_id), "since": str(seq - 1)}
    refused = await ada.http.post(where, json=undo)
    assert (refused.status_code, refused.json().get("code")) == (409, "clip.locked"), refused.text
    await _hold(studio, project, "clips", clip, False)
    assert (await ada.http.post(where, json=undo)).status_code == 200

"""The past is read from the log: at a sequence, a time, a version; between two points; by who wrote it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pycrdt import Map

from services.history.errors import ContentTooBig, HistoryTooLong
from services.history.model import Newest, Sequence
from services.history.reader import Limits
from services.history.service import History
from services.scenes.model import SceneChange
from storage.snapshots import Snapshots
from sync import ids
from tests.integration.api.studio import Person, Studio
from tests.integration.history.writers import Writer, document, new_scene, set_key, type_in

SCENE = ids.to_text("scn", uuid4())


@dataclass(frozen=True)
class Story:
    """A storyboard that two people wrote, and where."""

    path: str
    ada: Writer
    bob: Writer


@pytest_asyncio.fixture
async def story(studio: Studio, ada: Person, bob: Person) -> Story:
    """1: Ada makes a scene. 2: Bob renames it. 3: Bob types. 4: Ada adds a note. 5: the server's status."""
    project = await studio.project(ada, editor=bob)
    story = Story(document(project), Writer(studio, ada, project), Writer(studio, bob, project))
    await story.ada.edit(new_scene(SCENE, "Opening", "A train at night."))
    await story.bob.catch_up()
    await story.bob.edit(set_key("scenes", SCENE, "title", "Departure"))
    await story.bob.edit(type_in(SCENE, " Rain."))
    await story.ada.edit(lambda doc: doc.get("ext", type=Map).update({"note": [1, True]}))
    await studio.state.scenes.change(ada.actor, project.id, SCENE, SceneChange(number="7"))
    return story


async def ok(person: Person, path: str, **query: Any) -> Any:
    answer = await person.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(person: Person, path: str, **query: Any) -> tuple[int, str]:
    answer = await person.http.get(path, params=query)
    return answer.status_code, answer.json()["code"]


async def test_content_at_a_sequence_a_time_and_a_version(story: Story, studio: Studio, ada: Person) -> None:
    content = f"{story.path}/content"
    assert (await ok(ada, content, seq=0))["content"]["scenes"] == {}
    second = await ok(ada, content, seq=2)
    assert second["content"]["scenes"][SCENE]["title"] == "Departure"
    assert second["content"]["scenes"][SCENE]["prompt"] == "A train at night." and second["content"]["ext"] == {}
    newest = await ok(ada, content)
    assert (newest["seq"], newest["content"]["ext"]) == (5, {"note": [1, True]})
    version = (await ada.http.post(f"{story.path}/versions", json={"label": "Two", "seq": 2})).json()
    assert await ok(ada, content, version=version["id"]) == second
    times = [
        await studio.state.stores.pool.fetchval(
            "select created_at from document_log where document_id = $1 and seq = $2", story.ada.document_id, seq
        )
        for seq in (1, 3, 5)
    ]
    for seq, moment in zip((1, 3, 5), times, strict=True):
        assert (await ok(ada, content, at=moment.isoformat()))["seq"] == seq
    assert (await ok(ada, content, at=(times[0] - timedelta(seconds=1)).isoformat()))["seq"] == 0
    assert (await ok(ada, content, at=datetime.now(UTC).isoformat()))["seq"] == 5


async def test_places_that_never_were(story: Story, ada: Person) -> None:
    content, diff = f"{story.path}/content", f"{story.path}/diff"
    assert await refused(ada, content, seq=6) == (422, "history.point")
    assert await refused(ada, content, seq=1, version=ids.to_text("ver", uuid4())) == (422, "field.invalid")
    assert await refused(ada, content, version=ids.to_text("ver", uuid4())) == (404, "version.missing")
    assert await refused(ada, content, at="2026-01-01T00:00:00") == (422, "field.invalid")
    for point in ("yesterday", "ver_nonsense", "2026-01-01", "-1"):
        assert await refused(ada, diff, **{"from": point}) == (422, "history.point")
    assert await refused(ada, diff) == (422, "field.invalid")


async def test_the_difference_of_two_points(story: Story, ada: Person) -> None:
    found = await ok(ada, f"{story.path}/diff", **{"from": "1"})
    assert (found["start"], found["end"]) == ({"epoch": 1, "seq": 1}, {"epoch": 1, "seq": 5})
    note, scene = found["changes"]
    assert note["entity"] == "note" and note["change"] == "added" and note["keys"][0]["after"] == [1, True]
    assert (scene["entity"], scene["change"]) == (SCENE, "changed")
    assert [(key["key"], key["before"], key["after"]) for key in scene["keys"] if key["words"] is None] == [
        ("num", None, "7"),
        ("title", "Opening", "Departure"),
    ]
    assert [key["words"] for key in scene["keys"] if key["key"] == "prompt"] == [
        [{"op": "same", "text": "A train at night."}, {"op": "added", "text": " Rain."}]
    ]
    back = await ok(ada, f"{story.path}/diff", **{"from": "1", "to": "0"})
    assert [each["change"] for each in back["changes"]] == ["removed"]


async def test_who_worked_on_what(story: Story, ada: Person, bob: Person) -> None:
    found = await ok(ada, f"{story.path}/activity")
    assert found["next"] is None
    assert [(each["author_name"], each["rows"], each["first_seq"], each["last_seq"]) for each in found["works"]] == [
        ("Ada", 3, 1, 5),
        ("Bob", 2, 2, 3),
    ]
    assert found["works"][0]["touched"] == {"ext": 1, "scenes": 1}
    assert found["works"][0]["entities"] == sorted(["note", SCENE])
    assert found["works"][0]["origins"] == ["edit", "rest"]
    first = await ok(ada, f"{story.path}/activity", limit=1)
    assert len(first["works"]) == 1 and first["next"]
    rest = await ok(ada, f"{story.path}/activity", cursor=first["next"])
    assert [each["author_name"] for each in rest["works"]] == ["Bob", "Ada"]
    assert rest["works"][0]["author"] == ids.to_text("usr", bob.actor.user_id)
    assert await refused(ada, f"{story.path}/activity", after=6) == (422, "history.point")


async def test_who_wrote_each_key(story: Story, ada: Person) -> None:
    found = await ok(ada, f"{story.path}/blame", entity=SCENE)
    last = {change["key"]: (change["author_name"], change["seq"], change["origin"]) for change in found["changes"]}
    assert last[None] == ("Ada", 1, "edit")
    assert (last["title"], last["prompt"]) == (("Bob", 2, "edit"), ("Bob", 3, "edit"))
    assert last["num"] == ("Ada", 5, "rest")
    assert (found["after"], found["seq"]) == (0, 5)
    assert (await ok(ada, f"{story.path}/blame", entity="note"))["changes"][0]["root"] == "ext"
    assert (await ok(ada, f"{story.path}/blame", entity="nobody"))["changes"] == []


async def test_an_edit_that_somebody_else_brought_is_its_writers(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE))
    await writer.edit(set_key("scenes", SCENE, "title", "Late"), relayed_by=bob.actor.user_id)
    found = await ok(ada, f"{document(project)}/blame", entity=SCENE)
    assert {change["key"]: change["author_name"] for change in found["changes"]}["title"] == "Ada"
    assert (await ok(ada, f"{document(project)}/activity"))["works"][0]["relayed"] == 1


async def test_more_rows_than_one_request_may_read(studio: Studio, ada: Person) -> None:
    """How far it came is kept as a snapshot, so that asking again gets there."""
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE))
    for number in range(24):
        await writer.edit(set_key("scenes", SCENE, "title", str(number)))
    state = studio.state
    pool, log = state.stores.pool, studio.log
    snapshots = Snapshots(pool, state.stores.objects)
    whole = state.history
    small = History(pool, log, snapshots, whole._editor, whole._projector, whole._kept, Limits(rows=10))
    for reached in (10, 20):
        with pytest.raises(HistoryTooLong) as raised:
            await small.content(ada.actor, writer.document_id, Sequence(25))
        assert raised.value.limit == 10
        snapshot = await snapshots.latest(writer.document_id, 1)
        assert snapshot is not None and snapshot.seq == reached
    shown = await small.content(ada.actor, writer.document_id, Sequence(25))
    assert json.loads(shown.content)["scenes"][SCENE]["title"] == "23"
    at_12 = await whole.content(ada.actor, writer.document_id, Sequence(12))  # between two snapshots
    assert json.loads(at_12.content)["scenes"][SCENE]["title"] == "10"
    walked = await whole.activity(ada.actor, writer.document_id, 12)  # from a snapshot, whose structs are merged
    assert [work.rows for work in walked.works] == [13] and walked.works[0].counts == {"scenes": 1}


async def test_equal_contents_are_equal_texts(story: Story, studio: Studio, ada: Person) -> None:
    """Whether they are kept open and followed, or read from the log."""
    content = f"{story.path}/content"
    newest = await ada.http.get(content)
    body = newest.json()
    assert newest.text == json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert set(body) == {"content", "epoch", "name", "seq"} and newest.headers["etag"] == '"1.5"'
    assert (await ada.http.get(content, params={"seq": 5})).text == newest.text
    await story.ada.edit(lambda doc: doc.get("ext", type=Map).update({"b": 2.0, "a": [1.5, "\u00e9"], "note": None}))
    followed, read = await ada.http.get(content), await ada.http.get(content, params={"seq": 6})
    assert followed.text == read.text and '"ext":{"a":[1.5,"\u00e9"],"b":2,"note":null}' in read.text
    known = await ada.http.get(content, headers={"If-None-Match": read.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_p14_a_content_has_a_size(story: Story, studio: Studio, ada: Person) -> None:
    state = studio.state
    pool, objects, whole = state.stores.pool, state.stores.objects, state.history
    limits = Limits(json_bytes=200)
    small = History(pool, studio.log, Snapshots(pool, objects), whole._editor, whole._projector, whole._kept, limits)
    assert len((await small.content(ada.actor, story.ada.document_id, Sequence(0))).content) < 200
    for point in (Newest(), Sequence(1)):
        with pytest.raises(ContentTooBig) as refused:
            await small.content(ada.actor, story.ada.document_id, point)
        assert (refused.value.code, refused.value.limit) == ("history.content_too_big", 200)


async def test_versions_are_named_listed_and_taken_away(studio: Studio, story: Story, ada: Person, bob: Person) -> None:
    versions = f"{story.path}/versions"
    headers = {"Idempotency-Key": "first"}
    first = await ada.http.post(versions, json={"label": " First cut "}, headers=headers)
    assert first.status_code == 201 and (first.json()["label"], first.json()["seq"]) == ("First cut", 5)
    await studio.lose_answers(ada)
    again = await ada.http.post(versions, json={"label": " First cut "}, headers=headers)
    assert again.json() == first.json()
    for label in ("Second", "Third"):
        assert (await bob.http.post(versions, json={"label": label, "seq": 1})).status_code == 201
    page = await ok(ada, versions, limit=2)
    assert [(each["label"], each["author_name"]) for each in page["versions"]] == [("Third", "Bob"), ("Second", "Bob")]
    rest = await ok(ada, versions, limit=2, cursor=page["next"])
    assert [each["label"] for each in rest["versions"]] == ["First cut"] and rest["next"] is None
    gone = f"{versions}/{first.json()['id']}"
    assert (await bob.http.delete(gone)).status_code == 204
    assert (await bob.http.delete(gone)).json()["code"] == "version.missing"
    assert (await ada.http.post(versions, json={"label": "x" * 121})).status_code == 422
    blank = await ada.http.post(versions, json={"label": "   "})
    assert (blank.status_code, blank.json()["code"]) == (422, "version.label")
    assert (await ada.http.post(versions, json={"label": "x", "seq": 6})).json()["code"] == "history.point"


async def test_a_document_has_so_many_versions_and_no_more(story: Story, studio: Studio, ada: Person) -> None:
    await studio.state.stores.pool.execute(
        "insert into document_versions (id, document_id, epoch, seq, label, author)"
        " select gen_random_uuid(), $1, 1, 1, 'x', $2 from generate_series(1, 999)",
        story.ada.document_id,
        ada.actor.user_id,
    )
    answers = [await ada.http.post(f"{story.path}/versions", json={"label": "x"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "version.count" and answers[1].json()["limit"] == 1_000


async def test_several_readers_at_once(story: Story, ada: Person) -> None:
    answers = await asyncio.gather(*(ok(ada, f"{story.path}/content", seq=seq) for seq in (0, 1, 2, 3, 4, 5)))
    assert [answer["seq"] for answer in answers] == [0, 1, 2, 3, 4, 5]

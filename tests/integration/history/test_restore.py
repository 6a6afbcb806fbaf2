"""Going back is going on: a restore is one more edit, made of what differs and nothing else (consistency.md C12)."""

import random
from uuid import uuid4

import pytest
from pycrdt import Map

from services.history import content
from services.history.content import SharedMap, same
from services.history.model import difference
from services.users.errors import Forbidden
from storage.bus import Message, document_channel
from sync import ids, relay
from tests.integration.api.studio import Person, Studio
from tests.integration.history.writers import Writer, document, new_scene, random_edit, set_key, type_in, writable

SCENE = ids.to_text("scn", uuid4())


async def test_what_came_is_marked_and_what_changed_is_put_back(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening", "A train at night."))
    then = await writer.edit(lambda doc: doc.get("ext", type=Map).update({"grade": {"on": True}}))
    before = writer.shown
    await writer.edit(set_key("scenes", SCENE, "title", "Ending"))
    await writer.edit(type_in(SCENE, " It does not stop. \U0001f682"))
    await writer.edit(new_scene("scn_later"))
    await writer.edit(lambda doc: doc.get("ext", type=Map).update({"grade": {"on": 1}, "more": 2}))
    answer = await ada.http.post(f"{document(project)}/restore", json={"seq": then})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"seq": then + 5, "changed": True, "written": 5, "kept": []}
    await writer.catch_up()
    assert same(writable(writer.shown), writable(before))
    later = writer.shown["scenes"]["scn_later"]
    assert later["del"]["by"] == ids.to_text("usr", ada.actor.user_id) and later["ord"] == "a"
    rows = await studio.log.read(writer.document_id, 1, then + 4)
    assert [(row.origin, row.actor) for row in rows] == [("restore", ada.actor.user_id)]


async def test_what_was_deleted_comes_back(studio: Studio, ada: Person) -> None:
    """Marked: the mark goes. Really gone: made again under its id, with its texts and without the server's keys."""
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene("scn_marked", "One", "one"))
    await writer.edit(new_scene("scn_gone", "Two", "two"))
    then = await writer.edit(set_key("scenes", "scn_gone", "st", "complete"))
    await writer.edit(set_key("scenes", "scn_marked", "del", {"by": "x", "at": "y"}))
    await writer.edit(lambda doc: doc.get("scenes", type=Map).pop("scn_gone"))
    assert (await ada.http.post(f"{document(project)}/restore", json={"seq": then})).json()["written"] == 2
    await writer.catch_up()
    scenes = writer.shown["scenes"]
    assert scenes["scn_marked"]["del"] is None
    assert same(scenes["scn_gone"]["prompt"], content.SharedText("two")) and "st" not in scenes["scn_gone"]


async def test_the_servers_keys_and_locked_scenes_stay(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene("scn_free", "One"))
    await writer.edit(new_scene("scn_locked", "Two"))
    then = await writer.edit(lambda doc: doc.get("shots", type=Map).update({"sht_a": Map({"par": "scn_locked"})}))
    await writer.edit(set_key("scenes", "scn_locked", "lock", {"run": "r"}))
    for scene in ("scn_free", "scn_locked"):
        await writer.edit(set_key("scenes", scene, "title", "Now"))
    await writer.edit(set_key("shots", "sht_a", "size", "CU"))
    await writer.edit(set_key("scenes", "scn_free", "st", "complete"))
    await writer.edit(lambda doc: doc.get("takes", type=Map).update({"tak_a": Map({"n": 1})}))
    done = (await ada.http.post(f"{document(project)}/restore", json={"seq": then})).json()
    assert done["written"] == 1
    assert [(each["root"], each["entity"], each["why"]) for each in done["kept"]] == [
        ("scenes", "scn_locked", "scene.locked"),
        ("shots", "sht_a", "scene.locked"),
    ]
    await writer.catch_up()
    shown = writer.shown
    assert shown["scenes"]["scn_free"]["title"] == "One" and shown["scenes"]["scn_free"]["st"] == "complete"
    assert shown["scenes"]["scn_locked"]["title"] == "Now" and shown["takes"]["tak_a"]["n"] == 1


async def test_once_for_one_key_and_nothing_where_nothing_differs(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    then = await writer.edit(new_scene(SCENE, "One"))
    await writer.edit(set_key("scenes", SCENE, "title", "Two"))
    headers = {"Idempotency-Key": "back"}
    first = (await ada.http.post(f"{document(project)}/restore", json={"seq": then}, headers=headers)).json()
    await writer.catch_up()
    await writer.edit(set_key("scenes", SCENE, "title", "Three"))
    await studio.lose_answers(ada)
    again = (await ada.http.post(f"{document(project)}/restore", json={"seq": then}, headers=headers)).json()
    assert (first["seq"], first["changed"]) == (again["seq"], True) and again["changed"] is False
    same_place = (await ada.http.post(f"{document(project)}/restore", json={"seq": first["seq"] + 1})).json()
    assert same_place == {"seq": first["seq"] + 1, "changed": False, "written": 0, "kept": []}


async def test_others_hear_of_it_as_of_any_edit_and_typing_on_survives(studio: Studio, ada: Person) -> None:
    """A replica that types into the same text meanwhile ends equal to one that heard everything in order."""
    project = await studio.project(ada)
    writer, other = Writer(studio, ada, project), Writer(studio, ada, project)
    then = await writer.edit(new_scene(SCENE, "One", "The train leaves."))
    await writer.edit(type_in(SCENE, " Nobody waves."))
    await other.catch_up()
    async with studio.state.stores.bus.subscription() as heard:
        await heard.add(document_channel(writer.document_id))
        await ada.http.post(f"{document(project)}/restore", json={"seq": then})
        message = await heard.next()
        assert isinstance(message, Message)
        rows = relay.decode(message.payload)
        assert isinstance(rows, relay.Rows)
    typed = await other.edit(lambda doc: doc.get("scenes", type=Map)[SCENE]["prompt"].insert(0, "Now: "))
    for row in rows.rows:
        other.doc.apply_update(row.bytes)
    await writer.catch_up()
    assert writer.seq == typed and same(writer.shown, other.shown)
    assert writer.shown["scenes"][SCENE]["prompt"] == "Now: The train leaves."


async def test_viewers_read_and_only_editors_restore(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, commenter=bob)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE))
    assert (await bob.http.get(f"{document(project)}/content")).status_code == 200
    refused = await bob.http.post(f"{document(project)}/restore", json={"seq": 0})
    assert (refused.status_code, refused.json()["code"]) == (403, Forbidden.code)


@pytest.mark.parametrize("seed", range(8))
async def test_any_earlier_content_comes_back_whole(studio: Studio, ada: Person, bob: Person, seed: int) -> None:
    """Random edits by two people, some at once; then back to a random sequence, and from there to another."""
    rng = random.Random(seed)
    project = await studio.project(ada, editor=bob)
    writers = [Writer(studio, ada, project), Writer(studio, bob, project)]
    for _ in range(30):
        writer = rng.choice(writers)
        if rng.random() < 0.7:
            await writer.catch_up()
        await writer.edit(lambda doc: random_edit(doc, rng))
    log = studio.log
    reader = Writer(studio, ada, project)
    for _ in range(3):
        head = await log.head(reader.document_id)
        target = rng.randrange(head.seq + 1)
        then = await studio.state.history._reader.content(head, target)
        answer = await ada.http.post(f"{document(project)}/restore", json={"seq": target})
        assert answer.status_code == 200 and answer.json()["kept"] == [], answer.text
        await reader.catch_up()
        assert difference(writable(then), writable(reader.shown)) == [], target
        for writer in writers:
            await writer.catch_up()
            assert same(writer.shown, reader.shown)


def test_a_mark_is_no_entity() -> None:
    assert not content.is_deleted({"del": 1}) and content.is_deleted(SharedMap({"del": 1}))


async def test_a_timeline_does_not_go_back_behind_its_seed(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    path = f"/v1/documents/{ids.encode(project.timeline.id)}"
    refused = await ada.http.post(f"{path}/restore", json={"seq": 0})
    assert (refused.status_code, refused.json()["code"]) == (422, "history.point")
    assert (await ada.http.post(f"{path}/restore", json={"seq": 1})).json()["changed"] is False
    assert (await ada.http.get(f"{path}/content")).json()["content"]["tracks"]["trk_main"]["k"] == "video"

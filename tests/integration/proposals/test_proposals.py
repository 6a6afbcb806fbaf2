"""A refused edit stays, is shown as what it would change, and is taken in as an edit of its author (C6)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from pycrdt import Doc, Map, TransactionEvent

from services.history.content import SharedText, same
from services.projects.model import Project
from services.proposals.model import OPEN_OF_AUTHOR_MAX, pack, proposal_id
from storage.events import read_events
from storage.log import DocumentKey
from sync import ids
from tests.integration.api.studio import Person, Studio
from tests.integration.history.writers import Writer, document, new_scene, set_key, type_in

SCENE = ids.to_text("scn", uuid4())


def refused(writer: Writer, *changes: Callable[[Doc[Any]], None], client_id: int | None = None) -> list[bytes]:
    """What somebody makes on top of what the writer has, and nobody admits: one update a change."""
    doc: Doc[Any] = Doc() if client_id is None else Doc(client_id=client_id)
    doc.apply_update(writer.doc.get_update())
    updates: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        updates.append(event.update)

    watch = doc.observe(note)
    for change in changes:
        with doc.transaction():
            change(doc)
    doc.unobserve(watch)
    return updates


async def kept(studio: Studio, project: Project, author: Person, updates: list[bytes], reason: str = "x") -> str:
    """The path of the proposal."""
    document_id = project.storyboard.id
    assert await studio.state.proposals.keep(DocumentKey(document_id, 1), author.actor.user_id, reason, updates, "why")
    name = proposal_id(document_id, 1, author.actor.user_id, pack(updates))
    return f"{document(project)}/proposals/{ids.to_text('prp', name)}"


async def test_w47_what_may_be_taken_in_is_and_the_rest_stays_out(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening", "A train."))
    updates = refused(
        writer, type_in(SCENE, " At night."), set_key("scenes", SCENE, "st", "complete"), new_scene("jobs_are_not_his")
    )
    updates += refused(writer, lambda doc: doc.get("jobs", type=Map).update({"run_x": Map({"st": "complete"})}))
    path = await kept(studio, project, bob, updates, "schema.server_only")

    shown = (await ada.http.get(path)).json()
    assert shown["proposal"]["reason"] == "schema.server_only"
    assert (shown["proposal"]["author_name"], shown["proposal"]["state"]) == ("Bob", "open")
    assert [(each["root"], each["entity"], each["change"]) for each in shown["changes"]] == [
        ("scenes", "jobs_are_not_his", "added"),
        ("scenes", SCENE, "changed"),
    ]
    assert [key["key"] for key in shown["changes"][1]["keys"]] == ["prompt"]
    out = [(each["root"], each["entity"], each["key"], each["why"]) for each in shown["kept"]]
    assert out == [
        ("jobs", "run_x", None, "schema.server_only"),
        ("scenes", SCENE, "st", "schema.server_only"),
    ]

    answer = await ada.http.post(f"{path}/accept")
    assert answer.status_code == 200, answer.text
    taken = answer.json()["proposal"]
    assert (taken["state"], taken["decided_by"]) == ("accepted", ids.to_text("usr", ada.actor.user_id))
    await writer.catch_up()
    scene = writer.shown["scenes"][SCENE]
    assert same(scene["prompt"], SharedText("A train. At night.")) and "st" not in scene
    assert "jobs_are_not_his" in writer.shown["scenes"] and not writer.shown["jobs"]
    (row,) = await studio.log.read(writer.document_id, 1, taken["seq"] - 1)
    assert (row.origin, row.actor) == ("proposal", bob.actor.user_id)

    again = await ada.http.post(f"{path}/accept")
    assert (again.status_code, again.json()["proposal"]["seq"]) == (200, taken["seq"])
    assert (await studio.log.head(writer.document_id)).seq == taken["seq"]
    assert (await ada.http.post(f"{path}/dismiss")).json()["code"] == "proposal.decided"
    told = await read_events(studio.state.stores.pool, project.id, 0)
    assert [event.payload["st"] for event in told if event.kind == "proposal"] == ["open", "accepted"]


async def test_what_others_did_meanwhile_stays(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening", "A train."))
    path = await kept(studio, project, ada, refused(writer, set_key("scenes", SCENE, "title", "Ending")))
    await writer.edit(type_in(SCENE, " It rains."))
    await writer.edit(new_scene("scn_later"))
    assert (await ada.http.post(f"{path}/accept")).status_code == 200
    await writer.catch_up()
    scenes = writer.shown["scenes"]
    assert (scenes[SCENE]["title"], str(scenes[SCENE]["prompt"])) == ("Ending", "A train. It rains.")
    assert scenes["scn_later"]["del"] is None


async def test_a_forged_client_id_stays_behind(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening"))
    head = await studio.log.head(project.storyboard.id)
    forged = refused(writer, set_key("scenes", SCENE, "title", "Forged"), client_id=head.server_client)
    path = await kept(studio, project, ada, forged, "client.foreign")
    assert (await ada.http.post(f"{path}/accept")).json()["kept"] == []
    await writer.catch_up()
    assert writer.shown["scenes"][SCENE]["title"] == "Forged"
    assert (await studio.log.clients(project.storyboard.id, 1)).keys() == {writer.doc.client_id}


async def test_w61_what_is_locked_is_taken_in_after_the_lock_or_by_an_owner_despite_it(
    studio: Studio, ada: Person, bob: Person
) -> None:
    project = await studio.project(ada, editor=bob)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening"))
    by = ids.to_text("usr", ada.actor.user_id)
    for wanted, despite in (("Despite", {"despite_locks": "true"}), ("After", {})):
        await writer.edit(set_key("scenes", SCENE, "lock", {"by": by, "at": 1, "why": "approved"}))
        path = await kept(studio, project, bob, refused(writer, set_key("scenes", SCENE, "title", wanted)), "x")
        shown = (await bob.http.get(path)).json()
        assert (shown["changes"], [each["why"] for each in shown["kept"]]) == ([], ["scene.locked"])
        assert shown["proposal"]["detail"] == "why"
        assert [(each["entity"], [key["key"] for key in each["keys"]]) for each in shown["held"]] == [
            (SCENE, ["title"])
        ]
        answer = await bob.http.post(f"{path}/accept")
        assert (answer.status_code, answer.json()["code"], answer.json()["locked_by"]) == (409, "scene.locked", by)
        denied = await bob.http.post(f"{path}/accept", params={"despite_locks": "true"})
        assert (denied.status_code, denied.json()["code"]) == (403, "role.forbidden")
        assert (await bob.http.get(path)).json()["proposal"]["state"] == "open"
        if not despite:
            await writer.edit(set_key("scenes", SCENE, "lock", None))
        taken = await ada.http.post(f"{path}/accept", params=despite)
        assert (taken.status_code, taken.json()["kept"]) == (200, []), taken.text
        await writer.catch_up()
        assert writer.shown["scenes"][SCENE]["title"] == wanted


async def test_what_rests_on_edits_that_never_came_changes_nothing_until_they_come(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening", "A train."))
    first, second = refused(writer, type_in(SCENE, " One."), type_in(SCENE, " Two."))
    path = await kept(studio, project, ada, [second], "update.dangling")
    shown = (await ada.http.get(path)).json()
    assert (shown["changes"], shown["kept"]) == ([], [])
    writer.doc.apply_update(first)
    await writer.write(first)
    (change,) = (await ada.http.get(path)).json()["changes"]
    assert [word["text"] for word in change["keys"][0]["words"] if word["op"] == "added"] == [" Two."]


async def test_the_author_sees_his_own_and_who_edits_sees_all(
    studio: Studio, ada: Person, bob: Person, cem: Person
) -> None:
    project = await studio.project(ada, viewer=bob, commenter=cem)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening"))
    bobs = await kept(studio, project, bob, refused(writer, set_key("scenes", SCENE, "title", "Bob's")))
    await kept(studio, project, cem, refused(writer, set_key("scenes", SCENE, "title", "Cem's")))
    listing = f"{document(project)}/proposals"
    seen = {person: len((await person.http.get(listing)).json()["proposals"]) for person in (ada, bob, cem)}
    assert list(seen.values()) == [2, 1, 1]
    assert (await cem.http.get(bobs)).status_code == 404
    assert (await cem.http.post(f"{bobs}/dismiss")).status_code == 404
    assert (await bob.http.post(f"{bobs}/accept")).json()["code"] == "role.forbidden"
    assert (await bob.http.post(f"{bobs}/dismiss")).json()["state"] == "dismissed"
    assert (await ada.http.post(f"{bobs}/accept")).json()["code"] == "proposal.decided"
    assert len((await ada.http.get(listing, params={"state": "open"})).json()["proposals"]) == 1
    stranger = await studio.person("Eve")
    async with stranger.http:
        assert (await stranger.http.get(listing)).status_code == 404


async def test_the_same_bytes_are_one_proposal_and_there_is_a_limit(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening"))
    key, keep = DocumentKey(project.storyboard.id, 1), studio.state.proposals.keep
    answers = [
        await keep(key, ada.actor.user_id, "x", refused(writer, set_key("scenes", SCENE, "title", str(number))), "")
        for number in range(OPEN_OF_AUTHOR_MAX + 1)
    ]
    assert answers == [True] * OPEN_OF_AUTHOR_MAX + [False]
    listing = f"{document(project)}/proposals"
    pages, before = 0, None
    found: list[str] = []
    while pages == 0 or before is not None:
        page = (await ada.http.get(listing, params={"limit": 8} | ({"cursor": before} if before else {}))).json()
        found += [each["id"] for each in page["proposals"]]
        pages, before = pages + 1, page["next"]
    assert (len(found), len(set(found)), pages) == (OPEN_OF_AUTHOR_MAX, OPEN_OF_AUTHOR_MAX, 3)
    twice = refused(writer, set_key("scenes", SCENE, "title", "again"))
    assert (await ada.http.post(f"{listing}/{found[0]}/dismiss")).status_code == 200
    assert [await keep(key, ada.actor.user_id, "x", twice, "") for _ in range(2)] == [True, False]


async def test_bytes_that_are_no_update_any_more_and_another_epoch_are_told(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening"))
    path = await kept(studio, project, ada, [b"\x01\x02\x03"])
    assert (await ada.http.get(path)).json()["code"] == "proposal.unreadable"
    assert (await ada.http.post(f"{path}/accept")).json()["code"] == "proposal.unreadable"
    late = await kept(studio, project, ada, refused(writer, set_key("scenes", SCENE, "title", "Late")))
    await studio.state.stores.pool.execute("update documents set epoch = 2 where id = $1", project.storyboard.id)
    assert (await ada.http.get(late)).json()["code"] == "proposal.epoch"
    assert (await ada.http.post(f"{late}/accept")).json()["code"] == "proposal.epoch"
    assert (await ada.http.post(f"{late}/dismiss")).json()["state"] == "dismissed"
    assert (await ada.http.get(f"{document(project)}/proposals/prp_nonsense")).json()["code"] == "proposal.missing"


async def test_w57_what_the_schema_does_not_allow_stays_out_of_it(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    writer = Writer(studio, ada, project)
    await writer.edit(new_scene(SCENE, "Opening", "A train."))
    updates = refused(writer, set_key("scenes", SCENE, "title", 7.0), set_key("scenes", SCENE, "num", "12A"))
    path = await kept(studio, project, bob, updates, "schema.type")
    answer = await ada.http.post(f"{path}/accept")
    assert answer.status_code == 200, answer.text
    assert [(out["key"], out["why"]) for out in answer.json()["kept"]] == [("title", "schema.type")]
    await writer.catch_up()
    scene = writer.shown["scenes"][SCENE]
    assert (scene["title"], scene["num"]) == ("Opening", "12A")

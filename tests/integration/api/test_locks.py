"""Locks of scenes over HTTP: who sets and lifts them, and that every door of the server respects them (C17)."""

from typing import Any
from uuid import uuid4

import httpx
from pycrdt import Map

from services.projects.model import Project
from services.users.model import Role
from storage.events import read_events
from sync import ids
from tests.integration.api.studio import Person, Studio, path
from tests.integration.history.writers import Writer, document, set_key


def lock_of(project: Project, scene: str) -> str:
    return f"{path(project)}/scenes/{scene}/lock"


async def locked(studio: Studio, project: Project, scene: str) -> Any:
    return (await shown(studio, project, scene)).get("lock")


async def shown(studio: Studio, project: Project, scene: str) -> dict[str, Any]:
    writer = Writer(studio, await studio.person(), project)
    await writer.catch_up()
    return dict(writer.shown["scenes"][scene])


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_locked_scene_says_who_and_why_and_is_left_alone(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    scene = await studio.scene(ada, project, title="Kitchen")
    answer = await ada.http.post(lock_of(project, scene), json={"why": "The client has seen it."})
    assert answer.status_code == 200, answer.text
    by = ids.to_text("usr", ada.actor.user_id)
    assert (answer.json()["by"], answer.json()["why"], answer.json()["take"]) == (by, "The client has seen it.", None)
    held = await locked(studio, project, scene)
    assert (held["by"], held["why"], held["at"]) == (by, "The client has seen it.", answer.json()["at"])

    changed = await bob.http.patch(f"{path(project)}/scenes/{scene}", json={"title": "Changed"})
    assert refusal(changed) == (409, "scene.locked")
    assert (changed.json()["scene"], changed.json()["locked_by"]) == (scene, by)
    assert "The client has seen it." in changed.json()["detail"]
    moved = await ada.http.patch(f"{path(project)}/scenes/{scene}", json={"after": None})
    assert moved.status_code == 200, "it stands first already: nothing is written"
    generated = await ada.http.post(f"{path(project)}/scenes/{scene}/generate", json={})
    assert refusal(generated) == (409, "scene.locked")
    after = await shown(studio, project, scene)
    assert (after["title"], after["st"]) == ("Kitchen", "locked")


async def test_only_who_locked_it_or_an_owner_unlocks(studio: Studio, ada: Person, bob: Person, cem: Person) -> None:
    project = await studio.project(ada, editor=bob)
    await studio.state.members.add(ada.actor, project.id, cem.email, Role.EDITOR)
    scene = await studio.scene(ada, project, title="Kitchen")
    where = lock_of(project, scene)
    await bob.http.post(where, json={"why": "mine"})
    assert refusal(await cem.http.post(where, json={"why": "no, mine"})) == (409, "lock.another")
    assert refusal(await cem.http.delete(where)) == (409, "lock.another")
    assert (await bob.http.post(where, json={"why": "still mine"})).json()["why"] == "still mine"
    assert (await ada.http.delete(where)).status_code == 204
    assert (await cem.http.delete(where)).status_code == 204, "it is not locked any more"
    assert (await locked(studio, project, scene), (await shown(studio, project, scene))["st"]) == (None, "draft")
    assert (await bob.http.patch(f"{path(project)}/scenes/{scene}", json={"title": "Free"})).status_code == 200
    told = [
        event.payload for event in await read_events(studio.state.stores.pool, project.id, 0) if event.kind == "lock"
    ]
    assert [None if each["lock"] is None else each["lock"]["why"] for each in told][:3] == ["mine", "still mine", None]


async def test_an_approval_locks_the_take_that_was_seen(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, title="Kitchen")
    seen, newer = (ids.to_text("tak", uuid4()) for _ in range(2))
    writer = Writer(studio, ada, project)
    await writer.catch_up()
    await writer.edit(set_key("scenes", scene, "cur", newer))
    assert refusal(await ada.http.post(lock_of(project, scene), json={"take": seen})) == (409, "lock.take")
    approved = await ada.http.post(lock_of(project, scene), json={"take": newer, "why": "approved"})
    assert approved.json()["take"] == newer
    assert (await locked(studio, project, scene))["take"] == newer


async def test_restoring_the_document_leaves_what_is_locked(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    one, two = [await studio.scene(ada, project, title=title) for title in ("One", "Two")]
    writer = Writer(studio, ada, project)
    await writer.edit(lambda doc: doc.get("beats", type=Map).update({"bea_a": Map({"par": one, "name": "Turn"})}))
    then = (await studio.log.head(project.storyboard.id)).seq
    for scene in (one, two):
        await ada.http.patch(f"{path(project)}/scenes/{scene}", json={"title": "Now"})
    await writer.catch_up()
    await writer.edit(set_key("beats", "bea_a", "name", "Later"))
    await ada.http.post(lock_of(project, one), json={})
    done = await ada.http.post(f"{document(project)}/restore", json={"seq": then})
    assert done.status_code == 200, done.text
    kept = {(each["entity"], each["why"]) for each in done.json()["kept"]}
    assert {(one, "scene.locked"), ("bea_a", "scene.locked")} <= kept
    assert ((await shown(studio, project, one))["title"], (await shown(studio, project, two))["title"]) == (
        "Now",
        "Two",
    )


async def test_what_is_not_there_cannot_be_locked_and_a_lock_without_its_run_is_lifted(
    studio: Studio, ada: Person
) -> None:
    project = await studio.project(ada)
    assert refusal(await ada.http.post(lock_of(project, ids.to_text("scn", uuid4())), json={})) == (
        404,
        "scene.missing",
    )
    scene = await studio.scene(ada, project, title="Kitchen")
    assert refusal(await ada.http.post(lock_of(project, scene), json={"why": "x" * 301})) == (422, "field.invalid")
    writer = Writer(studio, ada, project)
    await writer.catch_up()
    gone = {"by": "", "at": 1, "why": "", "run": ids.to_text("run", uuid4())}
    await writer.edit(set_key("scenes", scene, "lock", gone))
    assert (await ada.http.delete(lock_of(project, scene))).status_code == 204
    assert await locked(studio, project, scene) is None


async def test_repairs_wait_for_the_end_of_a_lock(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    one, two = [await studio.scene(ada, project, title=title) for title in ("One", "Two")]
    writer = Writer(studio, ada, project)
    await writer.catch_up()
    for scene in (one, two):
        await writer.edit(set_key("scenes", scene, "par", "seq_gone"))
    await ada.http.post(lock_of(project, one), json={})
    document_id = project.storyboard.id
    assert await studio.state.gestures.repair(document_id)
    assert [(await shown(studio, project, scene))["par"] for scene in (one, two)] == ["seq_gone", ""]
    assert not await studio.state.gestures.repair(document_id)
    await ada.http.delete(lock_of(project, one))
    assert await studio.state.gestures.repair(document_id)
    assert (await shown(studio, project, one))["par"] == ""

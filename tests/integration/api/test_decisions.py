"""Review over HTTP: who may decide, about which version, and what others see of it."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from services.projects.model import Project
from storage.events import read_events
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, path
from tests.integration.api.test_shares import shared

CHANGES = {"verdict": "changes", "note": "The rain is too loud."}
APPROVED = {"verdict": "approved"}


async def told(studio: Studio, project: Project) -> list[dict[str, Any]]:
    events = await read_events(studio.state.stores.pool, project.id, 0)
    return [event.payload for event in events if event.kind == "decision"]


async def seq_of(owner: Person, project: Project) -> int:
    content = await owner.http.get(f"/v1/documents/{ids.encode(project.storyboard.id)}/content")
    return int(content.json()["seq"])


async def test_a_scene_is_approved_as_it_was_and_then_changes(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, commenter=bob)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    where = f"{path(project)}/scenes/{scene}/decisions"
    asked = await bob.http.post(where, json=CHANGES | {"seq": await seq_of(ada, project)})
    assert asked.status_code == 201, asked.text
    body = asked.json()
    assert (body["subject"], body["scene"], body["verdict"], body["note"]) == ("scene", scene, *CHANGES.values())
    assert (body["by_name"], body["role"], body["current"]) == (bob.actor.name, "commenter", True)
    await ada.http.patch(f"{path(project)}/scenes/{scene}", json={"prompt": "A train, quietly."})
    [before] = (await ada.http.get(where)).json()["decisions"]
    assert before == body | {"current": False}
    approved = await ada.http.post(where, json=APPROVED)
    assert (approved.json()["seq"], approved.json()["current"]) == (await seq_of(ada, project), True)
    assert [each["verdict"] for each in (await bob.http.get(where)).json()["decisions"]] == ["approved", "changes"]
    page = (await bob.http.get(f"{where}?limit=1")).json()
    rest = (await bob.http.get(where, params={"limit": 1, "cursor": page["next"]})).json()
    assert [each["verdict"] for each in page["decisions"] + rest["decisions"]] == ["approved", "changes"]
    of_document = await bob.http.get(f"/v1/documents/{ids.encode(project.storyboard.id)}/decisions")
    assert len(of_document.json()["decisions"]) == 2
    first, second = await told(studio, project)
    assert (first["scn"], first["verdict"], first["seq"]) == (scene, "changes", body["seq"])
    assert (second["id"], second["by"]) == (approved.json()["id"], ids.to_text("usr", ada.actor.user_id))


async def test_a_take_is_decided_for_itself(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    _, first = await studio.take(ada, project, scene)
    _, second = await studio.take(ada, project, scene, 2)
    pool = studio.state.stores.pool
    await pool.execute("update scenes set current_take = $1 where id = $2", ids.from_text("tak", first), scene)
    made = (await ada.http.post(f"/v1/takes/{first}/decisions", json=APPROVED)).json()
    assert (made["subject"], made["take"], made["scene"], made["current"]) == ("take", first, scene, True)
    assert (await ada.http.get(f"/v1/takes/{second}/decisions")).json()["decisions"] == []
    await pool.execute("update scenes set current_take = $1 where id = $2", ids.from_text("tak", second), scene)
    [now] = (await ada.http.get(f"/v1/takes/{first}/decisions")).json()["decisions"]
    assert now == made | {"current": False}, "what was said of one take says nothing of the next"


async def test_the_cut_of_an_episode_is_decided_at_its_sequence(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where = f"/v1/documents/{ids.encode(project.timeline.id)}"
    made = await ada.http.post(f"{where}/decisions", json=APPROVED)
    assert (made.status_code, made.json()["subject"], made.json()["current"]) == (201, "cut", True)
    insert = {"gestures": [{"gesture": "insert", "track": "trk_main", "at": 0, "frames": 24}]}
    edited = await ada.http.post(f"{where}/edits", json=insert)
    assert edited.status_code == 200, edited.text
    [before] = (await ada.http.get(f"{where}/decisions")).json()["decisions"]
    assert (before["seq"], before["current"]) == (made.json()["seq"], False)
    future = await ada.http.post(f"{where}/decisions", json=APPROVED | {"seq": 10_000})
    assert (future.status_code, future.json()["code"], future.json()["field"]) == (422, "decision.seq", "seq")
    storyboard = f"/v1/documents/{ids.encode(project.storyboard.id)}/decisions"
    assert (await ada.http.post(storyboard, json=APPROVED)).json()["code"] == "decision.kind"


@pytest.mark.parametrize("may_approve", [True, False])
async def test_guests_decide_where_their_link_lets_them(studio: Studio, ada: Person, may_approve: bool) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    _, token = await shared(ada, project, approve=may_approve)
    async with studio.client(Origin=URL) as browser:
        opened = await browser.post("/v1/share-links/open", json={"token": token, "name": "Gus"})
        assert opened.status_code == 200, opened.text
        answer = await browser.post(f"{path(project)}/scenes/{scene}/decisions", json=APPROVED)
    if may_approve:
        assert answer.status_code == 201, answer.text
        assert (answer.json()["by_name"], answer.json()["by_kind"], answer.json()["role"]) == ("Gus", "guest", "viewer")
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "role.forbidden")


async def test_whoever_only_looks_or_is_a_stranger_decides_nothing(
    studio: Studio, ada: Person, bob: Person, cem: Person
) -> None:
    project = await studio.project(ada, viewer=bob)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    _, take = await studio.take(ada, project, scene)
    for where in (f"/v1/takes/{take}/decisions", f"{path(project)}/scenes/{scene}/decisions"):
        assert (await bob.http.get(where)).status_code == 200
        assert (await bob.http.post(where, json=APPROVED)).status_code == 403
        for ask in (cem.http.get(where), cem.http.post(where, json=APPROVED)):
            assert (await ask).status_code == 404
    unknown = await ada.http.post(f"{path(project)}/scenes/scn_{'0' * 26}/decisions", json=APPROVED)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "decision.subject")
    nowhere = await ada.http.post(f"/v1/takes/{ids.to_text('tak', uuid4())}/decisions", json=APPROVED)
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "decision.subject")
    await studio.state.projects.archive(ada.actor, project.id)
    archived = await ada.http.post(f"/v1/takes/{take}/decisions", json=APPROVED)
    assert (archived.status_code, archived.json()["code"]) == (409, "project.archived")
    assert await told(studio, project) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"verdict": "changes"}, "decision.note_missing"),
        ({"verdict": "changes", "note": " \n"}, "decision.note_missing"),
        ({"verdict": "approved", "note": "x" * 2_001}, "field.invalid"),
        ({"verdict": "approved", "note": "\0"}, "field.invalid"),
        ({"verdict": "perhaps"}, "field.invalid"),
        ({"verdict": "approved", "seq": -1}, "field.invalid"),
    ],
)
async def test_what_is_said_has_its_form(studio: Studio, ada: Person, body: dict[str, Any], code: str) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    refused = await ada.http.post(f"{path(project)}/scenes/{scene}/decisions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_repeated_decision_is_one_and_none_is_changed(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    where = f"{path(project)}/scenes/{scene}/decisions"

    async def decide() -> httpx.Response:
        return await ada.http.post(where, json=APPROVED, headers={"Idempotency-Key": "k"})

    first = await decide()
    await studio.lose_answers(ada)
    again = await decide()
    assert (again.status_code, again.json()) == (201, first.json())
    assert len((await ada.http.get(where)).json()["decisions"]) == len(await told(studio, project)) == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await studio.state.stores.pool.execute("update review_decisions set verdict = 'changes'")

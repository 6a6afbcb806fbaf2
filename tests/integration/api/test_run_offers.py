"""An offered take over HTTP: seen by all who see the run, answered once by those who may edit."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.generation.scribe import take_of
from services.projects.model import Project
from storage.tables import cached
from storage.tables.cached import DecisionRow, TakeRow
from sync import ids
from tests.integration.api.studio import Person, Studio, insisted, path
from tests.unit.generation.make import NOW

WORDS = "A train at night."


async def offered(studio: Studio, ada: Person, project: Project) -> tuple[str, str]:
    """(run, offer): one that goes on, and was offered the take of an earlier run of its scene."""
    scene, pool = await studio.scene(ada, project, prompt=WORDS), studio.state.stores.pool
    first = (await ada.http.post(f"{path(project)}/scenes/{scene}/generate")).json()["run"]["id"]
    await ada.http.post(f"/v1/runs/{first}/cancel")
    first_id, media = ids.from_text("run", first), uuid4().hex * 2
    await pool.execute("insert into media (hash, bytes, content_type) values ($1, 1, 'video/mp4')", media)
    await pool.execute(
        "insert into takes (id, project_id, document_id, scene_id, run_id, number, media_hash, thumb_hash, frames,"
        " width, height, rate_num, rate_den, provenance)"
        " select $2, project_id, document_id, scene_id, id, 1, $3, $3, 24, 16, 9, 24, 1, '{}' from runs where id = $1",
        *(first_id, take_of(first_id), media),
    )
    run = (await ada.http.post(f"{path(project)}/scenes/{scene}/generate")).json()["run"]["id"]
    output = {"take": take_of(first_id).hex, "scene": scene}
    kept = TakeRow(uuid4(), "0" * 64, "take", WORDS, {}, output, 7_000_000, NOW)
    project_id, partition = project.id, "1" * 64
    await cached.add_take(pool, project_id, partition, kept)
    decision = DecisionRow(
        uuid4(), partition, "2" * 64, "take", "offered", kept.id, 0.97, 0.82, 1, (), 7_000_000, None, None, None,
        ids.from_text("run", run),
    )  # fmt: skip
    await cached.add_decision(pool, project_id, decision)
    return run, ids.to_text("lkp", decision.id)


async def test_a_run_says_what_it_was_offered(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    run, offer = await offered(studio, ada, project)
    for person in (ada, bob):
        told = (await person.http.get(f"/v1/runs/{run}")).json()["offer"]
        assert (told["id"], told["prompt"], told["score"], told["saves_micro"]) == (offer, WORDS, 0.97, 7_000_000)
        assert (told["number"], told["frames"], told["rate"], told["answer"]) == (1, 24, [24, 1], None)


async def test_who_may_edit_accepts_it_once(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    run, offer = await offered(studio, ada, project)
    where, body = f"/v1/runs/{run}/offer", {"offer": offer, "answer": "accept"}
    assert (await bob.http.post(where, json=body)).status_code == 403
    key = uuid4().hex
    first, second = [await insisted(ada.http, where, key, body) for _ in range(2)]
    assert first.status_code == 200 and first.json() == second.json(), first.text
    done = first.json()
    assert (done["run"]["state"], done["offer"]["answer"]) == ("complete", "accepted")
    assert (await ada.http.post(where, json=body)).json()["run"]["take"] == done["run"]["take"]
    take = (await ada.http.get(f"/v1/takes/{done['run']['take']}")).json()
    assert take["provenance"]["reused_from"]["offer"] == offer and take["number"] == 2
    declined = await ada.http.post(where, json={**body, "answer": "decline"})
    assert (declined.status_code, declined.json()["code"]) == (409, "cache.nothing_offered")
    figures = (await ada.http.get(f"{path(project)}/cache")).json()
    assert figures["accepted"] == 1
    assert [(row["layer"], row["stage"], row["saved_micro"]) for row in figures["figures"]] == [
        ("semantic", "take", 7_000_000)
    ]
    month = f"{datetime.now(UTC):%Y-%m}"
    wallet = ids.to_text("usr", ada.actor.user_id)
    statement = (await ada.http.get(f"/v1/wallets/{wallet}/statements/{month}")).json()
    (saving,) = statement["savings"]
    assert (saving["run"], saving["what"], saving["layer"], saving["saved_micro"]) == (
        run,
        "take",
        "semantic",
        7_000_000,
    )
    assert [row["saved_micro"] for row in statement["projects"]] == [7_000_000]


async def test_it_is_declined_with_a_reason_and_the_run_goes_on(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    run, offer = await offered(studio, ada, project)
    body = {"offer": offer, "answer": "decline", "because": "differs"}
    answer = await ada.http.post(f"/v1/runs/{run}/offer", json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["run"]["state"], answer.json()["offer"]["answer"]) == ("queued", "declined")
    hits = (await ada.http.get(f"{path(project)}/cache")).json()["false_hits"]
    assert (hits["compared"], hits["different"], hits["share"]) == (1, 1, 1.0)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"offer": "lkp_1", "answer": "accept"}, 422, "offer"),
        ({"answer": "accept"}, 422, "offer"),
        ({"offer": ids.to_text("lkp", UUID(int=7)), "answer": "perhaps"}, 422, "answer"),
        ({"offer": ids.to_text("lkp", UUID(int=7)), "answer": "decline", "because": "ugly"}, 422, "because"),
        ({"offer": ids.to_text("lkp", UUID(int=7)), "answer": "accept"}, 404, None),
    ],
)
async def test_an_answer_names_the_offer_of_its_run(
    studio: Studio, ada: Person, body: dict[str, Any], status: int, field: str | None
) -> None:
    project = await studio.project(ada)
    run, _ = await offered(studio, ada, project)
    answer = await ada.http.post(f"/v1/runs/{run}/offer", json=body)
    assert answer.status_code == status and answer.json().get("field") == field, answer.text


async def test_an_offer_is_not_answered_as_a_choice(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    run, _ = await offered(studio, ada, project)
    answer = await ada.http.post(f"/v1/runs/{run}/selections", json={"step": "reuse", "choice": "anew"})
    assert (answer.status_code, answer.json()["code"]) == (409, "selection.refused")

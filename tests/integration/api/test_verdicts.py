"""Verdicts and appeals over HTTP: who sees them, who appeals, who decides, and that it is written down."""

import time
from dataclasses import replace

import httpx
import pytest

from api.main import application
from services.projects.model import Project
from services.safety.errors import PromptRefused
from services.safety.model import Passage
from services.safety.service import Asked
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, path


async def judged(studio: Studio, person: Person, project: Project, words: str = "hardcore sex") -> str:
    """The id of the verdict."""
    asked = Asked(project.id, person.actor.user_id, time.time())
    try:
        verdict = await studio.state.moderation.prompt(asked, [Passage("prompt", words)])
    except PromptRefused as error:
        return ids.to_text("vdt", error.verdict_id)
    return ids.to_text("vdt", verdict.id)


def operator(studio: Studio, person: Person) -> httpx.AsyncClient:
    settings = replace(studio.state.settings, operators=frozenset({person.actor.user_id}))
    transport = httpx.ASGITransport(application(replace(studio.state, settings=settings)))
    return httpx.AsyncClient(transport=transport, base_url=URL, headers=person.http.headers)


async def test_those_who_may_edit_see_what_was_judged_and_why(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    verdict = await judged(studio, ada, project)
    await judged(studio, ada, project, "A train at night.")
    told = (await ada.http.get(f"/v1/verdicts/{verdict}")).json()
    assert (told["outcome"], told["subject"], told["by"]) == (
        "refused",
        "prompt",
        ids.to_text("usr", ada.actor.user_id),
    )
    (finding,) = told["opinions"][0]["findings"]
    assert finding["words"] == "hardcore sex" and "not made here" in finding["reason"]
    listed = (await ada.http.get(f"{path(project)}/verdicts")).json()["verdicts"]
    assert [each["outcome"] for each in listed] == ["allowed", "refused"]
    only = (await ada.http.get(f"{path(project)}/verdicts", params={"outcome": "refused"})).json()["verdicts"]
    assert [each["id"] for each in only] == [verdict]
    assert (await bob.http.get(f"/v1/verdicts/{verdict}")).status_code == 403
    assert (await bob.http.get(f"{path(project)}/verdicts")).status_code == 403


async def test_for_a_stranger_there_is_none(studio: Studio, ada: Person, bob: Person) -> None:
    verdict = await judged(studio, ada, await studio.project(ada))
    for answer in (
        await bob.http.get(f"/v1/verdicts/{verdict}"),
        await bob.http.get("/v1/verdicts/vdt_" + "0" * 26),
        await bob.http.get("/v1/verdicts/nonsense"),
        await bob.http.post(f"/v1/verdicts/{verdict}/appeal", json={"words": "Why?"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "verdict.missing")


async def test_pages_of_verdicts_follow_each_other(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    made = [await judged(studio, ada, project, f"Scene {number}") for number in range(3)]
    first = (await ada.http.get(f"{path(project)}/verdicts", params={"limit": 2})).json()
    second = (await ada.http.get(f"{path(project)}/verdicts", params={"limit": 2, "cursor": first["next"]})).json()
    assert [each["id"] for page in (first, second) for each in page["verdicts"]] == made[::-1]
    assert second["next"] is None


async def test_an_appeal_is_made_once_decided_by_an_operator_and_written_down(
    studio: Studio, ada: Person, bob: Person
) -> None:
    project = await studio.project(ada)
    verdict = await judged(studio, ada, project)
    where, deciding = f"/v1/verdicts/{verdict}", f"/v1/appeals/{verdict}/decision"
    keyed = {"Idempotency-Key": "the-same-appeal-1"}
    made = await ada.http.post(f"{where}/appeal", json={"words": "A book's title."}, headers=keyed)
    again = await ada.http.post(f"{where}/appeal", json={"words": "A book's title."}, headers=keyed)
    assert (made.status_code, made.json()["appeal"]["state"]) == (201, "open") and again.json() == made.json()
    twice = await ada.http.post(f"{where}/appeal", json={"words": "Once more."})
    assert (twice.status_code, twice.json()["code"]) == (409, "appeal.made")
    assert (await ada.http.get("/v1/appeals")).json()["code"] == "operator.required"
    decision = {"decision": "overturned", "note": "So it is."}
    assert (await ada.http.post(deciding, json=decision)).status_code == 403
    async with operator(studio, bob) as http:
        assert verdict in [each["id"] for each in (await http.get("/v1/appeals")).json()["verdicts"]]
        decided = await http.post(deciding, json=decision)
        assert (decided.status_code, decided.json()["appeal"]["note"]) == (200, "So it is.")
        assert (await http.post(deciding, json=decision)).json()["code"] == "appeal.decided"
        assert verdict not in [each["id"] for each in (await http.get("/v1/appeals")).json()["verdicts"]]
    entries = (await ada.http.get(f"{path(project)}/audit")).json()["entries"]
    assert [(each["action"], each["actor"]["name"]) for each in entries[:2]] == [
        ("appeal.decided", bob.actor.name),
        ("appeal.made", "Ada"),
    ]
    assert "book" not in str(entries)
    later = (await ada.http.get(f"/v1/verdicts/{await judged(studio, ada, project)}")).json()
    assert later["outcome"] == "allowed"


@pytest.mark.parametrize("words", ["", "   ", "x" * 2_001])
async def test_an_appeal_says_why(studio: Studio, ada: Person, words: str) -> None:
    verdict = await judged(studio, ada, await studio.project(ada))
    answer = await ada.http.post(f"/v1/verdicts/{verdict}/appeal", json={"words": words})
    assert (answer.status_code, answer.json()["field"]) == (422, "words")


async def test_what_is_allowed_cannot_be_appealed_and_an_archived_project_only_read(
    studio: Studio, ada: Person
) -> None:
    project = await studio.project(ada)
    allowed, refused = await judged(studio, ada, project, "Rain."), await judged(studio, ada, project)
    answer = await ada.http.post(f"/v1/verdicts/{allowed}/appeal", json={"words": "Why?"})
    assert (answer.status_code, answer.json()["code"]) == (409, "verdict.allowed")
    await studio.state.projects.archive(ada.actor, project.id)
    assert (await ada.http.get(f"/v1/verdicts/{refused}")).status_code == 200
    answer = await ada.http.post(f"/v1/verdicts/{refused}/appeal", json={"words": "Why?"})
    assert (answer.status_code, answer.json()["code"]) == (409, "project.archived")

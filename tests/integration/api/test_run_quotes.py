"""The price before, over HTTP: what a scene would cost, who would make it, and that nothing is written for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.billing import funds
from services.billing.model import MICRO, Holder, HolderKind
from services.billing.quote import price_of
from services.generation.providers.adapters import elevenlabs, kling, runway, sora
from services.generation.providers.capabilities import Model
from services.generation.shots.quotes import Quotes
from storage.tables import model_policies
from storage.tables.model_policies import PolicyRow
from tests.integration.api.studio import Person, Studio, path
from tests.integration.api.test_stories import Board, add

MODELS = (*runway.MODELS, *kling.MODELS, *sora.MODELS)
PURSE = 50_000 * MICRO


def having(studio: Studio, person: Person, models: Sequence[Model] = MODELS) -> httpx.AsyncClient:
    """The same studio, as if it had accounts at those who make these."""
    state = studio.state
    quotes = Quotes(state.stores.pool, state.stores.breakers, state.generation, models, ["voice"])
    there = Studio(replace(state, quotes=quotes))
    return there.client(Authorization=f"Bearer {person.session}")


@pytest.fixture
async def http(studio: Studio, ada: Person) -> httpx.AsyncClient:
    async with studio.state.stores.pool.acquire() as connection, connection.transaction():
        holder = Holder(HolderKind.USER, ada.actor.user_id)
        await funds.grant(connection, holder, PURSE, f"test:{holder.id}", holder.id)
    return having(studio, ada)


async def quoted(http: httpx.AsyncClient, where: str, **manner: Any) -> dict[str, Any]:
    answer = await http.post(f"{where}/runs/quote", json={"purpose": "final", **manner})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def scene_of(studio: Studio, ada: Person) -> tuple[Any, str]:
    project = await studio.project(ada)
    registers = {"prompt": "A train at night.", "est_f": 240}
    await Board(ada, project).edits(add("scene", "scn_1", registers=registers))
    return project, f"{path(project)}/scenes/scn_1"


async def test_a_final_is_priced_shot_by_shot_and_model_by_model(
    studio: Studio, ada: Person, http: httpx.AsyncClient
) -> None:
    _, where = await scene_of(studio, ada)
    quote = await quoted(http, where)
    assert quote["possible"] and quote["seconds"] == 10 and len(quote["shots"]) >= 2
    assert round(sum(shot["seconds"] for shot in quote["shots"]), 6) == 10
    for name in ("least_micro", "likely_micro", "most_micro"):
        assert quote[name] == sum(shot[name] for shot in quote["shots"])
    assert 0 < quote["least_micro"] <= quote["likely_micro"] <= quote["most_micro"] <= quote["room"]["left_micro"]
    assert all(shot["sentence"] and shot["provider"] in ("runway", "kling") for shot in quote["shots"])
    models = {f"{each['provider']}/{each['model']}": each for each in quote["models"]}
    assert models["sora/sora-2"]["shots"] == 0 and models["sora/sora-2"]["reason"] == "policy.retired"
    assert "runway/gen4_image" not in models, "who makes no films is not asked"
    count = (
        "select (select count(*) from credit_holds where user_id = $1)"
        " + (select count(*) from runs where requested_by = $1)"
    )
    assert await studio.state.stores.pool.fetchval(count, ada.actor.user_id) == 0, "nothing is held, nothing begun"
    assert quote == await quoted(http, where), "the same scene, the same price"


async def test_the_models_that_are_named_are_the_price(studio: Studio, ada: Person, http: httpx.AsyncClient) -> None:
    project, where = await scene_of(studio, ada)
    quote = await quoted(http, where, models=["runway/gen4_turbo"])
    assert {shot["model"] for shot in quote["shots"]} == {"gen4_turbo"}
    assert {shot["reason"] for shot in quote["shots"]} == {"chosen.pinned"}
    seconds = [-(-shot["seconds"] // 1) for shot in quote["shots"]]  # whole ones, two at least
    assert (
        quote["least_micro"]
        == quote["most_micro"]
        == sum(price_of(round(max(2, each)) * 5 * MICRO) for each in seconds)
    )
    await model_policies.put(studio.state.stores.pool, project.id, PolicyRow(None, ["runway"], None))
    refused = await quoted(http, where, models=["runway/gen4_turbo"])
    assert (refused["possible"], refused["most_micro"]) == (False, 0)
    assert "ruled Runway gen4_turbo out".lower() in refused["sentence"].lower()


async def test_a_limit_and_a_budget_bound_it(studio: Studio, ada: Person, http: httpx.AsyncClient) -> None:
    project, where = await scene_of(studio, ada)
    free = await quoted(http, where)
    short = await quoted(http, where, spend_max_microcredits=free["least_micro"] // 2)
    assert not short["possible"] and short["room"] == {"left_micro": free["least_micro"] // 2, "by": "run"}
    assert any(shot["reason"] == "none.left" for shot in short["shots"])
    await ada.http.put(
        f"{path(project)}/budgets", json={"budgets": [{"scope": "project", "period": "month", "cap_micro": 5}]}
    )
    spent = await quoted(http, where)
    assert not spent["possible"] and spent["room"] == {"left_micro": 5, "by": "project"}


async def test_a_draft_and_a_studio_without_accounts_cost_nothing(
    studio: Studio, ada: Person, http: httpx.AsyncClient
) -> None:
    _, where = await scene_of(studio, ada)
    for quote in (await quoted(http, where, purpose="draft", boards=3), await quoted(ada.http, where)):
        assert (quote["possible"], quote["least_micro"], quote["most_micro"]) == (True, 0, 0)
        assert quote["shots"] == quote["models"] == [] and "cost nothing" in quote["sentence"]
    stills = [model for model in runway.MODELS if model.name == "gen4_image"]
    assert (await quoted(having(studio, ada, stills), where))["most_micro"] == 0


async def test_lines_that_somebody_else_speaks_are_in_the_price(
    studio: Studio, ada: Person, http: httpx.AsyncClient
) -> None:
    project, where = await scene_of(studio, ada)
    silent = await quoted(http, where)
    said = {"gesture": "edit_scene", "id": "scn_1", "registers": {"dlg": [{"c": "JON", "txt": "Nine o'clock."}]}}
    await Board(ada, project).edits(said)
    (line,) = (await quoted(having(studio, ada, elevenlabs.MODELS), where))["lines"]
    assert (line["step"], line["seconds"], line["provider"]) == ("line.1", None, "elevenlabs")
    spoken = await quoted(having(studio, ada, (*MODELS, *elevenlabs.MODELS)), where)
    assert silent["lines"] == [] and len(spoken["lines"]) == 1
    assert spoken["likely_micro"] == sum(each["likely_micro"] for each in (*spoken["shots"], *spoken["lines"]))
    assert {model["provider"] for model in spoken["models"]} == {"runway", "kling", "sora"}


async def test_only_who_may_spend_is_told(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    where = f"{path(project)}/scenes/{scene}"
    answer = await bob.http.post(f"{where}/runs/quote", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "role.forbidden"), answer.text
    missing = await ada.http.post(f"{path(project)}/scenes/scn_gone/runs/quote", json={})
    assert (missing.status_code, missing.json()["code"]) == (404, "scene.missing")
    wrong = await ada.http.post(f"{where}/runs/quote", json={"boards": 9})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "boards")

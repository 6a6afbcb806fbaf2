"""The router's decisions over HTTP: explained to everybody in the project, balances only to those who may spend."""

from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry

from services.generation.providers.capabilities import Difference, Field
from services.generation.providers.port import Failed, Failure, FailureKind
from services.generation.providers.prices import MICRO
from services.generation.routing import policies
from services.generation.routing.journal import Place
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Ask, ModelId, Policy, Purpose
from services.generation.routing.router import Call, Router
from storage.breakers import MemoryBreakers
from sync import ids
from tests.integration.api.studio import Person, Studio, path
from tests.unit.routing.make import KEY, budget_of, candidate


async def test_a_decision_is_explained(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    run = await _asked(studio, ada, path(project))
    assert (await ada.http.get(f"/v1/runs/{run}/routes")).json() == {"routes": []}
    await _decided(studio, ids.from_text("run", run))

    answer = await ada.http.get(f"/v1/runs/{run}/routes")
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["routes"]
    assert (first["step"], first["turn"], first["purpose"], first["weights_version"]) == ("shot.1", 1, "draft", 1)
    assert (first["provider"], first["reason"]) == ("kling", "chosen.only_one")
    assert first["price_microcredits"] == 10 * MICRO
    assert [each["reason"] for each in first["judged"]] == ["chosen.only_one", "budget.short", "capability.unfit"]
    assert (
        first["judged"][1]["sentence"] == "Runway one may cost 72 credits; 40 credits are left of this month's budget."
    )
    assert first["judged"][2]["differences"] == [{"field": "duration", "asked": "7 s", "offered": "5 or 10 s"}]
    assert first["judged"][0]["score"]["expected_s"] == 60
    assert first["came"] == {"took_s": None, "fault": "retryable", "shown": False, "picked": False, "score": None}
    assert (second["turn"], second["provider"], second["reason"]) == (2, None, "none.left")
    assert "40 credits" in second["sentence"]

    told = await bob.http.get(f"/v1/runs/{run}/routes")
    assert "40 credits" not in told.text, "a viewer is not told what is left of a budget"
    assert told.json()["routes"][1]["sentence"] == (
        "What is left of the budget pays for none of the models. Runway one costs more than is left of a budget."
    )
    assert told.json()["routes"][0]["judged"][2] == first["judged"][2]


async def test_what_became_of_a_result_is_told(studio: Studio, ada: Person) -> None:
    run = await _asked(studio, ada, path(await studio.project(ada)))
    router, place = _router(studio), await _place(studio, ids.from_text("run", run))
    ask, salt = Ask(KEY, Purpose.FINAL), uuid4().hex
    routed = await router.decide(
        place, ask, [candidate(f"kling/{salt}")], tenant=uuid4(), policy=Policy(), budget=budget_of(10**9)
    )
    call = await router.admit(routed)
    assert isinstance(call, Call)
    await router.finished(call, 42.5)
    await router.journal.picked(routed.id)
    await router.journal.scored(routed.id, 0.75)
    (route,) = (await ada.http.get(f"/v1/runs/{run}/routes")).json()["routes"]
    assert route["came"] == {"took_s": 42.5, "fault": None, "shown": True, "picked": True, "score": 0.75}


async def test_an_approved_take_is_a_pick(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    run, take = await studio.take(ada, project, await studio.scene(ada, project, title="Rain"))
    router, place = _router(studio), await _place(studio, ids.from_text("run", run))
    await router.decide(
        place, Ask(KEY, Purpose.FINAL), [candidate("kling")], tenant=uuid4(), policy=Policy(), budget=budget_of(10**9)
    )
    changes = {"verdict": "changes", "note": "Too dark."}
    for said, is_picked in ((changes, False), ({"verdict": "approved"}, True)):
        assert (await ada.http.post(f"/v1/takes/{take}/decisions", json=said)).status_code == 201
        (route,) = (await ada.http.get(f"/v1/runs/{run}/routes")).json()["routes"]
        assert (route["came"]["picked"], route["came"]["shown"]) == (is_picked, is_picked)


async def test_an_owner_says_which_models_may_be_asked(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    where = f"{path(project)}/model-policy"
    nothing: dict[str, object] = {"allow": None, "deny": [], "regions": None}
    assert (await bob.http.get(where)).json() == nothing
    said = {"allow": ["runway", "kling/kling-3.0"], "deny": ["runway/gen4_turbo"], "regions": ["eu"]}
    assert (await bob.http.put(where, json=said)).status_code == 403
    answer = await ada.http.put(where, json=said)
    assert answer.status_code == 200, answer.text
    assert (await bob.http.get(where)).json() == {**said, "allow": ["kling/kling-3.0", "runway"]}
    policy = await policies.of_project(studio.state.stores.pool, project.id)
    assert policy.allows(ModelId("kling", "kling-3.0")) and not policy.allows(ModelId("kling", "kling-2.6"))
    assert policy.denies(ModelId("runway", "gen4_turbo"))
    assert (await ada.http.put(where, json={})).json() == nothing
    for wrong in ({"allow": ["Run way"]}, {"regions": ["Europe"]}, {"deny": ["a"] * 51}):
        assert (await ada.http.put(where, json=wrong)).status_code == 422, wrong
    log = await ada.http.get(f"{path(project)}/audit")
    assert [each["action"] for each in log.json()["entries"]].count("project.models_set") == 2


async def test_strangers_learn_nothing(studio: Studio, ada: Person, bob: Person) -> None:
    run = await _asked(studio, ada, path(await studio.project(ada)))
    for where in (run, ids.to_text("run", uuid4()), "nonsense"):
        answer = await bob.http.get(f"/v1/runs/{where}/routes")
        assert answer.status_code == 404, where


async def _asked(studio: Studio, ada: Person, project: str) -> str:
    scene = await ada.http.post(f"{project}/scenes", json={"prompt": "A train at night."})
    assert scene.status_code == 201, scene.text
    answer = await ada.http.post(f"{project}/scenes/{scene.json()['id']}/generate")
    assert answer.status_code == 202, answer.text
    run: str = answer.json()["run"]["id"]
    return run


def _router(studio: Studio) -> Router:
    return Router(studio.state.stores.pool, MemoryBreakers(lambda: 100.0), RoutingMetrics(CollectorRegistry()))


async def _place(studio: Studio, run_id: UUID) -> Place:
    project_id = await studio.state.stores.pool.fetchval("select project_id from runs where id = $1", run_id)
    return Place(project_id, run_id, "shot.1")


async def _decided(studio: Studio, run_id: UUID) -> None:
    """The first model fails, and nobody is left who fits the budget."""
    router, place = _router(studio), await _place(studio, run_id)
    candidates = [
        candidate("kling", price=10),
        candidate("runway", price=60),
        candidate("fal", cannot=[Difference(Field.DURATION, "7 s", "5 or 10 s")]),
    ]
    budget = budget_of(40 * MICRO)
    routed = await router.decide(
        place, Ask(KEY, Purpose.DRAFT), candidates, tenant=uuid4(), policy=Policy(), budget=budget
    )
    call = await router.admit(routed)
    assert isinstance(call, Call)
    await router.failed(call, Failed(Failure(FailureKind.RETRYABLE, "503", "their words")))
    again = Ask(KEY, Purpose.DRAFT, tried=frozenset({call.model}))
    turn = Place(place.project_id, place.run_id, place.step, 2)
    await router.decide(turn, again, candidates, tenant=uuid4(), policy=Policy(), budget=budget)

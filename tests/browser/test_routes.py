"""Under the picture stands which models a generation asked and why: on a desk and on a phone, without a reload."""

from pathlib import Path
from uuid import uuid4

from playwright.async_api import Locator, expect
from prometheus_client import CollectorRegistry

from deploy.local.environment import STORES, recall
from services.generation.providers.capabilities import Difference, Field
from services.generation.providers.port import Failed, Failure, FailureKind
from services.generation.providers.prices import MICRO
from services.generation.routing.journal import Place
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Ask, Candidate, Policy, Purpose
from services.generation.routing.router import Call, Router
from storage.breakers import MemoryBreakers
from storage.postgres import open_pool
from tests.browser.conftest import Studio
from tests.browser.visitors import PHONE, Visits, card, overflows, saved
from tests.unit.routing.make import KEY, budget_of, candidate

SCENE = 6


async def test_why_a_model_was_taken_is_under_the_picture(studio: Studio, visits: Visits, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    await card(ana, SCENE).locator(".card-number").click()
    routes = ana.locator(".routes")
    await expect(routes).to_be_hidden()
    await card(ana, SCENE).get_by_role("button", name=f"Generate scene {SCENE}").click()
    await expect(card(ana, SCENE).get_by_role("progressbar")).to_be_visible()
    scene = await card(ana, SCENE).get_attribute("data-scene")
    await routes.get_by_text("Which models, and why").click()
    await expect(routes.locator(".routes-note")).to_have_text("Made on the studio's own machines: no model was chosen.")

    await _decided(recall(studio.mail.parent)[STORES[0]], str(scene))
    await card(ana, SCENE).get_by_role("button", name=f"Cancel scene {SCENE}").click()
    first, second = await _shown(routes)
    await expect(first).to_contain_text("Kling 3.0 costs least of 2 (60 credits at most, about 60 s).")
    await expect(first).to_contain_text("It failed.")
    await expect(second).to_contain_text("Runway gen4.5 is the only one left")
    await first.get_by_text("2 passed over").click()
    await expect(first.locator("[data-reason='capability.unfit']")).to_have_text(
        "Stability ultra cannot make this (duration: 6 s asked, stills only possible)."
    )
    await expect(first.locator("[data-reason='rank.lower']")).to_have_text("Runway gen4.5 costs 12 credits more.")
    await first.scroll_into_view_if_needed()
    await ana.screenshot(path=screenshots / "routes.png")
    await ana.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await expect(first).to_be_visible()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "routes-phone.png")


async def _shown(routes: Locator) -> tuple[Locator, Locator]:
    await expect(routes.locator(".route")).to_have_count(2)
    return routes.locator(".route").nth(0), routes.locator(".route").nth(1)


async def _decided(database_url: str, scene: str) -> None:
    """The first model fails, and the step falls back to the next."""
    async with open_pool(database_url, connections_max=2) as pool:
        router = Router(pool, MemoryBreakers(lambda: 100.0), RoutingMetrics(CollectorRegistry()))
        run = await pool.fetchrow("select id, project_id from runs where scene_id = $1", scene)
        assert run is not None
        place = Place(run["project_id"], run["id"], "shot.1")
        stills = [Difference(Field.DURATION, "6 s", "stills only")]
        candidates = [
            candidate("kling/3.0", 50),
            candidate("runway/gen4.5", 60),
            candidate("stability/ultra", cannot=stills),
        ]
        call = await _call(router, place, Ask(KEY, Purpose.FINAL), candidates)
        await router.failed(call, Failed(Failure(FailureKind.RETRYABLE, "500", "their words")))
        again = Ask(KEY, Purpose.FINAL, tried=frozenset({call.model}))
        await router.finished(
            await _call(router, Place(place.project_id, place.run_id, place.step, 2), again, candidates), 48.0
        )


async def _call(router: Router, place: Place, ask: Ask, candidates: list[Candidate]) -> Call:
    routed = await router.decide(place, ask, candidates, tenant=uuid4(), policy=Policy(), budget=budget_of(200 * MICRO))
    call = await router.admit(routed)
    assert isinstance(call, Call)
    return call

"""A run with two boards waits under the picture until somebody says which frames are filmed, or cancels it."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import PHONE, Visits, card, overflows, saved

SCENE = 4
DRAWN_MS = 60_000
TAKE_MS = 120_000

GENERATE = """async ([project, scene]) => {
  const answer = await fetch(`/v1/projects/${project}/scenes/${scene}/generate`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ boards: 2 }),
  });
  return answer.status;
}"""


async def test_frames_are_chosen_under_the_picture(studio: Studio, visits: Visits, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    await card(ana, SCENE).locator(".card-number").click()
    choice = ana.locator(".choice")
    await expect(choice).to_be_hidden()

    await _generate(ana)
    await expect(choice.get_by_role("img")).to_have_count(2, timeout=DRAWN_MS)
    await expect(card(ana, SCENE).locator(".progress-stage")).to_have_text("Waiting for your choice")
    await expect(card(ana, SCENE).locator(".status")).to_have_text("Your choice")
    await expect(ana.locator(".steps .current")).to_have_text("Frames")
    await card(ana, SCENE).get_by_role("button", name=f"Cancel scene {SCENE}").click()
    await expect(choice).to_be_hidden()

    await _generate(ana)
    second = choice.get_by_role("button", name="Film this one: frames 2")
    await expect(second).to_be_visible(timeout=DRAWN_MS)
    await ana.screenshot(path=screenshots / "choice.png")
    rita = await visits.sign_in("Rita")
    await rita.goto(studio.page("studio"))
    await card(rita, SCENE).locator(".card-number").click()
    await expect(rita.locator(".choice").get_by_role("img")).to_have_count(2)
    await expect(rita.locator(".choice").get_by_role("status")).to_contain_text("Somebody who may edit chooses")
    await expect(rita.locator(".choice").get_by_role("button", name="Film this one")).to_have_count(0)
    await ana.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await expect(second).to_be_visible()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "choice-phone.png")
    await second.focus()
    await ana.keyboard.press("Enter")
    await expect(choice).to_be_hidden(timeout=TAKE_MS)
    await expect(card(ana, SCENE).locator(".status")).to_have_text("Take 1", timeout=TAKE_MS)


async def _generate(page: Page) -> None:
    """As a client does that wants two boards."""
    project = page.url.rstrip("/").split("/")[-1]
    scene = await card(page, SCENE).get_attribute("data-scene")
    assert await page.evaluate(GENERATE, [project, scene]) == 202

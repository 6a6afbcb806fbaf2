"""Under the picture stand the moments of its take, and how good it is: on a desk and on a phone."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.visitors import PHONE, Visits, card, overflows, saved

SCENE = 5
TAKE_MS = 240_000
GENERATE = """async ([project, scene]) => {
  const answer = await fetch(`/v1/projects/${project}/scenes/${scene}/generate`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ purpose: "final" }),
  });
  return answer.status;
}"""


async def test_a_final_is_measured_and_its_moments_are_under_the_picture(visits: Visits, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    await card(ana, SCENE).locator(".card-number").click()
    project = ana.url.rstrip("/").split("/")[-1]
    scene = await card(ana, SCENE).get_attribute("data-scene")
    assert await ana.evaluate(GENERATE, [project, scene]) == 202
    await expect(card(ana, SCENE).locator(".status")).to_have_text("Take 1", timeout=TAKE_MS)

    moments = ana.get_by_role("group", name="Moments of the take").get_by_role("button")
    await expect(moments.nth(2)).to_be_visible()
    await moments.nth(2).click()
    await ana.wait_for_function("() => document.querySelector('main video').currentTime >= 1")
    outputs = ana.locator(".outputs")
    await outputs.get_by_text("How good it is").click()
    await expect(outputs.locator(".output").last).to_be_visible()
    await expect(outputs).to_contain_text("Shot 1 is")
    await expect(outputs).to_contain_text("The whole take is")
    await outputs.locator(".output").last.scroll_into_view_if_needed()
    await _pictures(ana, screenshots)


async def _pictures(page: Page, screenshots: Path) -> None:
    await page.screenshot(path=screenshots / "outputs.png")
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await expect(page.locator(".moments")).to_be_visible()
    assert not await overflows(page)
    await page.locator(".moments").scroll_into_view_if_needed()
    await page.screenshot(path=screenshots / "outputs-phone.png")

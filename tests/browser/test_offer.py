"""A take that shows the same is offered under the picture, with the words of both, and one press uses it."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.visitors import PHONE, Visits, card, overflows, own_scene, prompt, saved

SCENE = 1
TAKE_MS = 120_000
WORDS = "A ferry in thick fog. Wide shot, 35mm."
SAME = "Wide shot, 35mm. A ferry in thick fog."

GENERATE = """async ([project, scene]) => {
  const answer = await fetch(`/v1/projects/${project}/scenes/${scene}/generate`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ offers: "wait" }),
  });
  return answer.status;
}"""


async def test_a_take_is_used_again_with_one_press(visits: Visits, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    async with own_scene(ana, "Fog", WORDS):
        await _used_again(ana, screenshots)


async def _used_again(ana: Page, screenshots: Path) -> None:
    await _generated(ana, WORDS)
    await expect(card(ana, SCENE).locator(".status")).to_have_text("Take 1", timeout=TAKE_MS)
    offer = ana.locator(".offer")
    await expect(offer).to_be_hidden()

    await _generated(ana, SAME)
    use = offer.get_by_role("button", name="Use this take")
    await expect(use).to_be_visible(timeout=TAKE_MS)
    await expect(offer.get_by_role("heading")).to_have_text("Take 1 of this scene shows the same. Use it?")
    await expect(offer).to_contain_text("The same words in another order.")
    await expect(card(ana, SCENE).locator(".progress-stage")).to_have_text("Waiting for your answer")
    await ana.screenshot(path=screenshots / "offer.png")
    await ana.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await expect(use).to_be_visible()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "offer-phone.png")
    await use.focus()
    await ana.keyboard.press("Enter")
    await expect(offer).to_be_hidden()
    await expect(card(ana, SCENE).locator(".status")).to_have_text("Take 2")


async def _generated(page: Page, words: str) -> None:
    """As a client does that waits for offers."""
    await prompt(page, SCENE).fill(words)
    await saved(page)
    project = page.url.rstrip("/").split("/")[-1]
    scene = await card(page, SCENE).get_attribute("data-scene")
    assert await page.evaluate(GENERATE, [project, scene]) == 202

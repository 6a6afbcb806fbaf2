"""Under the picture stand the moments of its take, and how good it is: on a desk and on a phone."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.visitors import PHONE, Visits, card, overflows, own_scene

SCENE = 1
WORDS = "Night. A stairwell winds up through the lighthouse. Rain on a broken window, a candle, and shadows that move."
TAKE_MS = 120_000


async def test_the_moments_of_a_take_are_under_its_picture(visits: Visits, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    async with own_scene(ana, "The stairwell", WORDS):
        await _looked_at(ana, screenshots)


async def _looked_at(ana: Page, screenshots: Path) -> None:
    await card(ana, SCENE).get_by_role("button", name=f"Generate scene {SCENE}").click()
    await expect(card(ana, SCENE).locator(".status")).to_have_text("Take 1", timeout=TAKE_MS)

    moments = ana.get_by_role("group", name="Moments of the take").get_by_role("button")
    await expect(moments.nth(2)).to_be_visible()
    await moments.nth(2).click()
    await ana.wait_for_function("() => document.querySelector('main video').currentTime >= 1")
    outputs = ana.locator(".outputs")
    await outputs.get_by_text("How good it is").click()
    await expect(outputs.locator(".outputs-note")).to_have_text("Nothing was measured: only finals are.")
    await ana.screenshot(path=screenshots / "outputs.png")
    await ana.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await expect(moments.first).to_be_visible()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "outputs-phone.png")

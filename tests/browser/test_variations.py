"""Under a take three buttons go on from it: other words, another one, and a part that is painted over."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.visitors import PHONE, Visits, card, overflows, own_scene, prompt

SCENE = 1
WORDS = "Dusk on the open sea. A storm stands in the west like a wall, and a small boat climbs the waves."
TAKE_MS = 120_000


async def test_one_goes_on_from_a_take(visits: Visits, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    async with own_scene(ana, "The storm", WORDS):
        await _gone_on_from(ana, screenshots)


async def _gone_on_from(ana: Page, screenshots: Path) -> None:
    variations, status = ana.locator(".variations"), card(ana, SCENE).locator(".status")
    await expect(variations).to_be_hidden()
    await card(ana, SCENE).get_by_role("button", name=f"Generate scene {SCENE}").click()
    await expect(status).to_have_text("Take 1", timeout=TAKE_MS)

    await variations.get_by_role("button", name="Other words").click()
    words = variations.get_by_role("textbox")
    await expect(words).to_have_value(WORDS)
    await ana.screenshot(path=screenshots / "variation-words.png")
    await words.fill("A storm over the harbour at night.")
    await variations.get_by_role("button", name="Make it").click()
    await expect(status).to_have_text("Take 2", timeout=TAKE_MS)
    await expect(prompt(ana, SCENE)).to_have_value(WORDS)  # the storyboard is not written

    await ana.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await variations.get_by_role("button", name="Change a part").click()
    make = variations.get_by_role("button", name="Make it")
    await variations.get_by_role("textbox").fill("A forest at noon")
    await expect(make).to_be_disabled()
    canvas = variations.locator("canvas")
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box is not None
    await ana.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.4 * box["height"])
    await ana.mouse.down()
    await ana.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    await ana.mouse.up()
    await expect(make).to_be_enabled()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "variation-part-phone.png")
    await make.click()
    await card(ana, SCENE).get_by_role("button", name=f"Cancel scene {SCENE}").click()

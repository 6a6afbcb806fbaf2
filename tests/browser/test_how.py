"""How a scene is generated is asked beside Generate: the price stands there before, and what it cost at the take."""

from pathlib import Path

from playwright.async_api import expect

from tests.browser.visitors import DESK, PHONE, Visits, card, overflows, saved

SCENE = 5
TAKE_MS = 120_000


async def test_the_price_is_shown_before_and_the_cost_after(visits: Visits, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    await card(ana, SCENE).get_by_role("button", name=f"How scene {SCENE} is made").click()
    sheet = ana.get_by_role("dialog", name=f"How scene {SCENE} is generated")
    price, begin = sheet.get_by_role("status"), sheet.get_by_role("button", name="Generate")
    await expect(price).to_have_text("Costs nothing.")
    await expect(sheet.get_by_role("list", name="Models")).to_be_hidden()

    await sheet.get_by_label("What is made").select_option("final")
    await expect(price).to_contain_text("credits")
    models = sheet.get_by_role("list", name="Models").get_by_role("listitem")
    retired = models.filter(has_text="sora-2-pro")
    await expect(retired).to_contain_text("was shut down by its provider")
    await expect(retired.get_by_role("checkbox")).to_be_disabled()
    await ana.screenshot(path=screenshots / "how.png")
    await sheet.get_by_label("runway gen4_turbo").check()
    await expect(price).to_contain_text("credits at most.")
    await expect(sheet.locator(".how-foot .how-note")).to_contain_text("as you chose")

    limit = sheet.get_by_label("Spend at most")
    await limit.fill("0.5")
    await limit.blur()
    await expect(price).to_have_text("It cannot be made like this.")
    await expect(begin).to_be_disabled()
    await expect(sheet.locator(".how-foot .how-note")).to_contain_text("0.5 credits are left")
    await ana.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await expect(price).to_be_in_viewport()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "how-phone.png")

    await sheet.get_by_label("What is made").select_option("draft")
    await expect(price).to_have_text("Costs nothing.")
    await begin.click()
    await expect(sheet).to_be_hidden()
    await expect(card(ana, SCENE).locator(".status")).to_have_text("Take 1", timeout=TAKE_MS)
    await ana.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    await expect(ana.locator(".monitor-facts")).to_contain_text("Costnothing")

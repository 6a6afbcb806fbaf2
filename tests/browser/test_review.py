"""A take is decided about on the reviewer's page: by whoever may, for everybody who looks, as it happens."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.test_sharing import asked
from tests.browser.visitors import PHONE, Visits, overflows

TAKE_MS = 120_000


async def shown(page: Page, scene: str) -> None:
    """The scene's take, large."""
    await page.locator(f'.row[data-scene="{scene}"] .row-button').click()
    await page.locator(f'#hero[data-scene="{scene}"][data-state="take"]').wait_for(timeout=TAKE_MS)


async def test_a_take_is_sent_back_and_then_approved(visits: Visits, studio: Studio, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    scene = (await asked(ana, "GET", f"/v1/projects/{studio.project}/scenes?limit=5"))["scenes"][3]["id"]
    await asked(ana, "POST", f"/v1/projects/{studio.project}/scenes/{scene}/generate", {})
    link = await asked(ana, "POST", f"/v1/projects/{studio.project}/share-links", {"label": "Client", "approve": True})
    await ana.goto(studio.page("review"))
    gus = await visits.stranger(link["url"], PHONE)
    await gus.get_by_label("Your name").fill("Gus Guest")
    await gus.keyboard.press("Enter")
    await gus.wait_for_url(studio.page("review"))
    await shown(gus, scene)
    await shown(ana, scene)

    await gus.get_by_role("button", name="Ask for changes").click()
    await expect(gus.locator("#problem")).to_have_text("Whoever asks for changes says which.")
    await gus.get_by_label("Note").fill("The rain is too loud.\nAnd hold the last frame longer, please.")
    await gus.get_by_role("button", name="Ask for changes").click()
    await expect(gus.locator(".said-row")).to_have_count(1)
    await expect(gus.locator("#problem")).to_have_text("")
    await expect(gus.get_by_label("Note")).to_have_value("")
    await expect(ana.locator(".said-row")).to_contain_text("Gus Guest asks for changes")

    await ana.get_by_role("button", name="Approve").click()
    await expect(ana.locator(".said-row")).to_have_count(2)
    await expect(gus.locator(".said-row").first).to_contain_text("approved it")
    await expect(gus.locator(".said-row").last).to_contain_text("The rain is too loud.")
    assert not await overflows(gus)
    screenshots.mkdir(parents=True, exist_ok=True)
    await gus.screenshot(path=screenshots / "review-decisions-phone.png", full_page=True)
    await ana.screenshot(path=screenshots / "review-decisions.png")


async def test_whoever_only_looks_sees_no_buttons(visits: Visits, studio: Studio) -> None:
    ana = await visits.sign_in("Ana")
    link = await asked(ana, "POST", f"/v1/projects/{studio.project}/share-links", {"label": "Looks"})
    gus = await visits.stranger(link["url"], PHONE)
    await gus.get_by_label("Your name").fill("Gus Guest")
    await gus.keyboard.press("Enter")
    await gus.wait_for_url(studio.page("review"))
    await gus.locator('[data-connection="live"]').wait_for()
    await expect(gus.get_by_role("button", name="Approve")).to_have_count(0)

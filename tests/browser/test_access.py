"""The pages by keyboard alone, on a narrow screen, for who may only look, and for who is not signed in."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import PHONE, Visits, card, overflows, saved

TABS_MAX = 40


async def test_a_generation_is_started_and_cancelled_by_keyboard_alone(visits: Visits) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    first = ana.locator(".card").first
    name = await first.locator(".card-run").get_attribute("aria-label")
    assert name is not None
    await _tab_to(ana, name)
    await ana.keyboard.press("Enter")
    cancel = name.replace("Generate", "Cancel")
    await expect(first.get_by_role("button", name=cancel)).to_be_focused()
    await ana.keyboard.press("Enter")
    await expect(first.get_by_role("button", name=name)).to_be_focused()
    await expect(first.locator(".status")).to_have_text("Cancelled")


async def _tab_to(page: Page, name: str) -> None:
    """Presses Tab until the control of that name has the focus; at every stop the focus must be visible."""
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(
            """() => {
                const element = document.activeElement;
                const style = getComputedStyle(element);
                const name = element.getAttribute("aria-label") ?? element.textContent;
                return { name, outline: style.outlineStyle, px: parseFloat(style.outlineWidth) };
            }"""
        )
        assert stop["outline"] != "none" and stop["px"] >= 1, f"no visible focus on {stop['name']!r}"
        if stop["name"] == name:
            return
    raise AssertionError(f"{name!r} cannot be reached with Tab")


async def test_scenes_are_moved_by_keyboard_and_keep_the_focus(visits: Visits) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    field = card(ana, 8).locator(".prompt-field")
    await field.focus()
    await ana.keyboard.press("Alt+ArrowUp")
    await expect(ana.locator(".card").nth(6).locator(".card-number")).to_have_text("8")
    await expect(field).to_be_focused()
    await ana.keyboard.press("Alt+ArrowDown")
    await expect(ana.locator(".card").nth(7).locator(".card-number")).to_have_text("8")
    await saved(ana)


async def test_nothing_scrolls_sideways_on_a_phone(visits: Visits, studio: Studio) -> None:
    page = await visits.sign_in("Ana", PHONE)
    await saved(page)
    assert not await overflows(page)
    for kind, ready in (("review", ".row"), ("tv", "#slate-title")):
        await page.goto(studio.page(kind))
        await page.locator(ready).first.wait_for()
        assert not await overflows(page)
    await page.goto(studio.url)
    await expect(page.get_by_role("link", name="Studio")).to_be_visible()
    assert not await overflows(page)


async def test_who_may_only_comment_edits_nothing(visits: Visits, studio: Studio) -> None:
    rita = await visits.sign_in("Rita")
    await rita.goto(studio.page("studio"))
    await rita.locator(".card").first.wait_for()
    await expect(rita.locator(".role")).to_have_text("View only")
    await expect(rita.locator(".prompt-field").first).not_to_be_editable()
    await expect(rita.locator(".card-run")).to_have_count(0)


async def test_who_is_not_signed_in_signs_in_and_comes_back(visits: Visits, studio: Studio, screenshots: Path) -> None:
    page = await visits.stranger(studio.page("studio"), PHONE)
    await expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    await page.get_by_role("link", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    screenshots.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=screenshots / "sign-in-phone.png")
    assert not await overflows(page)
    await page.get_by_role("link", name="Continue with Demo sign-in").click()
    await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    await page.screenshot(path=screenshots / "sign-in-who-phone.png")
    await page.get_by_role("button", name="Ben Okafor").click()
    await page.wait_for_url(studio.page("studio"))
    await saved(page)

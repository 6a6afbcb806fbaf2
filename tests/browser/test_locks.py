"""A locked scene says who and why and cannot be typed in; what was written offline meanwhile waits as a proposal."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.test_connection import RECONNECT_MS
from tests.browser.visitors import PHONE, Visits, card, overflows, prompt, saved

SCENE = 8


async def test_a_lock_is_seen_by_all_and_what_it_refuses_is_accepted(visits: Visits, screenshots: Path) -> None:
    ana, ben = await asyncio.gather(visits.sign_in("Ana"), visits.sign_in("Ben", strict=False))
    await asyncio.gather(saved(ana), saved(ben))
    before = await prompt(ana, SCENE).input_value()
    await ben.context.set_offline(True)
    await expect(ben.locator(".save")).to_have_text("Offline")
    await prompt(ben, SCENE).press("Control+End")
    await prompt(ben, SCENE).press_sequentially(" The end.")

    await card(ana, SCENE).get_by_role("button", name=f"Lock scene {SCENE}").click()
    await card(ana, SCENE).get_by_label(f"Why scene {SCENE} is locked").fill("The client has seen it.")
    await card(ana, SCENE).get_by_role("button", name="Lock", exact=True).click()
    await expect(card(ana, SCENE).locator(".card-lock-text")).to_have_text("Locked by you: The client has seen it.")
    await expect(prompt(ana, SCENE)).to_have_attribute("readonly", "")
    await expect(card(ana, SCENE).locator(".card-run")).to_have_attribute("aria-disabled", "true")

    await ana.screenshot(path=screenshots / "locked.png")

    await ben.context.set_offline(False)
    told = ben.get_by_text(
        "The scene was locked while you changed it. Your change is not lost: it waits as a proposal."
    )
    await expect(told).to_be_visible(timeout=RECONNECT_MS)
    await ben.locator('.save[data-kind="saved"]').wait_for(timeout=RECONNECT_MS)
    await expect(prompt(ben, SCENE)).to_have_value(before)
    await expect(card(ben, SCENE).locator(".card-lock-text")).to_have_text(
        "Locked by Ana Duarte: The client has seen it."
    )
    await _opened(ben)
    mine = ben.locator(".proposal")
    await expect(mine.locator(".proposal-who")).to_contain_text("You")
    await expect(mine).to_contain_text("Can be accepted when the scene is unlocked.")
    await ben.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert not await overflows(ben)
    await ben.screenshot(path=screenshots / "proposal-phone.png")

    await _opened(ana)
    waiting = ana.locator(".proposal")
    await expect(waiting.locator(".proposal-why")).to_have_text(
        f"Scene {SCENE} was locked by you: The client has seen it."
    )
    await expect(waiting.locator("ins")).to_have_text(" The end.")
    await ana.screenshot(path=screenshots / "proposals.png")
    await waiting.get_by_role("button", name="Accept despite the lock").click()
    for page in (ana, ben):
        await expect(prompt(page, SCENE)).to_have_value(f"{before} The end.")
        await expect(page.locator(".proposal")).to_have_count(0)

    await card(ana, SCENE).get_by_role("button", name=f"Unlock scene {SCENE}").click()
    await expect(card(ben, SCENE).locator(".card-lock")).to_be_hidden()
    await expect(prompt(ben, SCENE)).not_to_have_attribute("readonly", "")


async def _opened(page: Page) -> None:
    await page.get_by_role("button", name="1 proposal").click()
    await page.locator(".proposal").wait_for()

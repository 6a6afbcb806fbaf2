"""The connection goes away in the middle of writing: the page says so, keeps what is written and saves it later."""

import asyncio

from playwright.async_api import expect

from tests.browser.conftest import Studio
from tests.browser.visitors import PHONE, Visits, prompt, saved

RECONNECT_MS = 45_000


async def test_offline_is_said_and_what_is_written_meanwhile_is_saved_afterwards(visits: Visits) -> None:
    ana, ben = await asyncio.gather(visits.sign_in("Ana", strict=False), visits.sign_in("Ben"))
    await asyncio.gather(saved(ana), saved(ben))
    await ana.context.set_offline(True)
    await expect(ana.locator(".save")).to_have_text("Offline")
    await prompt(ana, 4).press("Control+End")
    await prompt(ana, 4).press_sequentially(" Offline.")
    await expect(ana.locator(".save")).to_have_text("Offline, unsaved (9 pending)")
    await ana.context.set_offline(False)
    await ana.locator('.save[data-kind="saved"]').wait_for(timeout=RECONNECT_MS)
    await expect(prompt(ben, 4)).to_have_value(await prompt(ana, 4).input_value())
    assert (await prompt(ben, 4).input_value()).endswith(" Offline.")


async def test_a_killed_hub_costs_a_moment_and_no_word(visits: Visits, studio: Studio) -> None:
    ana, ben = await asyncio.gather(visits.sign_in("Ana", strict=False), visits.sign_in("Ben", strict=False))
    rita = await visits.sign_in("Rita", PHONE, strict=False)
    await asyncio.gather(saved(ana), saved(ben), rita.locator('[data-connection="live"]').wait_for())
    await prompt(ana, 3).press("Control+End")
    await prompt(ana, 3).press_sequentially(" Before the end")
    studio.kill_hub()
    await prompt(ana, 3).press_sequentially(" and after it.")
    await ana.locator('.save[data-kind="offline"]').wait_for()
    await rita.locator("#offline").wait_for()
    for page in (ana, ben):
        await page.locator('.save[data-kind="saved"]').wait_for(timeout=RECONNECT_MS)
    await rita.locator('[data-connection="live"]').wait_for(timeout=RECONNECT_MS)
    await expect(prompt(ben, 3)).to_have_value(await prompt(ana, 3).input_value())
    assert (await prompt(ben, 3).input_value()).endswith(" Before the end and after it.")

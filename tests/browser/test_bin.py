"""The bin of the studio: files come in with progress, go on when the hub is killed, and are shown as what they are."""

import asyncio
import os
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import PHONE, Visits, saved
from tests.integration.assets.studio import film

READY_MS = 60_000


async def opened(page: Page) -> Locator:
    """The dialog."""
    await saved(page)
    await page.get_by_role("button", name="Files").click()
    bin_ = page.get_by_role("dialog", name="Files")
    await expect(bin_).to_be_visible()
    return bin_


def row(bin_: Locator, name: str) -> Locator:
    return bin_.get_by_role("listitem").filter(has_text=name)


async def test_a_film_comes_in_and_everybody_sees_what_it_is(visits: Visits, tmp_path: Path, screenshots: Path) -> None:
    film(tmp_path, "rushes.mp4", seconds=3)
    ana, ben = await visits.sign_in("Ana"), await visits.sign_in("Ben", PHONE)
    hers, his = await opened(ana), await opened(ben)
    await hers.locator("input[type=file]").set_input_files(tmp_path / "rushes.mp4")
    for bin_ in (hers, his):
        await expect(row(bin_, "rushes.mp4").locator(".bin-length")).to_have_text("0:03", timeout=READY_MS)
        await expect(row(bin_, "rushes.mp4").locator("img")).to_be_visible()
        await expect(row(bin_, "rushes.mp4")).to_have_attribute("data-state", "ready")
    await ana.screenshot(path=screenshots / "bin.png")
    await ben.screenshot(path=screenshots / "bin-phone.png")
    assert await ben.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await his.get_by_role("button", name="Remove: rushes.mp4").click()
    for bin_ in (hers, his):
        await expect(row(bin_, "rushes.mp4")).to_have_count(0)
    await ana.keyboard.press("Escape")
    await expect(hers).to_be_hidden()
    await ben.get_by_role("button", name="Close").click()
    await expect(his).to_be_hidden()
    await ben.screenshot(path=screenshots / "bin-closed-phone.png")


async def test_what_is_not_taken_says_why(visits: Visits, tmp_path: Path) -> None:
    (tmp_path / "holiday.png").write_bytes(b"#!/bin/sh\nrm -rf /\n")
    page = await visits.sign_in("Ana", strict=False)
    bin_ = await opened(page)
    await bin_.locator("input[type=file]").set_input_files(tmp_path / "holiday.png")
    await expect(row(bin_, "holiday.png")).to_contain_text("This is a script.")
    await bin_.get_by_role("button", name="Take off the list: holiday.png").click()
    await expect(row(bin_, "holiday.png")).to_have_count(0)


async def test_a_file_goes_on_when_the_hub_is_killed(visits: Visits, studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(96 * 1024 * 1024))
    page = await visits.sign_in("Ana", strict=False)
    bin_ = await opened(page)
    await bin_.locator("input[type=file]").set_input_files(file)
    sending = row(bin_, "large.png").locator("progress")
    await expect(sending).to_be_visible()
    async with asyncio.timeout(20):
        while await sending.evaluate("bar => bar.value") < 15:
            pass  # each look is a round trip
    studio.kill_hub()
    await expect(row(bin_, "large.png")).to_have_attribute("data-state", "failed", timeout=READY_MS)
    await expect(row(bin_, "large.png")).to_contain_text("The file is damaged")  # it came whole: a worker has read it
    await bin_.get_by_role("button", name="Remove: large.png").click()

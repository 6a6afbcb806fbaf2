"""What may be spent, in the studio's header, and a wallet's page with its statement: on a desk, a phone and paper."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
from playwright.async_api import expect

from services.billing.funds import grant
from services.billing.holds import payer_of, reserve, settle
from services.billing.model import MICRO, Cost, Reservation
from sync import ids
from tests.browser.conftest import ROOT, Studio
from tests.browser.visitors import PHONE, Visits, overflows, saved


async def spend(studio: Studio) -> None:
    """Two generations of the project's owner, one of which is still under way, and a present."""
    told = subprocess.run(
        [sys.executable, "-P", "-m", "deploy.local", "env", "--data", str(studio.mail.parent)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"STORYFORGE_DATABASE_URL=(\S+)", told)
    assert found is not None, told
    project_id = ids.from_text("prj", studio.project)
    connection = await asyncpg.connect(found[1].strip("'\""))
    try:
        payer = await payer_of(connection, project_id)
        for amount, price in ((40, 32.5), (60, None)):
            async with connection.transaction():
                asked = Reservation(str(uuid4()), project_id, payer.holder.id, amount * MICRO)
                hold = await reserve(connection, asked)
                if price is not None:
                    await settle(connection, hold.id, Cost(int(price * MICRO), {"runway": 27 * MICRO}))
        async with connection.transaction():
            await grant(connection, payer.holder, 25 * MICRO, str(uuid4()), reason="for an outage")
    finally:
        await connection.close()


async def test_what_may_be_spent_and_what_was(visits: Visits, studio: Studio, screenshots: Path) -> None:
    await spend(studio)
    ana = await visits.sign_in("Ana")
    await saved(ana)
    left = ana.locator("a.credits")
    await expect(left).to_have_text("9,932.5 credits")
    await expect(left).to_have_attribute("title", re.compile(r"what is in the wallet\. 60 are held"))
    await ana.screenshot(path=screenshots / "studio-credits.png")
    await left.click()
    await expect(ana.locator(".balance")).to_have_text("9,932.5 credits")
    summary = ana.get_by_role("table", name="Summary")
    await expect(summary.get_by_role("row", name="Generations")).to_contain_text("−32.5")
    await expect(summary.get_by_role("row", name="Balance after")).to_contain_text("9,992.5")
    lines = ana.get_by_role("table", name="Line by line")
    await expect(lines.get_by_role("row")).to_have_count(4)
    await expect(lines).to_contain_text("for an outage")
    month = f"{datetime.now(UTC):%Y-%m}"
    async with ana.expect_download() as download:
        await ana.get_by_role("link", name="CSV").click()
    assert (await download.value).suggested_filename.endswith(f"-{month}.csv")
    await ana.screenshot(path=screenshots / "credits.png", full_page=True)
    await ana.get_by_label("Month").select_option(index=1)
    await expect(ana.locator(".statement")).to_contain_text("Nothing moved.")
    await ana.get_by_label("Month").select_option(index=0)
    await expect(lines.get_by_role("row")).to_have_count(4)
    await ana.emulate_media(media="print")
    await expect(ana.get_by_role("button", name="Print the statement")).to_be_hidden()
    await ana.screenshot(path=screenshots / "credits-print.png", full_page=True)


async def test_on_a_phone_nothing_scrolls_sideways(visits: Visits, studio: Studio, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana", PHONE)
    await saved(ana)
    await expect(ana.locator("a.credits")).to_be_visible()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "studio-credits-phone.png")
    await ana.goto(f"{studio.url}/credits/me")
    await expect(ana.locator(".statement table").first).to_be_visible()
    assert not await overflows(ana)
    await ana.screenshot(path=screenshots / "credits-phone.png", full_page=True)


async def test_a_foreign_wallet_is_not_there(visits: Visits, studio: Studio) -> None:
    ben = await visits.sign_in("Ben", strict=False)
    await ben.goto(f"{studio.url}/credits/{ids.to_text('usr', uuid4())}")
    await expect(ben.get_by_role("heading", name="There is no such wallet")).to_be_visible()


async def test_credits_are_bought_at_the_studios_own_form(visits: Visits, studio: Studio, screenshots: Path) -> None:
    ben = await visits.sign_in("Ben")
    await ben.goto(f"{studio.url}/credits/me")
    await ben.get_by_role("button", name="Buy 1,000 credits for $10.00").click()
    await expect(ben.get_by_role("heading", name="Pay")).to_be_visible()
    await ben.screenshot(path=screenshots / "credits-pay.png", full_page=True)
    await ben.get_by_role("button", name="Pay, without money").click()
    await expect(ben.locator(".balance")).to_have_text("1,000 credits")
    await expect(ben.get_by_role("table", name="Line by line")).to_contain_text("pack small")

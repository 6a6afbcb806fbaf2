"""The first page: a project is made, in a look, and opens; the look is changed on its own page."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import DESK, PHONE, Visits, ask, overflows


async def filled(page: Page, studio: Studio, title: str) -> None:
    await page.goto(studio.url)
    await page.get_by_text("New project").click()
    await page.get_by_label("Title").fill(title)


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_a_project_is_made_in_a_look_and_opens_in_the_studio(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    page = await visits.sign_in("Ana", size)
    await filled(page, studio, f"The kiln, {name}")
    await page.get_by_label("What it is").select_option("Movie")
    await page.get_by_label("Look").select_option("horror")
    assert not await overflows(page)
    await page.screenshot(path=tmp_path / f"home-new-{name}.png", full_page=True)
    await page.get_by_role("button", name="Make it").click()
    await page.wait_for_url("**/studio/prj_*")
    await expect(page.locator("#add-scene")).to_be_enabled()
    project = page.url.rsplit("/", 1)[1]
    try:
        made = await ask(page, "GET", f"/v1/projects/{project}")
        assert (made["title"], made["kind"], made["brain"]) == (f"The kiln, {name}", "movie", "horror")
        await page.goto(f"{studio.url}/project/{project}")
        look = page.get_by_role("region", name="Look")
        await expect(look.get_by_label("Look")).to_have_value("horror")
        await look.get_by_text("What it does").click()
        await expect(look.get_by_role("listitem")).not_to_have_count(0)
        await look.get_by_label("Look").select_option("thriller")
        await look.get_by_role("button", name="Use this look").click()
        await expect(page.locator("#announcements")).to_contain_text("The look is changed.")
        assert (await ask(page, "GET", f"/v1/projects/{project}"))["brain"] == "thriller"
        assert not await overflows(page)
        await page.screenshot(path=tmp_path / f"project-look-{name}.png", full_page=True)
    finally:
        await page.goto(studio.url)  # the studio's own requests would find it gone
        await ask(page, "DELETE", f"/v1/projects/{project}")


async def test_what_the_studio_refuses_is_said_at_its_field(visits: Visits, studio: Studio) -> None:
    page = await visits.sign_in("Ana", strict=False)
    await filled(page, studio, "   ")
    await page.get_by_role("button", name="Make it").click()
    title = page.get_by_label("Title")
    await expect(title).to_have_attribute("aria-invalid", "true")
    await expect(title).to_be_focused()
    assert page.url.rstrip("/") == studio.url

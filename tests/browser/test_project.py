"""The project page: settings, episodes in order, a character with a picture, copies, and away and back again."""

from pathlib import Path

import pytest
from playwright.async_api import Dialog, Page, expect

from tests.browser.conftest import Studio
from tests.browser.test_episodes import series
from tests.browser.visitors import DESK, PHONE, Visits, ask, overflows

READY_MS = 60_000


async def opened(page: Page, studio: Studio, project: str) -> None:
    await page.goto(f"{studio.url}/project/{project}")
    await expect(page.get_by_role("list", name="Characters").get_by_role("listitem")).not_to_have_count(0)


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_settings_are_refused_at_their_field_and_nobodys_change_is_lost(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    page = await visits.sign_in("Ana", size, strict=False)
    async with series(page, studio, f"Settings, {name}") as project:
        await opened(page, studio, project)
        width = page.get_by_label("Width in pixels")
        await width.fill("15")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(width).to_be_focused()
        await expect(width).to_have_attribute("aria-invalid", "true")
        await width.fill("1920")
        await page.get_by_label("Height in pixels").fill("1080")
        await page.get_by_label("Frames a second").select_option("25")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.locator("#announcements")).to_have_text("Saved. New timelines begin with these settings.")
        await expect(width).to_have_attribute("aria-describedby", await width.get_attribute("aria-describedby") or "")
        where = f"/v1/projects/{project}/settings"
        kept = await ask(page, "GET", where)
        assert (kept["width"], kept["height"], kept["rate"]) == (1920, 1080, [25, 1])
        other = await page.context.new_page()
        await opened(other, studio, project)
        await other.get_by_label("Language").fill("pt-BR")
        await other.get_by_role("button", name="Save", exact=True).click()
        await expect(other.locator("#announcements")).to_contain_text("Saved.")
        await page.get_by_label("Language").fill("de")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("region", name="Settings").get_by_role("alert").last).to_contain_text(
            "Somebody has changed the settings meanwhile"
        )
        assert not await overflows(page)
        await page.screenshot(path=tmp_path / f"project-{name}.png", full_page=True)
        await other.close()


async def test_episodes_are_moved_deleted_and_restored(visits: Visits, studio: Studio, tmp_path: Path) -> None:
    page = await visits.sign_in("Ana", PHONE)
    async with series(page, studio, "The order") as project:
        await opened(page, studio, project)
        listed = page.get_by_role("list", name="Episodes", exact=True)
        await page.get_by_label("Title of a new episode").fill("The tunnel")
        await page.get_by_role("button", name="Add an episode").click()
        links = listed.get_by_role("link")
        await expect(links).to_have_text(["1. The order", "1. The signal box", "2. The tunnel"])
        await page.get_by_role("button", name="Move The tunnel up").click()
        await expect(links).to_have_text(["1. The order", "1. The tunnel", "2. The signal box"])
        await expect(listed).to_be_focused()
        await page.get_by_label("Season of The tunnel").select_option("in no season")
        await expect(links).to_have_text(["1. The order", "2. The tunnel", "1. The signal box"])
        await page.get_by_role("button", name="Delete The tunnel").click()
        await expect(links).to_have_text(["1. The order", "1. The signal box"])
        assert not await overflows(page)
        await page.screenshot(path=tmp_path / "project-episodes-phone.png", full_page=True)
        await page.get_by_role("button", name="Restore The tunnel").click()
        await expect(links).to_have_count(3)


async def test_a_character_gets_a_picture(visits: Visits, studio: Studio, tmp_path: Path) -> None:
    page = await visits.sign_in("Ana")
    async with series(page, studio, "The cast") as project:
        await opened(page, studio, project)
        await page.get_by_label("Name of a new character").fill("Mara")
        await page.get_by_role("button", name="Add a character").click()
        characters = page.get_by_role("list", name="Characters", exact=True)
        await expect(characters).to_contain_text("Mara")
        picture = tmp_path / "mara.png"
        await page.screenshot(path=picture)
        async with page.expect_file_chooser() as chosen:
            await page.get_by_role("button", name="Add a picture of Mara").click()
        await (await chosen.value).set_files(picture)
        shown = characters.get_by_role("img", name="Picture 1 of Mara")
        await expect(shown).to_be_visible(timeout=READY_MS)
        await page.screenshot(path=tmp_path / "project-character.png", full_page=True)
        await page.get_by_role("button", name="Remove picture 1 of Mara").click()
        await expect(shown).to_have_count(0)
        await page.get_by_role("button", name="Delete Mara").click()
        await expect(characters).to_contain_text("There is no character.")
        await page.get_by_role("button", name="Restore Mara").click()
        await expect(characters).to_contain_text("Mara")


async def test_a_template_is_made_and_the_project_goes_away_and_comes_back(
    visits: Visits, studio: Studio, tmp_path: Path
) -> None:
    page = await visits.sign_in("Ana")

    async def yes(dialog: Dialog) -> None:
        await dialog.accept()

    page.on("dialog", yes)
    async with series(page, studio, "The return") as project:
        await opened(page, studio, project)
        copying = page.get_by_role("region", name="Copies and templates")
        await copying.get_by_label("As a template").check()
        await copying.get_by_label("Title of the copy").fill("The return, template")
        await copying.get_by_role("button", name="Copy").click()
        await expect(copying).to_contain_text("The return, template is there.")
        await page.get_by_role("button", name="Archive the project").click()
        await expect(page.get_by_role("button", name="Bring the project back")).to_be_visible()
        await expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
        await page.get_by_role("button", name="Bring the project back").click()
        await expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Delete the project").click()
        await page.wait_for_url(f"{studio.url}/")
        away = page.locator("#away-list .project").filter(has_text="The return").first
        await expect(away).to_contain_text("deleted, gone for good after")
        await page.screenshot(path=tmp_path / "home-away.png", full_page=True)
        await away.get_by_role("button", name="Bring The return back").click()
        await expect(page.locator("#project-list .project").filter(has_text="The return")).to_be_visible()
        for template in (await ask(page, "GET", "/v1/projects?templates=true"))["projects"]:
            await ask(page, "DELETE", f"/v1/projects/{template['id']}")

"""Series on the pages: their episodes on the first page and in the studio, each with scenes of its own; copies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import DESK, PHONE, Visits, ask, card, overflows, prompt, saved


@asynccontextmanager
async def series(page: Page, studio: Studio, title: str) -> AsyncIterator[str]:
    """A series of two episodes, the second in a season. It goes again, and its copies: the list is everybody's."""
    project: str = (await ask(page, "POST", "/v1/projects", {"title": title, "kind": "series"}))["id"]
    season = (await ask(page, "POST", f"/v1/projects/{project}/seasons", {"title": "Season one"}))["id"]
    await ask(page, "POST", f"/v1/projects/{project}/episodes", {"title": "The signal box", "season": season})
    try:
        yield project
    finally:
        await page.goto(studio.url)  # the studio's own requests would find it gone
        for each in (await ask(page, "GET", "/v1/projects"))["projects"]:
            if each["title"].startswith(title):
                await ask(page, "DELETE", f"/v1/projects/{each['id']}")


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_the_first_page_shows_the_episodes(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    page = await visits.sign_in("Ana", size)
    async with series(page, studio, f"The line, {name}"):
        await page.goto(studio.url)
        project = page.locator(".project").filter(has_text=f"The line, {name}")
        await expect(project).to_contain_text("series, 2 episodes, owner")
        await project.locator("summary").click()
        await expect(project.locator(".outline a")).to_have_text([f"1. The line, {name}", "1. The signal box"])
        await expect(project.locator(".outline h3")).to_have_text(["Season one"])
        assert not await overflows(page)
        await page.screenshot(path=tmp_path / f"home-{name}.png", full_page=True)
        await project.get_by_role("link", name="The signal box").click()
        await expect(page.get_by_label("Episode")).to_contain_text("1. The signal box")
        assert (await page.title()).startswith("The signal box")


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_each_episode_has_scenes_of_its_own(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    page = await visits.sign_in("Ana", size)
    async with series(page, studio, f"The branch, {name}") as project:
        await page.goto(f"{studio.url}/studio/{project}")
        choice = page.get_by_label("Episode")
        await choice.select_option("1. The signal box")
        await page.wait_for_url("**/studio/*?episode=*")
        await page.locator("#add-scene").click()
        await prompt(page, 1).fill("MARA pulls a lever that has not moved for years.")
        await saved(page)
        assert not await overflows(page)
        await page.screenshot(path=tmp_path / f"studio-{name}.png")
        await card(page, 1).get_by_role("button", name="Generate").click()
        await card(page, 1).get_by_role("button", name="Cancel").click()
        await choice.select_option(f"1. The branch, {name}")
        await expect(page.locator("#empty")).to_be_visible()
        await expect(page.locator(".card")).to_have_count(0)


async def test_an_episode_is_added_in_the_studio(visits: Visits, studio: Studio) -> None:
    page = await visits.sign_in("Ana")
    async with series(page, studio, "The junction") as project:
        await page.goto(f"{studio.url}/studio/{project}")

        async def answer(dialog: Any) -> None:
            await dialog.accept("The last train")

        page.on("dialog", answer)
        await page.get_by_label("Episode").select_option("New episode …")
        await expect(page.get_by_label("Episode").locator("option:checked")).to_have_text("2. The last train")


async def test_a_project_is_duplicated_on_the_first_page(visits: Visits, studio: Studio, tmp_path: Path) -> None:
    page = await visits.sign_in("Ana", PHONE)
    async with series(page, studio, "The terminus"):
        await page.goto(studio.url)
        project = page.locator(".project").filter(has_text="The terminus")
        await project.get_by_role("button", name="Duplicate").click()
        copy = page.locator(".project").filter(has_text="The terminus (copy)")
        await expect(copy).to_contain_text("series, 2 episodes, owner")
        assert not await overflows(page)
        await page.screenshot(path=tmp_path / "copied.png", full_page=True)
        await copy.locator("summary").click()
        await expect(copy.locator(".outline a")).to_have_text(["1. The terminus", "1. The signal box"])

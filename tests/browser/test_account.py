"""The account page: a new name and colour, a session ended elsewhere, and signing out everywhere."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Studio
from tests.browser.visitors import DESK, PHONE, Visits, overflows


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_a_name_is_changed_and_refused_at_its_field(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    rita = await visits.sign_in("Rita", size, strict=False)
    await rita.goto(f"{studio.url}/account")
    field = rita.get_by_label("Name")
    await expect(field).to_have_value("Rita Lindqvist")
    await field.fill("   ")
    await rita.get_by_role("button", name="Save").click()
    await expect(field).to_be_focused()
    await expect(field).to_have_accessible_description("String should have at least 1 character")
    await field.fill(f"Rita {name}")
    await rita.get_by_label("Colour").fill("#12b886")
    await rita.get_by_role("button", name="Save").click()
    await expect(rita.locator(".profile")).to_contain_text(f"Rita {name}")
    await expect(field).to_have_accessible_description("")
    await expect(rita.get_by_role("list", name="Sessions")).to_contain_text("Chrome on Linux (this one)")
    await expect(rita.get_by_role("list", name="Providers")).to_contain_text("Demo sign-in")
    assert not await overflows(rita)
    await rita.screenshot(path=tmp_path / f"account-{name}.png", full_page=True)
    await field.fill("Rita Lindqvist")
    await rita.get_by_label("Colour").fill("#2f9e44")
    await rita.get_by_role("button", name="Save").click()
    await expect(rita.locator(".profile")).to_contain_text("Rita Lindqvist")


async def test_a_session_is_ended_elsewhere(visits: Visits, studio: Studio) -> None:
    here = await visits.stranger(f"{studio.url}/?next=/account")
    await here.get_by_role("link", name="Continue with Demo sign-in").click()
    await here.get_by_role("button", name="Ben Okafor").click()
    await here.wait_for_url(f"{studio.url}/account")
    there = await visits.stranger(f"{studio.url}/?next=/account", PHONE)
    await there.get_by_role("link", name="Continue with Demo sign-in").click()
    await there.get_by_role("button", name="Ben Okafor").click()
    await there.wait_for_url(f"{studio.url}/account")
    sessions = here.get_by_role("list", name="Sessions")
    await here.reload()
    await expect(sessions.get_by_text("(this one)")).to_be_visible()
    await sessions.get_by_role("button", name="Sign out: ").first.click()  # the newest
    await expect(sessions.get_by_role("button", name="Sign out here")).to_be_visible()
    await there.reload()
    await expect(there.get_by_role("heading", name="You are not signed in")).to_be_visible()
    await sessions.get_by_role("button", name="Sign out here").click()
    await expect(here.get_by_role("heading", name="Sign in")).to_be_visible()

"""The people page of a series: roles and invitations of one episode; and a share link that is changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.test_episodes import series
from tests.browser.test_people import opened, yes
from tests.browser.visitors import DESK, PHONE, Visits, ask, overflows

DOWNLOADABLE = """async (path) => {
    const etag = (await fetch(path)).headers.get("etag");
    const headers = {"content-type": "application/json", "if-match": etag};
    return (await fetch(path, {method: "PATCH", headers, body: JSON.stringify({download: true})})).status;
}"""
"""Lets the guests of a link download, as somebody else would who has read it."""


async def mail_of(page: Page, studio: Studio, name: str) -> str:
    members = (await ask(page, "GET", f"/v1/projects/{studio.project}/members"))["members"]
    email: str = next(each["email"] for each in members if each["name"].startswith(name))
    return email


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_a_role_in_one_episode_is_given_changed_and_taken_away(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    ana = await visits.sign_in("Ana", size)
    ana.on("dialog", yes)
    async with series(ana, studio, f"Roles, {name}") as project:
        ben, rita = await mail_of(ana, studio, "Ben"), await mail_of(ana, studio, "Rita")
        await ask(ana, "POST", f"/v1/projects/{project}/members", {"email": ben, "role": "editor"})
        episodes = (await ask(ana, "GET", f"/v1/projects/{project}/episodes"))["episodes"]
        held = f"/v1/projects/{project}/episodes/{episodes[1]['id']}/members"
        await ana.goto(f"{studio.url}/people/{project}")
        part = ana.get_by_role("region", name="Roles in one episode")
        rows = part.get_by_role("list", name="Roles in this episode")
        await expect(rows).to_contain_text("Everybody is here what they are in the project.")
        await part.get_by_label("Episode", exact=True).select_option(label=f"{episodes[1]['number']}. The signal box")
        await part.get_by_label("Of the project").select_option(label="Ben Okafor, editor")
        await part.get_by_role("button", name="Narrow a role here").click()
        await expect(rows).to_contain_text("editor in the project")
        bens = part.get_by_label("Role of Ben Okafor in this episode", exact=True)
        await expect(bens).to_have_value("viewer")
        await bens.select_option("commenter")
        await expect(ana.locator("#announcements")).to_have_text("Ben Okafor is commenter in this episode now.")
        await part.get_by_label("E-mail address of an account").fill(rita)
        await part.get_by_role("button", name="Give a role here").click()
        await expect(rows).to_contain_text("sees this episode alone")
        given = {each["name"]: each["role"] for each in (await ask(ana, "GET", held))["members"]}
        assert sorted(given.values()) == ["commenter", "editor"] and given["Ben Okafor"] == "commenter"
        await ana.screenshot(path=tmp_path / f"people-episode-{name}.png", full_page=True)
        assert not await overflows(ana)
        await part.get_by_role("button", name="Take the role of Ben Okafor in this episode away").click()
        await expect(bens).to_have_count(0)
        assert [each["role"] for each in (await ask(ana, "GET", held))["members"]] == ["editor"]


async def test_an_invitation_is_to_one_episode(visits: Visits, studio: Studio) -> None:
    ana = await visits.sign_in("Ana")
    async with series(ana, studio, "Invited to a part") as project:
        await ana.goto(f"{studio.url}/people/{project}")
        part = ana.get_by_role("region", name="Invitations").first
        await part.get_by_label("E-mail address").fill("one.episode@example.com")
        await part.get_by_label("To", exact=True).select_option(label="The signal box")
        await part.get_by_role("button", name="Invite", exact=True).click()
        await expect(part.get_by_role("listitem")).to_contain_text("as editor of The signal box, by Ana Duarte")
        made = (await ask(ana, "GET", f"/v1/projects/{project}/invitations"))["invitations"]
        assert [each["episode"] is None for each in made] == [False]


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_a_link_is_changed_and_not_over_somebody_elses_change(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    ana = await opened(visits, studio, "Ana", size, strict=False)
    ana.on("dialog", yes)
    soon = datetime.now(UTC) + timedelta(days=30)
    label = f"To be changed, {name}"
    links = f"/v1/projects/{studio.project}/share-links"
    made = await ask(ana, "POST", links, {"label": label, "password": "correct horse"})
    await ana.reload()
    row = ana.get_by_role("region", name="Share links").get_by_role("listitem").filter(has_text=label)
    await row.get_by_text("Change it", exact=True).click()
    await row.get_by_label("Another password").fill("short")
    await row.get_by_role("button", name="Change the link").click()
    await expect(row.get_by_label("Another password")).to_have_accessible_description(
        "String should have at least 8 characters"
    )
    await ana.screenshot(path=tmp_path / f"people-link-{name}.png", full_page=True)
    assert not await overflows(ana)
    await row.get_by_label("Without a password from now on").check()
    await row.get_by_label("May comment").check()
    await row.get_by_label("Good until").fill(f"{soon:%Y-%m-%d}T07:08")
    await row.get_by_role("button", name="Change the link").click()
    await expect(ana.locator("#announcements")).to_have_text("The link is changed.")
    kept = await ask(ana, "GET", f"{links}/{made['id']}")
    assert (kept["has_password"], kept["comment"], kept["download"]) == (False, True, False)
    assert abs(datetime.fromisoformat(kept["expires_at"]) - soon) < timedelta(days=2)

    await row.get_by_text("Change it").click()
    await expect(row.get_by_label("May comment")).to_be_checked()
    assert await ana.evaluate(DOWNLOADABLE, f"{links}/{made['id']}") == 200
    await row.get_by_label("May comment").uncheck()
    await row.get_by_role("button", name="Change the link").click()
    await expect(row.get_by_role("alert")).not_to_be_empty()
    kept = await ask(ana, "GET", f"{links}/{made['id']}")
    assert (kept["comment"], kept["download"]) == (True, True)
    await row.get_by_role("button", name="Revoke the link").click()
    await expect(row).to_have_count(0)

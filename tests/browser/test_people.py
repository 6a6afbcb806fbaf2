"""The people page: an owner invites, shares, makes a team with a program, and reads what was done; others only look."""

from pathlib import Path

import pytest
from playwright.async_api import Dialog, Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import DESK, PHONE, Visits, overflows


async def opened(
    visits: Visits, studio: Studio, name: str, size: tuple[int, int] = DESK, *, strict: bool = True
) -> Page:
    page = await visits.sign_in(name, size, strict=strict)
    await page.goto(studio.page("people"))
    await expect(page.get_by_role("list", name="Members").get_by_role("listitem")).not_to_have_count(0)
    return page


async def yes(dialog: Dialog) -> None:
    await dialog.accept()


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_a_guest_comes_by_a_link_that_was_made_on_the_page(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    ana = await opened(visits, studio, "Ana", size, strict=False)
    links = ana.get_by_role("region", name="Share links")
    await links.get_by_label("For whom").fill(f"The client, {name}")
    await links.get_by_label("Password, if it is to have one").fill("short")
    await links.get_by_label("May comment").check()
    await links.get_by_role("button", name="Make a link").click()
    password = links.get_by_label("Password, if it is to have one")
    await expect(password).to_be_focused()
    await expect(password).to_have_attribute("aria-invalid", "true")
    await expect(password).to_have_accessible_description("String should have at least 8 characters")
    await ana.screenshot(path=tmp_path / f"people-refused-{name}.png")
    await password.fill("correct horse")
    await links.get_by_role("button", name="Make a link").click()
    address = links.get_by_label("Address of the new link")
    await expect(address).to_be_focused()
    url = await address.input_value()
    assert url.startswith(f"{studio.url}/share#")
    await ana.screenshot(path=tmp_path / f"people-{name}.png", full_page=True)
    assert not await overflows(ana)

    guest = await visits.stranger(url, PHONE)
    await guest.get_by_label("Your name").fill("Gil Guest")
    await guest.get_by_label("Password").fill("correct horse")
    await guest.keyboard.press("Enter")
    await guest.wait_for_url(studio.page("review"))
    await guest.goto(studio.page("people"))
    await expect(guest.get_by_role("region", name="Members")).to_contain_text("Ana Duarte")
    await expect(guest.get_by_role("region", name="Your teams")).to_have_count(0)

    await ana.reload()
    row = links.get_by_role("listitem").filter(has_text=f"The client, {name}")
    await row.get_by_text("1 guest came").click()
    await expect(row).to_contain_text("Gil Guest, ")
    await expect(address).to_have_count(0)
    ana.on("dialog", yes)
    await row.get_by_role("button", name="Revoke the link").click()
    await expect(row).to_have_count(0)


async def test_invitations_are_made_sent_again_and_revoked(visits: Visits, studio: Studio) -> None:
    ana = await opened(visits, studio, "Ana", strict=False)
    part = ana.get_by_role("region", name="Invitations").first
    email = part.get_by_label("E-mail address")
    await email.fill("not an address")
    await email.press("Enter")
    await expect(email).to_have_accessible_description("This is not an e-mail address.")
    await email.fill("uma.person@example.com")
    await part.get_by_label("Role").select_option("commenter")
    await email.press("Enter")
    row = part.get_by_role("listitem").filter(has_text="uma.person@example.com")
    await expect(row).to_contain_text("as commenter, by Ana Duarte")
    await expect(email).to_have_value("")
    await email.fill("uma.person@example.com")
    await email.press("Enter")
    await expect(part.get_by_role("alert")).to_have_text(
        "There is an open invitation for this address; send that again."
    )
    await row.get_by_role("button", name="Send the invitation").click()
    await expect(ana.locator("#alerts")).to_contain_text("The mail was sent less than a minute ago.")
    await row.get_by_role("button", name="Revoke the invitation").click()
    await expect(row).to_have_count(0)


async def test_a_role_is_changed_and_the_last_owner_stays(visits: Visits, studio: Studio) -> None:
    ana = await opened(visits, studio, "Ana", strict=False)
    mine, bens = ana.get_by_label("Role of Ana Duarte"), ana.get_by_label("Role of Ben Okafor")
    await bens.select_option("viewer")
    await expect(ana.locator("#announcements")).to_have_text("Ben Okafor is viewer now.")
    await bens.select_option("editor")
    await expect(ana.locator("#announcements")).to_have_text("Ben Okafor is editor now.")
    await mine.select_option("viewer")
    await expect(ana.locator("#alerts")).to_contain_text("A project keeps at least one owner")
    await expect(mine).to_have_value("owner")
    await ana.reload()
    log = ana.get_by_role("list", name="What was done")
    await expect(log.get_by_role("listitem").first).to_contain_text("Ana Duarte member set: Ben Okafor as editor")


@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
async def test_a_team_with_a_program_gets_a_role_and_its_key_works_until_it_is_revoked(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    ana = await opened(visits, studio, "Ana", size)
    ana.on("dialog", yes)
    title = f"Grading, {name}"
    teams = ana.get_by_role("region", name="Your teams")
    await teams.get_by_label("Name of a new team").fill(title)
    await teams.get_by_role("button", name="Make a team").click()
    team = teams.get_by_role("listitem").filter(has_text=title).first
    there = ana.get_by_role("region", name="Teams in this project")
    await there.get_by_label("Team", exact=True).select_option(title)
    await there.get_by_role("button", name="Give a role").click()
    await expect(there.get_by_label(f"Role of {title}", exact=True)).to_have_value("editor")

    await team.get_by_text("Members and programs").click()
    await expect(team.get_by_role("list", name=f"Members of {title}")).to_contain_text("Ana Duarte")
    await team.get_by_label("Name of a new program").fill("Conform bot")
    await team.get_by_role("button", name="Make a program").click()
    program = team.get_by_role("list", name="Programs").get_by_role("listitem").filter(has_text="Conform bot").first
    await program.get_by_text("Keys", exact=True).click()
    await program.get_by_label("Name of a new key").fill("On the render farm")
    await program.get_by_label("Only in this project").check()
    await program.get_by_role("button", name="Make a key").click()
    secret = await program.get_by_label("Secret of the key On the render farm").input_value()
    await ana.screenshot(path=tmp_path / f"people-key-{name}.png", full_page=True)
    assert not await overflows(ana)

    script = "async ([path, key]) => (await fetch(path, {headers: {authorization: `Bearer ${key}`}})).status"
    program_page = await visits.stranger(studio.url)  # who has no cookie, only the key
    path = f"/v1/projects/{studio.project}"
    assert await program_page.evaluate(script, [path, secret]) == 200
    await program.get_by_role("button", name="Revoke the key").click()
    await expect(program.get_by_role("list", name="Keys of Conform bot")).to_contain_text("It has no key.")
    assert await program_page.evaluate(script, [path, secret]) == 401
    await team.get_by_role("button", name=f"Delete the team {title}").click()
    await expect(team).to_have_count(0)
    await expect(there.get_by_label(f"Role of {title}", exact=True)).to_have_count(0)


async def test_who_is_not_an_owner_looks_and_changes_nothing(visits: Visits, studio: Studio, tmp_path: Path) -> None:
    rita = await opened(visits, studio, "Rita", PHONE)
    await expect(rita.get_by_role("region", name="Members")).to_contain_text("Ana Duarte")
    for hidden in ("Invitations", "Share links", "Log"):
        await expect(rita.get_by_role("region", name=hidden, exact=True)).to_have_count(0)
    await expect(rita.get_by_role("button", name="Remove")).to_have_count(0)
    await expect(rita.get_by_role("combobox")).to_have_count(0)
    await expect(rita.get_by_role("button", name="Leave the project")).to_be_visible()
    await rita.screenshot(path=tmp_path / "people-viewer.png", full_page=True)
    assert not await overflows(rita)

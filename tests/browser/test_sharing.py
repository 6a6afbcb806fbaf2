"""Somebody comes in by a share link, on a phone, and is let go; somebody else by an invitation."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import PHONE, Visits, overflows


async def asked(page: Page, method: str, path: str, body: object = None) -> Any:
    """What the studio answers to whoever is signed in on this page."""
    return await page.evaluate(
        """async ([method, path, body]) => {
            const headers = { "content-type": "application/json" };
            const json = body === null ? {} : { headers, body: JSON.stringify(body) };
            const answer = await fetch(path, { method, ...json });
            return answer.status === 204 ? null : answer.json();
        }""",
        [method, path, body],
    )


async def test_a_guest_reviews_by_a_link_with_a_password_until_it_is_revoked(
    visits: Visits, studio: Studio, screenshots: Path
) -> None:
    ana = await visits.sign_in("Ana")
    links = f"/v1/projects/{studio.project}/share-links"
    wanted = {"label": "For the client", "password": "correct horse", "comment": True, "download": True}
    link = await asked(ana, "POST", links, wanted)

    phone = await visits.stranger(link["url"], PHONE)
    await expect(phone.get_by_text("For the client")).to_be_visible()
    await expect(phone.locator("#about")).to_have_text("You can watch it, comment and download.")
    assert "#" not in phone.url and not await overflows(phone)
    screenshots.mkdir(parents=True, exist_ok=True)
    await phone.screenshot(path=screenshots / "share-phone.png")
    await phone.get_by_label("Your name").fill("Gus Guest")
    await phone.get_by_label("Password").fill("wrong horse")
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_role("alert")).to_have_text("This link needs another password.")
    await phone.get_by_label("Password").fill("correct horse")
    await phone.keyboard.press("Enter")

    await phone.wait_for_url(studio.page("review"))
    await phone.locator(".row").first.wait_for()
    me = await asked(phone, "GET", "/v1/me")
    assert (me["name"], me["kind"]) == ("Gus Guest", "guest")
    guests = await asked(ana, "GET", f"{links}/{link['id']}/guests")
    assert [guest["name"] for guest in guests["guests"]] == ["Gus Guest"]
    await asked(ana, "DELETE", f"{links}/{link['id']}")
    await expect(phone.get_by_role("heading", name="There is no such project")).to_be_visible()

    late = await visits.stranger(link["url"], PHONE)
    await expect(late.get_by_role("alert")).to_contain_text("This link was revoked")


async def test_somebody_new_accepts_an_invitation_and_edits(visits: Visits, studio: Studio, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    address = "zoe.quinn@example.com"
    made = await asked(ana, "POST", f"/v1/projects/{studio.project}/invitations", {"email": address, "role": "editor"})
    assert made["sent_at"] is not None
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in studio.mail.glob("*.eml")]
    [mail] = [mail for mail in mails if address in mail["to"]]
    assert mail["To"] == address
    [join] = re.findall(rf"{studio.url}/join#\S+", mail.get_content())

    zoe = await visits.stranger(join, PHONE)
    await expect(zoe.get_by_text("Ana Duarte invites you to the project")).to_be_visible()
    await expect(zoe.locator("#about")).to_have_text(f"As editor. Accepting makes an account for {address}.")
    assert "#" not in zoe.url and not await overflows(zoe)
    screenshots.mkdir(parents=True, exist_ok=True)
    await zoe.screenshot(path=screenshots / "join-phone.png")
    await zoe.get_by_label("Your name").fill("Zoë Quinn")
    await zoe.get_by_role("button", name="Accept").click()
    await zoe.wait_for_url(studio.page("studio"))
    await expect(zoe.locator(".card-run").first).to_be_visible()  # who may only look has none
    again = await visits.stranger(join)
    await expect(again.get_by_role("alert")).to_contain_text("This invitation was accepted")


async def test_an_invitation_is_declined(visits: Visits, studio: Studio) -> None:
    ana = await visits.sign_in("Ana")
    before = set(studio.mail.glob("*.eml"))
    await asked(
        ana, "POST", f"/v1/projects/{studio.project}/invitations", {"email": "no@example.com", "role": "viewer"}
    )
    [path] = set(studio.mail.glob("*.eml")) - before
    [join] = re.findall(r"http\S+/join#\S+", message_from_bytes(path.read_bytes(), policy=default).get_content())
    page = await visits.stranger(join)
    await page.get_by_role("button", name="Decline").click()
    await expect(page.get_by_role("heading", name="Declined")).to_be_focused()

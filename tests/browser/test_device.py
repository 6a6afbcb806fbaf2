"""A TV that nobody has signed in shows a code; somebody enters it on a phone; the TV plays what they may see."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import PATIENCE_MS, PHONE, Visits, overflows

SCREEN = (1920, 1080)
CODE = re.compile(r"^[BCDFHJKLMPRSTWXZ]{4}-[BCDFHJKLMPRSTWXZ]{4}$")
LETTER_PX_MIN = 80
"""On a screen of 1920 x 1080: a thirteenth of its height and more can be read from the other side of a room."""


async def code_of(tv: Page) -> str:
    shown = tv.locator("#pairing-code")
    await expect(shown).to_have_text(CODE, timeout=PATIENCE_MS)
    return await shown.inner_text()


async def test_a_tv_signs_in_by_a_code_that_is_entered_on_a_phone(
    visits: Visits, studio: Studio, screenshots: Path
) -> None:
    tv = await visits.stranger(studio.page("tv"), SCREEN)
    code = await code_of(tv)
    await expect(tv.locator("#pairing-address")).to_have_text(f"{studio.url.removeprefix('http://')}/device")
    size = await tv.locator("#pairing-code").evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)")
    assert size >= LETTER_PX_MIN and not await overflows(tv)
    screenshots.mkdir(parents=True, exist_ok=True)
    await tv.screenshot(path=screenshots / "tv-code.png")

    phone = await visits.sign_in("Rita", PHONE)
    await phone.goto(f"{studio.url}/device")
    await expect(phone.locator("#enter-who")).to_have_text("It will be signed in as Rita Lindqvist.")
    await phone.screenshot(path=screenshots / "device-enter-phone.png")
    await phone.get_by_label("Enter the code on the screen").fill(code.replace("-", "").lower())
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_role("heading", name="Is this your screen?")).to_be_focused()
    await expect(phone.locator("#asking-code")).to_have_text(code)
    await expect(phone.locator("#asking-device")).to_have_text("TV page in Chrome on Linux")
    await expect(phone.locator("#asking-address")).to_have_text("127.0.0.1")
    assert not await overflows(phone)
    await phone.screenshot(path=screenshots / "device-asking-phone.png")
    await phone.get_by_role("button", name="Let it in").click()
    await expect(phone.get_by_role("heading", name="It is in")).to_be_focused()

    await expect(tv.locator("#pairing")).to_be_hidden()
    await expect(tv.locator("#slate-number")).to_have_text(re.compile(r"^\d+"))
    me = await tv.evaluate("fetch('/v1/me').then((answer) => answer.json())")
    assert me["name"] == "Rita Lindqvist"
    assert await tv.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


async def test_a_wrong_code_is_told_and_a_screen_that_is_sent_away_shows_another(
    visits: Visits, studio: Studio, screenshots: Path
) -> None:
    tv = await visits.stranger(studio.page("tv"), SCREEN)
    code = await code_of(tv)
    screenshots.mkdir(parents=True, exist_ok=True)
    phone = await visits.sign_in("Ben", PHONE, strict=False)
    await phone.goto(f"{studio.url}/device")
    await phone.get_by_label("Enter the code on the screen").fill("BBBB-BBBB")
    await phone.get_by_role("button", name="Continue").click()
    await expect(phone.get_by_role("alert")).to_contain_text("No device shows this code")
    await phone.screenshot(path=screenshots / "device-wrong-phone.png")

    await phone.goto(f"{studio.url}/device?code={code}")
    await phone.get_by_role("button", name="Not mine").click()
    await expect(phone.get_by_role("heading", name="It was sent away")).to_be_visible()
    await expect(tv.locator("#pairing-code")).not_to_have_text(code)
    assert CODE.match(await code_of(tv))


async def test_signing_out_on_all_devices_takes_the_tv_along(visits: Visits, studio: Studio) -> None:
    tv = await visits.stranger(studio.page("tv"), SCREEN)
    phone = await visits.sign_in("Ben", PHONE, strict=False)
    await phone.goto(f"{studio.url}/device?code={await code_of(tv)}")
    await phone.get_by_role("button", name="Let it in").click()
    await expect(tv.locator("#pairing")).to_be_hidden()
    await phone.goto(studio.url)
    assert not await overflows(phone)
    await phone.get_by_role("button", name="Sign out on all devices").click()
    await expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
    await code_of(tv)  # whose stream was ended: it asks to be let in again


async def test_who_is_not_signed_in_comes_back_to_the_code(visits: Visits, studio: Studio) -> None:
    tv = await visits.stranger(studio.page("tv"), SCREEN)
    code = await code_of(tv)
    phone = await visits.stranger(f"{studio.url}/device?code={code}", PHONE)
    await phone.get_by_role("link", name="Continue with Demo sign-in").click()
    await phone.get_by_role("button", name="Ana Duarte").click()
    await expect(phone.get_by_role("heading", name="Is this your screen?")).to_be_visible()
    await expect(phone.locator("#asking-code")).to_have_text(code)

"""The TV plays what there is in story order, with slates between and for what is missing, and takes new takes in."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.visitors import Visits, card, order, saved

TAKE_MS = 120_000

FOLLOW = """() => {
  window.shown = [];
  const look = () => {
    const { showing, scene } = document.body?.dataset ?? {};
    const item = `${showing} ${document.querySelector("#slate-number")?.textContent}`;
    if (showing && scene && item !== window.shown.at(-1)) window.shown.push(item);
  };
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(look).observe(document, everything);
}"""


async def test_takes_in_story_order_with_slates(visits: Visits, studio: Studio, screenshots: Path) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    numbers = await order(ana)
    first = numbers[1]
    await _take_of(ana, first)

    tv = await visits.sign_in("Rita")
    await tv.add_init_script(f"({FOLLOW})()")
    await tv.goto(studio.page("tv"))
    await _shows(tv, f"take {first}")
    await tv.wait_for_function(
        "() => { const v = document.querySelector('video'); return !v.error && v.currentTime > 0.3 }"
    )
    await _shows(tv, f"slate {numbers[2]}")
    shown = await tv.evaluate("window.shown")
    assert shown == [f"slate {numbers[0]}", f"slate {first}", f"take {first}", f"slate {numbers[2]}"]

    await tv.keyboard.press("ArrowLeft")
    await _shows(tv, f"slate {first}")
    await tv.wait_for_function("() => getComputedStyle(document.querySelector('#slate')).opacity === '1'")
    screenshots.mkdir(parents=True, exist_ok=True)
    await tv.screenshot(path=screenshots / "tv.png")
    await tv.keyboard.press("ArrowLeft")
    await _shows(tv, f"slate {numbers[0]}")
    await tv.keyboard.press("ArrowLeft")
    await _shows(tv, f"slate {numbers[-1]}")  # round the beginning
    await tv.keyboard.press("ArrowRight")
    await _shows(tv, f"slate {numbers[0]}")
    await tv.keyboard.press("Enter")
    await expect(tv.locator("#hint")).to_have_text("Paused")


async def test_a_new_take_is_taken_in_at_the_next_scene(visits: Visits, studio: Studio) -> None:
    ana, tv = await asyncio.gather(visits.sign_in("Ana"), visits.sign_in("Rita"))
    await saved(ana)
    numbers = await order(ana)
    last = numbers[-1]
    await tv.add_init_script(f"({FOLLOW})()")
    await tv.goto(studio.page("tv"))
    await _shows(tv, f"slate {numbers[0]}")
    await tv.keyboard.press("ArrowLeft")
    await _shows(tv, f"slate {last}")
    await tv.keyboard.press("Enter")
    await expect(tv.locator("#slate-state")).to_have_text("Scene missing")
    await _take_of(ana, last)
    await expect(tv.locator("#slate-state")).to_have_text("")
    await tv.keyboard.press("Enter")  # goes on with the slate, and then with the take that has just come
    await _shows(tv, f"take {last}")


async def _take_of(page: Page, number: str) -> None:
    """Generates the scene, unless it has been already."""
    scene = card(page, int(number))
    if await scene.locator(".status").inner_text() != "Take 1":
        await scene.locator(".card-run").click()
    await expect(scene.locator(".status")).to_have_text("Take 1", timeout=TAKE_MS)


async def _shows(page: Page, item: str) -> None:
    await page.wait_for_function("(item) => window.shown.at(-1) === item", arg=item, timeout=30_000)

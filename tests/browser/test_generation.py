"""Pressing Generate: progress moves, previews get sharper, the take plays, in the studio and on the phone at once."""

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.visitors import PHONE, Visits, card, prompt, saved

TAKE_MS = 120_000
PREVIEWS_MIN = 3

WATCH = """(place) => {
  const seen = { previews: [], progress: [] };
  window.seen = seen;
  const detail = (image) => {  // mean difference of neighbouring pixels at one size for all
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0, 640, 360);
    const { data } = context.getImageData(0, 0, 640, 360);
    let sum = 0;
    for (let at = 4; at < data.length; at += 4) sum += Math.abs(data[at + 1] - data[at - 3]);
    return sum / (data.length / 4);
  };
  new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes]))
      if (node instanceof HTMLImageElement && node.dataset.step)
        seen.previews.push({ step: Number(node.dataset.step), detail: detail(node) });
    for (const bar of document.querySelectorAll("[role=progressbar]:not([hidden])")) {
      const value = Number(bar.getAttribute("aria-valuenow"));
      if (value !== seen.progress.at(-1)) seen.progress.push(value);
    }
  }).observe(document.querySelector(place), { subtree: true, childList: true, attributes: true });
}"""


async def test_a_scene_is_generated_before_everybodys_eyes(visits: Visits, screenshots: Path) -> None:
    ana, rita = await asyncio.gather(visits.sign_in("Ana"), visits.sign_in("Rita", PHONE))
    await asyncio.gather(saved(ana), rita.locator('[data-connection="live"]').wait_for())
    await ana.evaluate(WATCH, "main")
    await rita.evaluate(WATCH, "#hero")

    scene = await card(ana, 2).get_attribute("data-scene")
    await card(ana, 2).get_by_role("button", name="Generate scene 2").click()
    await expect(card(ana, 2).get_by_role("progressbar")).to_be_visible()
    await expect(rita.locator("#hero").get_by_role("progressbar")).to_be_visible()
    await rita.locator(f'#hero[data-scene="{scene}"]').wait_for()
    await asyncio.gather(*(_playing(page) for page in (ana, rita)))

    for page, place in ((ana, ".screen"), (rita, "#hero")):
        seen = await page.evaluate("window.seen")
        _assert_sharper(seen["previews"], place)
        assert len(seen["progress"]) >= 4 and seen["progress"] == sorted(seen["progress"]), seen["progress"]
    await expect(card(ana, 2).locator(".status")).to_have_text("Take 1")
    await expect(rita.locator(f'.row[data-scene="{scene}"]')).to_have_attribute("data-status", "complete")

    ben = await visits.sign_in("Ben")
    await prompt(ben, 1).press("Control+Home")
    for _ in range(4):
        await prompt(ben, 1).press("Shift+ArrowRight")
    await expect(card(ana, 1).locator(".caret-name")).to_have_text("Ben Okafor")
    await expect(card(ana, 1).locator(".caret-selection")).to_have_text("Dawn")
    await _picture(ana, screenshots / "studio.png")
    await _picture(rita, screenshots / "review.png")


async def _playing(page: Page) -> None:
    """The take is there, without an error, and its time advances."""
    await page.wait_for_function(
        """() => {
            const video = document.querySelector("main video");
            return video && !video.hidden && !video.error && video.currentTime > 0.4;
        }""",
        timeout=TAKE_MS,
    )


def _assert_sharper(previews: list[dict[str, Any]], place: str) -> None:
    by_step = {preview["step"]: preview["detail"] for preview in previews}
    steps = [preview["step"] for preview in previews]
    assert len(by_step) >= PREVIEWS_MIN, f"{place} showed {by_step}"
    assert steps == sorted(steps), f"{place} showed an older preview after a newer one: {steps}"
    details = [by_step[step] for step in sorted(by_step)]
    assert details == sorted(details), f"{place} did not get sharper: {by_step}"


async def _picture(page: Page, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=file)

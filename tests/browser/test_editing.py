"""Two people at one storyboard: the same prompt and the same order at the same time, and each sees the other."""

import asyncio

from playwright.async_api import Page, expect

from tests.browser.visitors import Visits, card, prompt, saved


async def test_two_people_type_in_one_prompt_and_reorder_at_the_same_time(visits: Visits) -> None:
    ana, ben = await asyncio.gather(visits.sign_in("Ana"), visits.sign_in("Ben"))
    await asyncio.gather(saved(ana), saved(ben))
    before = await prompt(ana, 7).input_value()
    await prompt(ana, 7).press("Control+Home")
    await prompt(ben, 7).press("Control+End")
    await asyncio.gather(
        prompt(ana, 7).press_sequentially("Slowly \U0001f3a5 now. ", delay=15),
        prompt(ben, 7).press_sequentially(" And then \U0001f30a silence.", delay=15),
    )
    expected = f"Slowly \U0001f3a5 now. {before} And then \U0001f30a silence."
    for page in (ana, ben):
        await expect(prompt(page, 7)).to_have_value(expected)

    await asyncio.gather(
        card(ana, 7).get_by_role("button", name="Move scene 7 up").click(),
        card(ben, 3).get_by_role("button", name="Move scene 3 down").click(),
    )
    for page in (ana, ben):
        await expect(page.locator(".card-number")).to_have_text(["1", "2", "4", "3", "5", "7", "6", "8"])
    await asyncio.gather(saved(ana), saved(ben))


async def test_each_sees_where_the_other_is(visits: Visits) -> None:
    ana, ben = await asyncio.gather(visits.sign_in("Ana"), visits.sign_in("Ben"))
    await asyncio.gather(saved(ana), saved(ben))
    await prompt(ben, 6).press("Control+Home")
    for _ in range(5):
        await prompt(ben, 6).press("Shift+ArrowRight")
    await expect(card(ana, 6).locator(".caret-name")).to_have_text("Ben Okafor")
    shown = await prompt(ana, 6).input_value()
    await expect(card(ana, 6).locator(".caret-selection")).to_have_text(shown[:5])
    await expect(card(ana, 6).get_by_role("img", name="Ben Okafor is here")).to_be_visible()
    await expect(ana.locator(".people").get_by_role("img", name="Ben Okafor")).to_be_visible()
    await prompt(ana, 6).press("Control+Home")
    await prompt(ana, 6).press_sequentially("Hush. ")
    await expect(card(ana, 6).locator(".caret-selection")).to_have_text(shown[:5])  # it moved with its words
    await ben.context.close()
    await expect(card(ana, 6).locator(".caret")).to_have_count(0)


async def test_undo_takes_back_ones_own_words_and_scenes_only(visits: Visits) -> None:
    ana, ben = await asyncio.gather(visits.sign_in("Ana"), visits.sign_in("Ben"))
    await asyncio.gather(saved(ana), saved(ben))
    before = await prompt(ana, 5).input_value()
    await prompt(ben, 5).press("Control+End")
    await prompt(ben, 5).press_sequentially(" Ben stays.")
    await expect(prompt(ana, 5)).to_have_value(f"{before} Ben stays.")
    await prompt(ana, 5).press("Control+Home")
    await prompt(ana, 5).press_sequentially("Ana goes. ")
    await prompt(ana, 5).press("Control+z")
    await expect(prompt(ana, 5)).to_have_value(f"{before} Ben stays.")

    await ana.get_by_role("button", name="Add scene").click()
    await expect(ben.locator(".card")).to_have_count(9)
    await ana.get_by_role("button", name="Undo").click()
    await expect(ben.locator(".card")).to_have_count(8)
    await ana.get_by_role("button", name="Redo").click()
    await expect(ben.locator(".card")).to_have_count(9)
    await card(ana, 9).get_by_role("button", name="Delete scene 9").click()
    await expect(ben.locator(".card")).to_have_count(8)
    await saved(ana)


async def test_a_clip_of_the_strip_leads_to_its_card(visits: Visits) -> None:
    ana = await visits.sign_in("Ana")
    await saved(ana)
    await ana.locator(".clip-button").last.click()
    last = ana.locator(".card").last
    await expect(last).to_be_focused()
    await expect(last).to_be_in_viewport(ratio=0.9)
    widths = await _clip_widths(ana)
    assert max(widths) > min(widths)


async def _clip_widths(page: Page) -> list[float]:
    widths: list[float] = await page.evaluate(
        "[...document.querySelectorAll('.clip')].map(clip => clip.getBoundingClientRect().width)"
    )
    return widths

"""The page about the API in a browser: its policy lets its own style through, and it asks nobody for anything."""

import pytest
from playwright.async_api import Browser, Route

from api.main import operations
from api.openapi import describe
from api.reference import POLICY, render

URL = "http://studio.test/docs"
PAGE = render(describe(operations(), "http://studio.test"))


@pytest.mark.parametrize("width", [390, 1200])
async def test_it_is_whole_without_the_internet(chromium: Browser, width: int) -> None:
    asked, said = [], []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        if route.request.url == URL:
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            await route.fulfill(body=PAGE, headers=headers)
        else:
            await route.abort()

    page = await chromium.new_page(viewport={"width": width, "height": 844})
    page.on("console", lambda message: said.append(message.text))
    await page.route("**/*", answer)
    await page.goto(f"{URL}#runs")
    await page.locator("#runs\\.generate summary").click()
    assert await page.locator("#runs\\.generate pre").first.is_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert await page.locator("summary b").first.evaluate("e => getComputedStyle(e).fontWeight") == "600"
    assert set(asked) - {"http://studio.test/favicon.ico"} == {URL}
    assert not said
    await page.close()

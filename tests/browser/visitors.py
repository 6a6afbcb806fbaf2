"""People with browsers: signed-in contexts that are listened to, and what tests read off the pages.

No expectations here: those are the tests'.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, WebError

DESK = (1440, 900)
PHONE = (390, 844)
PATIENCE_MS = 20_000


@dataclass(slots=True)
class Visits:
    """`complaints`: errors and warnings of consoles, exceptions, failed requests and answers from 400 up."""

    chromium: Browser
    links: dict[str, str]
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def sign_in(self, name: str, size: tuple[int, int] = DESK, *, strict: bool = True) -> Page:
        """Follows the printed link to its page. `strict=False`: losing the connection is what the test is about."""
        context = await self.chromium.new_context(viewport={"width": size[0], "height": size[1]})
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        if strict:
            self._listen(context)
        page = await context.new_page()
        await page.goto(self.links[name])
        return page

    async def stranger(self, address: str, size: tuple[int, int] = DESK) -> Page:
        """Somebody who is not signed in."""
        context = await self.chromium.new_context(viewport={"width": size[0], "height": size[1]})
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = await context.new_page()
        await page.goto(address)
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    def _listen(self, context: BrowserContext) -> None:
        def heard(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.complaints.append(f"console {message.type}: {message.text}")

        def failed(request: Request) -> None:
            # a player that has seen enough, or that is closed, aborts its range requests; so does a page that goes
            if request.failure != "net::ERR_ABORTED":
                self.complaints.append(f"failed: {request.url} {request.failure}")

        def answered(response: Response) -> None:
            if response.status >= 400:
                self.complaints.append(f"{response.status}: {response.url}")

        def threw(error: WebError) -> None:
            self.complaints.append(f"exception: {error.error}")

        context.on("console", heard)
        context.on("requestfailed", failed)
        context.on("response", answered)
        context.on("weberror", threw)


async def ask(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """As the page itself would, with its session."""
    script = """async ([method, path, body]) => {
        const sent = body === null ? {} : {headers: {"content-type": "application/json"}, body: JSON.stringify(body)};
        const answer = await fetch(path, {method, ...sent});
        return answer.status === 204 ? {} : answer.json();
    }"""
    answer: dict[str, Any] = await page.evaluate(script, [method, path, body])
    return answer


@asynccontextmanager
async def own_scene(page: Page, title: str, words: str) -> AsyncIterator[str]:
    """A project with one scene, open in the studio; it goes again. For tests that count takes."""
    origin = "/".join(page.url.split("/")[:3])
    project: str = (await ask(page, "POST", "/v1/projects", {"title": title}))["id"]
    await ask(page, "POST", f"/v1/projects/{project}/scenes", {"prompt": words})
    await page.goto(f"{origin}/studio/{project}")
    await saved(page)
    await card(page, 1).locator(".card-number").click()
    try:
        yield project
    finally:
        await page.goto(origin)  # the studio's own requests would find it gone
        await ask(page, "DELETE", f"/v1/projects/{project}")


def card(page: Page, number: int) -> Locator:
    """The storyboard card of the scene with that number, wherever it stands."""
    numbered = page.locator(".card-head").and_(page.locator(f'[data-number="{number}"]'))
    return page.locator(".card").filter(has=numbered)


def prompt(page: Page, number: int) -> Locator:
    return card(page, number).locator(".prompt-field")


async def saved(page: Page) -> None:
    await page.locator('.save[data-kind="saved"]').wait_for()


async def order(page: Page) -> list[str]:
    """The scenes' numbers as they stand on the storyboard."""
    return [str(number) for number in await page.locator(".card-number").all_inner_texts()]


async def overflows(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))

"""The stubs as a process of their own, in the world's time, and the settings with which a studio finds them there.

For one machine: whoever reaches it may plan what happens, so it listens on a loopback address only.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from deploy.stubs.app import Stubs
from deploy.stubs.callbacks import SECRET
from deploy.stubs.stage import Clock, Stage
from services.generation.providers.settings import URLS
from storage.tasks import beside

HOST = "127.0.0.1"
PORT = 8422
KEY = "stub:of-a-key"
"""Taken by every stub; any other key is wrong. No secret."""
TELL_EVERY_S = 0.5
TELL_TIMEOUT_S = 15.0

log = logging.getLogger("storyforge.stubs")


def stubs_app(more: Sequence[BaseRoute] = ()) -> Starlette:
    """`more`: routes beside theirs."""
    http = httpx.AsyncClient(trust_env=False, timeout=TELL_TIMEOUT_S)

    async def deliver(url: str, headers: Mapping[str, str], body: bytes) -> None:
        try:
            answer = await http.post(url, headers=dict(headers), content=body)
            log.info("stubs.told", extra={"url": url, "status": answer.status_code})
        except httpx.HTTPError as error:
            log.warning("stubs.not_told", extra={"url": url, "error": type(error).__name__})

    stubs = Stubs(Stage(Clock(time.time(), runs=True), deliver, dict.fromkeys(URLS, KEY)))

    async def tell() -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            await stubs.tell()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with http, beside(tell()):
            yield

    return Starlette(routes=[*stubs.routes, *more], lifespan=lifespan)


def exports(url: str) -> str:
    """Lines for a shell: every provider's account is at these stubs."""
    variables = {
        "STORYFORGE_FAL_KEYS_URL": f"{url}/fal/.well-known/jwks.json",
        "STORYFORGE_PROVIDER_ORIGINS": url,
    }
    for name in URLS:
        prefix = f"STORYFORGE_{name.upper().replace('-', '_')}"
        variables |= {f"{prefix}_URL": f"{url}/{name}", f"{prefix}_KEY": KEY, f"{prefix}_WEBHOOK_SECRET": SECRET}
    return "".join(f"export {name}={value}\n" for name, value in sorted(variables.items()))

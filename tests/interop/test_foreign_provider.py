"""A provider that is not ours, certified and unchanged from npm: a person signs in at it, as a browser would.

It keeps names and addresses for its UserInfo, wants its client's secret by HTTP Basic, signs with RS256 and names
itself beside the code.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import httpx
from pydantic import SecretStr

from api.main import application
from deploy.local.ports import free_port
from services.users.openid.service import OpenIdParts, callback_path, open_openid
from services.users.openid.settings import Provider
from tests.integration.api.studio import URL, opened

INTEROP = Path(__file__).resolve().parents[2] / "client-protocol" / "interop"
READY_TIMEOUT_S = 20.0
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
STEPS_MAX = 12


@asynccontextmanager
async def provider(node: str, email: str) -> AsyncIterator[Provider]:
    port = free_port()
    back = f"{URL}{callback_path('foreign')}"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        node, str(INTEROP / "provider.mjs"), str(port), back, email, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            while (await process.stdout.readline()).strip() != b"ready":
                assert process.returncode is None
        yield Provider(
            name="foreign",
            title="Foreign",
            issuer=f"http://127.0.0.1:{port}",
            client_id="studio",
            client_secret=SecretStr("of the studio: %&+"),
        )
    finally:
        process.kill()
        await process.wait()


async def through(browser: httpx.AsyncClient, address: str) -> str:
    """Where the provider sends the browser back to, after its sign-in and its consent."""
    answer = await browser.get(address)
    for _ in range(STEPS_MAX):
        if answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if target.startswith(URL):
                return target
            answer = await browser.get(target)
        else:
            action = ACTION.search(answer.text)
            assert action is not None, answer.text
            form = dict(HIDDEN.findall(answer.text)) | {"login": "noor", "password": "any"}
            answer = await browser.post(urljoin(str(answer.url), action[1]), data=form)
    raise AssertionError("the provider does not send the browser back")


async def test_somebody_signs_in_at_a_provider_that_is_not_ours(
    node: str, database_url: str, redis_url: str, objects_url: str, signing_keys_file: Path
) -> None:
    email = f"{secrets.token_hex(6)}@studio.test"
    async with (
        provider(node, email) as foreign,
        opened(database_url, redis_url, objects_url, signing_keys_file) as state,
        open_openid([foreign], OpenIdParts(state.stores.pool, state.stores.cache, state.tokens, URL)) as openid,
        httpx.AsyncClient(trust_env=False) as browser,
    ):
        door = httpx.ASGITransport(application(replace(state, openid=openid)))
        for _ in range(2):  # a new person, and one who is known
            async with httpx.AsyncClient(transport=door, base_url=URL) as studio:
                begun = await studio.get("/signin/foreign", params={"next": "/studio/prj_x"})
                answer = await studio.get(await through(browser, begun.headers["location"]))
                assert (answer.status_code, answer.headers["location"]) == (303, "/studio/prj_x"), answer.text
                me = (await studio.get("/v1/me")).json()
                assert (me["name"], me["email"]) == ("Noor Haddad", email)

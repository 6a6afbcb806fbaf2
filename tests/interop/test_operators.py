"""`/ops`: what an operator sees of a hub, and that nobody else sees anything."""

import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser, ViewportSize

from realtime.operators_page import render
from realtime.recent import RECENT_REFUSALS_MAX, RecentRefusals
from realtime.refusals import NO_TOKEN
from services.users.model import Role
from services.users.sessions import COOKIE
from sync import ids
from tests.interop.conftest import Board, Hub, OpenHub
from tests.interop.participants import join, knock
from tests.interop.wire import set_key

ADA = 93
SECRET_TEXT = "the lighthouse keeper did it"
PHONE = ViewportSize(width=390, height=844)


async def get(hub: Hub, path: str, credential: str | None = None, *, cookie: bool = False) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        if credential is not None and cookie:
            client.cookies.set(COOKIE, credential)
        elif credential is not None:
            client.headers["Authorization"] = f"Bearer {credential}"
        return await client.get(f"{hub.http}{path}")


@pytest.mark.parametrize("path", ["/ops", "/ops/hub.json"])
async def test_nobody_else_learns_that_there_is_anything(path: str, hub_of: OpenHub, board: Board) -> None:
    operator = board.people[Role.VIEWER].user_id
    async with hub_of(operators=frozenset({operator})) as hub, hub_of() as without:
        missing = await get(hub, "/nothing-here")
        strangers = (None, "forged", board.token(), board.session(Role.OWNER), board.session(Role.EDITOR))
        for credential in strangers:
            for cookie in (False, True):
                refused = await get(hub, path, credential, cookie=cookie)
                assert (refused.status_code, refused.text) == (404, missing.text)
        for cookie in (False, True):
            assert (await get(hub, path, board.session(Role.VIEWER), cookie=cookie)).status_code == 200
        assert (await get(hub, path, board.token(Role.VIEWER))).status_code == 404, "a document token opens a document"
        assert (await get(without, path, board.session(Role.VIEWER))).status_code == 404, "nobody by default"


async def test_what_an_operator_sees(hub_of: OpenHub, board: Board) -> None:
    viewer, session = board.people[Role.VIEWER].user_id, board.session(Role.VIEWER)
    async with (
        hub_of(operators=frozenset({viewer})) as hub,
        join("/collab", hub.websocket, board.name, board.token()) as one,
        join("/sync", hub.websocket, board.name, board.token(Role.OWNER)),
    ):
        await one.update(set_key(ADA, 0, "ext", "k", SECRET_TEXT))
        await one.until("status")
        async with join("/sync", hub.websocket, board.name, board.token(Role.COMMENTER)) as wrong:
            await wrong.socket.send("a text")
            await wrong.refusal()
        async with knock("/sync", hub.websocket, quote(SECRET_TEXT), "forged") as stranger:
            await stranger.closed()
        answer = await get(hub, "/ops/hub.json", session)
        seen = answer.json()
        (room,) = seen["rooms"]
        assert room["document"] == board.name and room["sessions"] == 2 == seen["sessions"]
        assert {(person["name"], person["role"]) for person in room["people"]} == {
            ("The editor", "editor"),
            ("The owner", "owner"),
        }
        assert (room["uncommitted_bytes"], room["parked_updates"], room["has_gap"]) == (0, 0, False)
        refused = [(item["reason"], item["document"], item["user"]) for item in seen["refusals"]]
        commenter = ids.to_text("usr", board.people[Role.COMMENTER].user_id)
        assert refused == [("document.missing", "", None), ("frame.malformed", board.name, commenter)]
        page = (await get(hub, "/ops", session)).text
        assert board.name in page and "The editor" in page
        for text in (answer.text, page):
            assert SECRET_TEXT not in text and "eyJ" not in text and "@studio.test" not in text


async def test_the_page_fits_a_phone_and_needs_no_script(
    hub_of: OpenHub, board: Board, chromium: Browser, tmp_path: Path
) -> None:
    viewer = board.people[Role.VIEWER].user_id
    async with (
        hub_of(operators=frozenset({viewer})) as hub,
        join("/collab", hub.websocket, board.name, board.token()),
        await chromium.new_context(viewport=PHONE) as context,
    ):
        await context.add_cookies([{"name": COOKIE, "value": board.session(Role.VIEWER), "url": hub.http}])
        page = await context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        await page.goto(f"{hub.http}/ops")
        assert await page.get_by_text(board.name).count() == 1
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert await page.evaluate("getComputedStyle(document.querySelector('dl')).display") == "grid", "styled"
        assert said == []
        await page.screenshot(path=tmp_path / "ops.png", full_page=True)


def test_names_and_reasons_cannot_bring_markup() -> None:
    evil = "<script>alert(1)</script>"
    person = {"user": "usr_x", "name": evil, "role": "editor", "acknowledges": True, "waiting_bytes": 70_000}
    room = {
        "document": "sb:x~1",
        "seq": 1,
        "snapshot_seq": 0,
        "sessions": 3,
        "uncommitted_bytes": 5,
        "parked_updates": 1,
        "has_gap": True,
        "people": [person],
    }
    seen = {
        "node": "0" * 32,
        "draining": True,
        "connections": 1,
        "sessions": 3,
        "room_count": 1,
        "uncommitted_bytes": 5,
        "outbox_bytes": 3 * 1024**2,
        "parked_updates": 1,
        "publications_waiting": 0,
        "rooms": [room],
        "refusals": [{"at_s": 0.0, "code": 4400, "reason": evil, "document": "", "user": None}],
        "nodes": [],
    }
    page = render(seen)
    assert evil not in page and page.count("&lt;script&gt;") == 2
    assert "68.4 KiB unread" in page and "3.0 MiB" in page and "and 2 more" in page and "is going away" in page


def test_refusals_are_remembered_in_bounded_memory() -> None:
    recent = RecentRefusals()
    for second in range(RECENT_REFUSALS_MAX + 7):
        recent.add(NO_TOKEN, "x" * 10_000, None, float(second))
    kept = recent.newest_first()
    assert len(kept) == RECENT_REFUSALS_MAX and kept[0].at_s == RECENT_REFUSALS_MAX + 6
    assert json.dumps([one.document for one in kept]).count("x") == 0

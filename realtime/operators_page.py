"""`/ops` for operators: the hub as a page that needs no script, and `/ops/hub.json` for programs.

To everybody else there is nothing here. Who is an operator is decided in `services.users.operators` (decision 15).
"""

import base64
import hashlib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from realtime.hub import Hub
from realtime.inspection import inspect
from services.users.errors import UsersError
from services.users.sessions import COOKIE
from storage.errors import StoreAway
from sync.limits import KIB, MIB

REFRESH_S = 5
STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #667; }
@media (prefers-color-scheme: dark) { :root { --dim: #9aa; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-width: 1100px; font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 28px 0 8px; }
p, dt, small { color: var(--dim); } p { margin: 0; overflow-wrap: anywhere; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 8px; margin: 16px 0; }
dl div { border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; }
dt { font-size: 13px; } dd { margin: 0; font-size: 20px; font-variant-numeric: tabular-nums; }
ul { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: 8px 0; display: flex; flex-wrap: wrap; gap: 2px 16px; }
li > :first-child { flex: 1 1 300px; min-width: 0; } li ul { flex: 1 0 100%; padding-left: 16px; }
li li { border: 0; padding: 2px 0; } li span { font-variant-numeric: tabular-nums; }
.bad { color: #c2410c; font-weight: 600; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes(hub: Hub) -> list[BaseRoute]:
    """For the hub's own process: every hub shows itself."""

    async def page(request: Request) -> Response:
        await _admit(hub, request)
        return HTMLResponse(render(inspect(hub)), headers=HEADERS)

    async def as_json(request: Request) -> Response:
        await _admit(hub, request)
        return JSONResponse(inspect(hub), headers=HEADERS)

    return [Route("/ops", page), Route("/ops/hub.json", as_json)]


async def _admit(hub: Hub, request: Request) -> None:
    """By the session of the pages or a Bearer header. Raises 404: who may not look learns nothing."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    credential = bearer.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    try:
        await hub.admit_operator(credential, time.time())
    except UsersError as error:
        raise HTTPException(404) from error
    except StoreAway as error:
        raise HTTPException(503) from error


def render(seen: dict[str, Any]) -> str:
    """The page. Everything in it is escaped here."""
    state = "is going away" if seen["draining"] else "is open"
    figures = (
        ("connections", seen["connections"]),
        ("sessions", seen["sessions"]),
        ("documents", seen["room_count"]),
        ("uncommitted", _bytes(seen["uncommitted_bytes"])),
        ("unread by peers", _bytes(seen["outbox_bytes"])),
        ("parked updates", seen["parked_updates"]),
        ("to other hubs", seen["publications_waiting"]),
    )
    return "".join(
        (
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="refresh" content="{REFRESH_S}"><title>Hub {escape(seen["node"][:8])}</title>',
            f"<style>{STYLE}</style>",
            f"<h1>Hub {escape(seen['node'][:8])} {state}</h1><p><code>{escape(seen['node'])}</code></p><dl>",
            *(f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>" for name, value in figures),
            "</dl><h2>Documents</h2>",
            _list((_room(one) for one in seen["rooms"]), "None is open."),
            "<h2>Hubs</h2>",
            _list((_node(one, seen["node"]) for one in seen["nodes"]), "The bus has brought no beat yet."),
            "<h2>Sent away</h2>",
            _list((_refusal(one) for one in seen["refusals"]), "Nobody lately."),
            "</html>",
        )
    )


def _list(items: Iterable[str], nothing: str) -> str:
    inside = "".join(items)
    return f"<ul>{inside}</ul>" if inside else f"<p>{nothing}</p>"


def _room(room: dict[str, Any]) -> str:
    more = room["sessions"] - len(room["people"])
    people = "".join(
        f"<li><span>{escape(one['name'])} <small>{escape(one['role'])}</small></span><code>{one['user']}</code>"
        f"{_waits(one['waiting_bytes'], 'unread')}</li>"
        for one in room["people"]
    )
    return (
        f"<li><code>{escape(room['document'])}</code><span>{room['sessions']} here</span>"
        f"<span>at {room['seq']}, snapshot {room['snapshot_seq']}</span>"
        f"{_waits(room['uncommitted_bytes'], 'uncommitted')}"
        f"{_flag(room['parked_updates'], 'parked')}{_flag(room['has_gap'], 'rows missing')}"
        f"<ul>{people}{f'<li>and {more} more</li>' if more else ''}</ul></li>"
    )


def _node(node: dict[str, Any], own: str) -> str:
    name = "this one" if node["node"] == own else ""
    return (
        f"<li><code>{escape(node['node'])}</code><span>{name}</span><span>{node['rooms']} documents</span>"
        f"<span>{node['sessions']} sessions</span><span>heard {node['silent_s']} s ago</span></li>"
    )


def _refusal(one: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(one["at_s"], UTC).strftime("%H:%M:%S")
    return (
        f"<li><code>{escape(one['reason'])}</code><span>{one['code']}</span><span>{at} UTC</span>"
        f"<code>{escape(one['document'])}</code><code>{escape(one['user'] or '')}</code></li>"
    )


def _waits(count: int, what: str) -> str:
    return f'<span class="bad">{_bytes(count)} {what}</span>' if count else ""


def _flag(value: int, what: str) -> str:
    return f'<span class="bad">{int(value)} {what}</span>' if value else ""


def _bytes(count: int) -> str:
    if count < KIB:
        return f"{count} B"
    return f"{count / KIB:.1f} KiB" if count < MIB else f"{count / MIB:.1f} MiB"

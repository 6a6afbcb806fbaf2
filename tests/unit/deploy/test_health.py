"""Health of a process: alive without its stores, ready only with all of them and while it is not draining."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from deploy import health
from deploy.health import Readiness


async def fine() -> None:
    """A store that answers."""


async def away() -> None:
    raise ConnectionRefusedError


async def silent() -> None:
    await asyncio.Event().wait()


def client_of(readiness: Readiness) -> httpx.AsyncClient:
    app = Starlette(routes=health.routes(readiness, health.new_registry()))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://process")


async def test_all_stores_answer() -> None:
    async with client_of(Readiness({"postgres": fine, "redis": fine})) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "draining": False, "stores": {"postgres": "ok", "redis": "ok"}}


async def test_a_store_that_is_away_is_named_and_life_goes_on() -> None:
    async with client_of(Readiness({"postgres": away, "redis": fine})) as client:
        answer, alive = await client.get("/readyz"), await client.get("/livez")
    assert answer.status_code == 503
    assert answer.json()["stores"] == {"postgres": "ConnectionRefusedError", "redis": "ok"}
    assert alive.status_code == 200


async def test_a_store_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.01)
    async with client_of(Readiness({"redis": silent})) as client:
        assert (await client.get("/readyz")).json()["stores"] == {"redis": "TimeoutError"}


async def test_draining_is_not_ready_and_tells_the_doors() -> None:
    told: list[str] = []
    readiness = Readiness({"redis": fine}, on_drain=[lambda: told.append("hub")])
    readiness.drain()
    async with client_of(readiness) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["draining"], told) == (503, True, ["hub"])


async def test_two_processes_count_for_themselves() -> None:
    first, second = health.new_registry(), health.new_registry()
    assert first is not second
    async with client_of(Readiness()) as client:
        assert "python_gc_objects_collected_total" in (await client.get("/metrics")).text

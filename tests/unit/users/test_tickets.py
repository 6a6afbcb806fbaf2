"""Tickets: one use, 30 s, and nothing to steal from the cache."""

from uuid import UUID

import pytest

from services.users.errors import TicketSpent
from services.users.model import Actor
from services.users.tickets import TICKET_TTL_S, Tickets, is_ticket
from storage.cache import MemoryCache

ACTOR = Actor(UUID(int=7), "Ada", "#aa33bb", "service", str(UUID(int=8)))


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def test_a_ticket_is_good_once() -> None:
    tickets = Tickets(MemoryCache(Clock()))
    text = await tickets.issue(ACTOR, 500.0)
    redeemed = await tickets.redeem(text)
    assert (redeemed.actor, redeemed.session_expires_at) == (ACTOR, 500.0)
    with pytest.raises(TicketSpent):
        await tickets.redeem(text)


async def test_a_ticket_is_good_for_thirty_seconds() -> None:
    clock = Clock()
    tickets = Tickets(MemoryCache(clock))
    text = await tickets.issue(ACTOR)
    clock.now_s += TICKET_TTL_S
    with pytest.raises(TicketSpent):
        await tickets.redeem(text)


async def test_what_is_not_a_ticket_is_not_looked_up() -> None:
    tickets = Tickets(MemoryCache(Clock()))
    for text in ("", "tkt_", "tkt_short", "x" * 47, "a.b.c"):
        assert not is_ticket(text)
        with pytest.raises(TicketSpent):
            await tickets.redeem(text)


async def test_the_cache_never_holds_the_ticket_itself() -> None:
    kept: dict[str, bytes] = {}

    class Spy(MemoryCache):
        async def put(self, key: str, value: bytes, ttl_s: float) -> None:
            kept[key] = value
            await super().put(key, value, ttl_s)

    tickets = Tickets(Spy(Clock()), entropy=lambda count: bytes(count))
    text = await tickets.issue(ACTOR)
    assert is_ticket(text)
    assert len(kept) == 1
    assert all(text not in key and text.encode() not in value for key, value in kept.items())

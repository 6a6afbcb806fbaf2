"""The worker's pure parts: what an error means, what it is told from outside, how ticks are coalesced."""

import asyncio
from uuid import uuid4

import pytest

from jobs.context import Verdict, plain, verdict
from jobs.settings import SEGMENT_AFTER_DAYS, WorkerSettings
from jobs.ticks import INTERVAL_S, Tick, Ticker
from services.generation.errors import (
    AttemptsExhausted,
    NoSuchScene,
    SceneTooLong,
    TakeUnsound,
)
from services.programs import ProgramFailed
from services.projects.purge import PURGE_AFTER_DAYS
from services.runs.errors import GraphUnfit, RunStopped, StepLost
from services.runs.model import ATTEMPTS_MAX
from storage.bus import MemoryBus, document_channel
from storage.errors import DocumentMissing, ObjectMissing, SettingMissing, StoreAway
from sync import relay


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (RunStopped(), Verdict.CANCELLED),
        (StepLost(), Verdict.LOST),
        (StoreAway(), Verdict.WAIT),
        (SceneTooLong(100, 90), Verdict.GIVE_UP),
        (NoSuchScene(), Verdict.GIVE_UP),
        (GraphUnfit(), Verdict.GIVE_UP),
        (DocumentMissing(), Verdict.GIVE_UP),
        (ObjectMissing(), Verdict.AFRESH),
        (ProgramFailed(), Verdict.AGAIN),
        (TakeUnsound(), Verdict.AGAIN),
        (RuntimeError(), Verdict.AGAIN),
    ],
)
def test_an_error_becomes_a_decision(error: Exception, wanted: Verdict) -> None:
    assert verdict(error, 1) is wanted


def test_the_last_attempt_is_the_last() -> None:
    assert verdict(ProgramFailed(), ATTEMPTS_MAX) is Verdict.GIVE_UP
    assert verdict(AttemptsExhausted(), ATTEMPTS_MAX) is Verdict.GIVE_UP
    assert verdict(RunStopped(), ATTEMPTS_MAX) is Verdict.CANCELLED, "whoever stopped it decides"
    assert verdict(StoreAway(), ATTEMPTS_MAX) is Verdict.WAIT, "a store that is away is nobody's fault"


def test_groups_are_looked_through() -> None:
    inner = StepLost("x")
    assert plain(BaseExceptionGroup("a", [BaseExceptionGroup("b", [inner]), RuntimeError()])) is inner


DAYS = "STORYFORGE_SEGMENT_AFTER_DAYS"
PURGE = "STORYFORGE_PURGE_AFTER_DAYS"


def test_settings_come_from_the_environment_once() -> None:
    settings = WorkerSettings.from_env({"STORYFORGE_REDIS_URL": "redis://x", "STORYFORGE_WORKER_SLOTS": "3"})
    assert (settings.slots, len(settings.node_id), settings.segment_after_days) == (3, 16, SEGMENT_AFTER_DAYS)
    assert WorkerSettings.from_env({"STORYFORGE_REDIS_URL": "r", DAYS: "0"}).segment_after_days == 0
    assert "redis" not in repr(settings)
    assert settings.purge_after_days == PURGE_AFTER_DAYS
    assert WorkerSettings.from_env({"STORYFORGE_REDIS_URL": "r", PURGE: "7"}).purge_after_days == 7
    wrong = (
        ("STORYFORGE_WORKER_SLOTS", "0"),
        (DAYS, "36501"),
        (DAYS, "-1"),
        (PURGE, "x"),
        ("STORYFORGE_REDIS_URL", ""),
    )
    for name, value in wrong:
        environ = {"STORYFORGE_REDIS_URL": "r", name: value}
        with pytest.raises(SettingMissing):
            WorkerSettings.from_env(environ)


def tick(pct: int, *, done: bool = False) -> Tick:
    return Tick("run_x", "scn_x", "running", "clip", pct, 1, 2, done)


async def test_ticks_are_at_most_4_a_second_the_latest_wins_and_the_last_goes_out() -> None:
    bus, document_id = MemoryBus(), uuid4()
    pauses: asyncio.Queue[float] = asyncio.Queue()
    go_on = asyncio.Semaphore(0)

    async def sleep(seconds: float) -> None:
        pauses.put_nowait(seconds)
        await go_on.acquire()

    ticker = Ticker(bus, uuid4(), document_id, sleep)
    async with bus.subscription() as subscription:
        await subscription.add(document_channel(document_id))

        async def heard() -> int:
            item = await subscription.next()
            message = relay.decode(item.payload)  # type: ignore[union-attr]  # no gaps in memory
            assert isinstance(message, relay.Tick)
            return int(message.progress["pct"])

        running = asyncio.create_task(ticker.run())
        ticker.say(tick(1))
        assert await heard() == 1
        assert await pauses.get() == INTERVAL_S == 0.25
        for pct in (2, 3, 4):
            ticker.say(tick(pct))
        go_on.release()
        assert await heard() == 4, "what came between is not said"
        assert await pauses.get() == INTERVAL_S
        ticker.say(tick(4))
        await ticker.last(tick(100, done=True))
        assert await heard() == 100, "and nothing twice"
        running.cancel()
        await asyncio.wait([running])


async def test_the_next_step_of_a_run_waits_for_its_turn_to_speak() -> None:
    bus, pauses = MemoryBus(), asyncio.Queue[float]()

    async def sleep(seconds: float) -> None:
        pauses.put_nowait(seconds)
        await asyncio.get_running_loop().create_future()

    ticker = Ticker(bus, uuid4(), uuid4(), sleep)
    async with ticker:
        ticker.say(tick(1))
        assert await pauses.get() == INTERVAL_S
    async with ticker:
        ticker.say(tick(2))
        assert 0.0 < await pauses.get() <= INTERVAL_S, "before it says anything"

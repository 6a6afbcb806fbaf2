"""Who is written to when: answers in their tick, a large room in turns, everybody within one round."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from realtime.tick_writer import WIRES_A_TICK, TickWriter

CROWD = 3 * WIRES_A_TICK


@dataclass
class Ear:
    """A connection that remembers what each write brought."""

    writer: TickWriter
    pending: list[str] = field(default_factory=list)
    writes: list[list[str]] = field(default_factory=list)

    def hear(self, word: str) -> None:
        """As a relay: at once if it may be, else in its turn."""
        if not self.pending and self.writer.at_once > 0:
            self.writer.at_once -= 1
            self.writes.append([word])
            return
        if not self.pending:
            self.writer.line_up(self)
        self.pending.append(word)

    def answer(self, word: str) -> None:
        if not self.pending:
            self.writer.mark(self)
        self.pending.append(word)

    def write_pending(self) -> None:
        pending, self.pending = self.pending, []
        self.writes.append(pending)


@dataclass
class Speaker:
    """A room with words for all of its ears."""

    ears: list[Ear]
    words: list[str] = field(default_factory=list)

    def deliver(self) -> None:
        words, self.words = self.words, []
        for ear in self.ears:
            for word in words:
                ear.hear(word)

    def say(self, word: str) -> None:
        self.words.append(word)
        self.ears[0].writer.deliver_soon(self)


def crowd(observe: Callable[[float], None] = lambda seconds: None, count: int = CROWD) -> Speaker:
    writer = TickWriter(observe)
    return Speaker([Ear(writer) for _ in range(count)])


async def test_a_small_room_is_written_to_in_one_tick() -> None:
    room = crowd(count=WIRES_A_TICK)
    room.say("a")
    await asyncio.sleep(0)
    assert all(ear.writes == [["a"]] for ear in room.ears)


async def test_a_large_room_gives_way_after_each_turn() -> None:
    room = crowd()
    room.say("a")
    for turn in range(1, 4):
        await asyncio.sleep(0)
        assert sum(bool(ear.writes) for ear in room.ears) == turn * WIRES_A_TICK


async def test_what_comes_in_the_middle_of_a_round_reaches_all_within_one() -> None:
    room = crowd()
    room.say("a")
    await asyncio.sleep(0)
    room.say("b")  # the first third has heard "a"
    for _ in range(3):
        await asyncio.sleep(0)
    assert all(ear.writes == [["a"], ["b"]] for ear in room.ears[:WIRES_A_TICK])
    assert all(ear.writes == [["a", "b"]] for ear in room.ears[WIRES_A_TICK:])


async def test_an_answer_does_not_stand_in_the_line() -> None:
    room = crowd()
    other = Ear(room.ears[0].writer)
    room.say("a")
    await asyncio.sleep(0)
    other.answer("yes")
    await asyncio.sleep(0)
    assert other.writes == [["yes"]]
    assert not room.ears[-1].writes


async def test_how_long_a_tick_took_is_told_once_its_last_word_is_written() -> None:
    told: list[float] = []
    room = crowd(told.append)
    room.say("a")
    await asyncio.sleep(0)
    room.say("b")
    counts = []
    for _ in range(3):
        await asyncio.sleep(0)
        counts.append(len(told))
    assert counts == [0, 1, 2]
    assert told[0] > told[1] > 0

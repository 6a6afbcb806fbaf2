"""What the two editors do: type into one prompt, strike out dots, and move scenes, all at the same time.

Every edit is one transaction that leaves its own marker (`[a17]`), so that afterwards each can be looked for anywhere.
"""

import asyncio
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.local.demo.cast import Project
from deploy.local.demo.editors import Editor
from sync.order_keys import between

STRIKE_EVERY = 3
REORDER_EVERY = 5
MARKER = re.compile(r"\[([ab])([0-9]+)\]")
END = -1


@dataclass
class Part:
    """One editor's part. `letter` marks its edits; `at` is where in the prompt it types: 0 or `END`."""

    editor: Editor
    letter: str
    at: int
    project: Project
    orders: Sequence[str]
    pace_s: float
    rng: random.Random
    made: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def play(self, enough: asyncio.Event) -> None:
        """Edits at the part's pace until it is enough."""
        while not enough.is_set():
            number = self.made + 1
            await self.editor.edit(*self._edit(number), number=number)
            async with self._changed:
                self.made = number
                self._changed.notify_all()
            await asyncio.sleep(self.pace_s)

    async def reached(self, number: int) -> None:
        """Returns when edit `number` has been made."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.made >= number)

    def _edit(self, number: int) -> Iterator[dict[str, Any]]:
        prompt = ["scenes", self.project.written, "prompt"]
        yield {"op": "insert", "path": prompt, "at": self.at, "text": f"[{self.letter}{number}]"}
        if number % STRIKE_EVERY == 0:
            yield {"op": "strike", "path": prompt, "text": "·"}
        if number % REORDER_EVERY == 0:
            place = self.rng.randrange(len(self.orders))
            above = self.orders[place + 1] if place + 1 < len(self.orders) else ""
            scene = ["scenes", self.rng.choice(self.project.scenes)]
            yield {"op": "set", "path": scene, "key": "ord", "value": between(self.orders[place], above)}


def orders(content: Mapping[str, Any], project: Project) -> list[str]:
    """The order keys of the project's scenes, rising."""
    return sorted(str(content["scenes"][scene]["ord"]) for scene in project.scenes)


def markers(content: Mapping[str, Any], project: Project, letter: str) -> set[int]:
    """The numbers of the edits whose marker stands in the prompt."""
    prompt = str(content["scenes"][project.written]["prompt"])
    return {int(number) for who, number in MARKER.findall(prompt) if who == letter}

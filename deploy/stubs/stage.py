"""What all stubs share: the clock, which scenario comes next, tasks and their course, what was charged, callbacks due.

Not how a provider speaks: that is in the file with its name.
"""

import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

BEGUN_S = 2.0
DONE_S = 10.0
SLOW_DONE_S = 120.0
LATE_S = 900.0
TASKS_MAX = 10_000


class Scenario(StrEnum):
    """What happens to the next call of a provider."""

    OK = "ok"
    SLOW = "slow"
    STUCK = "stuck"
    FAILED = "failed"
    MODERATED = "moderated"
    OUT_OF_CREDIT = "out_of_credit"
    THROTTLED = "throttled"
    BUSY = "busy"
    BROKEN = "broken"
    DROPPED = "dropped"
    CORRUPT = "corrupt"
    BLACK = "black"
    FROZEN = "frozen"
    EXPIRED = "expired"
    CALLBACK_LATE = "callback_late"
    CALLBACK_TWICE = "callback_twice"
    CALLBACK_UNSIGNED = "callback_unsigned"
    CALLBACK_FORGED = "callback_forged"


class Phase(StrEnum):
    """Where a task is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Clock:
    """Seconds since 1970, which stand still and are moved, or run with the world's."""

    def __init__(self, at: float, *, runs: bool = False) -> None:
        self._at = at
        self._since = time.monotonic() if runs else None

    def now(self) -> float:
        return self._at + (0.0 if self._since is None else time.monotonic() - self._since)

    def advance(self, seconds: float) -> None:
        """Forwards only."""
        assert seconds >= 0
        self._at += seconds


@dataclass(slots=True)
class Task:
    """`made`: what it makes, for `media.py`. `cost`: in the provider's own money."""

    id: str
    provider: str
    model: str
    scenario: Scenario
    created_at: float
    made: "Made"
    cost: float
    body: Mapping[str, Any]
    callback_url: str | None
    external_id: str | None = None
    cancelled_at: float | None = None
    fetched: int = 0
    delivered: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A result. `kind`: mp4, png or mp3. `shows`: what a film does, where nothing goes wrong with it `moving`."""

    kind: str
    width: int = 640
    height: int = 360
    duration_s: float = 2.0
    sounding: bool = False
    shows: str = "moving"


@dataclass(frozen=True, slots=True)
class Charge:
    """One paid call."""

    provider: str
    model: str
    task: str
    cost: float


Deliver = Callable[[str, Mapping[str, str], bytes], Awaitable[None]]
"""(url, headers, body): a callback on its way."""


@dataclass
class Stage:
    """`keys`: what a provider takes as its key; one that is not named takes any. `callback_urls`: of whole accounts."""

    clock: Clock
    deliver: Deliver
    keys: Mapping[str, str] = field(default_factory=dict)
    callback_urls: Mapping[str, str] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)
    requests: deque[tuple[str, str, Any]] = field(default_factory=lambda: deque(maxlen=1_000))
    """(provider, method and path, body) of what came in last."""
    _next: dict[str, deque[Scenario]] = field(default_factory=dict)
    _questions: dict[str, deque[Scenario]] = field(default_factory=dict)
    _tasks: dict[str, Task] = field(default_factory=dict)

    def plan(self, provider: str, *scenarios: Scenario, questions: bool = False) -> None:
        """For the next paid calls, or the next questions about tasks."""
        (self._questions if questions else self._next).setdefault(provider, deque()).extend(scenarios)

    def next_of(self, provider: str, *, question: bool = False) -> Scenario:
        """What happens to this call."""
        waiting = (self._questions if question else self._next).get(provider)
        return waiting.popleft() if waiting else Scenario.OK

    @staticmethod
    def _shown(scenario: Scenario, made: Made) -> Made:
        """A film that shows nothing is as long as another, and decodes."""
        return replace(made, shows=scenario.value) if scenario in (Scenario.BLACK, Scenario.FROZEN) else made

    def accept(self, provider: str, model: str, scenario: Scenario, made: Made, cost: float, **more: Any) -> Task:
        """A task begins, and is charged."""
        task = Task(
            id=f"{provider.replace('-', '')}{secrets.token_hex(8)}",
            provider=provider,
            model=model,
            scenario=scenario,
            created_at=self.clock.now(),
            made=self._shown(scenario, made),
            cost=cost,
            **{"body": {}, "callback_url": None, **more},
        )
        if len(self._tasks) >= TASKS_MAX:
            self._tasks.pop(next(iter(self._tasks)))
        self._tasks[task.id] = task
        self.charges.append(Charge(provider, model, task.id, cost))
        return task

    def refund(self, task: Task) -> None:
        """As if it had never been charged."""
        self.charges = [charge for charge in self.charges if charge.task != task.id]

    def task(self, provider: str, id: str) -> Task | None:
        found = self._tasks.get(id)
        return found if found is not None and found.provider == provider else None

    def tasks(self, provider: str) -> list[Task]:
        return [task for task in self._tasks.values() if task.provider == provider]

    def forget(self, task: Task) -> None:
        """It cannot be asked about any more."""
        self._tasks.pop(task.id, None)

    def phase(self, task: Task) -> Phase:
        """By the clock."""
        if task.cancelled_at is not None:
            return Phase.CANCELLED
        age_s = self.clock.now() - task.created_at
        if age_s < BEGUN_S:
            return Phase.QUEUED
        if task.scenario is Scenario.STUCK or age_s < self._done_s(task):
            return Phase.RUNNING
        failing = task.scenario in (Scenario.FAILED, Scenario.MODERATED)
        return Phase.FAILED if failing else Phase.SUCCEEDED

    def share(self, task: Task) -> float:
        """0..1 of a task that runs; one that is stuck stays where it was."""
        if task.scenario is Scenario.STUCK:
            return 0.4
        age_s = self.clock.now() - task.created_at
        return min(1.0, max(0.0, (age_s - BEGUN_S) / (self._done_s(task) - BEGUN_S)))

    def due(self) -> list[Task]:
        """Whose callback is to be sent now; each is told once."""
        found = []
        for task in self._tasks.values():
            ended = self.phase(task) in (Phase.SUCCEEDED, Phase.FAILED)
            late_s = LATE_S if task.scenario is Scenario.CALLBACK_LATE else 0.0
            if task.callback_url and ended and not task.delivered and self._age(task) >= self._done_s(task) + late_s:
                task.delivered += 1
                found.append(task)
        return found

    def ended_at(self, task: Task) -> float:
        """When it was done."""
        return task.created_at + self._done_s(task)

    def reset(self) -> None:
        """Nothing has ever happened."""
        self.charges.clear()
        self.requests.clear()
        self._next.clear()
        self._questions.clear()
        self._tasks.clear()

    def _age(self, task: Task) -> float:
        return self.clock.now() - task.created_at

    def _done_s(self, task: Task) -> float:
        return SLOW_DONE_S if task.scenario is Scenario.SLOW else DONE_S

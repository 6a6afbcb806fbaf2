"""The rules of steps: their graph, their keys, what an attempt may end with, how long to wait before the next; pure.

A step's key is the hash of all that determines its output, so equal keys mean equal outputs: that one rule makes the
cache, the single flight, the resumption and the provenance.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

from services.runs.errors import GraphUnfit

STEPS_MAX = 200
"""Of one run, those that steps add included. Error: `GraphUnfit`."""
LEASE_S = 10.0
"""How long a worker that has fallen silent keeps a step."""
ATTEMPTS_MAX = 3
BACK_OFF_S = (1.0, 60.0)
"""The ceiling after the first failed attempt, and the highest; a wait is anything between zero and its ceiling."""
AGEING_S = 120.0
"""A step that has waited for so long counts as one of the next higher priority."""


class StepState(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    """For steps that it needs."""
    READY = "ready"
    """Whoever is free may do it, from `due_at` on."""
    RUNNING = "running"
    PARKED = "parked"
    """A person has to choose; no worker is held."""
    FOLLOWING = "following"
    """The same is being made for another run of the tenant; its output will be this one's."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (StepState.DONE, StepState.FAILED, StepState.CANCELLED)


class Priority:
    """Higher goes first, between tenants too."""

    BATCH = 0
    INTERACTIVE = 1


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step of a graph. `kind`: name and version of what does it. `lane`: what it takes a place in while it runs.

    `params` and the outputs of `needs` determine the output, nothing else does.
    """

    name: str
    kind: str
    needs: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    lane: str = "local"


@dataclass(frozen=True, slots=True)
class Done:
    """The output, and steps that it makes necessary: they may need it and whatever the run has already.

    `layer`: of the caches, the one that the output came from; None where it was made.
    `is_own`: it stands in for what could not be made, and no other run takes it.
    """

    output: Mapping[str, Any]
    more: tuple[StepSpec, ...] = ()
    layer: str | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing to do for `wait_s`; `memo` is there again then. No attempt is used.

    `lane`: the one to wait in and be claimed from, if another than before. `keeps_place`: what it waits for goes on
    elsewhere and takes up the place meanwhile, so that it is not waited for again.
    """

    wait_s: float
    memo: Mapping[str, Any]
    lane: str | None = None
    keeps_place: bool = False


@dataclass(frozen=True, slots=True)
class Park:
    """A person has to choose one of `choices`, each with an id of its own; the choice is the output."""

    question: str
    choices: tuple[Mapping[str, Any], ...]


Ended = Done | Later | Park


def canonical(value: object) -> bytes:
    """One spelling for one value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def key_of(kind: str, params: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> str:
    """SHA-256 in hex. `inputs`: outputs of the steps that it needs, by name."""
    read = {name: hashlib.sha256(canonical(output)).hexdigest() for name, output in inputs.items()}
    return hashlib.sha256(canonical(["storyforge.step/2", kind, dict(params), read])).hexdigest()


def check_graph(specs: Sequence[StepSpec], known: Sequence[str] = ()) -> None:
    """`known`: names that the run has already. Raises `GraphUnfit`."""
    if len(specs) + len(known) > STEPS_MAX:
        raise GraphUnfit(f"a run has at most {STEPS_MAX} steps")
    there = set(known)
    for spec in specs:
        if spec.name in there:
            raise GraphUnfit(f"{spec.name} is there twice")
        for need in spec.needs:
            if need not in there:
                raise GraphUnfit(f"{spec.name} needs {need}, which is not before it")
        there.add(spec.name)


def back_off_s(attempt: int, rng: Random) -> float:
    """Full jitter. `attempt`: the one that failed, from 1."""
    first, most = BACK_OFF_S
    return rng.uniform(0.0, min(most, first * 2.0 ** (attempt - 1)))

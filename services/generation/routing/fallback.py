"""What follows when a paid call did not end well: the same again, another model, or nothing; and when to call twice.

Pure. Nothing follows a call that may still run or may have been charged (P9): only what has ended is replaced.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from services.generation.providers.capabilities import Kind
from services.generation.providers.port import Cancelled, Failed, Failure, FailureKind, NotStopped, Refused, Unknown
from services.generation.providers.prices import MICRO
from services.generation.routing.model import Ask, Candidate, ModelId, Speed
from services.runs.model import back_off_s

ATTEMPTS_MAX = 3
"""Of one model, for one step."""
MODELS_MAX = 3
"""For one step."""
PATIENCE_S = 120.0
"""How long a step waits at one model that says "not now" in all, before it goes to another."""
THROTTLES_MAX = 20
"""So often it is told "not now"."""

HEDGED_KINDS = frozenset({Kind.TEXT, Kind.VOICE, Kind.IMAGE})
"""What is called a second time when the first is late; a video never is."""
HEDGE_MICROCREDITS_MAX = 5 * MICRO
HEDGE_RESULTS_MIN = 20
"""So many results of the model tell when one is late."""
HEDGE_DEVIATIONS = 2.0
"""Mean deviations above the mean: about one result of twenty is later."""

Setback = Refused | Failed | Cancelled | Unknown | NotStopped


class Why(StrEnum):
    """Stable, like the router's reasons."""

    PASSING = "retry.passing"
    THROTTLED = "retry.throttled"
    EXHAUSTED = "fallback.exhausted"
    CHARGED = "fallback.charged"
    IMPATIENT = "fallback.impatient"
    INVALID = "fallback.invalid"
    CREDIT = "fallback.credit"
    AUTH = "fallback.auth"
    GONE = "fallback.gone"
    STALLED = "fallback.stalled"
    MODERATED = "end.moderated"
    UNKNOWN = "end.unknown"
    NOT_STOPPED = "end.not_stopped"
    PINNED = "end.pinned"
    MODELS = "end.models"


SENTENCES = {
    Why.PASSING: "{model} failed for a moment; it is asked again.",
    Why.THROTTLED: "{model} is busy; it is asked again when it has time.",
    Why.EXHAUSTED: f"{{model}} failed {ATTEMPTS_MAX} times; another model is asked.",
    Why.CHARGED: "{model} failed and charged for it; another model is asked, at its own price.",
    Why.IMPATIENT: "{model} is busy for longer than a step waits; another model is asked.",
    Why.INVALID: "{model} does not take this request; another model is asked.",
    Why.CREDIT: "Our account at {model} has no credit; another model is asked.",
    Why.AUTH: "{model} does not accept our key; another model is asked.",
    Why.GONE: "{model} is not to be had any more; another model is asked.",
    Why.STALLED: "{model} never finished and was stopped; another model is asked.",
    Why.MODERATED: "{model} refuses to show this. Change the prompt; no other model is asked with the same words.",
    Why.UNKNOWN: "Whether {model} got the request is not known: it may be charged, so it is not made again by itself.",
    Why.NOT_STOPPED: "{model} could not be stopped: it may still finish and be charged, so nothing else is started.",
    Why.PINNED: "{model} failed, and you chose it: no other model is asked.",
    Why.MODELS: f"{MODELS_MAX} models failed at this.",
}


@dataclass(frozen=True, slots=True)
class History:
    """Of one step so far. `attempts` of `model`, the failed one included; its throttles before, and the wait for them.

    `tried`: models before it. `spent_microcredits`: what all of them have charged.
    """

    model: ModelId
    attempts: int = 1
    throttles: int = 0
    waited_s: float = 0.0
    tried: frozenset[ModelId] = frozenset()
    spent_microcredits: int = 0
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """The same call after `wait_s`. `counts`: it uses up an attempt."""

    why: Why
    wait_s: float
    counts: bool


@dataclass(frozen=True, slots=True)
class FallBack:
    """Another model: route again without those `tried`, negotiated and priced anew (`asked_again`)."""

    why: Why
    tried: frozenset[ModelId]
    spent_microcredits: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing follows by itself."""

    why: Why


Next = Retry | FallBack | GiveUp


def next_after(setback: Setback, history: History, rng: Random) -> Next:
    """`rng`: of the jitter of waits."""
    match setback:
        case Unknown():
            return GiveUp(Why.UNKNOWN)
        case NotStopped():
            return GiveUp(Why.NOT_STOPPED)
        case Cancelled(cost):
            return _elsewhere(Why.STALLED, history, cost or 0)
        case Refused(failure):
            return _after_failure(failure, history, 0, rng)
        case Failed(failure, cost):
            return _after_failure(failure, history, cost or 0, rng)


def sentence(next_: Next, title: str) -> str:
    """For people. `title`: of the model that failed."""
    return SENTENCES[next_.why].format(model=title)


def asked_again(ask: Ask, fall_back: FallBack) -> Ask:
    """The same question without those who failed, and with what they charged taken off the limit."""
    most = ask.price_max_microcredits
    left = None if most is None else max(0, most - fall_back.spent_microcredits)
    return replace(ask, tried=ask.tried | fall_back.tried, price_max_microcredits=left)


_ELSEWHERE = {
    FailureKind.INVALID: Why.INVALID,
    FailureKind.CREDIT: Why.CREDIT,
    FailureKind.AUTH: Why.AUTH,
    FailureKind.GONE: Why.GONE,
}


def _after_failure(failure: Failure, history: History, cost: int, rng: Random) -> Next:
    asked_s = failure.retry_after_s or 0.0
    if failure.kind is FailureKind.MODERATED:
        return GiveUp(Why.MODERATED)
    if failure.kind is FailureKind.THROTTLED:
        wait_s = asked_s + back_off_s(history.throttles + 1, rng)
        if history.throttles >= THROTTLES_MAX or history.waited_s + wait_s > PATIENCE_S:
            return _elsewhere(Why.IMPATIENT, history, cost)
        return Retry(Why.THROTTLED, wait_s, counts=False)
    if failure.kind is not FailureKind.RETRYABLE:
        return _elsewhere(_ELSEWHERE[failure.kind], history, cost)
    if cost > 0:
        return _elsewhere(Why.CHARGED, history, cost)
    if history.attempts >= ATTEMPTS_MAX:
        return _elsewhere(Why.EXHAUSTED, history, cost)
    if asked_s > PATIENCE_S:
        return _elsewhere(Why.IMPATIENT, history, cost)
    return Retry(Why.PASSING, asked_s + back_off_s(history.attempts, rng), counts=True)


def _elsewhere(why: Why, history: History, cost: int) -> FallBack | GiveUp:
    tried = history.tried | {history.model}
    if history.is_pinned:
        return GiveUp(Why.PINNED)
    if len(tried) >= MODELS_MAX:
        return GiveUp(Why.MODELS)
    return FallBack(why, tried, history.spent_microcredits + cost)


# Calling twice -----------------------------------------------------------------------------------------------


def hedge_after_s(kind: Kind, candidate: Candidate, speed: Speed | None, ask: Ask) -> float | None:
    """After how long without an answer a second call is worth its price; None: never.

    Both may be charged, so both have to fit the limit of the step. At most one; whoever answers first counts.
    """
    price = candidate.price_microcredits
    if kind not in HEDGED_KINDS or price > HEDGE_MICROCREDITS_MAX:
        return None
    if ask.price_max_microcredits is not None and 2 * price > ask.price_max_microcredits:
        return None
    if speed is None or speed.count < HEDGE_RESULTS_MIN:
        return None
    return speed.mean_s + HEDGE_DEVIATIONS * speed.deviation_s

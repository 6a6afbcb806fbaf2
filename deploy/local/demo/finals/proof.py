"""The table at the end: each line says what was seen and whether that is as it must be. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from deploy.local.demo.finals.play import STAGES, Made, Seen
from deploy.local.demo.finals.stage import FAILURES
from deploy.local.demo.proof import Line
from services.billing.model import MICRO

GIVEN_UP = "given_up"


def lines(seen: Seen) -> list[Line]:
    """The table."""
    return [
        _ended(seen.scenes),
        _killed(seen),
        _failed(seen.scenes),
        _once(seen),
        _replaced(seen.scenes),
        _money(seen),
        _cost(seen.scenes),
        Line("seconds", "seconds", f"{seen.seconds:.1f}", True, round(seen.seconds, 1)),
    ]


def _ended(scenes: Sequence[Made]) -> Line:
    takes = sum(scene.take is not None for scene in scenes)
    told = sum(scene.take is None and bool((scene.run["error"] or {}).get("msg")) for scene in scenes)
    value = f"{takes} takes, {told} clear failures"
    return Line("scenes", "every scene ends with a take or a clear failure", value, takes + told == len(scenes), takes)


def _killed(seen: Seen) -> Line:
    value = ", ".join(f"{stage} {seen.killed[stage]}" for stage in STAGES)
    ok = all(seen.killed[stage] for stage in STAGES)
    return Line(
        "killed", "the worker killed with -9 in the middle of every stage", value, ok, sum(seen.killed.values())
    )


def _failed(scenes: Sequence[Made]) -> Line:
    """What went wrong at the providers, as we heard it."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for scene in scenes:
        for call in scene.calls:
            if call.failure is not None:
                kinds[call.provider][str(call.failure["kind"])] += 1
    value = "; ".join(f"{name}: {', '.join(sorted(found))}" for name, found in sorted(kinds.items()))
    ok = set(kinds) == set(FAILURES)
    return Line("failures", "two providers failed in different ways", value or "none", ok, len(kinds))


def _once(seen: Seen) -> Line:
    """What the stubs took, beside what was written down before it was called."""
    written = Counter(call.provider for scene in seen.scenes for call in scene.calls)
    value = ", ".join(f"{name} {seen.charged[name]} of {written[name]}" for name in sorted(written))
    ok = all(seen.charged[name] <= written[name] for name in seen.charged)
    return Line("paid_calls", "paid calls taken, of those written down before", value, ok, sum(seen.charged.values()))


def _replaced(scenes: Sequence[Made]) -> Line:
    """P9: a shot is bought once, and nothing follows a call of which nobody knows what became."""
    twice = 0
    for scene in scenes:
        by_step: dict[str, list[str]] = defaultdict(list)
        for call in scene.calls:
            lost = (call.failure or {}).get("code") == GIVEN_UP
            by_step[call.step].append("lost" if lost else call.state)
        twice += sum(state in ("succeeded", "lost") for states in by_step.values() for state in states[:-1])
    return Line("paid_twice", "shots that were paid twice", str(twice), twice == 0, twice)


def _money(seen: Seen) -> Line:
    wrong = (seen.proof.imbalance, seen.proof.held_astray, seen.proof.wrong, seen.holds_open, seen.calls_open)
    value = (
        f"sum {wrong[0]}, held astray {wrong[1]}, wrong accounts {wrong[2]}; open holds {wrong[3]}, calls {wrong[4]}"
    )
    return Line("ledger", "money balances", value, not any(wrong), wrong[0])


def _cost(scenes: Sequence[Made]) -> Line:
    paid = sum(scene.paid_microcredits for scene in scenes)
    free = [scene.title for scene in scenes if scene.take is None and scene.paid_microcredits]
    value = f"{paid / MICRO:.2f} credits for {sum(scene.take is not None for scene in scenes)} takes"
    return Line("credits", "what the takes cost", value, paid > 0 or bool(free), round(paid / MICRO, 2))

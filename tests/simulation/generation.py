"""One final by a seed: providers fail in every way of the stubs, workers die between any two words, people stop runs.

Judged at the end: every run ends (P11); each paid call is made once and nothing follows one of which nobody knows what
became (P9); nothing is held and the ledger's sum is zero (P10); nothing of a run appears after it was stopped (P12).
"""

from collections import Counter, defaultdict
from random import Random
from uuid import UUID

from deploy.stubs.stage import Scenario
from services.billing.model import MICRO
from services.generation.providers.intents import State
from storage.tables import takes
from storage.tables.intents import IntentRow
from storage.tables.runs import RunRow
from sync import ids
from tests.contract.remote import Door
from tests.integration.generation.backlot import Backlot, open_backlot
from tests.integration.generation.studio import Studio
from tests.simulation.mortal import Died, Life, dying
from tests.simulation.sketchbook import QuickEye, Sketchbook

PROVIDERS = ("runway", "kling", "kling-legacy", "replicate")
CALLS = (
    *(Scenario.OK, Scenario.OK, Scenario.SLOW, Scenario.STUCK, Scenario.FAILED, Scenario.MODERATED),
    *(Scenario.OUT_OF_CREDIT, Scenario.THROTTLED, Scenario.BUSY, Scenario.BROKEN, Scenario.DROPPED),
    *(Scenario.CORRUPT, Scenario.BLACK, Scenario.FROZEN, Scenario.EXPIRED),
)
QUESTIONS = (Scenario.OK, Scenario.THROTTLED, Scenario.BROKEN)
TURNS_MAX = 400
OLD_TURNS = 40
"""After so many turns without an end the world is an hour older: what is stuck is found out."""
DEATH = 0.12
WORDS = (1, 70)
STOP = 0.15


class Wrong(Exception):
    """A promise that was not kept."""


async def play(studio: Studio, door: Door, eye: QuickEye, seed: int) -> Counter[str]:
    """What was injected, and how it ended. `eye`: one for all seeds. Raises `Wrong`."""
    rng, counts = Random(seed), Counter[str]()
    accounts = rng.sample(PROVIDERS, rng.randint(1, len(PROVIDERS)))
    credits = 0 if rng.random() < 0.05 else 100_000
    async with open_backlot(studio, door, *accounts, credits=credits, local=Sketchbook(), examiner=eye) as lot:
        for provider in accounts:
            planned = rng.choices(CALLS, k=rng.randint(0, 5))
            lot.stage.plan(provider, *planned)
            asked = rng.choices(QUESTIONS, k=rng.randint(0, 6))
            lot.stage.plan(provider, *asked, questions=True)
            counts.update(f"call {scenario.value}" for scenario in planned if scenario is not Scenario.OK)
            counts.update(f"question {scenario.value}" for scenario in asked if scenario is not Scenario.OK)
        wish: dict[str, object] = (
            {"spend_max_microcredits": rng.choice((20, 200)) * MICRO} if rng.random() < 0.15 else {}
        )
        asked_for = await lot.final(frames=rng.choice((24, 48)), **wish)
        run = await _until_over(lot, asked_for.id, rng, counts)
        await lot.closed()
        await lot.closed(2, 90_000.0)
        counts[f"run {run.state}"] += 1
        if run.error is not None:
            counts[f"end {run.error['code']}"] += 1
        await _judge(lot, run)
    return counts


async def _until_over(lot: Backlot, run_id: UUID, rng: Random, counts: Counter[str]) -> RunRow:
    stops_at = rng.randint(3, 40) if rng.random() < STOP else None
    for turn in range(TURNS_MAX):
        if turn == stops_at:
            counts["stopped by a person"] += 1
            return await _stopped(lot, run_id)
        if rng.random() < DEATH:
            run = await _mortal_turn(lot, run_id, Life(rng.randint(*WORDS)), counts)
        else:
            run = await lot.turn(run_id)
        if run.state in ("complete", "failed", "cancelled"):
            return run
        if turn % OLD_TURNS == OLD_TURNS - 1:
            await lot.aged(3_700.0)
            await lot.hands.closer.round()
    steps = {step.name: (step.state, step.memo) for step in await lot.studio.generation.steps.of_run(run_id)}
    raise Wrong(f"P11: it does not end: {steps}")


async def _stopped(lot: Backlot, run_id: UUID) -> RunRow:
    run = await lot.studio.generation.run(run_id)
    return await lot.studio.generation.cancel(run_id, lot.studio.user_id) if run.state in ("queued", "running") else run


async def _mortal_turn(lot: Backlot, run_id: UUID, life: Life, counts: Counter[str]) -> RunRow:
    """A worker that may die in its turn; another takes over when its lease is over."""
    try:
        with dying(life):
            await lot.turn(run_id)
    except BaseExceptionGroup as group:
        if group.split(Died)[1] is not None:
            raise
    except Died:
        pass
    if life.is_over:
        counts["worker died"] += 1
        await lot.studio.expire(run_id)
        await lot.aged(160.0)  # longer than the answer to a call is waited for
        await lot.hands.closer.round()
        await lot.studio.generation.steps.sweep(0.0, 100)
    return await lot.studio.generation.run(run_id)


async def _judge(lot: Backlot, run: RunRow) -> None:
    rows = await lot.intents(run.id)
    made = sum(lot.paid().values())
    if made > len(rows):
        raise Wrong(f"P9: {made} paid calls of {len(rows)} that were written down")
    by_step: dict[str, list[IntentRow]] = defaultdict(list)
    for row in rows:
        by_step[row.step].append(row)
    for step, calls in by_step.items():
        if any(State(row.state).is_open for row in calls):
            raise Wrong(f"P9: a call of {step} is still open")
        for row in calls[:-1]:
            if row.state == State.SUCCEEDED or (row.failure or {}).get("code") == "given_up":
                raise Wrong(f"P9: {step} was called again after {row.state}")
    try:
        await lot.balanced()
    except AssertionError as error:
        raise Wrong(f"P10: {error}") from error
    await _judge_end(lot, run)


async def _judge_end(lot: Backlot, run: RunRow) -> None:
    found = await takes.takes_of_scene(lot.studio.stores.pool, lot.studio.document_id, run.scene_id)
    if len(found) != (run.state == "complete"):
        raise Wrong(f"P12: {len(found)} takes of a run that is {run.state}")
    job = await lot.studio.entity("jobs", ids.to_text("run", run.id))
    if job["st"] != run.state:
        raise Wrong(f"P12: the document says {job['st']} of a run that is {run.state}")
    paid = await lot.studio.stores.pool.fetchval(
        "select coalesce(sum(actual), 0) from credit_holds where run_id = $1 and state = 'settled'", run.id
    )
    if run.state == "complete" and not paid:
        raise Wrong("P10: a take that cost nothing")

"""The contract of the providers against themselves: for each whose key is set, one small paid call to its end.

Not part of `./dev test`, because it costs money: `./dev test live`. `STORYFORGE_LIVE_MICROCREDITS_MAX` (default: a
dollar) is the most that all calls together may charge; without any key it fails, as then nothing was tested. With the
lines that `./dev serve stubs` prints it runs against the stubs.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from services.fetching.fetch import open_fetcher
from services.generation.providers.adapters.line import open_http
from services.generation.providers.capabilities import Fit, Kind, Standing, Unfit, Want
from services.generation.providers.negotiation import negotiate
from services.generation.providers.outputs import Outputs
from services.generation.providers.port import (
    Accepted,
    Ended,
    Failed,
    FailureKind,
    Intent,
    Refused,
    RemoteProvider,
    Succeeded,
    TaskState,
    Unanswered,
)
from services.generation.providers.prices import MICRO
from services.generation.providers.registry import providers_of
from services.generation.providers.settings import Account, ProviderSettings
from storage.objects import FolderObjects

SETTINGS = ProviderSettings.from_env(os.environ)
BUDGET = int(os.environ.get("STORYFORGE_LIVE_MICROCREDITS_MAX", 100 * MICRO))
TASK_S_MAX = 170.0
VOICE = os.environ.get("STORYFORGE_LIVE_VOICE", "JBFqnCBsd6RMkjVDRZzb")
SCHEMA = {
    "type": "object",
    "properties": {"shots": {"type": "array", "items": {"type": "string"}}},
    "required": ["shots"],
    "additionalProperties": False,
}
WANTS = {
    Kind.IMAGE: Want(Kind.IMAGE, "A tin roof in the rain, evening", seed=7),
    Kind.VIDEO: Want(Kind.VIDEO, "Rain runs off a tin roof, evening, the camera stands still"),
    Kind.VOICE: Want(Kind.VOICE, "It rains.", voice=VOICE),
    Kind.SOUND: Want(Kind.SOUND, "Rain on a tin roof", duration_s=1),
    Kind.TEXT: Want(Kind.TEXT, "A shed in the rain. Two shots.", schema=SCHEMA, answer_tokens_max=300),
}


@dataclass
class Purse:
    """`spent`: the most that was asked for so far, in micro-credits."""

    spent: int = 0
    bought: list[str] = field(default_factory=list)


PURSE = Purse()


@pytest_asyncio.fixture
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[RemoteProvider]:
    async with open_http() as http:
        yield providers_of(SETTINGS, http)[request.param]


each = pytest.mark.parametrize("provider", sorted(SETTINGS.accounts), indirect=True)


def cheapest(provider: RemoteProvider) -> tuple[Want, Fit] | None:
    """None: all that it had is retired, or nobody has described a fine-tune."""
    fits = [(want, negotiate(model, want)) for model in provider.models for want in [WANTS[model.kind]]]
    found = [(want, fit) for want, fit in fits if not isinstance(fit, Unfit)]
    return min(found, key=lambda one: one[1].most_microcredits, default=None)


def test_there_is_a_key() -> None:
    assert SETTINGS.accounts, "no STORYFORGE_..._KEY is set: nothing was tested (docs/providers.md)"


@each
async def test_a_wrong_key_is_told_as_such(provider: RemoteProvider) -> None:
    account = SETTINGS.accounts[provider.name]
    wrong = replace(SETTINGS, accounts={provider.name: Account("wrong:wrong", account.url)})
    chosen = cheapest(provider)
    if chosen is None:
        assert all(model.standing is Standing.RETIRED for model in provider.models)
        return
    async with open_http() as http:
        answer = await providers_of(wrong, http)[provider.name].submit(Intent(uuid4(), *chosen))
    assert isinstance(answer, Refused) and answer.failure.kind is FailureKind.AUTH, answer


@each
async def test_a_task_that_they_do_not_know_is_gone(provider: RemoteProvider) -> None:
    task = {"kling-legacy": "text2video/0", "fal": "fal-ai/flux/requests/0"}.get(provider.name, "0")
    state = (await provider.poll([task]))[task]
    assert isinstance(state, (Failed, Unanswered)), state
    assert state.failure.kind in (FailureKind.GONE, FailureKind.INVALID), state


@each
async def test_a_small_call_ends_with_its_result_at_home(provider: RemoteProvider, tmp_path: Path) -> None:
    chosen = cheapest(provider)
    if chosen is None:
        assert all(model.standing is Standing.RETIRED for model in provider.models)
        return
    want, fit = chosen
    PURSE.spent += fit.most_microcredits
    assert PURSE.spent <= BUDGET, f"it would charge {PURSE.spent} of {BUDGET} micro-credits; nothing was called"
    answer = await provider.submit(Intent(uuid4(), want, fit))
    assert isinstance(answer, Accepted), answer
    PURSE.bought.append(f"{provider.name}/{fit.model.name} {answer.task}")
    state = await until_ended(provider, answer, fit.model.terms.poll_floor_s)
    assert isinstance(state, Succeeded), state
    assert state.cost_microcredits is None or state.cost_microcredits <= answer.most_microcredits
    async with open_fetcher(SETTINGS.inside) as fetcher:
        outputs = Outputs(fetcher, FolderObjects(tmp_path), tmp_path)
        for output in state.outputs:
            assert (await outputs.keep(output, fit.model.kind, fit.duration_s)).size_bytes > 0
    print(f"{PURSE.bought[-1]}: cost {state.cost_microcredits}, {len(state.outputs)} outputs")


async def until_ended(provider: RemoteProvider, answer: Accepted, floor_s: float) -> TaskState:
    """Asks no oftener than it may; the state as it is after `TASK_S_MAX`, if it does not end."""
    state, until = answer.state, asyncio.get_running_loop().time() + TASK_S_MAX
    while not isinstance(state, Ended) and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(floor_s)
        state = (await provider.poll([answer.task]))[answer.task]
    return state

"""Results of all providers are brought home whole, or refused by name: expired, damaged, too short, of another kind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from deploy.stubs.stage import Made, Scenario
from services.fetching.fetch import Fetcher, open_fetcher
from services.generation.providers.capabilities import Fit, Kind
from services.generation.providers.errors import OutputUnfit
from services.generation.providers.negotiation import negotiate
from services.generation.providers.outputs import OUTPUT_BYTES_MAX, Outputs
from services.generation.providers.port import Accepted, FailureKind, Inline, Intent, Linked, Output, Succeeded
from services.generation.shots.expanded import ExpandedPlan
from storage.objects import FolderObjects, hash_of
from tests.contract.remote import CASES, MEDIA, Case, Door, World, open_door, world_of
from tests.unit.generation.make import request as scene_request

LINKING = [case for case in CASES if case.name in ("runway", "kling", "kling-legacy", "fal", "replicate")]
DAMAGED = [case for case in CASES if case.name not in ("claude", "sora")]


@pytest_asyncio.fixture(scope="session")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def world(request: pytest.FixtureRequest, door: Door) -> AsyncIterator[World]:
    case: Case = request.param
    async with world_of(case, door) as made:
        yield made


@pytest_asyncio.fixture
async def fetcher(door: Door) -> AsyncIterator[Fetcher]:
    async with open_fetcher({door.url}) as opened:
        yield opened


@pytest.fixture
def outputs(fetcher: Fetcher, tmp_path: Path) -> Outputs:
    return Outputs(fetcher, FolderObjects(tmp_path / "objects"), tmp_path)


async def made(world: World, scenario: Scenario = Scenario.OK) -> tuple[Output, Fit]:
    """What a call ends with, and what it was to be."""
    world.stage.plan(world.case.name, scenario)
    intent = world.intent()
    accepted = await world.provider.submit(intent)
    assert isinstance(accepted, Accepted)
    state = accepted.state
    if not isinstance(state, Succeeded):
        await world.later(1_000)
        state = await world.state(accepted.task)
    assert isinstance(state, Succeeded)
    return state.outputs[0], intent.fit


@pytest.mark.parametrize("world", CASES, ids=str, indirect=True)
async def test_a_result_is_kept_by_its_hash_with_its_type_and_length(
    world: World, outputs: Outputs, tmp_path: Path
) -> None:
    output, fit = await made(world)
    kept = await outputs.keep(output, fit.model.kind, fit.duration_s)
    data = await FolderObjects(tmp_path / "objects").get(kept.media)
    assert (hash_of(data), len(data)) == (kept.media, kept.size_bytes)
    types = {Kind.IMAGE: "image/png", Kind.VIDEO: "video/mp4", Kind.VOICE: "audio/mpeg", Kind.TEXT: "application/json"}
    assert kept.content_type == types[fit.model.kind]
    if fit.duration_s is not None:
        assert kept.duration_s == pytest.approx(fit.duration_s, abs=0.2)
    assert [path.name for path in tmp_path.iterdir()] == ["objects"], "nothing is left lying about"


@pytest.mark.parametrize("world", LINKING, ids=str, indirect=True)
async def test_an_address_that_has_expired_is_told_so_and_asking_again_gives_another(
    world: World, outputs: Outputs
) -> None:
    output, fit = await made(world, Scenario.EXPIRED)
    with pytest.raises(OutputUnfit) as unfit:
        await outputs.keep(output, fit.model.kind, fit.duration_s)
    assert unfit.value.failure.kind is FailureKind.GONE
    task = world.stage.charges[0].task
    named = {"kling-legacy": f"image2video/{task}", "fal": f"studio/house-look/requests/{task}"}
    state = await world.state(named.get(world.case.name, task))
    assert isinstance(state, Succeeded)
    assert (await outputs.keep(state.outputs[0], fit.model.kind, fit.duration_s)).size_bytes > 0


@pytest.mark.parametrize("world", DAMAGED, ids=str, indirect=True)
async def test_a_result_that_does_not_decode_is_not_kept(world: World, outputs: Outputs, tmp_path: Path) -> None:
    output, fit = await made(world, Scenario.CORRUPT)
    with pytest.raises(OutputUnfit) as unfit:
        await outputs.keep(output, fit.model.kind, fit.duration_s)
    assert (unfit.value.failure.kind, unfit.value.failure.code) == (FailureKind.RETRYABLE, "output.damaged")
    assert list(tmp_path.iterdir()) == []


async def test_a_film_that_is_too_short_or_cut_off_is_refused(outputs: Outputs) -> None:
    film = await MEDIA.of(Made("mp4", duration_s=2.0))
    assert (await outputs.keep(Inline(film, "video/mp4"), Kind.VIDEO, 2)).duration_s == pytest.approx(2, abs=0.1)
    for data, seconds, code in ((film, 4, "output.short"), (film[: len(film) // 2], 2, "output.damaged")):
        with pytest.raises(OutputUnfit) as unfit:
            await outputs.keep(Inline(data, "video/mp4"), Kind.VIDEO, seconds)
        assert unfit.value.failure.code == code


async def test_a_result_of_another_kind_is_refused_whatever_it_is_called(outputs: Outputs) -> None:
    picture = await MEDIA.of(Made("png"))
    for data, kind, code in (
        (picture, Kind.VIDEO, "output.type"),
        (b"<html>no</html>", Kind.IMAGE, "output.type"),
        (b"\xff\xfe", Kind.TEXT, "output.type"),
        (b"", Kind.IMAGE, "output.size"),
    ):
        with pytest.raises(OutputUnfit) as unfit:
            await outputs.keep(Inline(data, "video/mp4"), kind)
        assert unfit.value.failure.code == code


async def test_words_are_json_only_when_they_are(outputs: Outputs) -> None:
    for data, content_type in ((b'{"a": 1}', "application/json"), (b"Rain.", "text/plain"), (b"7", "text/plain")):
        assert (await outputs.keep(Inline(data, "text/plain"), Kind.TEXT)).content_type == content_type


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.mp4", "https://10.0.0.1/x.mp4", "file:///etc/passwd"])
async def test_an_address_that_leads_inside_is_never_asked(outputs: Outputs, url: str) -> None:
    with pytest.raises(OutputUnfit) as unfit:
        await outputs.keep(Linked(url), Kind.VIDEO)
    assert unfit.value.failure.kind is FailureKind.INVALID


async def test_a_result_larger_than_is_taken_is_refused(outputs: Outputs) -> None:
    with pytest.raises(OutputUnfit) as unfit:
        await outputs.keep(Inline(await asyncio.to_thread(bytes, OUTPUT_BYTES_MAX + 1), "video/mp4"), Kind.VIDEO)
    assert unfit.value.failure.code == "output.size"


@pytest.mark.parametrize("world", [case for case in CASES if case.name == "claude"], ids=str, indirect=True)
async def test_a_scene_becomes_a_shot_plan(world: World) -> None:
    errand = ExpandedPlan(scene_request())
    want = errand.foreseen()
    fit = negotiate(world.model, want)
    assert isinstance(fit, Fit)
    answer = await world.provider.submit(Intent(uuid4(), want, fit))
    assert isinstance(answer, Accepted) and isinstance(answer.state, Succeeded)
    (output,) = answer.state.outputs
    assert isinstance(output, Inline)
    plan = errand.read(output.data.decode(), world.model.name)
    assert plan.expansion is not None and plan.expansion.model == world.model.name and plan.expansion.changes

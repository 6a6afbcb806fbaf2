"""Takes of the built-in provider as they are: they pass, they have their loudness; and Claude's stub judges one."""

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from deploy.stubs.app import Stubs
from deploy.stubs.stage import Clock, Scenario, Stage
from services.brains.model import Move
from services.brains.presets import BRAINS
from services.claude import Claude
from services.generation.errors import ClipTooCostly
from services.generation.providers.animatic.provider import LocalAnimatic
from services.generation.providers.interface import FinishedTake, Plan, Preview
from services.generation.quality.asked import wanted_of, wanted_of_shot
from services.generation.quality.claude import ClaudeScorer
from services.generation.quality.examine import examine
from services.generation.quality.model import Report, Verdict, report_to_json
from services.generation.quality.scorer import OPINIONS
from services.generation.request import Line, Picture, SceneRequest, ShotRequest
from tests.calibration.clips import Film, drawn, encode, spoken, wanted
from tests.unit.generation.make import request


class FolderDesk:
    """A desk over one folder: what is kept stays under its own name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def keep(self, data: bytes | Path, content_type: str) -> str:
        assert isinstance(data, Path)
        return data.name

    async def fetch(self, media: str, name: str) -> Path:
        if media != name:
            (self.folder / name).write_bytes((self.folder / media).read_bytes())
        return self.folder / name

    async def progress(self, share: float) -> None:
        assert 0 <= share <= 1

    async def preview(self, preview: Preview) -> None:
        assert preview.data


async def taken(folder: Path, asked: SceneRequest) -> tuple[Plan, FinishedTake]:
    provider, desk = LocalAnimatic(), FolderDesk(folder)
    plan = await provider.enhance(asked, desk)
    panels = await provider.frames(asked, plan, 1, desk)
    clip = await provider.clip(asked, plan, panels, desk)
    sound = await provider.voice(asked, plan, {}, desk)
    return plan, await provider.finish(asked, plan, clip, sound, desk)


PICTURE = Picture(640, 360)
SHOTS = (
    ShotRequest("sht_" + "1" * 26, move=Move.PAN, frames=36),
    ShotRequest("sht_" + "2" * 26, move=Move.STATIC, frames=36),
)


@pytest.mark.parametrize("brain", ["thriller", "k_drama"])
async def test_a_take_with_a_voice_passes_and_is_as_loud_as_it_should_be(tmp_path: Path, brain: str) -> None:
    asked = request(lines=(Line("MARA", "The boat is late."),), shots=SHOTS, brain=brain, picture=PICTURE)
    plan, take = await taken(tmp_path, asked)
    report = await examine(tmp_path, "take.mp4", wanted_of(asked, plan, BRAINS[brain]))
    assert report.verdict is not Verdict.FAIL, _told(report)
    loudness = report.named("loudness").value
    assert loudness is not None and loudness <= 1 and take.loudness_lufs is not None
    assert report_to_json(report)["measures"][0]["name"] == "decodes"


async def test_a_take_in_which_nobody_speaks_stays_a_quiet_room(tmp_path: Path) -> None:
    asked = request(shots=SHOTS, picture=PICTURE)
    plan, take = await taken(tmp_path, asked)
    report = await examine(tmp_path, "take.mp4", wanted_of(asked, plan, BRAINS["thriller"]))
    assert report.verdict is not Verdict.FAIL, _told(report)
    assert report.named("loudness").value is None
    assert take.loudness_lufs is None or take.loudness_lufs < -28


async def test_the_shots_of_a_plan_are_wanted_one_by_one() -> None:
    asked = request(shots=SHOTS, picture=PICTURE)
    plan = await LocalAnimatic().enhance(asked, FolderDesk(Path()))
    wants = [wanted_of_shot(asked, plan, index) for index in range(len(plan.shots))]
    assert [(want.frames, want.shots[0].move, want.sound) for want in wants[:2]] == [
        (plan.shots[0].frames, plan.shots[0].move, False),
        (plan.shots[1].frames, plan.shots[1].move, False),
    ]
    weak = replace(asked, brain=replace(asked.brain, strength=20))
    assert wanted_of(weak, plan, BRAINS["thriller"]).palette == ()


def _told(report: Report) -> list[str]:
    return [f"{one.name}: {one.sentence}" for one in report.failures]


# -- a model ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", [Scenario.OK, Scenario.THROTTLED, Scenario.BROKEN, Scenario.MODERATED])
async def test_claude_is_asked_once_and_what_goes_wrong_costs_an_opinion(tmp_path: Path, scenario: Scenario) -> None:
    clip = await encode(Film(drawn(Move.PAN), spoken()), tmp_path, "clip.mp4")

    async def nobody(url: str, headers: Mapping[str, str], body: bytes) -> None:
        raise AssertionError("Claude calls nobody back")

    stage = Stage(Clock(1_800_000_000.0), nobody)
    stage.plan("claude", scenario)
    transport = httpx.ASGITransport(Stubs(stage).app())
    async with httpx.AsyncClient(transport=transport) as http:
        scorer = ClaudeScorer(Claude(http, "key", url="http://stubs.test/claude"))
        report = await examine(tmp_path, clip, wanted(Move.PAN), scorer)
    values = [report.named(name).value for name in OPINIONS]
    assert values == ([1.0] * 3 if scenario is Scenario.OK else [None] * 3)
    assert report.verdict is Verdict.PASS
    assert len(stage.charges) <= 1


# -- damage -------------------------------------------------------------------------------------------------


async def test_damaged_bytes_end_as_a_report_or_a_named_refusal(tmp_path: Path) -> None:
    clip = await encode(Film(drawn(Move.PAN)[:24], spoken()[:48_000]), tmp_path, "clip.mp4")
    whole = (tmp_path / clip).read_bytes()
    rng = random.Random(4711)
    verdicts = set()
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 8, 64))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        (tmp_path / "damaged.mp4").write_bytes(data)
        try:
            verdicts.add((await examine(tmp_path, "damaged.mp4", wanted(Move.PAN))).verdict)
        except ClipTooCostly:
            continue
    assert Verdict.FAIL in verdicts

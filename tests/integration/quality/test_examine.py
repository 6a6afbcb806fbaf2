"""Whole clips: every one of the calibration is judged as it should be, and hostile files end as named failures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from services.brains.model import Move
from services.generation.clips import BOUNDS
from services.generation.errors import ClipTooCostly
from services.generation.quality import reading
from services.generation.quality.errors import ScorerFailed
from services.generation.quality.examine import examine
from services.generation.quality.model import Verdict
from services.generation.quality.scorer import NOBODY, OPINIONS, Opinion
from tests.calibration.clips import Case, Film, broken, drawn, encode, good, spoken, wanted
from tests.calibration.run import measure

CASES = [*good(), *broken()]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_every_clip_of_the_calibration_is_judged_rightly(case: Case) -> None:
    found = await measure(case)
    assert found.right, [(one.name, one.value, one.verdict) for one in found.report.measures]


def test_every_limit_is_met_by_a_clip_that_is_broken_there() -> None:
    named = {case.broken for case in broken()}
    assert {"black", "frozen", "cuts", "board", "loudness", "skew", "motion_still", "motion_moving"} <= named


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 4096, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"\0\0\0\x18ftypmp42" + b"\xff" * 9000],
    ids=["empty", "zeros", "playlist", "headless"],
)
async def test_what_is_no_film_is_a_report_of_one_failure(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(data)
    report = await examine(tmp_path, "clip.mp4", wanted(Move.PAN))
    assert [(one.name, one.verdict) for one in report.measures] == [("decodes", Verdict.FAIL)]


async def test_a_clip_that_is_longer_than_may_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = await encode(Film(drawn(Move.PAN), spoken()), tmp_path, "clip.mp4")
    monkeypatch.setattr(reading, "FRAMES_MAX", 10)
    with pytest.raises(ClipTooCostly, match="60 frames"):
        await examine(tmp_path, clip, wanted(Move.PAN))


async def test_a_reader_that_runs_out_of_its_bounds_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = await encode(Film(drawn(Move.PAN), spoken()), tmp_path, "clip.mp4")
    monkeypatch.setattr("services.generation.quality.reading.BOUNDS", replace(BOUNDS, file_bytes=100 * 1024))
    with pytest.raises(ClipTooCostly):
        await examine(tmp_path, clip, wanted(Move.PAN))


class Judge:
    """A scorer that says what it is told to."""

    name, version = "judge", "1"

    def __init__(self, said: Mapping[str, Opinion] | None) -> None:
        self.said = said
        self.frames: Sequence[bytes] = ()

    async def score(self, frames: Sequence[bytes], words: str) -> Mapping[str, Opinion]:
        self.frames = frames
        if self.said is None:
            raise ScorerFailed()
        return self.said


async def test_opinions_are_null_until_somebody_has_some(tmp_path: Path) -> None:
    clip = await encode(Film(drawn(Move.PAN), spoken()), tmp_path, "clip.mp4")
    asked = wanted(Move.PAN)
    alone = await examine(tmp_path, clip, asked)
    assert [(alone.named(name).value, alone.named(name).sentence) for name in OPINIONS] == [(None, NOBODY)] * 3
    judge = Judge({"aesthetic": Opinion(0.2, "Muddy."), "identity": Opinion(None, "Nobody in it.")})
    judged = await examine(tmp_path, clip, asked, judge)
    assert len(judge.frames) == 6 and all(frame[:2] == b"\xff\xd8" for frame in judge.frames)
    assert (judged.verdict, judged.named("aesthetic").sentence) == (Verdict.FAIL, "judge 1: Muddy.")
    assert judged.named("prompt_adherence").sentence == "judge 1: no answer"
    failed = await examine(tmp_path, clip, asked, Judge(None))
    assert failed.verdict is Verdict.PASS and failed.named("aesthetic").value is None

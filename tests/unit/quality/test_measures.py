"""Measures on pictures and samples that are made by hand, where the right number is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.brains import colour
from services.brains.model import Move, rgb
from services.generation.quality import motion, picture, sound
from services.generation.quality.colour import oklab
from services.generation.quality.model import Limit, Measure, Report, Verdict, Wanted, WantedShot, unmeasured, worst
from services.generation.quality.reading import Numbers

FPS = 24.0


def texture(tall: int = 108, wide: int = 400, seed: int = 1) -> Numbers:
    """Soft shapes of all sizes, 40..215."""
    rng = np.random.default_rng(seed)
    total = np.zeros((tall, wide))
    for cells in (4, 9, 18, 36):
        grid = rng.uniform(-1, 1, (cells * tall // 100 + 2, cells * wide // 100 + 2))
        rows, columns = np.linspace(0, grid.shape[0] - 1.01, tall), np.linspace(0, grid.shape[1] - 1.01, wide)
        r, c = rows.astype(int)[:, None], columns.astype(int)[None, :]
        fr, fc = (rows % 1)[:, None], (columns % 1)[None, :]
        upper = grid[r, c] * (1 - fc) + grid[r, c + 1] * fc
        total += upper * (1 - fr) + (grid[r + 1, c] * (1 - fc) + grid[r + 1, c + 1] * fc) * fr
    spread = (total - total.min()) / (total.max() - total.min())
    return np.asarray(40 + 175 * spread, np.float32)


def panned(step_px: int, frames: int = 25) -> Numbers:
    """The view moves to the right over a wide picture, so what is seen moves to the left."""
    wide = texture(wide=192 + step_px * frames)
    return np.stack([wide[:, frame * step_px : frame * step_px + 192] for frame in range(frames)])


def wanted(frames: int, move: Move | None = None) -> Wanted:
    return Wanted((WantedShot(frames, move),), 192, 108)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2))
def test_a_pan_of_known_speed_is_measured(step_px: int) -> None:
    found = motion.camera(panned(step_px), FPS)
    assert found is not None
    assert found.across == pytest.approx(-step_px * FPS / 192 * 100, rel=0.06, abs=0.3)
    assert abs(found.down) < 0.3 and abs(found.zoom) < 0.3 + 0.1 * abs(found.across)


def test_pushing_in_is_a_zoom_outwards() -> None:
    wide = texture(216, 384)

    def view(zoom: float) -> Numbers:
        rows = (107.5 + (np.arange(108) - 53.5) / zoom).round().astype(int)
        columns = (191.5 + (np.arange(192) - 95.5) / zoom).round().astype(int)
        return np.asarray(wide[np.ix_(rows, columns)])

    pushed = np.stack([view(1 + 0.01 * frame) for frame in range(25)])
    inwards, outwards = motion.camera(pushed, FPS), motion.camera(pushed[::-1], FPS)
    assert inwards is not None and inwards.zoom > 5
    assert outwards is not None and outwards.zoom < -5


def test_a_blank_wall_has_no_motion_that_could_be_told() -> None:
    assert motion.camera(np.full((24, 108, 192), 90, np.float32), FPS) is None
    said = motion.motion(np.full((24, 108, 192), 90, np.float32), wanted(24, Move.PAN))
    assert [one.value for one in said] == [None, None, None]


def test_somebody_who_walks_through_a_standing_shot_is_no_camera() -> None:
    frames = np.repeat(texture(wide=192)[None], 25, 0)
    for frame in range(25):
        frames[frame, 60:100, frame * 5 : frame * 5 + 24] = texture(40, 24, seed=9)
    found = motion.camera(frames, FPS)
    assert found is not None and found.amount < 0.5


def test_a_cut_is_found_and_a_flash_is_none() -> None:
    first, second = panned(1, 20), 255 - panned(1, 20) * 0.5
    assert picture.cuts_of(np.concatenate([first, second])) == [20]
    flash = panned(1, 40)
    flash[20] = 255
    assert picture.cuts_of(flash) == []


def test_a_planned_cut_is_no_failure() -> None:
    frames = np.concatenate([panned(1, 20), 255 - panned(1, 20) * 0.5])
    planned = Wanted((WantedShot(20), WantedShot(20)), 192, 108)
    assert picture.cuts(frames, planned).verdict is Verdict.PASS
    assert picture.cuts(frames, wanted(40)).verdict is Verdict.FAIL


def test_a_fade_is_no_flicker() -> None:
    steady = panned(1, 24) * np.linspace(1, 0.2, 24, dtype=np.float32)[:, None, None]
    jumping = panned(1, 24) * np.where(np.arange(24) % 2, 0.9, 1.1).astype(np.float32)[:, None, None]
    assert picture.flicker(steady, wanted(24)).verdict is Verdict.PASS
    assert picture.flicker(jumping, wanted(24)).verdict is Verdict.FAIL


def test_standing_still_is_wrong_only_where_something_should_move() -> None:
    held = np.repeat(texture(wide=192)[None], 48, 0)
    assert picture.frozen(held, wanted(48, Move.PAN)).verdict is Verdict.FAIL
    assert picture.frozen(held, wanted(48, Move.STATIC)).verdict is Verdict.WARN
    assert picture.frozen(panned(1, 48), wanted(48, Move.PAN)).value == 0


def test_bars_are_not_crushed_shadows() -> None:
    barred = np.pad(panned(1, 8)[:, 24:84], ((0, 0), (24, 24), (0, 0)))
    dark = {one.name: one for one in picture.exposure(barred)}["shadows_crushed"]
    assert dark.value == 0


def test_a_picture_is_like_itself_and_unlike_another() -> None:
    one = np.repeat(texture(wide=192)[..., None], 3, 2).astype(np.uint8)
    other = np.repeat(texture(wide=192, seed=2)[..., None], 3, 2).astype(np.uint8)
    assert picture.likeness(one, one).value == pytest.approx(1)
    assert picture.likeness(other, one).verdict is Verdict.FAIL
    assert picture.likeness(one, None).value is None


@given(st.text("0123456789ABCDEF", min_size=6, max_size=6))
def test_a_picture_has_the_colours_that_each_pixel_has(name: str) -> None:
    assert oklab(np.asarray([[rgb(name)]], np.float32))[0, 0].tolist() == pytest.approx(colour.oklab(name), abs=1e-4)


def test_waves_that_are_cut_off_are_counted_and_single_peaks_are_not() -> None:
    time = np.arange(48_000) / 48_000
    wave = np.stack([np.sin(2 * np.pi * 100 * time)] * 2, 1).astype(np.float32)
    assert sound.clipping(np.clip(wave * 3, -1, 1)) == pytest.approx(400, abs=4)
    spikes = wave * 0.5
    spikes[::4800] = 1.0
    assert sound.clipping(spikes) == 0


@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.floats(0, 1e3), st.booleans())
def test_what_is_worse_is_never_judged_better(value: float, edge: float, between: float, floor: bool) -> None:
    limit = Limit(edge, edge - between if floor else edge + between, floor)
    order = list(Verdict)
    worse = value - 1 if floor else value + 1
    assert order.index(limit.judge(worse)) >= order.index(limit.judge(value))
    assert limit.judge(float("nan")) is Verdict.FAIL


def test_a_report_is_as_good_as_its_worst_measure() -> None:
    limit = Limit(1, 2)
    measures = tuple(Measure(str(value), value, "s", limit, limit.judge(value), "") for value in (0, 1.5, 3))
    report = Report((*measures, unmeasured("x", "s", "why")), 1)
    assert (report.verdict, [one.name for one in report.failures]) == (Verdict.FAIL, ["3"])
    assert Report(measures[:2], 1).verdict is Verdict.WARN
    assert worst([]) is Verdict.PASS
    with pytest.raises(KeyError):
        report.named("nothing")


def test_a_score_counts_what_has_a_verdict_and_the_doubtful_for_half() -> None:
    def told(verdict: Verdict | None) -> Measure:
        return Measure("one", None if verdict is None else 1.0, "", None, verdict, "")

    assert Report((told(Verdict.PASS), told(Verdict.WARN), told(None)), 1).score == 0.75
    assert Report((told(Verdict.FAIL),), 1).score == Report((told(None),), 1).score == Report((), 1).score == 0.0

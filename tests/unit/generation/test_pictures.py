"""What is drawn: the same for the same scene, whole for every place and brain; a camera that stays on the plates."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.brains.model import Angle, Move, Size
from services.brains.presets import BRAINS
from services.generation.providers.animatic import film, moves, panel
from services.generation.providers.animatic.boards import VARIATIONS, variation
from services.generation.providers.animatic.camera import framing
from services.generation.providers.animatic.heads import look
from services.generation.providers.animatic.subject import PROPS, Place, Subject, Time
from services.generation.providers.animatic.tones import luma, tones
from services.generation.providers.animatic.weather import falling
from services.generation.providers.interface import PlannedShot

WIDTH = 96


def shot(size: Size = Size.LS, angle: Angle = Angle.EYE, move: Move = Move.PAN, seed: int = 7) -> PlannedShot:
    return PlannedShot(size, angle, move, 40, 24, "", ("MARA", "JON"), (0,), seed)


def scene(place: Place = Place.CITY, time: Time = Time.NIGHT, brain: str = "thriller", seed: int = 3) -> panel.Scene:
    return panel.Scene(Subject(place, time, frozenset(PROPS)), BRAINS[brain], seed, 1)


def pixels(plates: panel.Plates) -> bytes:
    return plates.background.tobytes() + plates.figures.tobytes()


def test_the_same_scene_gives_the_same_pixels_and_another_seed_others() -> None:
    first = pixels(panel.draw(scene(), shot(), "MARA", WIDTH))
    assert first == pixels(panel.draw(scene(), shot(), "MARA", WIDTH))
    assert first != pixels(panel.draw(scene(seed=4), shot(), "MARA", WIDTH))
    assert first != pixels(panel.draw(scene(), shot(size=Size.CU), "MARA", WIDTH))
    assert first != pixels(panel.draw(scene(brain="k_drama"), shot(), "MARA", WIDTH))


@pytest.mark.parametrize("place", list(Place))
def test_every_place_has_a_picture_from_every_angle(place: Place) -> None:
    for index, angle in enumerate(Angle):
        time, brain = list(Time)[index % len(Time)], list(BRAINS)[index % len(BRAINS)]
        plates = panel.draw(scene(place, time, brain), shot(angle=angle), None, WIDTH)
        values = np.asarray(plates.background.convert("L"), np.float32)
        assert values.std() > 4, "not empty"
        assert plates.background.size == plates.figures.size


@pytest.mark.parametrize("size", list(Size))
def test_every_size_shows_people(size: Size) -> None:
    for angle in Angle:
        plates = panel.draw(scene(Place.FIELD, Time.DAY), shot(size=size, angle=angle), "JON", WIDTH)
        assert np.asarray(plates.figures)[:, :, 3].max() > 200


@pytest.mark.parametrize("size", list(Size))
def test_sets_of_frames_can_be_told_apart_also_where_the_place_hardly_shows(size: Size) -> None:
    """Their light, framing or colour differs by more than another scatter of the same things does."""
    boards = [replace(scene(Place.CITY, Time.DAY), varied=variation(board)) for board in range(1, len(VARIATIONS) + 1)]
    drawn = [shown(panel.draw(board, shot(size=size), "MARA", WIDTH)) for board in boards]
    scattered = shown(panel.draw(replace(boards[0], seed=4), shot(size=size), "MARA", WIDTH))
    least = max(6.0, apart(drawn[0], scattered)) if size in (Size.CU, Size.ECU) else 6.0
    for one, other in combinations(drawn, 2):
        assert apart(one, other) > least


def shown(plates: panel.Plates) -> Image.Image:
    picture = plates.background.convert("RGB")
    picture.paste(plates.figures, mask=plates.figures)
    return picture.resize((24, 14), Image.Resampling.BOX)


def apart(one: Image.Image, other: Image.Image) -> float:
    """Mean distance of small pictures, of 255."""
    return float(np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean())


def test_nobody_is_drawn_where_nobody_is() -> None:
    empty = PlannedShot(Size.LS, Angle.EYE, Move.STATIC, 40, 24, "", (), (), 1)
    assert np.asarray(panel.draw(scene(), empty, None, WIDTH).figures)[:, :, 3].max() == 0


def test_a_character_looks_the_same_in_every_shot() -> None:
    assert look("MARA") == look(" mara ") != look("JON")


def test_closer_is_larger_and_angles_move_the_horizon() -> None:
    people = [framing(shot(size=size), 2.39).person for size in (Size.ELS, Size.LS, Size.MS, Size.CU, Size.ECU)]
    assert people == sorted(people)
    heights = [framing(shot(angle=angle), 2.39).horizon for angle in (Angle.BIRD, Angle.HIGH, Angle.EYE, Angle.LOW)]
    assert heights == sorted(heights)


def test_nights_are_darker_than_days() -> None:
    for brain in BRAINS.values():
        day, night = (tones(brain, Subject(Place.FIELD, time, frozenset())) for time in (Time.DAY, Time.NIGHT))
        assert luma(night.sky[1]) < luma(day.sky[1])
        assert [luma(colour) for colour in day.ramp] == sorted(luma(colour) for colour in day.ramp)


@given(st.sampled_from(Move), st.integers(2, 600), st.sampled_from([-1, 1]), st.integers(0, 10**6), st.data())
def test_the_camera_never_leaves_the_plates(move: Move, frames: int, way: int, seed: int, data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, frames - 1))
    for depth in moves.DEPTH.values():
        view = moves.view(move, frame, frames, way, seed).nearer(depth)
        reach = 0.5 / view.zoom * 1.01
        assert max(abs(view.x), abs(view.y)) + reach <= panel.MARGIN / 2 + 1e-9


@given(st.sampled_from(Move), st.integers(24, 200))
def test_the_camera_moves_smoothly(move: Move, frames: int) -> None:
    views = [moves.view(move, frame, frames, 1, 5) for frame in range(frames)]
    for before, after in pairwise(views):
        steps = (after.x - before.x, after.y - before.y, after.zoom - before.zoom)
        assert max(map(abs, steps)) < 0.03


def test_a_film_has_exactly_its_frames_and_moves() -> None:
    subject = Subject(Place.SEA, Time.DAY, frozenset({"rain"}))
    setting = panel.Scene(subject, BRAINS["thriller"], 1, 1)
    height = round(WIDTH / BRAINS["thriller"].aspect / 2) * 2
    rain = falling(subject, tones(BRAINS["thriller"], subject), WIDTH, height, 1)
    reel = film.Reel(shot(), panel.draw(setting, shot(), None, WIDTH), rain, "4-1", 1)
    pictures = list(film.frames([reel, reel], WIDTH, height))
    assert len(pictures) == 48 and {picture.size for picture in pictures} == {(WIDTH, height)}
    assert pictures[0].tobytes() != pictures[12].tobytes()
    assert len(rain) == 2
    indoors = Subject(Place.ROOM, Time.DAY, frozenset({"rain"}))
    assert falling(indoors, tones(BRAINS["thriller"], subject), 8, 8, 1) == ()

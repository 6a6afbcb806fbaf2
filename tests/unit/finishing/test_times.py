"""Times of frames in samples, and of tiles on a sprite sheet."""

import re
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.generation.finishing.model import Recipe
from services.generation.finishing.parts import sprite_times
from services.generation.finishing.sound import samples_at
from services.generation.request import Picture

CUE = re.compile(
    r"(\d+):(\d\d):(\d\d\.\d{3}) --> (\d+):(\d\d):(\d\d\.\d{3})\nsprite\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)\n"
)


@given(st.integers(0, 24 * 120), st.sampled_from([(24, 1), (25, 1), (30, 1), (24000, 1001), (30000, 1001)]))
def test_a_frame_begins_at_the_sample_that_its_time_says(frame: int, rate: tuple[int, int]) -> None:
    recipe = Recipe(Picture(160, 90, rate), 100)
    exact = Fraction(frame * rate[1] * 48_000, rate[0])
    assert 0 <= exact - samples_at(frame, recipe) < 1


@given(st.integers(1, 100), st.fractions(Fraction(1, 100), 60))
def test_tiles_follow_each_other_from_the_first_moment_to_the_last(tiles: int, every_s: Fraction) -> None:
    length_s = tiles * every_s + Fraction(1, 50)
    text = sprite_times(tiles, every_s, length_s, 90)
    cues = CUE.findall(text)
    assert text.startswith("WEBVTT\n\n") and len(cues) == tiles
    edges = [(_seconds(*cue[:3]), _seconds(*cue[3:6])) for cue in cues]
    assert edges[0][0] == 0 and abs(edges[-1][1] - length_s) < 0.001
    assert all(before[1] == behind[0] for before, behind in pairwise(edges))
    places = [(int(cue[6]), int(cue[7])) for cue in cues]
    assert len(set(places)) == tiles and all(x < 1600 and y % 90 == 0 for x, y in places)


def _seconds(hours: str, minutes: str, seconds: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)

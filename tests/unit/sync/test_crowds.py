"""Thousands of entities as nobody would make them, each of which any client may write: what is shown is there at once.

Everything that these look for in pairs would take minutes for as many as the schemas allow, and hold up whoever reads.
"""

import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest

from sync.order_keys import has_room
from sync.storyboard import resolve as story
from sync.timeline import resolve as film
from sync.timeline.content import FRAMES_MAX, MAIN_TRACK
from tests.simulation.documents import check, with_repairs

MANY = 3_000
SECONDS_MAX = 8.0
"""Of the processor, in plain Python. Each takes less than a second where nothing is looked for in pairs."""
GONE = {"by": "x"}
FREE = {"t": "trk_a", "in": 0, "out": 100}


def _many(of: Callable[[int], Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {f"n{number:05}": of(number) for number in range(MANY)}


FILMS: dict[str, dict[str, Mapping[str, Any]]] = {
    "at one frame": _many(lambda number: {**FREE, "z": 0}),
    "pieces that show the same": {"c": FREE}
    | _many(lambda number: {"of": "c", "in": 0, "out": 99, "cut": 99 + number}),
    "pieces that end before they begin": {"c": FREE} | _many(lambda number: {"of": "c", "in": number, "cut": -number}),
    "pieces without a cut": {"c": FREE} | _many(lambda number: {"of": "c", "in": number % 7, "out": MANY - number}),
    "pieces of pieces": {"n-0001": FREE} | _many(lambda number: {"of": f"n{number - 1:05}", "in": number}),
    "a circle of pieces": _many(lambda number: {"of": f"n{(number + 1) % MANY:05}", "in": 0, "out": 9}),
    "anchors of each other": _many(lambda number: {**FREE, "anc": {"c": f"n{(number + 1) % MANY:05}", "h": 0}}),
    "anchored to one": {"c": {"t": MAIN_TRACK, "out": 9}} | _many(lambda number: {**FREE, "anc": {"c": "c", "h": 9}}),
    "at the last frame": _many(lambda number: {"t": MAIN_TRACK, "ord": "V", "in": FRAMES_MAX, "out": -FRAMES_MAX}),
}


@pytest.mark.parametrize("name", FILMS)
def test_a_film_is_shown_at_once(name: str) -> None:
    content = {"clips": FILMS[name], "tracks": {"trk_a": {"mode": "free"}, MAIN_TRACK: {"mode": "mag"}}}
    begun = time.process_time()
    shown = film.resolve(content)
    assert time.process_time() - begun < SECONDS_MAX
    check(shown)
    assert film.resolve(with_repairs(content, shown.repairs)).repairs == ()


def _merged(number: int) -> dict[str, Any]:
    return {"del": GONE, "into": f"n{number + 1:05}", "ord": "V"}


STORIES: dict[str, dict[str, dict[str, Mapping[str, Any]]]] = {
    "scenes merged one into the next": {
        "scenes": _many(_merged) | {f"n{MANY:05}": {"ord": "W"}},
        "shots": _many(lambda number: {"par": f"n{number:05}", "ord": "V"}),
    },
    "a circle of merged scenes": {
        "scenes": _many(lambda number: {"del": GONE, "into": f"n{(number + 1) % MANY:05}", "ord": "V"})
    },
    "all at one place": {"scenes": _many(lambda number: {"ord": "V"}) | {"last": {"ord": "V01"}}},
    "behind the longest key": {"scenes": _many(lambda number: {"ord": "z" * 256})},
}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_shown_at_once_and_has_room_everywhere(name: str) -> None:
    content = STORIES[name]
    begun = time.process_time()
    shown = story.resolve(content)
    assert time.process_time() - begun < SECONDS_MAX
    repaired = with_repairs(content, shown.repairs)
    again = story.resolve(repaired)
    assert again.repairs == () and story.view(repaired, again) == story.view(content, shown)
    keys = [node.ord for node in again.tree.siblings("scenes", None)]
    assert all(has_room(low, high) for low, high in pairwise(keys)) and max(map(len, keys)) <= 48

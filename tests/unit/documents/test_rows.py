"""Rows of documents, whatever a client has written into them: PostgreSQL can hold them, and what is seen is in them."""

import json
import math
import random
from dataclasses import asdict
from typing import Any
from uuid import UUID

import pytest

from services.documents.kept import Reading
from services.documents.rows import StoryboardRows, TimelineRows, rows_of
from storage.log import Head
from sync.schema_storyboard import STORYBOARD
from sync.schema_timeline import TIMELINE
from sync.storyboard.read import scenes_of
from sync.timeline.resolve import resolve

SEEDS = 200
INTEGERS = {"media_frame": 2**31, "in_frame": 2**31, "out_frame": 2**31}
"""Columns that are no `bigint`; every other number has 63 bits."""


def junk(rng: random.Random, ids: list[str]) -> Any:
    """A value that some client may have written before there was a schema."""
    return rng.choice(
        [
            None,
            True,
            rng.choice(ids),
            "\x00text\x00",
            "",
            float(rng.randint(-200, 200)),
            rng.randint(-(2**70), 2**70),
            1e300,
            math.nan,
            math.inf,
            0.5,
            b"\x00\xff",
            [1.0, "\x00", None],
            [2.0, 0.0],
            {"k": "scene", "take": "latest", "c": rng.choice(ids), "d": 4.0, "txt": "\x00", "\x00": math.nan},
            [{"c": "\x00", "txt": 5.0}, {"txt": "line"}, 7],
        ]
    )


def content(schema: Any, rng: random.Random) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    ids = ["trk_main", *(f"e{number}" for number in range(8))]
    for root, rule in schema.keys.items():
        if rule.others is None or not rule.others.keys:
            made[root] = {}
            continue
        keys = sorted(rule.others.keys)
        made[root] = {each: {key: junk(rng, ids) for key in keys if rng.random() < 0.6} for each in ids}
    return made


def check(row: Any) -> None:
    """As asyncpg would."""
    for name, value in (row._asdict() if hasattr(row, "_asdict") else asdict(row)).items():
        if isinstance(value, str):
            assert "\x00" not in value and "\\u0000" not in value, name
        elif isinstance(value, float):
            raise AssertionError(name)
        elif isinstance(value, dict):
            assert "\\u0000" not in json.dumps(value, allow_nan=False), name
        elif isinstance(value, int):
            assert abs(value) < INTEGERS.get(name, 2**63), name
        if name in ("source", "dissolve") and value is not None:
            json.loads(value, parse_constant=lambda constant: pytest.fail(constant))


def test_a_storyboard_of_anything_has_rows() -> None:
    seen = 0
    for seed in range(SEEDS):
        made = content(STORYBOARD, random.Random(seed))
        rows = rows_of(Reading(Head(UUID(int=1), UUID(int=2), "sb", 1, 1, 7), 1, made, None))
        assert isinstance(rows, StoryboardRows)
        assert [scene.id for scene in rows.scenes] == [scene.id for scene in scenes_of(made)], seed
        for row in (*rows.scenes, *rows.shots, *rows.texts):
            check(row)
        seen += len(rows.scenes)
    assert seen > SEEDS


def test_a_timeline_of_anything_has_rows() -> None:
    seen = 0
    for seed in range(SEEDS):
        made = content(TIMELINE, random.Random(seed))
        film = resolve(made)
        rows = rows_of(Reading(Head(UUID(int=1), UUID(int=2), "tl", 1, 1, 7), 1, made, film))
        assert isinstance(rows, TimelineRows)
        places = {clip.id: (clip.start_frame, clip.frames) for clip in rows.clips}
        assert places == {key: (placed.start, placed.frames) for key, placed in film.placed.items()}, seed
        for row in (*rows.tracks, *rows.clips, *rows.markers, *rows.cuts, *rows.texts):
            check(row)
        seen += len(rows.clips)
    assert seen > SEEDS

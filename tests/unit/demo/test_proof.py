"""The demo must be able to fail: each line of its table against something that went wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.demo.cast import Project
from deploy.local.demo.performance import markers
from deploy.local.demo.proof import Edits, Seen, lines, result
from deploy.local.demo.replicas import Replica
from deploy.local.demo.report import fill
from deploy.local.demo.reviewer import Event
from deploy.local.demo.takes import Film

PROJECT = Project("prj_x", "sb:x~1", "x", ("scn_1", "scn_2"))


def content(prompt: str) -> dict[str, Any]:
    return {"scenes": {"scn_2": {"prompt": prompt}}}


def replica(name: str, prompt: str = "[b1][a1][a2]", snapshot_hash: str = "s", pending: bool = False) -> Replica:
    return Replica(name, content(prompt), snapshot_hash, "c", pending)


def seen() -> Seen:
    """A run in which everything held: two edits of Ada's, one of Ben's."""
    numbered = [Event(kind, cursor, {}) for cursor, kind in enumerate(("job", "preview", "take"), start=1)]
    return Seen(
        project=PROJECT,
        edits=Edits(2, 1, frozenset({1, 2}), frozenset({1}), replica("log at the kill", "[a1]")),
        replicas=[replica("Ada"), replica("Ben")],
        ticks=[("frames", 10), ("clip", 50)],
        sharpness=[0.5, 1.5, 2.5],
        events=numbered,
        event_gaps=0,
        take={"frames": 48},
        film=Film(48, 2.0, -20.0, []),
        gone_s=1.0,
        seconds=9.0,
    )


def test_all_is_well() -> None:
    table = lines(seen())
    assert [line.key for line in table if not line.ok] == []
    assert result(table)["ok"] is True and result(table)["acknowledged_edits_lost"] == 0


EDITS = seen().edits
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "an edit was never acknowledged": ("acks", {"edits": replace(EDITS, acknowledged=frozenset({1}))}),
    "the hub was killed before anything was": ("kill", {"edits": replace(EDITS, acknowledged_at_kill=frozenset())}),
    "no progress": ("progress_steps", {"ticks": [("frames", 10)]}),
    "two previews": ("previews", {"sharpness": [1.0, 2.0]}),
    "a blurrier preview": ("previews", {"sharpness": [1.0, 3.0, 2.0]}),
    "an event twice": ("sse_events", {"event_gaps": 1}),
    "no take event": ("sse_events", {"events": seen().events[:2]}),
    "another delete set": ("replicas_equal", {"replicas": [replica("Ada"), replica("Ben", snapshot_hash="t")]}),
    "something parked": ("replicas_equal", {"replicas": [replica("Ada", pending=True)]}),
    "lost in the log": ("acknowledged_edits_lost", {"edits": replace(EDITS, log_at_kill=replica("log", "nothing"))}),
    "lost at the end": ("acknowledged_edits_lost", {"replicas": [replica("Ada", "[a1][b1]")]}),
    "Ben's edit is gone": ("edits_missing", {"replicas": [replica("Ada", "[a1][a2]")]}),
    "a frame is missing": ("take_frames", {"film": Film(47, 2.0, -20.0, [])}),
    "silence": ("take_frames", {"film": Film(48, 2.0, -90.0, [])}),
}


@pytest.mark.parametrize(("key", "changes"), WRONG.values(), ids=WRONG.keys())
def test_what_went_wrong_fails_its_line(key: str, changes: dict[str, Any]) -> None:
    table = lines(replace(seen(), **changes))
    assert key in [line.key for line in table if not line.ok]
    assert result(table)["ok"] is False


def test_markers_are_found_by_editor() -> None:
    assert markers(content("[b2][a1] fog [a10][a"), PROJECT, "a") == {1, 10}


def test_the_page_is_filled_without_looking_into_values() -> None:
    page = Path(__file__).parents[3] / "deploy" / "local" / "demo" / "page.html"
    assert fill("<p>{{one}}</p>{{two}}", {"one": "{{two}}", "two": "2"}) == "<p>{{two}}</p>2"
    assert "{{rows}}" in page.read_text()

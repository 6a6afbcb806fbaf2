"""One trace from whoever asks for a scene, through the row of the run, to the worker's stages and edits."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.logs import JsonLines
from services import trace
from services.generation.graph import PARTS, Stage
from services.generation.scribe import run_text

from .studio import Studio

ASKED = trace.Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
PROMPT = "MARA hides the brass key under the lighthouse."


class Lines(logging.Handler):
    """What a process would print, as it is logged: later the context is another."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonLines())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def named(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, ours = Lines(), logging.getLogger("storyforge")
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield handler
    ours.setLevel(before)
    ours.removeHandler(handler)


async def test_a_run_goes_on_in_the_trace_of_its_request(studio: Studio, lines: Lines) -> None:
    scene_id = await studio.add_scene(prompt=PROMPT)
    with trace.tracing(ASKED, request_id="r1"):
        asked = await studio.request(scene_id)
    (requested,) = [line for line in lines.named("document.edited") if line.get("run") == run_text(asked.id)]
    assert (requested["trace"], requested["request_id"]) == (ASKED.id, "r1")
    assert asked.traceparent == ASKED.traceparent

    async with studio.worker():
        await studio.forgotten(asked.id)
        assert (await studio.ended(asked.id)).state == "complete"
    held = lines.named("step.held")
    assert {(line["trace"], line["run"]) for line in held} == {(ASKED.id, run_text(asked.id))}
    spans = {line["span"] for line in held}
    assert len(spans) == len(held) and ASKED.span not in spans, "every step is a span of its own"
    assert {line["stage"] for line in lines.named("run.stage_done")} == {*(stage.value for stage in Stage), PARTS}
    edits = [line for line in lines.named("document.edited") if line.get("span") in spans]
    assert len(edits) > 3
    for line in (*lines.named("run.stage_done"), *edits):
        assert (line["trace"], line["run"]) == (ASKED.id, run_text(asked.id))
        assert "request_id" not in line
    assert all(line["document"].startswith("sb:") and line["seq"] > 0 for line in edits)
    assert "brass key" not in json.dumps(lines.lines)


async def test_a_run_that_nobody_traced_begins_a_trace(studio: Studio, lines: Lines) -> None:
    scene_id = await studio.add_scene()
    asked = await studio.request(scene_id)
    assert asked.traceparent is None
    async with studio.worker():
        await studio.forgotten(asked.id)
        await studio.ended(asked.id)
    traces = {line["trace"] for line in lines.named("step.held")}
    assert all(len(trace) == 32 for trace in traces)

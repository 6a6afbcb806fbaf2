"""Kling, new generation: the model in the path, an API key, tasks by the batch, signed callbacks.

The one provider that finds a call by our own id (`external_task_id`), so that a lost answer is not a lost clip. There
is no cancelling, no seed and no negative prompt. Its older API is another dialect: `kling_legacy.py`.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from services.generation.providers.adapters.base import Calling, base64_of, nonsense, of_role, task_of
from services.generation.providers.adapters.dialects import at, listed_at, number_of, said_at
from services.generation.providers.adapters.line import PAY_TIMEOUT_S, Answer, Call
from services.generation.providers.capabilities import Kind, Model, Role, Shape, Terms
from services.generation.providers.port import (
    Accepted,
    Arrived,
    Failed,
    Failure,
    FailureKind,
    Found,
    Intent,
    Linked,
    NeverArrived,
    Queued,
    Running,
    Succeeded,
    TaskState,
    Unanswered,
    Unknown,
)
from services.generation.providers.prices import MICRO, PerSecond

NAME = "kling"
UNIT_MICROCREDITS = 14 * MICRO
"""A unit of their packs, at its list price."""
BATCH_MAX = 20
IMAGE_BYTES_MAX = 10 * 1024 * 1024
_TERMS = Terms(result_ttl_s=30 * 86_400, poll_floor_s=5.0, poll_batch_max=BATCH_MAX, finds=True, callbacks=True)
_RASTERS = {
    "720p": {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960)},
    "1080p": {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1440, 1440)},
}
SHAPES = tuple(
    Shape(width, height, f"{resolution} {ratio}")
    for resolution, rasters in _RASTERS.items()
    for ratio, (width, height) in rasters.items()
)
SIDE_720P, SIDE_1080P = 960, 1440
"""The shorter sides of the largest rasters that they call so: the square ones."""


def _units(tenths_720p: int, tenths_1080p: int) -> dict[int, int]:
    """Tenths of a unit a second, by side."""
    tenth = UNIT_MICROCREDITS // 10
    return {SIDE_720P: tenths_720p * tenth, SIDE_1080P: tenths_1080p * tenth}


def _model(name: str, price: PerSecond, durations_s: tuple[int, ...], **more: Any) -> Model:
    known: dict[str, Any] = {
        "prompt_max": 2_500,
        "shapes": SHAPES,
        "references": {Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1},
        "reference_bytes_max": IMAGE_BYTES_MAX,
    }
    return Model(NAME, name, Kind.VIDEO, price, _TERMS, durations_s=durations_s, **(known | more))


MODELS = (
    _model("kling-2.6", PerSecond({SIDE_720P: 4_200_000, SIDE_1080P: 7 * MICRO}), (5, 10)),
    _model("kling-3.0-turbo", PerSecond(_units(8, 10)), tuple(range(3, 16)), sounding=True),
    _model("kling-3.0-omni", PerSecond(_units(6, 8), _units(8, 10)), tuple(range(3, 16)), sounding=True),
    _model("kling-o1", PerSecond(_units(6, 8)), tuple(range(3, 11))),
)
_OMNI = frozenset({"kling-3.0-omni", "kling-o1"})


class Kling(Calling):
    """Implements `RemoteProvider`."""

    name = NAME

    def spelled(self, intent: Intent) -> Call:
        fit, want = intent.fit, intent.want
        assert fit.shape is not None
        resolution, _, ratio = fit.shape.spelled.partition(" ")
        settings: dict[str, Any] = {"resolution": resolution, "duration": fit.duration_s}
        if fit.model.sounding:
            settings["audio"] = "native" if fit.audio else "off"
        options: dict[str, Any] = {"external_task_id": str(intent.id), "watermark_info": {"enabled": False}}
        if intent.callback_url:
            options["callback_url"] = intent.callback_url
        frames = [
            {"type": role.value, "url": base64_of(one)}
            for role in (Role.FIRST_FRAME, Role.LAST_FRAME)
            for one in of_role(want.references, role)
        ]
        if not frames:
            settings["aspect_ratio"] = ratio
        told: dict[str, Any] = {"contents": [{"type": "prompt", "text": want.prompt}, *frames]}
        if fit.model.name in _OMNI:
            kind = "omni-video"
        elif frames:
            kind = "image-to-video"
        else:
            kind, told = "text-to-video", {"prompt": want.prompt}
        body = {**told, "settings": settings, "options": options}
        return Call("POST", f"/{kind}/{fit.model.name}", json=body, timeout_s=PAY_TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        task = task_of(answer.json, "data", "id")
        return None if task is None else Accepted(task, intent.fit.most_microcredits)

    async def poll(self, tasks: Collection[str]) -> Mapping[str, TaskState]:
        """By the batch."""
        wanted = list(tasks)
        states: dict[str, TaskState] = {}
        for first in range(0, len(wanted), BATCH_MAX):
            batch = wanted[first : first + BATCH_MAX]
            states |= await self._batch(batch)
        return states

    async def state(self, task: str) -> TaskState:
        return (await self._batch([task]))[task]

    async def _batch(self, tasks: list[str]) -> dict[str, TaskState]:
        answer = await self._line.ask(Call("GET", "/tasks", params={"task_ids": ",".join(tasks)}))
        if not isinstance(answer, Answer):
            return dict.fromkeys(tasks, Unanswered(answer))
        rows = {said_at(row, "id"): row for row in listed_at(answer.json, "data")}
        gone = Failed(Failure(FailureKind.GONE, "missing", "They know of no such task."))
        return {task: self._state(task, rows[task]) if task in rows else gone for task in tasks}

    def _state(self, task: str, row: Any) -> TaskState:
        match at(row, "status"):
            case "submitted":
                return Queued()
            case "processing":
                return Running()
            case "succeeded":
                urls = [said_at(output, "url") for output in listed_at(row, "outputs")]
                return Succeeded(tuple(Linked(url) for url in urls if url), _billed(row))
            case "failed":
                return Failed(self._line.failure("failed", said_at(row, "message")), _billed(row))
        return nonsense(task)

    async def find(self, intent: UUID) -> Found:
        answer = await self._line.ask(Call("GET", "/tasks", params={"external_task_ids": str(intent)}))
        rows = at(answer.json, "data") if isinstance(answer, Answer) else None
        if not isinstance(rows, list):
            return Unknown("they could not be asked whether it arrived")
        ours = [row for row in rows if said_at(row, "external_id") == str(intent)]
        if not ours:
            return NeverArrived()
        task = task_of(ours[0], "id")
        if task is None:
            return Unknown("they know of it, but not by a name")
        return Arrived(task, self._state(task, ours[0]))

    def named(self, said: Any) -> str | None:
        return task_of(said, "id")


def _billed(row: Any) -> int | None:
    """In units of a pack, or in dollars; None where neither is told."""
    lines = listed_at(row, "billing")
    costs = [_line_cost(line) for line in lines]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None


def _line_cost(line: Any) -> int | None:
    amount = number_of(said_at(line, "amount"))
    if amount is None:
        return None
    if at(line, "charge_type") == "unit":
        return round(amount * UNIT_MICROCREDITS)
    return round(amount * 100 * MICRO) if at(line, "currency") == "USD" else None

"""The shot plan of a final as an errand: a language model's, over the one by rules, which stands in for it.

What people have set is never rewritten, and what differs from the plan by rules is told before pictures are paid for.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from services.brains.blend import at_strength
from services.brains.model import Brain
from services.generation.errors import PlanUnreadable, SceneTooLong
from services.generation.plans import answer, ask
from services.generation.plans.expand import said_fields
from services.generation.plans.model import ShotPlan, Surroundings
from services.generation.plans.rules import Said
from services.generation.providers.animatic import enhance
from services.generation.providers.capabilities import Kind, Want
from services.generation.providers.interface import Altered, Desk, Expansion, Plan, PlannedShot
from services.generation.request import SceneRequest, to_json

BY_RULES = "The shots are planned by rules."
FIELDS = ("size", "angle", "move", "lens_mm", "frames", "cast", "description")


class ExpandedPlan:
    """Implements `Errand`."""

    kind = Kind.TEXT
    is_patient = False

    def __init__(self, request: SceneRequest) -> None:
        self._request = request

    def foreseen(self) -> Want:
        asked = ask.asked(self._request, self._look, self._around, None, self._local, self._said)
        return Want(
            Kind.TEXT,
            asked.prompt,
            instructions=asked.instructions,
            schema=asked.schema,
            answer_tokens_max=asked.answer_tokens_max,
        )

    async def want(self, desk: Desk) -> Want:
        return await asyncio.to_thread(self.foreseen)

    def inspected(self, held: object, desk: Desk) -> None:
        return None

    async def output(self, made: Mapping[str, Any], desk: Desk) -> Mapping[str, Any]:
        file = await desk.fetch(made["outputs"][0]["media"], "answer.json")
        said = await asyncio.to_thread(file.read_text, "utf-8")
        return to_json(await asyncio.to_thread(self.read, said, str(made["model"])))

    def instead(self, code: str, why: str) -> Mapping[str, Any]:
        """Also of a refusal or a lost answer: nothing is asked twice, and the plan by rules needs nobody."""
        return to_json(self._by_rules(f"{why} {BY_RULES}"))

    def read(self, said: str, model: str) -> Plan:
        """The answer as a plan, with what differs; what cannot be used at all leaves the plan by rules."""
        request, rules = self._request, enhance.drawn(self._request, self._local)
        try:
            repaired = answer.read(said, model, request, self._look, self._around, self._local, self._said)
            plan = enhance.drawn(request, repaired.plan)
        except (PlanUnreadable, SceneTooLong) as error:
            return self._by_rules(f"What {model} answered cannot be used: {error} {BY_RULES}")
        changes = tuple(altered(rules.shots, plan.shots))
        return replace(plan, expansion=Expansion(model, changes, repaired.repairs))

    def _by_rules(self, reason: str) -> Plan:
        return replace(enhance.drawn(self._request, self._local), expansion=Expansion(None, (), (), reason))

    @cached_property
    def _look(self) -> Brain:
        return at_strength(self._request.brain.look, self._request.brain.strength)

    @cached_property
    def _around(self) -> Surroundings:
        return enhance.around(self._request)

    @cached_property
    def _local(self) -> ShotPlan:
        return enhance.planned(self._request)

    @cached_property
    def _said(self) -> Said:
        return said_fields(self._request, self._around)


def altered(before: tuple[PlannedShot, ...], after: tuple[PlannedShot, ...]) -> Iterator[Altered]:
    """Shot by shot, field by field; shots that there are only in one of the plans as a whole."""
    for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
        for field in FIELDS:
            was, becomes = _spelled(getattr(old, field)), _spelled(getattr(new, field))
            if was != becomes:
                yield Altered(number, field, was, becomes)
    for number in range(len(after) + 1, len(before) + 1):
        yield Altered(number, "shot", before[number - 1].description, None)
    for number in range(len(before) + 1, len(after) + 1):
        yield Altered(number, "shot", None, after[number - 1].description)


def _spelled(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)

"""The seam between making something elsewhere and what is made: what is asked for, what is sent, what comes of it.

Not how it is routed, called, followed and paid for: that is the same for all of them (`maker.py`).
"""

from collections.abc import Mapping
from typing import Any, Protocol

from services.generation.providers.capabilities import Kind, Want
from services.generation.providers.intents import Inspect
from services.generation.providers.interface import Desk
from services.generation.routing.fallback import Why
from services.runs.service import Held

NOTHING_INSTEAD = frozenset({Why.MODERATED.value, Why.UNKNOWN.value, Why.NOT_STOPPED.value})
"""It was refused for what it shows or says, or may have been charged."""


class Errand(Protocol):
    """One thing that a step has made by somebody else."""

    @property
    def kind(self) -> Kind:
        """Who is asked: whoever makes this."""

    @property
    def is_patient(self) -> bool:
        """Whether it waits for models that are left alone because they failed."""

    def foreseen(self) -> Want:
        """What models are measured by: all but the pictures that go along."""

    async def want(self, desk: Desk) -> Want:
        """What is sent."""

    def inspected(self, held: Held, desk: Desk) -> Inspect | None:
        """Whoever looks at a result before it counts, and so before anybody pays for it."""

    async def output(self, made: Mapping[str, Any], desk: Desk) -> Mapping[str, Any]:
        """The step's, out of what was brought home (`IntentRow.result`, with its `model`)."""

    def instead(self, code: str, why: str) -> Mapping[str, Any] | None:
        """The step's output when nobody makes it; None: then the run ends. `code`, `why`: of the end, for people."""

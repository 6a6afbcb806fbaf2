"""Shapes of the price before: what a generation would cost, shot by shot and model by model."""

from api.billing_schemas import RoomOut
from api.run_route_schemas import DifferenceOut
from api.schemas import Out
from services.generation.routing.model import Purpose
from services.generation.routing.reasons import Reason


class PartQuoteOut(Out):
    """One shot or line. `provider`, `model`: who is asked first; null: nobody is left, and `sentence` says why.

    `least_micro`, `most_micro`: of all that may be asked; `likely_micro`: of the first choice.
    """

    step: str
    seconds: float | None
    provider: str | None
    model: str | None
    reason: Reason
    sentence: str
    least_micro: int
    likely_micro: int
    most_micro: int


class ModelQuoteOut(Out):
    """One model. `shots`: how many of the scene's it may make; 0: none, and `sentence` says why. `price_micro`: of
    those. `differences`: what it would bend of what is asked."""

    provider: str
    model: str
    title: str
    shots: int
    price_micro: int
    reason: Reason
    sentence: str
    differences: list[DifferenceOut]


class RunQuoteOut(Out):
    """What you would pay, in micro-credits: between `least_micro` and `most_micro`, and `likely_micro` if the first
    choices do it. `possible`: every shot has somebody who may make it. `sentence`: who that is, or why there is nobody.

    `shots` empty: they are made here and cost nothing. `lines`: of the dialogue, where somebody else speaks; without
    a model it is spoken here, free. `room`: what you may still spend on a run.
    """

    purpose: Purpose
    boards: int
    seconds: float
    possible: bool
    sentence: str
    least_micro: int
    likely_micro: int
    most_micro: int
    shots: list[PartQuoteOut]
    lines: list[PartQuoteOut]
    models: list[ModelQuoteOut]
    room: RoomOut

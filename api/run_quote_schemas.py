"""Shapes of the price before: what a generation would cost, shot by shot and model by model."""

from api.billing_schemas import RoomOut
from api.run_route_schemas import DifferenceOut
from api.schemas import Out
from services.generation.routing.model import Purpose
from services.generation.routing.reasons import Reason


class ShotQuoteOut(Out):
    """One shot of a final. `provider`, `model`: who is asked first; null: nobody is left, and `sentence` says why.

    `least_micro`, `most_micro`: of all that may be asked; `likely_micro`: of the first choice.
    """

    step: str
    seconds: float
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
    choices do it. `possible`: every shot has somebody who may make it. `shots` empty: it is made here and costs
    nothing. `room`: what you may still spend on a run. `sentence`: for people."""

    purpose: Purpose
    boards: int
    seconds: float
    possible: bool
    sentence: str
    least_micro: int
    likely_micro: int
    most_micro: int
    shots: list[ShotQuoteOut]
    models: list[ModelQuoteOut]
    room: RoomOut

"""Shots that are worth their price: a film model makes and charges a few seconds at least, however short one is. Pure.

So a final is planned with shots as long as that: fewer of them, or evened out within the length of the scene. A length
that people said stays, and is cut from what the model makes.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import ceil

from services.generation.providers.animatic import enhance
from services.generation.providers.capabilities import Kind, Model
from services.generation.request import SHOT_FRAMES_MIN, SceneRequest
from services.generation.routing.model import ModelId, Policy
from services.generation.shots.want import makes


def worthwhile(request: SceneRequest, models: Iterable[Model], policy: Policy) -> SceneRequest:
    """As it is where the plan of a draft has no shorter shot: what was drawn for that one is not drawn anew then."""
    least = shortest_frames(request, models, policy)
    planned = enhance.plan(request, request.brain.look)
    if all(shot.frames >= least for shot in planned.shots):
        return request
    return replace(request, shot_frames_min=least)


def shortest_frames(request: SceneRequest, models: Iterable[Model], policy: Policy) -> int:
    """That one of those who may be asked makes: none of them can be better than that."""
    seconds = [model.durations_s[0] for model in models if model.durations_s and _may_make(model, policy)]
    rate = request.picture.rate
    return max(SHOT_FRAMES_MIN, ceil(min(seconds, default=0) * rate[0] / rate[1]))


def _may_make(model: Model, policy: Policy) -> bool:
    id = ModelId(model.provider, model.name)
    return makes(model, Kind.VIDEO) and policy.allows(id) and policy.wants(id) and not policy.denies(id)

"""What a planned shot is in nobody's dialect: words, length, raster and the picture that it begins with. Pure."""

import hashlib
from collections.abc import Mapping

from services.brains.model import Brain
from services.generation.providers.capabilities import Kind, Model, Reference, Role, Standing, Want
from services.generation.providers.interface import Plan
from services.generation.providers.negotiation import negotiate
from services.generation.request import SceneRequest
from services.generation.routing.model import Candidate

PROMPT_CHARS_MAX = 900
"""Below what any model that we know takes; what does not fit is cut off the scene's own words."""
EXPECTED_S: Mapping[Kind, float] = {Kind.VIDEO: 90.0, Kind.IMAGE: 15.0, Kind.TEXT: 20.0}
"""How long it is said to take, until it was measured."""
EXPECTED_S_DEFAULT = 5.0


def want_of(request: SceneRequest, plan: Plan, index: int, look: Brain, first_frame: bytes = b"") -> Want:
    """`index`: of the shot, from 0. `first_frame`: JPEG; without it what a model would make can still be asked."""
    shot = plan.shots[index]
    rate = request.picture.rate
    picture = Reference(Role.FIRST_FRAME, hashlib.sha256(first_frame).hexdigest(), "image/jpeg", first_frame)
    return Want(
        kind=Kind.VIDEO,
        prompt=prompt_of(request, plan, index, look),
        width=request.picture.width,
        height=request.picture.height,
        duration_s=shot.frames * rate[1] / rate[0],
        seed=shot.seed,
        references=(picture,),
    )


def prompt_of(request: SceneRequest, plan: Plan, index: int, look: Brain) -> str:
    """The shot first, then the look, then as much of the scene as there is room for."""
    shot = plan.shots[index]
    words = [
        shot.description.rstrip(". "),
        f"{look.name} look",
        f"{request.slug.place}, {request.slug.time}".strip(", "),
    ]
    if shot.cast:
        words.append("with " + " and ".join(shot.cast))
    start = ". ".join(word for word in words if word)[:PROMPT_CHARS_MAX]
    scene = " ".join(request.prompt.split())
    return f"{start}. {scene}"[:PROMPT_CHARS_MAX].rstrip()


def makes(model: Model, kind: Kind) -> bool:
    """And is to be had."""
    return model.kind is kind and model.standing is not Standing.RETIRED


def candidates_of(models: tuple[Model, ...], want: Want) -> list[Candidate]:
    """Every model that makes such things, the retired ones too, with what it would make of this one."""
    return [_candidate(model, want) for model in models if model.kind is want.kind]


def _candidate(model: Model, want: Want) -> Candidate:
    title, expected_s = f"{model.provider} {model.name}", EXPECTED_S.get(want.kind, EXPECTED_S_DEFAULT)
    return Candidate(negotiate(model, want), title, expected_s, model.region, model.safety_max, model.tier)

"""What a clip should be, read off what was asked for: a request, the plan of its shots, the brain of its look; pure."""

from pathlib import Path

from services.brains.model import Brain
from services.generation.finishing.model import TARGET_LUFS
from services.generation.providers.interface import Plan
from services.generation.quality.model import Wanted, WantedShot
from services.generation.request import SceneRequest

PALETTE_STRENGTH_MIN = 50
"""Of 100: a look that is mixed in more weakly asks for no colours."""


def wanted_of(request: SceneRequest, plan: Plan, look: Brain, board: Path | None = None) -> Wanted:
    """Of a whole take. Colours are asked for as far as the look is; a loudness only where somebody speaks."""
    return Wanted(
        shots=tuple(WantedShot(shot.frames, shot.move) for shot in plan.shots),
        width=request.picture.width,
        height=request.picture.height,
        rate=request.picture.rate,
        board=board,
        palette=_palette(request, look),
        target_lufs=TARGET_LUFS if any(shot.lines for shot in plan.shots) else None,
        words=request.prompt,
    )


def wanted_of_shot(
    request: SceneRequest, plan: Plan, index: int, look: Brain | None = None, board: Path | None = None
) -> Wanted:
    """Of one shot by itself, without sound. `look`: None while it is not in one, as a provider sends it."""
    shot = plan.shots[index]
    return Wanted(
        shots=(WantedShot(shot.frames, shot.move),),
        width=request.picture.width,
        height=request.picture.height,
        rate=request.picture.rate,
        board=board,
        palette=() if look is None else _palette(request, look),
        sound=False,
        words=shot.description or request.prompt,
    )


def _palette(request: SceneRequest, look: Brain) -> tuple[str, ...]:
    return look.palette if request.brain.strength >= PALETTE_STRENGTH_MIN else ()

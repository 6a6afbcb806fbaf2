"""Requests to test with."""

from services.brains.presets import BRAINS
from services.generation.providers.animatic import NAME, VERSION
from services.generation.request import BrainChoice, Line, Picture, SceneRequest, ShotRequest, Slug

WORDS = "Rain on the pier. MARA waits by the lighthouse while a boat comes in."


def request(
    prompt: str = WORDS,
    lines: tuple[Line, ...] = (),
    shots: tuple[ShotRequest, ...] = (),
    frames: int | None = None,
    slug: Slug | None = None,
    brain: str = "thriller",
    picture: Picture | None = None,
) -> SceneRequest:
    return SceneRequest(
        scene_id="scn_0000000000000000000000000a",
        number="4",
        title="The pier",
        slug=slug or Slug("EXT", "HARBOUR", "NIGHT"),
        prompt=prompt,
        brain=BrainChoice(brain, BRAINS[brain].version, 100),
        lines=lines,
        shots=shots,
        frames=frames,
        picture=picture or Picture(160, 90),
        provider=NAME,
        provider_version=VERSION,
    )

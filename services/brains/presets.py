"""The five brains that every studio starts with: authored starting values, under descriptive names.

Not measurements: nobody publishes canonical numbers; each is a considered default that a project may replace.
"""

from collections.abc import Mapping
from types import MappingProxyType

from services.brains.errors import UnknownBrain
from services.brains.model import Angle, Brain, Cdl, Lens, Light, Move, Pacing, shares

THRILLER = Brain(
    id="thriller",
    version=1,
    name="Thriller",
    aspect=2.39,
    rate=(24, 1),
    sizes=shares(40, 35, 25),
    angles={Angle.EYE: 0.5, Angle.LOW: 0.2, Angle.HIGH: 0.2, Angle.DUTCH: 0.1},
    moves={Move.STATIC: 0.4, Move.PUSH_IN: 0.3, Move.TRACK: 0.15, Move.PAN: 0.1, Move.PULL_OUT: 0.05},
    lens=Lens(27, 40, 75),
    light=Light(key_ratio=8.0, hardness=0.6, key_k=4000, fill_k=6500),
    cdl=Cdl((0.96, 1.0, 0.98), (-0.010, -0.004, -0.006), (1.08, 1.05, 1.07), 0.82),
    palette=("1B1F1E", "3E4A3F", "8A7F4B", "C9B98F", "5B6B73"),
    pacing=Pacing(3.9, (1.15, 1.0, 0.95, 0.8)),
    transitions={"cut": 0.96, "dissolve": 0.02, "fade": 0.02},
    prompt_words=("low key light", "asymmetric framing", "practical sources", "cool shadows with sodium highlights"),
    avoid_words=("flat light", "saturated colours"),
)

K_DRAMA = Brain(
    id="k_drama",
    version=1,
    name="K-Drama",
    aspect=16 / 9,
    rate=(24, 1),
    sizes=shares(55, 30, 15),
    angles={Angle.EYE: 0.75, Angle.HIGH: 0.12, Angle.LOW: 0.13},
    moves={Move.PUSH_IN: 0.45, Move.STATIC: 0.25, Move.PAN: 0.15, Move.TRACK: 0.15},
    lens=Lens(50, 85, 135),
    light=Light(key_ratio=2.0, hardness=0.2, key_k=4800, fill_k=5600),
    cdl=Cdl((1.04, 1.01, 0.98), (0.015, 0.012, 0.012), (0.95, 0.96, 0.97), 0.98),
    palette=("F6E7DA", "EAB8A2", "C98B86", "8FB2C9", "5D6A86"),
    pacing=Pacing(4.8, (1.1, 1.0, 1.0, 1.05)),
    transitions={"cut": 0.86, "dissolve": 0.10, "fade": 0.04},
    prompt_words=("soft diffuse light", "shallow focus with round highlights", "pastel warmth", "lingering close-ups"),
    avoid_words=("harsh shadow", "handheld shake"),
)

ANIMATED_FEATURE = Brain(
    id="animated_feature",
    version=1,
    name="Animated Feature",
    aspect=2.39,
    rate=(24, 1),
    sizes=shares(35, 35, 30),
    angles={Angle.EYE: 0.5, Angle.LOW: 0.25, Angle.HIGH: 0.2, Angle.BIRD: 0.05},
    moves={Move.CRANE: 0.3, Move.TRACK: 0.25, Move.PUSH_IN: 0.25, Move.PAN: 0.1, Move.STATIC: 0.1},
    lens=Lens(24, 35, 65),
    light=Light(key_ratio=3.0, hardness=0.4, key_k=5200, fill_k=6800),
    cdl=Cdl((1.05, 1.03, 1.04), (0.005, 0.005, 0.008), (0.96, 0.97, 0.95), 1.18),
    palette=("F2A541", "F25F5C", "247BA0", "70C1B3", "FFE066"),
    pacing=Pacing(3.6, (1.1, 1.0, 1.0, 0.85)),
    transitions={"cut": 0.95, "dissolve": 0.05},
    prompt_words=("colour carries the emotion", "clear silhouettes", "rounded shapes", "rich bounce light"),
    avoid_words=("grain", "muddy colours"),
)

LARGE_FORMAT_EPIC = Brain(
    id="large_format_epic",
    version=1,
    name="Large-format Epic",
    aspect=2.20,
    rate=(24, 1),
    sizes=shares(30, 35, 35),
    angles={Angle.EYE: 0.45, Angle.LOW: 0.3, Angle.HIGH: 0.15, Angle.BIRD: 0.1},
    moves={Move.HANDHELD: 0.3, Move.TRACK: 0.3, Move.PULL_OUT: 0.2, Move.PUSH_IN: 0.1, Move.STATIC: 0.1},
    lens=Lens(35, 50, 80),
    light=Light(key_ratio=4.0, hardness=0.7, key_k=5200, fill_k=6000),
    cdl=Cdl((0.98, 1.0, 1.03), (-0.008, -0.006, 0.0), (1.06, 1.05, 1.03), 0.88),
    palette=("0E1A24", "2F4858", "7A8B99", "C7B299", "E8E3D9"),
    pacing=Pacing(3.3, (1.1, 1.0, 1.0, 0.8)),
    transitions={"cut": 0.98, "fade": 0.02},
    prompt_words=("practical scale", "natural light", "deep focus", "small people in large spaces"),
    avoid_words=("soft diffusion", "pastel"),
)

HORROR = Brain(
    id="horror",
    version=1,
    name="Horror",
    aspect=2.35,
    rate=(24, 1),
    sizes=shares(35, 30, 35),
    angles={Angle.EYE: 0.4, Angle.LOW: 0.2, Angle.HIGH: 0.2, Angle.DUTCH: 0.15, Angle.WORM: 0.05},
    moves={Move.PUSH_IN: 0.4, Move.STATIC: 0.3, Move.PAN: 0.2, Move.TILT: 0.1},
    lens=Lens(18, 24, 40),
    light=Light(key_ratio=16.0, hardness=0.8, key_k=3200, fill_k=7500),
    cdl=Cdl((0.92, 0.97, 1.0), (-0.025, -0.018, -0.012), (1.15, 1.12, 1.10), 0.68),
    palette=("0A0C0D", "1E2A2B", "3B4A3F", "6B1F1F", "B9B2A3"),
    pacing=Pacing(5.4, (1.3, 1.1, 1.0, 0.75)),
    transitions={"cut": 0.94, "fade": 0.06},
    prompt_words=("negative space", "nothing seen in the shadows", "desaturated", "a slow creeping frame"),
    avoid_words=("even light", "cheerful colours"),
)

BRAINS: Mapping[str, Brain] = MappingProxyType(
    {brain.id: brain for brain in (THRILLER, K_DRAMA, ANIMATED_FEATURE, LARGE_FORMAT_EPIC, HORROR)}
)


def brain(brain_id: str, version: int | None = None) -> Brain:
    """The newest, or exactly `version`. Raises `UnknownBrain`."""
    found = BRAINS.get(brain_id)
    if found is None or version not in (None, found.version):
        raise UnknownBrain(f"no brain {brain_id!r} in version {version}")
    return found

"""How long speech takes, before anybody has spoken: what a scene must last at least; pure.

Planned a little slower than the voice speaks, so that it always fits.
"""

from services.generation.errors import SceneTooLong
from services.generation.request import SCENE_FRAMES_MAX, SceneRequest

LETTERS_PER_S = 12.0
LINE_GAP_S = 0.45
SPEECH_LEAD_S = 0.35


def speech_s(text: str) -> float:
    """Seconds for a line, its pause included."""
    return len(text) / LETTERS_PER_S + LINE_GAP_S


def check(request: SceneRequest) -> None:
    """Raises `SceneTooLong`."""
    rate = request.picture.rate[0] / request.picture.rate[1]
    spoken_s = sum(speech_s(line.text) for line in request.lines)
    asked_s = sum(shot.frames or 0 for shot in request.shots) / rate
    needed_s, limit_s = max(spoken_s, asked_s), SCENE_FRAMES_MAX / rate
    if needed_s > limit_s:
        raise SceneTooLong(needed_s, limit_s)

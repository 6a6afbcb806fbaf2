"""A scene of the document as a request: read once, cleaned, bounded; pure.

Clients may have put anything into their registers: what cannot be used becomes "not said".
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from services.brains.errors import UnknownBrain
from services.brains.model import Angle, Brain, Move, Size
from services.brains.presets import brain
from services.generation.request import (
    SCENE_FRAMES_MAX,
    SHOT_FRAMES_MIN,
    SHOTS_MAX,
    BrainChoice,
    Line,
    Picture,
    SceneRequest,
    ShotRequest,
    Slug,
)
from sync.storyboard.read import PROMPT_CHARS_MAX, SceneView, ShotView, text_of, whole

LINES_MAX = 200
LINE_CHARS_MAX = 1_000
NAME_CHARS_MAX = 80
LENS_MM_MAX = 1_200

Word = TypeVar("Word", bound=StrEnum)
Find = Callable[[str, int | None], Brain]
"""A brain by its name: the newest, or exactly this version. Raises `UnknownBrain`."""


def request_of(
    scene: SceneView, default_brain: str, picture: Picture, provider: str, version: int, find: Find = brain
) -> SceneRequest:
    """Everything that decides the take, and nothing else: status, takes and order keys are left out.

    A brain that `find` does not know is the project's, and where that is gone too, the first of the presets.
    """
    return SceneRequest(
        scene_id=scene.id,
        number=_text(scene.num, NAME_CHARS_MAX),
        title=_text(scene.title, NAME_CHARS_MAX),
        slug=_slug(scene.slug),
        prompt=_text(scene.prompt, PROMPT_CHARS_MAX),
        brain=_brain(scene.brain or {}, default_brain, find),
        lines=tuple(line for line in map(_line, scene.dlg[:LINES_MAX]) if line is not None),
        shots=tuple(_shot(shot) for shot in scene.shots[:SHOTS_MAX]),
        frames=_between(scene.est_f, SHOT_FRAMES_MIN, SCENE_FRAMES_MAX),
        picture=picture,
        provider=provider,
        provider_version=version,
    )


def _slug(slug: Mapping[str, Any]) -> Slug:
    said = {key: _text(slug.get(key), NAME_CHARS_MAX) for key in ("ie", "loc", "tod")}
    return Slug(said["ie"] or "EXT", said["loc"], said["tod"] or "DAY")


def _brain(choice: Mapping[str, Any], default_brain: str, find: Find) -> BrainChoice:
    strength = _between(whole(choice.get("strength")), 0, 100)
    for name, version in ((text_of(choice.get("id")), whole(choice.get("ver"))), (default_brain, None)):
        try:
            found = find(name, version)
        except UnknownBrain:
            continue
        return BrainChoice.of(found, 100 if strength is None else strength)
    return BrainChoice()


def _line(line: Mapping[str, Any]) -> Line | None:
    words = _text(line.get("txt"), LINE_CHARS_MAX).strip()
    return Line(_text(line.get("c"), NAME_CHARS_MAX).strip(), words) if words else None


def _shot(shot: ShotView) -> ShotRequest:
    return ShotRequest(
        id=shot.id,
        size=_word(Size, shot.size),
        angle=_word(Angle, shot.angle),
        move=_word(Move, shot.move),
        lens_mm=_between(shot.lens_mm, 1, LENS_MM_MAX),
        frames=_between(shot.dur_f, SHOT_FRAMES_MIN, SCENE_FRAMES_MAX),
        description=_text(shot.desc, LINE_CHARS_MAX),
    )


def _word(words: type[Word], said: str | None) -> Word | None:
    return next((word for word in words if word.value == said), None)


def _text(value: object, chars_max: int) -> str:
    """PostgreSQL's text holds every character but NUL, which a client may well write."""
    return text_of(value).replace("\x00", "")[:chars_max]


def _between(number: int | None, low: int, high: int) -> int | None:
    return None if number is None else min(high, max(low, number))

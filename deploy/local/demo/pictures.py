"""Measures how sharp pictures are, so that "sharper and sharper" is a number and not a promise.

Says nothing about what they show.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image


def sharpness(paths: Sequence[Path]) -> list[float]:
    """Mean difference between neighbouring grey values of each, all scaled to the size of the largest."""
    images = []
    for path in paths:
        with Image.open(path) as image:
            images.append(image.convert("L"))
    size = max((image.size for image in images), default=(1, 1))
    return [_gradient(image.resize(size, Image.Resampling.BICUBIC)) for image in images]


def _gradient(image: Image.Image) -> float:
    grey = np.asarray(image, dtype=np.float64)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())

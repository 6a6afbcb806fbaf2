"""A picture in about thirty characters, after the BlurHash format (version 1): what pages paint until it is there.

Pure. The picture is small already; it is the colours' low frequencies that are kept.
"""

import numpy as np
from numpy.typing import NDArray

COMPONENTS = (4, 3)
"""Across and down."""
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

Colours = NDArray[np.float64]


def blurhash(pixels: NDArray[np.uint8]) -> str:
    """`pixels`: (height, width, 3) sRGB."""
    across, down = COMPONENTS
    factors = _factors(_linear(pixels), across, down)
    average, rest = factors[0], factors[1:]
    largest = float(np.abs(rest).max())
    step = int(max(0, min(82, np.floor(largest * 166 - 0.5))))
    coded = np.floor(_signed_root(rest / ((step + 1) / 166)) * 9 + 9.5).clip(0, 18).astype(int)
    red, green, blue = (int(value) for value in _srgb(average))
    words = [_base83(across - 1 + (down - 1) * 9, 1), _base83(step, 1), _base83(red << 16 | green << 8 | blue, 4)]
    words += [_base83(int(r) * 19 * 19 + int(g) * 19 + int(b), 2) for r, g, b in coded]
    return "".join(words)


def _factors(linear: Colours, across: int, down: int) -> Colours:
    """(across * down, 3): how much of each cosine is in the picture."""
    height, width, _ = linear.shape
    columns = np.cos(np.pi * np.outer(np.arange(across), np.arange(width)) / width)
    rows = np.cos(np.pi * np.outer(np.arange(down), np.arange(height)) / height)
    sums = np.einsum("jy,ix,yxc->jic", rows, columns, linear) / (width * height)
    sums *= 2
    sums[0, 0] /= 2
    return np.asarray(sums.reshape(-1, 3))


def _linear(pixels: NDArray[np.uint8]) -> Colours:
    value = pixels.astype(np.float64) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4))


def _srgb(linear: Colours) -> NDArray[np.int64]:
    value = np.clip(linear, 0, 1)
    shown = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    return (shown * 255 + 0.5).astype(np.int64)


def _signed_root(value: Colours) -> Colours:
    return np.asarray(np.sign(value) * np.sqrt(np.abs(value)))


def _base83(value: int, digits: int) -> str:
    return "".join(DIGITS[value // 83**place % 83] for place in range(digits - 1, -1, -1))

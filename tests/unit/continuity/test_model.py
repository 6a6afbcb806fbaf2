"""What a character may be: every limit, by the name of its field."""

from typing import Any

import pytest

from services.continuity.errors import CharacterUnfit
from services.continuity.model import (
    FACE_NUMBERS,
    IMAGES_MAX,
    NAME_CHARS_MAX,
    TRAIT_CHARS_MAX,
    TRAIT_NAME_CHARS_MAX,
    TRAITS_MAX,
    CharacterChange,
    checked,
)


def test_what_fits() -> None:
    full = CharacterChange(
        "x" * NAME_CHARS_MAX,
        [0.5] * FACE_NUMBERS,
        {str(number): "x" * TRAIT_CHARS_MAX for number in range(TRAITS_MAX)},
        "ab" * 32,
        [f"{number:064x}" for number in range(IMAGES_MAX)],
    )
    assert checked(full) == full


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "   "),
        ("name", "x" * (NAME_CHARS_MAX + 1)),
        ("face", [0.5] * (FACE_NUMBERS - 1)),
        ("face", [0.0] * FACE_NUMBERS),
        ("face", [float("nan")] * FACE_NUMBERS),
        ("face", [float("inf")] * FACE_NUMBERS),
        ("face", [1e154] * FACE_NUMBERS),
        ("face", [0.5] * (FACE_NUMBERS - 1) + [1e-40]),
        ("images", ["ab" * 32] * 2),
        ("images", [f"{number:064x}" for number in range(IMAGES_MAX + 1)]),
        ("appearance", {str(number): "" for number in range(TRAITS_MAX + 1)}),
        ("appearance", {"x" * (TRAIT_NAME_CHARS_MAX + 1): ""}),
        ("appearance", {"": ""}),
        ("appearance", {"hair": "x" * (TRAIT_CHARS_MAX + 1)}),
    ],
)
def test_what_does_not(field: str, value: Any) -> None:
    with pytest.raises(CharacterUnfit) as refused:
        checked(CharacterChange(**{field: value}))
    assert refused.value.field == field

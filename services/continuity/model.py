"""What a character may be; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.continuity.errors import CharacterUnfit

NAME_CHARS_MAX = 255
FACE_NUMBERS = 512
FACE_NUMBER_MAX = 1_000.0
FACE_NUMBER_MIN = 1e-30
"""Of either sign, and 0; embeddings have lengths near 1, and a `vector` holds single precision."""
IMAGES_MAX = 16
TRAITS_MAX = 32
TRAIT_NAME_CHARS_MAX = 64
TRAIT_CHARS_MAX = 1_000
CHARACTERS_MAX = 1_000
CHARACTERS_PAGE_MAX = 100
NEAREST_MAX = 50


@dataclass(frozen=True, slots=True)
class CharacterChange:
    """None leaves a field as it is; what is in `cleared` (face, voice) becomes nothing.

    `face`: 512 numbers; `appearance`: trait -> description; `voice` and `images`: sha256 of media of the project.
    """

    name: str | None = None
    face: Sequence[float] | None = None
    appearance: Mapping[str, str] | None = None
    voice: str | None = None
    images: Sequence[str] | None = None
    cleared: frozenset[str] = field(default_factory=frozenset)


def checked(change: CharacterChange) -> CharacterChange:
    """Raises `CharacterUnfit`."""
    if change.name is not None and not 1 <= len(change.name.strip()) <= NAME_CHARS_MAX:
        raise CharacterUnfit("name", NAME_CHARS_MAX, f"A name has 1 to {NAME_CHARS_MAX} characters, not only spaces.")
    if change.face is not None:
        check_face(change.face)
    if change.images is not None and not len(set(change.images)) == len(change.images) <= IMAGES_MAX:
        raise CharacterUnfit("images", IMAGES_MAX, f"A character has at most {IMAGES_MAX} pictures, each once.")
    traits = change.appearance or {}
    if len(traits) > TRAITS_MAX:
        raise CharacterUnfit("appearance", TRAITS_MAX, f"A character has at most {TRAITS_MAX} traits.")
    if any(not 1 <= len(name) <= TRAIT_NAME_CHARS_MAX for name in traits):
        raise CharacterUnfit("appearance", TRAIT_NAME_CHARS_MAX, "The name of a trait has the wrong length.")
    if any(len(text) > TRAIT_CHARS_MAX for text in traits.values()):
        raise CharacterUnfit("appearance", TRAIT_CHARS_MAX, "The description of a trait is too long.")
    return change


def check_face(face: Sequence[float]) -> None:
    """Raises `CharacterUnfit`: a face has a direction, or nothing can be near to it."""
    fit = all(number == 0 or FACE_NUMBER_MIN <= abs(number) <= FACE_NUMBER_MAX for number in face)
    if len(face) != FACE_NUMBERS or not fit or not any(face):
        raise CharacterUnfit(
            "face", FACE_NUMBERS, f"A face is {FACE_NUMBERS} numbers up to {FACE_NUMBER_MAX:g}, not all of them 0."
        )

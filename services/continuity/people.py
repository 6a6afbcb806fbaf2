"""Names in words as people: characters of the project by name, part of a name, alias or mention, others by their name.

A part of a name that two characters share is nobody's.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

ALIASES = ("alias", "aliases", "also known as", "nickname")
"""Traits whose text is a list of other names, with commas."""
PART_CHARS_MIN = 3
OFF_SCREEN = re.compile(r"\((?:v\.?o\.?|o\.?s\.?|o\.?c\.?|off|voice|on phone)[^)]*\)", re.IGNORECASE)
"""Behind a speaker's name: heard, and not seen."""
_TITLES = frozenset({"the", "mr", "mrs", "ms", "dr", "captain", "van", "von", "de"})
_PARENTHESIS = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Known:
    """A character of the project. `id`: `chr_...`; `images`, `voice`: sha256 of media, the best picture first."""

    id: str
    name: str
    appearance: Mapping[str, str]
    images: tuple[str, ...]
    voice: str | None


class Names:
    """Of the characters of one project."""

    def __init__(self, characters: Sequence[Known]) -> None:
        self.characters = {character.id: character for character in characters}
        whole = {_folded(name): character.id for character in characters for name in _whole(character)}
        parts = Counter(part for character in characters for part in set(_parts(character)))
        self._ids = {
            part: character.id for character in characters for part in _parts(character) if parts[part] == 1
        } | whole
        words = sorted(self._ids, key=lambda name: (-len(name), name))
        self._pattern = (
            re.compile(rf"(@?)\b({'|'.join(map(re.escape, words))})(?:['’]s)?\b", re.IGNORECASE) if words else None
        )

    def of_speaker(self, speaker: str) -> tuple[str, str, bool]:
        """(character id or empty, name without what is in parentheses, whether seen)."""
        name = _PARENTHESIS.sub("", speaker).strip()
        return self._ids.get(_folded(name), ""), name, OFF_SCREEN.search(speaker) is None

    def mentions(self, text: str) -> Iterator[tuple[int, str, str, bool]]:
        """(position, character id, the words, whether with an @), in order. A name begins with a capital letter."""
        for match in self._pattern.finditer(text) if self._pattern else ():
            if match.group(1) or match.group(2)[0].isupper() or " " in match.group(2):
                yield match.start(), self._ids[_folded(match.group(2))], match.group(0), bool(match.group(1))


def _whole(character: Known) -> Iterator[str]:
    yield character.name
    for trait, told in character.appearance.items():
        if trait.strip().casefold() in ALIASES:
            yield from filter(None, (alias.strip() for alias in told.split(",")))


def _parts(character: Known) -> Iterable[str]:
    words = character.name.split()
    return [_folded(word) for word in words if len(word) >= PART_CHARS_MIN and word.casefold() not in _TITLES]


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())

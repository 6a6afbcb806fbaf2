"""The words of a text, in any script: as they are indexed, as they are asked for, and where they stand.

A word is a run of letters, digits and marks; whatever else stands between them is not searched. Scripts that do not
space their words are searched by character: what was asked for has to follow one another. PostgreSQL's own parser is
given only what it cannot read otherwise: its punctuation is that of the database's locale.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_UNSPACED: Final = (
    "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
"""Han and kana."""
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")
_QUOTES = {ord(each): '"' for each in "\u201c\u201d\u201e\u00ab\u00bb"}
_PARTS_OF_WORDS = ("L", "M", "N")
"""Categories of Unicode: letters, marks, numbers."""

BEFORE_WORDS = 8
AFTER_WORDS = 16
"""Round a word that was asked for, in a snippet."""
FRAGMENTS_MAX = 2
ELLIPSIS = "\u2026"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text as its author wrote it; never markup."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """`query`: for `websearch_to_tsquery`. `words`: those that a hit has, each the beginning of one."""

    query: str
    words: tuple[str, ...]


class _Blanks(dict[int, int | str]):
    """For `str.translate`: a blank for every character that is no part of a word, one for one."""

    def __missing__(self, code: int) -> int | str:
        kept = code if unicodedata.category(chr(code))[0] in _PARTS_OF_WORDS else " "
        self[code] = kept
        return kept


_BLANKS = _Blanks()


def spaced(text: str) -> str:
    """All words in their order, in small letters, one blank between them."""
    normal = unicodedata.normalize("NFKC", text).casefold().translate(_BLANKS)
    return " ".join(_TOKEN.findall(normal) if _HAS_UNSPACED.search(normal) else normal.split())


def asked_for(typed: str) -> Asked:
    """As people type it: words that all occur, "words in a row", -without, this or that."""
    terms: list[str] = []
    words: list[str] = []

    def add(term: str, is_excluded: bool) -> None:
        found = spaced(term)
        if found:
            terms.append(f"-{_phrase(found)}" if is_excluded else _phrase(found))
            words.extend(() if is_excluded else found.split(" "))

    is_excluded = False
    for place, part in enumerate(typed.translate(_QUOTES).split('"')):
        if place % 2:
            add(part, is_excluded)
            continue
        for term in part.split():
            add(term, term.startswith("-"))
        is_excluded = part.endswith("-")
    return Asked(" ".join(terms), tuple(dict.fromkeys(word for word in words if word != "or")))


def _phrase(words: str) -> str:
    return f'"{words}"' if " " in words else words


def highlighted(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """All of the text."""
    return tuple(_pieces(text, 0, len(text), _matches(text, words)))


def snippet(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """Fragments of the text round the words that were asked for; its beginning, where none of them stands."""
    tokens = list(_tokens(text))
    matches = [place for place, (start, end) in enumerate(tokens) if _is_asked(text[start:end], words)]
    spans = [tokens[place] for place in matches]
    pieces: list[Piece] = []
    reached = 0
    for first, last in _windows(matches, len(tokens)):
        start = tokens[first][0] if first else 0
        end = tokens[last - 1][1] if last < len(tokens) else len(text)
        if start > reached:
            pieces.append(Piece(f" {ELLIPSIS} " if reached else f"{ELLIPSIS} ", False))
        pieces += _pieces(text, start, end, spans)
        reached = end
    if reached < len(text):
        pieces.append(Piece(f" {ELLIPSIS}", False))
    return tuple(pieces)


def _windows(matches: Sequence[int], count: int) -> list[tuple[int, int]]:
    """(first token, behind the last) of each fragment."""
    windows: list[tuple[int, int]] = []
    fragments = 0
    for place in matches or [0]:
        if windows and place < windows[-1][1]:
            continue
        if fragments == FRAGMENTS_MAX:
            break
        fragments += 1
        first, last = max(place - BEFORE_WORDS, 0), min(place + AFTER_WORDS, count)
        if windows and first <= windows[-1][1]:
            windows[-1] = (windows[-1][0], last)
        else:
            windows.append((first, last))
    return windows


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """Where the words stand."""
    return (found.span() for found in _TOKEN.finditer(text.translate(_BLANKS)))


def _matches(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    return [(start, end) for start, end in _tokens(text) if _is_asked(text[start:end], words)]


def _is_asked(token: str, words: Sequence[str]) -> bool:
    return any(part.startswith(word) for part in spaced(token).split(" ") for word in words)


def _pieces(text: str, start: int, end: int, matches: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    for first, last in matches:
        if not start <= first < end:
            continue
        if first > start:
            yield Piece(text[start:first], False)
        yield Piece(text[first:last], True)
        start = last
    if start < end:
        yield Piece(text[start:end], False)

"""Runs of words that say one thing as a whole: camera, size, angle, time, weather; pure.

What is left over is a sentence about who does what, for `sentences.py`.
"""

from collections import defaultdict
from collections.abc import Iterable

from services.cache.prompts.lexicon import NOTHING, ONE_WORD, PROPERTIES, SLOTS, TURNS, UNITS
from services.cache.prompts.words import Ending, Word, words

CAMERA = "camera:"
"""Begins the word that stands where a movement was, so that "to the jukebox" behind it belongs to the camera."""


def _lemmas(phrase: str) -> tuple[str, ...]:
    return tuple(word.lemma for word in words(phrase)[0])


_SAID = {
    _lemmas(way): (slot, value) for slot, values in SLOTS.items() for value, ways in values.items() for way in ways
}
_TURNS = {
    _lemmas(f"{verb} {to}{way}"): ("move", f"{name}-{way}")
    for verb, name in TURNS.items()
    for way in ("left", "right", "up", "down")
    for to in ("", "to the ")
}
_WORDS = {_lemmas(phrase): ("word", word) for phrase, word in ONE_WORD.items()}
_PROPERTIES = {_lemmas(phrase): ("property", word) for phrase, word in PROPERTIES.items()}
_PHRASES = {**_SAID, **_TURNS, **_WORDS, **_PROPERTIES, **{_lemmas(phrase): ("", "") for phrase in NOTHING}}
"""Lemmas in a row -> the slot and the value that they say."""
_LONGEST = max(map(len, _PHRASES))
_PACES = {"slow": "slow", "fast": "fast"}
_NEGATIONS = frozenset({"no", "not", "without"})
_UNITS = {"mm": "lens", "fps": "rate", "s": "length", "k": "light"}
_STRENGTHS = {
    "heavy": "heavy",
    "pour": "heavy",
    "light": "light",
    "thin": "thin",
    "thick": "thick",
    "dense": "thick",
}
_LEADING = frozenset({"in", "at", "on", "the", "a", "an", "with", "during"})
_CIRCUMSTANCES = frozenset({"season", "time", "weather", "sound", "angle", "size"})
_ADJECTIVES = frozenset({"foggy", "rainy", "sunny"})
_OWN_STOPS = frozenset({"move", "size", "angle", "focus", "lens", "pace", "set"})

Said = dict[str, list[str]]


def phrases(given_words: Iterable[Word]) -> tuple[list[Word], Said]:
    """What is left, and what was said: slot -> values, in their order."""
    given = list(given_words)
    left: list[Word] = []
    said: Said = defaultdict(list)
    at = 0
    while at < len(given):
        length, slot, value = _found(given, at)
        if not length:
            at += _measured(given, at, said) or _kept(given, at, left)
            continue
        if slot == "word":
            left.append(Word(value, given[at].ending))
        elif slot == "property":
            left.append(Word(value, Ending.ED))
        elif slot:
            at = _say(given, at, length, slot, value, left, said)
        at += length
    return left, said


def _found(given: list[Word], at: int) -> tuple[int, str, str]:
    for length in range(min(_LONGEST, len(given) - at), 0, -1):
        phrase = tuple(word.lemma for word in given[at : at + length])
        if phrase in _PHRASES:
            return length, *_PHRASES[phrase]
    return 0, "", ""


def _kept(given: list[Word], at: int, left: list[Word]) -> int:
    left.append(given[at])
    return 1


def _measured(given: list[Word], at: int, said: Said) -> int:
    """`35 mm`, `24 fps`, `3 s`: how many words that are, or 0."""
    if at + 1 < len(given) and given[at].lemma[0].isdigit() and given[at + 1].lemma in UNITS:
        unit = UNITS[given[at + 1].lemma]
        said[_UNITS[unit]].append(given[at].lemma + unit)
        return 2
    return 0


def _say(given: list[Word], at: int, length: int, slot: str, value: str, left: list[Word], said: Said) -> int:
    """Takes the pace of a movement and a negation of anything along. Returns `at`, moved by what it took behind."""
    if slot == "weather" and left and left[-1].lemma in _STRENGTHS:
        value = f"{_STRENGTHS[left.pop().lemma]} {value}"
    while slot in _CIRCUMSTANCES and given[at].lemma not in _ADJECTIVES and left and left[-1].lemma in _LEADING:
        left.pop()
    if left and left[-1].lemma in _NEGATIONS:
        value = f"no {value}"
        left.pop()
    if slot in ("move", "pace"):
        if left and left[-1].lemma in _PACES:
            said["pace"].append(_PACES[left.pop().lemma])
        if at + length < len(given) and given[at + length].lemma in _PACES:
            said["pace"].append(_PACES[given[at + length].lemma])
            at += 1
    said[slot].append(value)
    if slot == "move":
        left.append(Word(CAMERA + value))
    elif slot in _OWN_STOPS and at + length < len(given) and given[at + length].lemma == "of":
        at += 1
    return at

"""A prompt as words: quotes taken out, each word as its lemma with what its ending says; pure.

A rule that cuts a rare word wrongly cuts it wrongly in both of two prompts.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from services.cache.prompts.lexicon import NUMBERS, SAME
from services.cache.prompts.verbs import ED_WORDS, ING_NOUNS, IRREGULAR, PLURALS, S_WORDS, VERBS

QUOTE = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]")
TOKEN = re.compile(r"(?:19|20)\d0s|\d+(?:[.:,]\d+)*|[^\W\d_]+(?:['-][^\W\d_]+)*|\x00\d+|[.;:!?,\n]|[^\w\s]")
STOPS = frozenset(".;:!?\n")
SPELLED = {
    "color": "colour",
    "colors": "colour",
    "colours": "colour",
    "theater": "theatre",
    "harbor": "harbour",
    "gray": "grey",
    "lighting": "light",
    "framing": "frame",
    "slowly": "slow",
    "quickly": "fast",
    "isn't": "not",
    "doesn't": "not",
    "aren't": "not",
    "don't": "not",
    "never": "not",
    "nor": "not",
    "candlelit": "candle-lit",
    "candles": "candle",
    "has": "have",
    "does": "do",
    "is": "be",
    "are": "be",
    "was": "be",
    "were": "be",
    "been": "be",
    "lanterns": "lantern",
}
"""Other spellings, and forms of the words that only help others."""


class Ending(StrEnum):
    """What the form of a word says about it. `OWN`: somebody's ('s)."""

    PLAIN = ""
    S = "s"
    ING = "ing"
    ED = "ed"
    OWN = "'s"


@dataclass(frozen=True, slots=True)
class Word:
    """`lemma`: in lower case, a synonym replaced by the word that stands for its group."""

    lemma: str
    ending: Ending = Ending.PLAIN
    is_capital: bool = False


def words(prompt: str) -> tuple[list[Word], tuple[str, ...]]:
    """The words with their punctuation, and the quoted texts letter by letter; `\\x00N` stands where text N was."""
    quotes: list[str] = []

    def out(found: re.Match[str]) -> str:
        quotes.append(" ".join(found[1].split()).rstrip(".,"))
        return f" \x00{len(quotes) - 1} "

    plain = QUOTE.sub(
        out,
        unicodedata.normalize("NFC", prompt.replace("\x00", "").replace("’", "'").replace("frames per second", "fps")),
    )
    found = [replace(_word(token.lower()), is_capital=token[0].isupper()) for token in TOKEN.findall(plain)]
    return found, tuple(quotes)


def _word(token: str) -> Word:
    if token[0].isdigit():
        return Word(token)
    if token.endswith("'s") or token.endswith("s'"):
        return Word(_same(token[:-2] if token.endswith("'s") else token[:-1]), Ending.OWN)
    if token in SPELLED:
        return Word(_same(SPELLED[token]))
    if token in SAME:
        return Word(SAME[token])
    if token in IRREGULAR:
        return Word(_same(IRREGULAR[token]), Ending.ED)
    if token in PLURALS:
        return Word(_same(PLURALS[token]), Ending.S)
    if token in NUMBERS:
        return Word(NUMBERS[token])
    lemma, ending = _cut(token)
    return Word(_same(lemma), ending)


def _cut(token: str) -> tuple[str, Ending]:
    if token.endswith("ing") and len(token) > 5 and token not in ING_NOUNS:
        return _verb(token[:-3]), Ending.ING
    if token.endswith("ed") and len(token) > 4 and token not in ED_WORDS:
        return _verb(token[:-2]), Ending.ED
    if token.endswith("s") and len(token) > 3 and token not in S_WORDS and not token.endswith("ss"):
        if token.endswith("ies"):
            return token[:-3] + "y", Ending.S
        if token.endswith(("shes", "ches", "sses", "xes", "zes", "oes")):
            return token[:-2], Ending.S
        return token[:-1], Ending.S
    return token, Ending.PLAIN


def _verb(stem: str) -> str:
    """The verb of which a stem is left: `writ`, `runn`, `carri`."""
    undoubled = stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem
    carried = stem[:-1] + "y" if stem.endswith("i") else stem
    for verb in (stem, stem + "e", undoubled, carried):
        if verb in VERBS:
            return verb
    return undoubled if stem[-1:] in "bdgmnprt" else carried


def _same(lemma: str) -> str:
    return SAME.get(lemma, lemma)

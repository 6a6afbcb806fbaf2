"""Text as words that can be compared: one alphabet, one case, no marks between letters, numbers as figures; pure.

Undoes what people do to slip through (look-alike letters, figures for letters, letters apart), and nothing that changes
a plain sentence.
"""

import re
import unicodedata
from collections.abc import Sequence

LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕкмтвнԁɡαεορτυνικηßøłđıǀ",
    "aeopcyxijskmtbhdgaeoptuvikhsoldil",
)
"""Cyrillic, Greek and others that look like Latin ones. ß, ø, ł and đ have no mark that could be taken off."""
FIGURES = str.maketrans("013457@$!", "oieastasi")
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_TOKEN = re.compile(r"[^\W_]+(?:[@$!][^\W_]+)*|[@$](?=[^\W_])[^\W_]+")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
APART_LETTERS_MIN = 3


def words_of(text: str) -> tuple[str, ...]:
    """In order. A hyphen parts words; single letters in a row are one word."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf", "Me"))
    tokens = [_one(token) for token in _TOKEN.findall(kept.translate(LOOK_ALIKES))]
    return tuple(_joined(tokens))


def _one(token: str) -> str:
    """Figures among letters are letters, unless they lead: `s3x`, but `15yo` and `4k`."""
    if not token.isdigit() and any(letter.isalpha() for letter in token) and not token[0].isdigit():
        token = token.translate(FIGURES)
    return NUMBERS.get(token, _DRAWN_OUT.sub(r"\1", token))


def _joined(tokens: Sequence[str]) -> list[str]:
    """`n u d e` is `nude`; a single letter among words stays as it is."""
    found: list[str] = []
    row: list[str] = []
    for token in (*tokens, ""):
        if len(token) == 1 and token.isalpha():
            row.append(token)
            continue
        found += ["".join(row)] if len(row) >= APART_LETTERS_MIN else row
        row = []
        if token:
            found.append(token)
    return found

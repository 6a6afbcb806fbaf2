"""The small words of English, and what they are for; pure."""

from collections.abc import Sequence

from services.cache.prompts.lexicon import ADVERBS, FILLER, PREPOSITIONS
from services.cache.prompts.phrases import CAMERA
from services.cache.prompts.verbs import VERBS
from services.cache.prompts.words import STOPS, Ending, Word

DETERMINERS = frozenset("a an the this that these those some his her their its".split())
OWNERS = frozenset("his her their its".split())
RELATIVES = frozenset("who which that whose".split())
SUBORDINATORS = frozenset("while as when until because so then".split())
LINKS = frozenset("until because so".split())
"""Those of them that say more than `at the same time`."""
DATIVE = frozenset("give pour sell show offer throw send tell pass bring serve write read".split())
BELONGS = frozenset({"with", "without", "of"})
SCENIC = frozenset({"in", "at", "on"})
TOGETHERNESS = frozenset({"alone", "together"})
HOLDING = {"wear": "wear", "hold": "with", "carry": "with", "have": "with"}
VERB_SAME = {"hand": "give"}
NOMINATIVES = frozenset("he she they".split())
PRONOUNS = NOMINATIVES | {"it", "him", "them"}
NO_NOUN = (
    STOPS | DETERMINERS | PREPOSITIONS | SUBORDINATORS | RELATIVES | ADVERBS | FILLER | {",", "and", "be", "not", "no"}
)


def ends(word: Word | None) -> bool:
    """Nothing that could be a noun."""
    return word is None or word.lemma in NO_NOUN or word.lemma.startswith(CAMERA)


def is_verb(
    word: Word,
    before: Word | None,
    after: Word | None,
    phrase: Sequence[Word],
    *,
    expected: bool,
    aux: bool,
    subjects: int,
) -> bool:
    """Whether a word is one where it stands. `phrase`: what was gathered before it. `expected`: `is`, `to` or `not` is.

    `subjects`: how many the sentence has so far.
    """
    lemma, ending = word.lemma, word.ending
    if before is not None and (before.ending is Ending.OWN or before.lemma in OWNERS):
        return False
    has_noun = bool(phrase) and not all(one.ending is Ending.ED for one in phrase)
    has_noun = has_noun or (before is not None and before.lemma in PRONOUNS)
    by = after is not None and after.lemma == "by"
    if ending is Ending.ING:
        return aux or lemma in HOLDING or has_noun or ends(after)
    if ending is Ending.ED:
        return aux or by or (has_noun and ends(after))
    base = lemma.split("-")[0]
    if base == "light":
        return ending is Ending.S and has_noun and after is not None and after.lemma in DETERMINERS
    if base not in VERBS:
        return False
    if base == "hand" and (after is None or after.lemma in ("and", ",") or after.lemma in STOPS | PREPOSITIONS):
        return False  # "with steady hands"
    free = not phrase and subjects > 0 and before is not None and before.lemma in (",", "and", *RELATIVES)
    if ending is Ending.S:
        return has_noun or free
    plural = bool(phrase) and (phrase[-1].ending is Ending.S or phrase[-1].lemma == "they")
    return (expected and (not aux or by)) or plural or (free and subjects > 1)

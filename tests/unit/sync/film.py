"""One person's replica of a timeline in the tests, and what can be seen of it."""

from collections.abc import Callable
from random import Random
from typing import Any

from pycrdt import Doc, Map

from sync.timeline import seed
from sync.timeline.content import MAIN_TRACK
from sync.timeline.gestures import Timeline
from sync.timeline.hand import content_of

FREE, OTHER = "trk_a", "trk_b"


class Film:
    """One person's replica with some clips, and what can be seen of them."""

    def __init__(self, client: int = 5, state: bytes | None = None) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.hand = Timeline(self.doc, Random(client).randbytes, "usr_ana", 7)
        if state is not None:
            self.doc.apply_update(state)
            return
        self.doc.apply_update(seed.seed(1, (24, 1), "Film"))
        for place, track in enumerate((FREE, OTHER)):
            self.doc.get("tracks", type=Map)[track] = Map({"k": "audio", "mode": "free", "ord": f"W{place}"})

    def of(self, clip: str) -> tuple[int, int, int, int]:
        """(start, frames, in, out)."""
        each = self.hand.seen().placed[clip]
        return each.start, each.frames, each.in_, each.out

    def main(self) -> list[tuple[int, int]]:
        """(start, frames) of the main track in order."""
        placed = self.hand.seen().placed.values()
        return sorted((each.start, each.frames) for each in placed if each.track == MAIN_TRACK)

    def written(self, gesture: Callable[[], object]) -> set[tuple[str, str]]:
        """(entity, register) of clips that a gesture writes, in one transaction."""
        found: set[tuple[str, str]] = set()
        transactions: list[object] = []

        def note(events: list[Any]) -> None:
            transactions.append(events)
            for event in events:
                entity = str(event.path[0]) if event.path else ""
                found.update((entity, key) if entity else (key, "") for key in event.keys)

        clips = self.doc.get("clips", type=Map)
        subscription = clips.observe_deep(note)
        gesture()
        clips.unobserve(subscription)
        assert len(transactions) == 1
        return found

    def fork(self, client: int) -> "Film":
        return Film(client, self.doc.get_update())

    def meet(self, other: "Film") -> None:
        self.doc.apply_update(other.doc.get_update(self.doc.get_state()))
        other.doc.apply_update(self.doc.get_update(other.doc.get_state()))
        assert content_of(self.doc) == content_of(other.doc)

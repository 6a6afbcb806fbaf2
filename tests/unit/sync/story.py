"""One person's replica of a storyboard in the tests, and what can be seen of it."""

from collections.abc import Callable
from random import Random
from typing import Any

from pycrdt import Doc, Map

from sync.storyboard.content import ROOTS, content_of
from sync.storyboard.gestures import Storyboard
from sync.storyboard.resolve import view


class Story:
    """One person's replica, and what can be seen of it."""

    def __init__(self, client: int = 5, state: bytes | None = None) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.hand = Storyboard(self.doc, Random(client).randbytes, "usr_ana", 7)
        if state is not None:
            self.doc.apply_update(state)

    def scenes(self) -> list[str]:
        """Their titles, in the order of the story."""
        return [self.of("scenes", node.id)["title"] for node in self.hand.seen().scenes()]

    def shots(self, scene: str) -> list[str]:
        """What happens in those that are seen in a scene."""
        seen = self.hand.seen()
        found = seen.within("shots", seen.tree.nodes["scenes", scene])
        return [self.of("shots", node.id)["desc"] for node in found]

    def of(self, root: str, entity: str) -> dict[str, Any]:
        """Every register, as it stands in the document."""
        registers: dict[str, Any] = content_of(self.doc)[root][entity]
        return registers

    def view(self) -> dict[str, Any]:
        content = content_of(self.doc)
        return view(content, self.hand.seen())

    def written(self, gesture: Callable[[], object]) -> set[tuple[str, str]]:
        """(entity, register) that a gesture writes, in one transaction; an entity that it makes has no register."""
        found: set[tuple[str, str]] = set()
        transactions = 0

        def note(events: list[Any]) -> None:
            for event in events:
                where = [str(step) for step in event.path]
                if len(where) > 1:
                    found.add((where[0], where[1]))
                else:
                    found.update((where[0], key) if where else (key, "") for key in event.keys)

        def count(_: object) -> None:
            nonlocal transactions
            transactions += 1

        roots = [self.doc.get(root, type=Map) for root in ROOTS]
        subscriptions = [root.observe_deep(note) for root in roots]
        counted = self.doc.observe(count)
        gesture()
        self.doc.unobserve(counted)
        for root, subscription in zip(roots, subscriptions, strict=True):
            root.unobserve(subscription)
        assert transactions <= 1
        return found

    def fork(self, client: int) -> "Story":
        return Story(client, self.doc.get_update())

    def meet(self, other: "Story") -> None:
        self.doc.apply_update(other.doc.get_update(self.doc.get_state()))
        other.doc.apply_update(self.doc.get_update(other.doc.get_state()))
        assert content_of(self.doc) == content_of(other.doc)

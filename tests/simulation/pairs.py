"""`python -m tests.simulation.pairs`: two people make different gestures on one clip or scene; are both kept?

Both are, when the merged film is the one that they would have made one after the other, in one order or the other. A
gesture of somebody who does not know of a split is meant for the whole clip, so it comes first in that comparison.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from random import Random
from typing import Any

from pycrdt import Doc, Map
from rich.console import Console
from rich.table import Table

from sync.timeline import seed
from sync.timeline.content import MAIN_TRACK
from sync.timeline.gestures import Timeline
from sync.timeline.hand import content_of
from sync.timeline.places import scaled
from sync.timeline.resolve import canonical, resolve
from tests.simulation import story_pairs

Gesture = Callable[[Timeline, str, str], object]
"""Of a clip on a free track; the other id is the clip of the main track that is below it."""
LOCAL = 30
"""The frame of the clip at which it is split."""


def _split(hand: Timeline, clip: str, _: str) -> None:
    each = hand.seen().placed[clip]
    hand.split(clip, each.start + scaled(LOCAL - each.in_, each.clip.speed))


def _move(hand: Timeline, clip: str, _: str) -> None:
    hand.move(clip, hand.seen().placed[clip].start + 7)


GESTURES: dict[str, Gesture] = {
    "move": _move,
    "trim head": lambda hand, clip, _: hand.trim_head(clip, 4),
    "trim tail": lambda hand, clip, _: hand.trim_tail(clip, -6),
    "slip": lambda hand, clip, _: hand.slip(clip, 5),
    "change track": lambda hand, clip, _: hand.change_track(clip, "trk_b"),
    "split": _split,
    "retime": lambda hand, clip, _: hand.retime(clip, 2, 1),
    "anchor": lambda hand, clip, below: hand.anchor(clip, below),
}


def board() -> tuple[bytes, str, str]:
    """A film with two clips on the main track and one above them, and the ids of that one and the one below it."""
    doc: Doc[Any] = Doc(client_id=1)
    doc.apply_update(seed.seed(1, (24, 1), "Film"))
    for place, track in enumerate(("trk_a", "trk_b")):
        doc.get("tracks", type=Map)[track] = Map({"k": "audio", "mode": "free", "ord": f"W{place}"})
    hand = Timeline(doc, Random(1).randbytes)
    hand.insert(MAIN_TRACK, 0, 100)
    below = hand.insert(MAIN_TRACK, 1, 100)
    clip = hand.insert("trk_a", 120, 60)
    hand.trim_head(clip, 8)
    return doc.get_update(), clip, below


def film(state: bytes, *gestures: Gesture, client: int = 5, clip: str, below: str) -> tuple[Doc[Any], str]:
    """What is seen after these gestures, one after another."""
    doc: Doc[Any] = Doc(client_id=client)
    doc.apply_update(state)
    for gesture in gestures:
        gesture(Timeline(doc, Random(client).randbytes), clip, below)
    return doc, canonical(resolve(content_of(doc)).view)


def both_are_kept(first: str, second: str) -> bool:
    """Whoever of the two has the higher client id."""
    state, clip, below = board()
    one, other = GESTURES[first], GESTURES[second]
    wanted = {film(state, *order, clip=clip, below=below)[1] for order in ((one, other), (other, one))}
    for clients in ((5, 9), (9, 5)):
        left, _ = film(state, one, client=clients[0], clip=clip, below=below)
        right, _ = film(state, other, client=clients[1], clip=clip, below=below)
        left.apply_update(right.get_update(left.get_state()))
        merged = resolve(content_of(left))
        if merged.repairs or canonical(merged.view) not in wanted:
            return False
    return True


def pairs(gestures: Iterable[str] = GESTURES) -> Iterator[tuple[str, str]]:
    """Ordered pairs of different gestures."""
    return permutations(gestures, 2)


def main() -> None:
    _print("clip", {pair: both_are_kept(*pair) for pair in pairs()}, list(GESTURES))
    of_scenes = list(story_pairs.GESTURES)
    _print("scene", {pair: story_pairs.both_are_kept(*pair) for pair in pairs(of_scenes)}, of_scenes)
    for pair, what in story_pairs.EXPLAINED.items():
        print(f"{' and '.join(sorted(pair))}: {what}")


def _print(of: str, kept: Mapping[tuple[str, str], bool], gestures: Sequence[str]) -> None:
    table = Table("first, second", *gestures)
    for first in gestures:
        row = ["" if first == second else "both" if kept[first, second] else "not both" for second in gestures]
        table.add_row(first, *row)
    Console(width=160).print(table)
    print(f"{sum(kept.values())} of {len(kept)} ordered pairs on one {of} keep both gestures")


if __name__ == "__main__":
    main()

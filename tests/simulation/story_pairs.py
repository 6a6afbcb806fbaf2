"""Two people make different gestures on one scene of a storyboard at once; are both kept? As `pairs`, for scenes."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from pycrdt import Doc, Map

from sync.errors import NoSuchEntity
from sync.repair import write
from sync.storyboard.content import content_of
from sync.storyboard.gestures import Storyboard
from sync.storyboard.resolve import resolve, view
from sync.timeline.resolve import canonical

Gesture = Callable[[Storyboard], object]

GESTURES: dict[str, Gesture] = {
    "title": lambda hand: hand.edit_scene("scn_b", {"title": "At night"}),
    "prompt": lambda hand: hand.edit_scene("scn_b", {"prompt": "Thick fog."}),
    "move": lambda hand: hand.move_scene("scn_b", before="scn_a"),
    "delete": lambda hand: hand.delete_scene("scn_b"),
    "duplicate": lambda hand: hand.duplicate_scene("scn_b", "scn_copy"),
    "split": lambda hand: hand.split_scene("scn_b", "sht_2"),
    "merge": lambda hand: hand.merge_scenes("scn_a", "scn_b"),
    "take": lambda hand: hand.choose_take("scn_b", "tak_1"),
    "pin": lambda hand: hand.pin_take("scn_b", "tak_1"),
    "add shot": lambda hand: hand.add_shot({"desc": "feet"}, "scn_b", "sht_2", "sht_new"),
    "edit shot": lambda hand: hand.edit_shot("sht_2", {"desc": "her eyes"}),
    "move shot": lambda hand: hand.move_shot("sht_2", "scn_c"),
    "delete shot": lambda hand: hand.delete_shot("sht_2"),
}
EXPLAINED = {
    frozenset(("prompt", "merge")): "the other scene says what the prompt was when they were merged",
    frozenset(("delete", "merge")): "it is merged: its shots are seen in the other scene, and nothing has gone",
    frozenset(("duplicate", "split")): "both scenes are there, with the same number",
    frozenset(("split", "move shot")): "a shot stands in one scene, so one of the two wins",
}
"""In either order, what comes out where it is not what one after the other gives. docs/storyboard.md says the same."""


def board() -> bytes:
    """Three scenes, the second with three shots and two takes."""
    doc: Doc[Any] = Doc(client_id=1)
    hand = Storyboard(doc, Random(1).randbytes)
    for name in "abc":
        hand.add_scene({"title": name, "prompt": f"Fog {name}."}, id=f"scn_{name}")
    for place in range(1, 4):
        hand.add_shot({"desc": f"hands {place}"}, "scn_b", id=f"sht_{place}")
    for place in range(1, 3):
        doc.get("takes", type=Map)[f"tak_{place}"] = Map({"scn": "scn_b", "n": place, "st": "complete"})
    write(doc, resolve(content_of(doc)).repairs)
    return bytes(doc.get_update())


def _made(state: bytes, client: int, *names: str) -> Doc[Any]:
    doc: Doc[Any] = Doc(client_id=client)
    doc.apply_update(state)
    for name in names:
        GESTURES[name](Storyboard(doc, Random(name).randbytes))
    return doc


def _shown(doc: Doc[Any]) -> str:
    content = content_of(doc)
    return canonical(view(content, resolve(content)))


def both_are_kept(first: str, second: str) -> bool:
    """Whoever of the two has the higher client id. Who acts on what the other takes away comes first."""
    state, wanted = board(), set[str]()
    for order in ((first, second), (second, first)):
        with suppress(NoSuchEntity):
            wanted.add(_shown(_made(state, 5, *order)))
    for clients in ((5, 9), (9, 5)):
        left, right = _made(state, clients[0], first), _made(state, clients[1], second)
        left.apply_update(right.get_update(left.get_state()))
        if _shown(left) not in wanted:
            return False
    return True

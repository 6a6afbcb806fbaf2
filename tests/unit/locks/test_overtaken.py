"""What a lock has overtaken is committed with what takes it back, and is not lost (consistency.md C17)."""

from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from services.history.content import SharedMap, same, value_of
from services.locks.overtaken import HeldOut, hold_out
from sync.update import parse

SERVER, CLIENT = 7, 50
MARK = {"by": "usr_ana", "at": "2026-01-01T00:00:00+00:00"}
PERSON, RUN = {"by": "usr_ben", "why": "approved"}, {"by": "usr_ben", "run": "run_1"}
ROOTS = ("scenes", "shots", "beats", "ext")
Edit = Callable[[Doc[Any]], object]


def entity(doc: Doc[Any], root: str, name: str) -> Map[Any]:
    found: Map[Any] = doc.get(root, type=Map)[name]
    return found


def story(lock: object) -> Doc[Any]:
    doc: Doc[Any] = Doc(client_id=SERVER)
    with doc.transaction():
        for letter in "ab":
            scene = Map({"title": "T", "prompt": Text("A train."), "ord": "V", "lock": None})
            doc.get("scenes", type=Map)[f"scn_{letter}"] = scene
            doc.get("shots", type=Map)[f"sht_{letter}"] = Map({"par": f"scn_{letter}", "desc": Text("Rails.")})
            doc.get("beats", type=Map)[f"bea_{letter}"] = Map({"par": f"scn_{letter}", "name": "Turn"})
        entity(doc, "scenes", "scn_a")["lock"] = lock
    return doc


def content(doc: Doc[Any]) -> dict[str, SharedMap]:
    return {root: SharedMap(value_of(doc.get(root, type=Map))) for root in ROOTS}


def edited(doc: Doc[Any], *edits: Edit) -> tuple[Doc[Any], list[bytes]]:
    """A client's replica behind the edits, and an update of each."""
    client: Doc[Any] = Doc(client_id=CLIENT)
    client.apply_update(doc.get_update())
    updates = []
    for edit in edits:
        before = client.get_state()
        with client.transaction():
            edit(client)
        updates.append(bytes(client.get_update(before)))
    return client, updates


def key(root: str, name: str, key: str, value: Any) -> Edit:
    return lambda doc: entity(doc, root, name).__setitem__(key, value)


def typed(root: str, name: str, key: str, place: int, words: str) -> Edit:
    return lambda doc: entity(doc, root, name)[key].insert(place, words)


def cut(doc: Doc[Any]) -> None:
    del entity(doc, "scenes", "scn_a")["prompt"][0:4]


LOCKED: dict[str, Edit] = {
    "a key": key("scenes", "scn_a", "title", "New"),
    "a new key": key("scenes", "scn_a", "neg", "rain"),
    "a key that goes": lambda doc: entity(doc, "scenes", "scn_a").pop("title"),
    "characters": typed("scenes", "scn_a", "prompt", 2, "🎬 fast "),
    "characters that go": cut,
    "a deletion": key("scenes", "scn_a", "del", {"by": "usr_ana", "at": 1}),
    "a shot": key("shots", "sht_a", "size", "CU"),
    "characters of a shot": typed("shots", "sht_a", "desc", 0, "Wet "),
    "a shot that leaves": key("shots", "sht_a", "par", "scn_b"),
    "a shot that comes": key("shots", "sht_b", "par", "scn_a"),
    "a new shot": lambda doc: doc.get("shots", type=Map).__setitem__("sht_n", Map({"par": "scn_a"})),
}


def held(doc: Doc[Any], updates: list[bytes]) -> HeldOut:
    out = hold_out(doc, updates, MARK)
    assert out is not None
    return out


def alive(shown: dict[str, SharedMap]) -> dict[str, SharedMap]:
    """A part that was brought into a locked scene stays behind, deleted."""
    return {
        root: SharedMap({name: each for name, each in entities.items() if root == "ext" or not each.get("del")})
        for root, entities in shown.items()
    }


@pytest.mark.parametrize("lock", [PERSON, RUN], ids=["a person's", "a generation's"])
@pytest.mark.parametrize("edit", LOCKED.values(), ids=LOCKED)
def test_c17_the_row_changes_nothing_and_the_proposal_all_of_it(edit: Edit, lock: object) -> None:
    doc = story(lock)
    before, head = content(doc), doc.get_update()
    client, updates = edited(doc, edit)
    out = held(doc, updates)
    assert same(alive(content(doc)), before)

    other: Doc[Any] = Doc()
    other.apply_update(head)
    other.apply_update(out.row)
    client.apply_update(out.row)
    assert same(content(other), content(doc)) and same(content(client), content(doc)), "one row says it all"
    parse(out.row)
    doc.apply_update(out.proposal)
    wanted, _ = edited(story(lock), edit)
    assert same(alive(content(doc)), alive(content(wanted)))


def test_c17_what_is_free_stays() -> None:
    doc = story(PERSON)
    _, updates = edited(
        doc,
        lambda doc: [
            edit(doc)
            for edit in (
                key("scenes", "scn_a", "title", "New"),
                key("scenes", "scn_b", "title", "Free"),
                lambda doc: doc.get("ext", type=Map).__setitem__("a", 1),
            )
        ],
    )
    held(doc, updates)
    shown = content(doc)
    assert [shown["scenes"][scene]["title"] for scene in ("scn_a", "scn_b")] == ["T", "Free"]
    assert shown["ext"]["a"] == 1


def test_c17_what_somebody_did_in_a_row_is_one_proposal_in_its_order() -> None:
    doc = story(PERSON)
    words = [typed("scenes", "scn_a", "prompt", place, letter) for place, letter in enumerate("Hush! ")]
    _, updates = edited(doc, *words)
    out = held(doc, updates)
    doc.apply_update(out.proposal)
    assert str(entity(doc, "scenes", "scn_a")["prompt"]) == "Hush! A train."


@pytest.mark.parametrize(
    ("edit", "lock"),
    [
        (key("scenes", "scn_b", "title", "New"), PERSON),
        (key("scenes", "scn_a", "ord", "X"), RUN),
        (key("beats", "bea_a", "name", "New"), RUN),
        (key("scenes", "scn_a", "title", "New"), None),
    ],
)
def test_c17_nothing_is_taken_back_of_what_is_not_locked(edit: Edit, lock: object) -> None:
    doc = story(lock)
    client, updates = edited(doc, edit)
    assert hold_out(doc, updates, MARK) is None
    assert same(content(doc), content(client))

"""What real yjs 13.6 emitted (tests/vectors/make_yjs_vectors.mjs) is accepted, foreseen and accounted for."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from sync.errors import DanglingUpdate, MalformedUpdate, SplitSurrogate
from sync.index import Missing, StructIndex
from sync.update import NO_TYPE, SKIP, parse
from tests.fuzz.documents import deletes_of, state_of, touched_names

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "yjs-13.6.json").read_text())
SINGLES = {single["name"]: single for single in VECTORS["singles"]}


@pytest.mark.parametrize("studio", VECTORS["studios"], ids=lambda studio: f"seed_{studio['seed']}")
def test_everything_that_yjs_emits_is_accepted_and_foreseen(studio: dict[str, Any]) -> None:
    index = StructIndex()
    for row in studio["log"]:
        judgement = index.check(parse(b64decode(row["update"])))
        assert judgement.missing is None
        assert {tuple(place) for place in row["places"]} <= touched_names(judgement)
        index.admit(judgement)
    whole = b64decode(studio["whole"])
    assert index.state_vector() == state_of(whole)
    assert index.deleted() == deletes_of(whole)
    for replica in studio["replicas"]:
        assert not index.check(parse(b64decode(replica))).adds


@pytest.mark.parametrize("studio", VECTORS["studios"], ids=lambda studio: f"seed_{studio['seed']}")
def test_a_snapshot_gives_the_index_that_the_log_gave(studio: dict[str, Any]) -> None:
    from_log, from_snapshot = StructIndex(), StructIndex()
    for row in studio["log"]:
        from_log.load(parse(b64decode(row["update"])))
    from_snapshot.load(parse(b64decode(studio["whole"])))
    assert from_snapshot.state_vector() == from_log.state_vector()
    assert from_snapshot.deleted() == from_log.deleted()
    for row in studio["log"]:
        assert not from_snapshot.check(parse(b64decode(row["update"]))).adds


@pytest.mark.parametrize("name", ["xml", "subdocument"])
def test_c1_types_of_no_document_of_ours_are_refused(name: str) -> None:
    with pytest.raises(MalformedUpdate):
        parse(b64decode(SINGLES[name]["update"]))


@pytest.mark.parametrize("name", ["insert_inside_character", "delete_first_half", "delete_second_half"])
def test_c4_a_character_is_not_split(name: str) -> None:
    index = StructIndex(root_type=NO_TYPE)
    index.load(parse(b64decode(SINGLES[name]["base"])))
    with pytest.raises(SplitSurrogate) as refusal:
        index.check(parse(b64decode(SINGLES[name]["update"])))
    assert refusal.value.code == "text.surrogate"


@pytest.mark.parametrize("name", ["delete_character", "insert_before_character", "insert_after_character"])
def test_c4_whole_characters_pass(name: str) -> None:
    index = StructIndex(root_type=NO_TYPE)
    index.load(parse(b64decode(SINGLES[name]["base"])))
    assert index.check(parse(b64decode(SINGLES[name]["update"]))).adds


def test_c2_a_merge_with_a_hole_waits_for_the_update_between() -> None:
    hole = {name: b64decode(text) for name, text in VECTORS["hole"].items()}
    merged = parse(hole["merged"])
    assert SKIP in {struct.kind for struct in merged.structs}
    index = StructIndex(root_type=NO_TYPE)
    assert index.check(merged).missing == Missing(9, 1)
    with pytest.raises(DanglingUpdate):
        index.load(merged)
    index.load(parse(hole["first"]))
    index.load(parse(hole["second"]))
    index.load(merged)  # the hole is known by now
    assert index.state_vector() == {9: 3}

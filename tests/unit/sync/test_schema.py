"""PROTOCOL.md, the schemas: each key of client-protocol/schema is broken by a raw update, and written well."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from pycrdt import Array, Doc, Map, Text

from sync.admission import Admission, Admitted, Bringer
from sync.errors import Refused
from sync.index import StructIndex
from sync.judge import Judge
from sync.limits import MIB, Limits
from sync.locks import Locks
from sync.names import Kind
from sync.schema import OWNERSHIP, SCHEMAS
from sync.update import parse
from tests.unit.sync.schema_cases import Place, allowed, places, refused

CLIENT, SERVER = 50, 7
ENTITY = "x_1"
TEXTS = {"scenes": "prompt", "shots": "desc"}
ALL = [place for kind in ("storyboard", "timeline") for place in places(kind)]
OWN = [place for place in ALL if not place.is_servers]
PLAIN = [place for place in OWN if "x-shared" not in place.node]
KINDS = {"storyboard": Kind.STORYBOARD, "timeline": Kind.TIMELINE}
Edit = Callable[[Doc[Any]], object]


def document(kind: str) -> bytes:
    """One entity in every root that has them."""
    doc: Doc[Any] = Doc(client_id=SERVER)
    for place in ALL:
        if place.kind == kind and place.root not in ("meta", "prev", *doc.keys()):
            text = TEXTS.get(place.root)
            doc.get(place.root, type=Map)[ENTITY] = Map({text: Text("Fog.")} if text is not None else {})
    doc.get("ext", type=Map)["held"] = 1.0
    return bytes(doc.get_update())


DOCUMENTS = {kind: document(kind) for kind in KINDS}


def judged(kind: str, edit: Edit) -> str:
    """`admitted`, or the code of the refusal."""
    base = DOCUMENTS[kind]
    index = StructIndex()
    index.load(parse(base))
    doc: Doc[Any] = Doc(client_id=CLIENT)
    doc.apply_update(base)
    before = doc.get_state()
    with doc.transaction():
        edit(doc)
    admission = Admission(Judge(index, SCHEMAS[KINDS[kind]], Locks(Doc()), MIB), SERVER, {}, lambda client: False)
    bringer = Bringer(UUID(int=1), CLIENT, False, Limits().update_bytes_max)
    try:
        verdict = admission.judge(bytes(doc.get_update(before)), bringer, document_bytes=0)
    except Refused as error:
        return error.code
    assert isinstance(verdict, Admitted)
    return "admitted"


def put(place: Place, value: Any) -> str:
    def edit(doc: Doc[Any]) -> None:
        root = doc.get(place.root, type=Map)
        holder = root if place.root == "meta" else root[ENTITY]
        holder[place.key] = value

    return judged(place.kind, edit)


def board(edit: Edit) -> str:
    return judged("storyboard", edit)


def put_into(root: str, key: str, value: Any) -> Edit:
    return lambda doc: root_of(doc, root).update({key: value})


def root_of(doc: Doc[Any], name: str) -> Map[Any]:
    found: Map[Any] = doc.get(name, type=Map)
    return found


@pytest.mark.parametrize("place", PLAIN, ids=str)
def test_w57_what_the_schema_allows_passes(place: Place) -> None:
    for value in allowed(place.node):
        assert put(place, value) == "admitted", value


@pytest.mark.parametrize("place", PLAIN, ids=str)
def test_w57_what_it_does_not_allow_is_refused_by_name(place: Place) -> None:
    broken = list(refused(place.node))
    assert broken
    for code, value in [*broken, ("schema.type", Map({})), ("schema.type", Text("x")), ("schema.type", Array([]))]:
        assert put(place, value) == code, value


@pytest.mark.parametrize("place", [place for place in ALL if place.is_servers], ids=str)
def test_w30_no_client_writes_what_is_the_servers(place: Place) -> None:
    if place.root == "prev":
        assert board(lambda doc: root_of(doc, "prev").update({ENTITY: {place.key: 1.0}})) == "schema.server_only"
        return
    for value in (None, 1.0, "x", *allowed(place.node)):
        assert put(place, value) == "schema.server_only", value


def test_w30_the_schemas_say_which_those_are() -> None:
    storyboard, timeline = OWNERSHIP[Kind.STORYBOARD], OWNERSHIP[Kind.TIMELINE]
    assert storyboard.server_roots == {"jobs", "takes", "prev"} and timeline.server_roots == {"cuts"}
    assert storyboard.server_keys == {"scenes": {"enh", "st", "cur", "lock"}} and timeline.server_keys == {}


@pytest.mark.parametrize("root", sorted({(place.kind, place.root) for place in OWN}), ids=str)
def test_w57_an_unknown_key_is_refused(root: tuple[str, str]) -> None:
    assert put(Place(*root, "no_such_key", {}, False), 1.0) == "schema.key"


@pytest.mark.parametrize("root", sorted({(place.kind, place.root) for place in OWN} - {("timeline", "meta")}), ids=str)
def test_w58_an_entity_is_a_map_under_an_id(root: tuple[str, str]) -> None:
    kind, name = root
    for good in ("new_1", "n" * 64):
        assert judged(kind, put_into(name, good, Map({}))) == "admitted"
    for bad in ("", "n" * 65, "no id", "über", "line\n"):
        assert judged(kind, put_into(name, bad, Map({}))) == "schema.form"
    values: list[Any] = ["x", 1.0, {"title": "x"}, Text("x"), Array([])]
    for value in values:
        assert judged(kind, put_into(name, "new_1", value)) == "schema.type"


@pytest.mark.parametrize("root", sorted({(place.kind, place.root) for place in OWN} - {("timeline", "meta")}), ids=str)
def test_w59_an_entity_is_neither_removed_nor_replaced(root: tuple[str, str]) -> None:
    kind, name = root
    assert judged(kind, lambda doc: root_of(doc, name).pop(ENTITY)) == "schema.deletion"
    assert judged(kind, lambda doc: root_of(doc, name).update({ENTITY: Map({})})) == "schema.deletion"
    assert put(Place(kind, name, "del", {}, False), {"by": "usr_x", "at": 1.0}) == "admitted"


@pytest.mark.parametrize(("root", "key"), TEXTS.items())
def test_w59_nor_is_its_text(root: str, key: str) -> None:
    assert board(lambda doc: root_of(doc, root)[ENTITY].pop(key)) == "schema.deletion"
    assert board(lambda doc: root_of(doc, root)[ENTITY].update({key: Text("mine")})) == "schema.deletion"
    assert board(lambda doc: root_of(doc, root)[ENTITY].update({key: "a string"})) == "schema.type"


def test_w59_registers_free_values_and_characters_may_go() -> None:
    def register(doc: Doc[Any]) -> None:
        scene = root_of(doc, "scenes")[ENTITY]
        scene["title"] = "x"
        del scene["title"]

    assert board(register) == "admitted"
    assert board(lambda doc: root_of(doc, "ext").pop("held")) == "admitted"
    assert board(lambda doc: root_of(doc, "scenes")[ENTITY]["prompt"].clear()) == "admitted"


@pytest.mark.parametrize(("root", "key"), TEXTS.items())
def test_w58_a_text_comes_with_its_entity(root: str, key: str) -> None:
    def later(doc: Doc[Any]) -> None:
        root_of(doc, root)["new_1"] = Map({key: Text("x")})

    assert board(later) == "admitted"
    bare: Doc[Any] = Doc(client_id=SERVER)
    root_of(bare, root)["bare_1"] = Map({})
    assert _after(bytes(bare.get_update()), lambda doc: root_of(doc, root)["bare_1"].update({key: Text("x")})) == (
        "schema.nested"
    )


def _after(base: bytes, edit: Edit) -> str:
    DOCUMENTS["bare"], KINDS["bare"] = base, Kind.STORYBOARD
    return judged("bare", edit)


@pytest.mark.parametrize(("root", "key"), TEXTS.items())
def test_w60_a_text_grows_to_its_limit_and_no_further(root: str, key: str) -> None:
    limit = 8_000 - len("Fog.")

    def text(doc: Doc[Any]) -> Text:
        found: Text = root_of(doc, root)[ENTITY][key]
        return found

    def twice(doc: Doc[Any], first: int, second: int) -> None:
        text(doc).insert(0, "a" * first)
        text(doc).insert(0, "b" * second)

    assert board(lambda doc: twice(doc, 4_000, limit - 4_000)) == "admitted"
    assert board(lambda doc: twice(doc, 4_000, limit - 3_999)) == "schema.too_long"
    assert board(lambda doc: text(doc).insert(0, "x" * 8_001)) == "schema.too_long"

    def shortened_first(doc: Doc[Any]) -> None:
        text(doc).clear()
        text(doc).insert(0, "x" * 8_000)

    assert board(shortened_first) == "admitted"
    assert board(lambda doc: text(doc).insert_embed(0, {"image": "x"})) == "schema.type"
    assert board(lambda doc: text(doc).format(0, 2, {"b": True})) == "schema.type"


def test_w57_ext_is_free_within_its_sizes() -> None:
    values: list[Any] = [None, True, 0.5, "x" * 1_000, [1.0, {"deep": [None]}], {}]
    for value in values:
        assert board(put_into("ext", "k" * 64, value)) == "admitted"
    assert board(put_into("ext", "k" * 65, 1.0)) == "schema.too_long"
    assert board(put_into("ext", "k", "x" * 1_100)) == "schema.too_long"
    shared_types: list[Any] = [Map({}), Text("x"), Array([])]
    for shared in shared_types:
        assert board(put_into("ext", "k", shared)) == "schema.type"


@pytest.mark.parametrize(("root", "entity"), [("ext", False), ("acts", True)])
def test_w58_a_root_has_so_many_names_and_no_more(root: str, entity: bool) -> None:
    limit = SCHEMAS[Kind.STORYBOARD].rule.keys[root].size_max

    def fill(doc: Doc[Any], count: int) -> None:
        for number in range(count):
            root_of(doc, root)[f"n{number}"] = Map({}) if entity else 1.0

    assert board(lambda doc: fill(doc, limit - 1)) == "admitted", "one is there already"
    assert board(lambda doc: fill(doc, limit)) == "schema.too_long"
    full: Doc[Any] = Doc(client_id=SERVER)
    fill(full, limit)
    assert _after(bytes(full.get_update()), put_into(root, "more", Map({}) if entity else 1.0)) == "schema.too_long"
    if not entity:
        assert _after(bytes(full.get_update()), put_into(root, "n0", 2.0)) == "admitted"

"""What of a proposal the schema does not allow stays out of it (W57)."""

from typing import Any

from services.history.content import Content, SharedMap, SharedText, same
from services.history.restore import Kept
from services.proposals.fitting import fit
from sync.names import Kind
from sync.schema import SCHEMAS

SCHEMA = SCHEMAS[Kind.STORYBOARD]


def scene(**registers: Any) -> SharedMap:
    return SharedMap(registers)


def test_what_does_not_fit_is_put_back_and_said() -> None:
    before: Content = {"scenes": scene(a=scene(title="Old", num="1"))}
    target: Content = {
        "scenes": scene(a=scene(title=7, num="2", no_such_key=1, prompt=SharedText("x" * 8_001), neg=SharedText("x")))
    }
    assert fit(before, target, SCHEMA) == [
        Kept("scenes", "a", "neg", "schema.type"),
        Kept("scenes", "a", "no_such_key", "schema.key"),
        Kept("scenes", "a", "prompt", "schema.too_long"),
        Kept("scenes", "a", "title", "schema.type"),
    ]
    assert same(target["scenes"], scene(a=scene(title="Old", num="2")))


def test_an_entity_that_is_none_and_free_values_that_are_too_large_stay_out() -> None:
    target: Content = {
        "scenes": scene(a="no map", **{"no id": scene(title="x")}),
        "ext": scene(large="x" * 1_100, small="x", shared=SharedText("x")),
    }
    assert fit({}, target, SCHEMA) == [
        Kept("scenes", "a", None, "schema.type"),
        Kept("scenes", "no id", None, "schema.form"),
        Kept("ext", "large", None, "schema.too_long"),
        Kept("ext", "shared", None, "schema.type"),
    ]
    assert same(target, {"scenes": scene(), "ext": scene(small="x")})


def test_what_was_there_already_is_not_judged() -> None:
    old: Content = {"scenes": scene(a=scene(title=7, no_such_key=1), b="no map")}
    target: Content = {"scenes": scene(a=scene(title=7, no_such_key=1, num="2"), b="no map")}
    assert fit(old, target, SCHEMA) == [] and target["scenes"]["a"]["num"] == "2"


def test_the_rate_of_a_timeline_is_the_servers() -> None:
    target: Content = {"meta": scene(rate=[24, 1], title="Cut")}
    assert fit({}, target, SCHEMAS[Kind.TIMELINE]) == [Kept("meta", "rate", None, "schema.server_only")]
    assert same(target, {"meta": scene(title="Cut")})

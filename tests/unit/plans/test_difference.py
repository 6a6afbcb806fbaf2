"""What a plan changes, field by field: people's words stay, the machine's own may go, nothing is written unseen."""

from typing import Any

from services.brains.presets import BRAINS
from services.generation.plans.around import _theirs
from services.generation.plans.difference import Kind, difference, gestures, pinned
from services.generation.plans.expand import expand
from services.generation.plans.model import Surroundings
from services.generation.request import Picture
from services.generation.snapshot import request_of
from services.scenes.story import StoryScene
from tests.unit.scenes.make import story

SHOTS = {
    "s1": {"par": "a", "ord": "a", "size": "CU", "dur_f": 48.0, "desc": "Hands.", "screen_dir": "L"},
    "s2": {"par": "a", "ord": "b", "size": "enormous", "move": "static"},
}


def told(scene: dict[str, Any], shots: dict[str, Any]) -> StoryScene:
    return story({"a": {"prompt": "Rain.", **scene}}, shots=shots).scenes[0]


def changes(scene: StoryScene) -> dict[tuple[str, str], Any]:
    request = request_of(_theirs(scene), "thriller", Picture(), "x", 1)
    plan = expand(request, BRAINS["thriller"], Surroundings(people=("MARA",)))
    return {(each.shot, each.field): each for each in difference(scene, plan)}


def test_what_people_set_is_kept_and_the_rest_is_filled() -> None:
    scene = told({}, SHOTS)
    found = changes(scene)
    kept = {key for key, change in found.items() if change.kind is Kind.KEPT}
    assert kept == {("s1", "size"), ("s1", "frames"), ("s1", "description"), ("s2", "move")}
    bent = found["s2", "size"]
    assert (bent.kind, bent.before) == (Kind.BENT, "enormous") and bent.after == "MCU"
    filled = found["s1", "lens_mm"]
    assert (filled.kind, filled.before, filled.reason.text) == (Kind.FILLED, None, "Thriller takes 68 mm for a CU.")
    assert all(change.before == change.after for change in found.values() if change.kind is Kind.KEPT)
    written = {gesture["id"]: gesture["registers"] for gesture in gestures(scene, list(found.values()))}
    assert set(written) == {"s1", "s2"} and "size" not in written["s1"] | written["s2"]
    assert written["s1"]["lens_mm"] == 68


def test_in_the_machines_own_scene_only_what_is_pinned_stays() -> None:
    scene = told({"own": "ai", "pin": {"s1.size": True, "s2": "human", "s1.desc": False}}, SHOTS)
    assert pinned(scene) == {("s1", "size"), ("s2", "size"), ("s2", "move")}
    found = changes(scene)
    assert found["s1", "size"].kind is Kind.KEPT and found["s2", "move"].kind is Kind.KEPT
    assert found["s1", "frames"].kind in (Kind.CHANGED, Kind.KEPT)
    assert found["s1", "description"].kind is Kind.CHANGED and found["s1", "description"].before == "Hands."
    assert found["s2", "size"].kind is Kind.BENT


def test_a_scene_without_shots_gets_new_ones() -> None:
    scene = told({"est_f": 96}, {})
    found = changes(scene)
    assert {change.kind for change in found.values()} == {Kind.ADDED}
    made = gestures(scene, list(found.values()))
    assert [gesture["gesture"] for gesture in made] == ["add_shot"] * 3 and made[0]["parent"] == "a"
    assert sum(gesture["registers"]["dur_f"] for gesture in made) == 96


def test_a_pin_of_everything_changes_nothing() -> None:
    whole = {"par": "a", "ord": "a", "size": "CU", "angle": "eye", "move": "static", "lens_mm": 50, "dur_f": 48}
    scene = told({"own": "ai", "pin": {"s1": True}}, {"s1": {**whole, "desc": "Hands.", "screen_dir": "R"}})
    found = changes(scene)
    assert {change.kind for change in found.values()} == {Kind.KEPT} and gestures(scene, list(found.values())) == []

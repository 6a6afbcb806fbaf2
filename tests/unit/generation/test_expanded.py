"""A shot plan from a language model: what differs is told, what people have set stays, and the rules' stands in."""

import json
from dataclasses import replace
from typing import Any

from services.brains.model import Angle, Move, Size
from services.brains.presets import BRAINS
from services.generation.branch import Pictures, varied
from services.generation.graph import AGREE, EXPAND, Planner, Wish, graph_of
from services.generation.providers.adapters.claude import MODELS
from services.generation.providers.animatic import enhance
from services.generation.providers.capabilities import Fit
from services.generation.providers.interface import Plan
from services.generation.providers.negotiation import negotiate
from services.generation.request import Line, ShotRequest, from_json, to_json
from services.generation.routing.model import Purpose
from services.generation.shots.expanded import ExpandedPlan
from services.runs.model import StepSpec, key_of

from .make import request

PINNED = ShotRequest("a", Size.CU, Angle.LOW, Move.STATIC, 85, 96, "Her hands.")
SCENE = request(shots=(PINNED, ShotRequest("b")), lines=(Line("MARA", "It rains."),))
RULES = enhance.plan(SCENE, BRAINS["thriller"])


def answer(**changed: Any) -> str:
    """All as the rules have it, but for what is said of shot b."""
    shots = [
        {"id": id, "size": shot.size, "angle": shot.angle, "move": shot.move, "lens_mm": shot.lens_mm}
        | {"frames": shot.frames, "description": shot.description, "lines": list(shot.lines)}
        for id, shot in zip("ab", RULES.shots, strict=True)
    ]
    return json.dumps({"shots": [{**shots[0], "size": "ELS", "description": "A hill."}, {**shots[1], **changed}]})


def test_what_differs_is_told_and_what_people_have_set_stays() -> None:
    plan = ExpandedPlan(SCENE).read(answer(description="Rain on a rail."), "haiku")
    assert plan.expansion is not None and plan.expansion.model == "haiku" and plan.model == "haiku"
    assert [(each.shot, each.field, each.after) for each in plan.expansion.changes] == [
        (2, "description", "Rain on a rail.")
    ]
    assert plan.shots[0] == RULES.shots[0], "a person has set it"
    assert [shot.seed for shot in plan.shots] == [shot.seed for shot in RULES.shots]
    assert from_json(Plan, to_json(plan)) == plan


def test_the_same_plan_is_no_change() -> None:
    expansion = ExpandedPlan(SCENE).read(answer(), "haiku").expansion
    assert expansion is not None and expansion.changes == ()


def test_another_number_of_shots_is_told() -> None:
    asked = request(frames=96)
    rules = enhance.plan(asked, BRAINS["thriller"])
    said = json.dumps({"shots": [{"size": "LS", "frames": 96, "lines": []}]})
    expansion = ExpandedPlan(asked).read(said, "haiku").expansion
    assert expansion is not None
    gone = [each for each in expansion.changes if each.field == "shot"]
    assert [each.shot for each in gone] == list(range(2, len(rules.shots) + 1)) and gone[0].after is None


def test_what_cannot_be_read_leaves_the_rules_and_a_reason() -> None:
    for said in ("Certainly! Here is", "{}", json.dumps({"shots": "none"})):
        plan = ExpandedPlan(SCENE).read(said, "haiku")
        assert plan.shots == RULES.shots and plan.model == RULES.model
        assert plan.expansion is not None and plan.expansion.model is None
        assert "planned by rules" in plan.expansion.reason
    instead = from_json(Plan, ExpandedPlan(SCENE).instead("end.moderated", "claude refuses to show this."))
    assert instead.shots == RULES.shots and instead.expansion is not None
    assert instead.expansion.reason == "claude refuses to show this. The shots are planned by rules."


def test_every_model_of_words_can_be_asked() -> None:
    want = ExpandedPlan(SCENE).foreseen()
    assert all(isinstance(negotiate(model, want), Fit) for model in MODELS)
    assert json.loads(want.prompt)["shots"][0]["said"]["description"] == "Her hands."


def test_other_pictures_are_of_the_same_plan_with_seeds_of_their_own() -> None:
    child = varied(SCENE, None, Pictures(7))
    wish = Wish(purpose=Purpose.FINAL)
    first, second = (steps_of(asked, wish) for asked in (SCENE, child))
    for name in (EXPAND, AGREE):
        assert key_of(first[name].kind, first[name].params, {}) == key_of(second[name].kind, second[name].params, {})
    again = enhance.reseeded(RULES, child)
    assert again == enhance.plan(child, BRAINS["thriller"])
    assert enhance.reseeded(RULES, SCENE) == RULES


def test_only_finals_are_planned_by_a_model_and_only_if_nobody_wants_the_rules() -> None:
    for wish in (Wish(), Wish(2), Wish(purpose=Purpose.FINAL, planner=Planner.RULES)):
        assert EXPAND not in steps_of(SCENE, wish)
    assert "planner" not in to_json(Wish()) and to_json(replace(Wish(), planner=Planner.RULES))["planner"] == "rules"


def steps_of(asked: Any, wish: Wish) -> dict[str, StepSpec]:
    return {spec.name: spec for spec in graph_of(to_json(asked), "run_a", wish)}

"""A shot plan from a language model: typed, as long as ours, never against a person, and every change is shown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.brains.model import Angle, Move, Size
from services.brains.presets import BRAINS
from services.generation.expansion import (
    DESCRIPTION_CHARS_MAX,
    Change,
    ExpansionUnfit,
    read,
    schema_of,
    want_of,
)
from services.generation.providers.adapters.claude import MODELS
from services.generation.providers.animatic import enhance
from services.generation.providers.capabilities import Fit
from services.generation.providers.negotiation import negotiate
from services.generation.request import Line, ShotRequest

from .make import request

BRAIN = BRAINS["thriller"]
PINNED = ShotRequest("a", Size.CU, Angle.LOW, Move.PAN, 85, 48, "Her hands.")
FREE = ShotRequest("b")
SCENE = request(shots=(PINNED, FREE), lines=(Line("MARA", "It rains."),))
PLAN = enhance.plan(SCENE, BRAIN)
SAID = {"size": "MS", "angle": "eye", "move": "static", "lens_mm": 40, "description": "Rain on a rail."}


KINDS = {"size": Size, "angle": Angle, "move": Move}


def answer(**changed: Any) -> bytes:
    return json.dumps({"prompt": "A pier in the rain.", "shots": {"1": SAID, "2": SAID}} | changed).encode()


def test_what_a_person_pinned_is_kept_and_the_rest_is_the_models() -> None:
    pinned, free = read(SCENE, BRAIN, PLAN, answer()).plan.shots
    assert (pinned.size, pinned.angle, pinned.move, pinned.lens_mm) == (Size.CU, Angle.LOW, Move.PAN, 85)
    assert pinned.description == "Her hands."
    assert (free.size, free.angle, free.move, free.lens_mm) == (Size.MS, Angle.EYE, Move.STATIC, 40)
    assert free.description == "Rain on a rail."


def test_length_cast_lines_and_seeds_stay_ours() -> None:
    expanded = read(SCENE, BRAIN, PLAN, answer()).plan
    for before, after in zip(PLAN.shots, expanded.shots, strict=True):
        assert (after.frames, after.cast, after.lines, after.seed) == (
            before.frames,
            before.cast,
            before.lines,
            before.seed,
        )


def test_every_change_is_shown_and_nothing_else() -> None:
    changes = read(SCENE, BRAIN, PLAN, answer()).changes
    assert Change(None, "prompt", PLAN.prompt, "A pier in the rain.") in changes
    assert Change(1, "description", PLAN.shots[1].description, "Rain on a rail.") in changes
    assert all(change.shot != 0 and change.before != change.after for change in changes)


def test_a_lens_that_the_brain_has_not_is_the_nearest_that_it_has() -> None:
    far = answer(shots={"1": SAID, "2": SAID | {"lens_mm": 9_999}})
    assert read(SCENE, BRAIN, PLAN, far).plan.shots[1].lens_mm == BRAIN.lens.max_mm


@pytest.mark.parametrize("brain", [brain for brain in BRAINS.values() if brain.never], ids=lambda brain: brain.id)
def test_what_a_brain_never_does_is_not_taken(brain: Any) -> None:
    plan = enhance.plan(SCENE, brain)
    for word in brain.never:
        field = next((name for name, kind in KINDS.items() if word in list(kind)), None)
        if field is None:
            continue  # setups are not the model's to say
        said = answer(shots={"1": SAID, "2": SAID | {field: word}})
        assert getattr(read(SCENE, brain, plan, said).plan.shots[1], field) == getattr(plan.shots[1], field)


def test_words_are_printable_and_short() -> None:
    said = answer(prompt="a\x00b\n\u202ec", shots={"1": SAID, "2": SAID | {"description": "x" * 9_999}})
    expanded = read(SCENE, BRAIN, PLAN, said).plan
    assert expanded.prompt == "a b c" and len(expanded.shots[1].description) == DESCRIPTION_CHARS_MAX


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"7",
        b"\xff",
        b"[" * 100_000,
        answer(prompt=""),
        answer(prompt=None),
        answer(shots={"1": SAID}),
        answer(shots=[SAID, SAID]),
        answer(shots={"1": SAID, "2": SAID | {"size": "HUGE"}}),
        answer(shots={"1": SAID, "2": SAID | {"lens_mm": "40"}}),
        answer(shots={"1": SAID, "2": SAID | {"description": " \n"}}),
    ],
)
def test_an_answer_that_is_no_plan_is_refused(said: bytes) -> None:
    with pytest.raises(ExpansionUnfit):
        read(SCENE, BRAIN, PLAN, said)


@given(some.integers(1, 40))
def test_the_schema_wants_every_shot_and_knows_no_unknown_keyword(shots: int) -> None:
    schema = schema_of(shots)
    assert schema["properties"]["shots"]["required"] == [str(number) for number in range(1, shots + 1)]
    assert set(keywords(schema)) <= {"type", "properties", "required", "additionalProperties", "enum"}


def keywords(schema: dict[str, Any]) -> list[str]:
    inner = [keywords(one) for one in schema.get("properties", {}).values()]
    return [*schema, *(word for words in inner for word in words)]


def test_the_largest_scene_fits_every_model_and_the_price_is_known_before() -> None:
    shots = tuple(ShotRequest(f"shot-{index}", description="d" * 1_000) for index in range(40))
    scene = request(prompt="p" * 8_000, shots=shots)
    want = want_of(scene, BRAIN, enhance.plan(scene, BRAIN))
    for model in MODELS:
        fit = negotiate(model, want)
        assert isinstance(fit, Fit) and fit.most_microcredits > 0


def test_what_a_person_pinned_is_named_to_the_model() -> None:
    told = json.loads(want_of(SCENE, BRAIN, PLAN).prompt)["shots"]
    assert told["1"]["pinned"] == ["size", "angle", "move", "lens_mm", "description"] and told["2"]["pinned"] == []
    assert told["1"]["speaks"] + told["2"]["speaks"] == ["MARA"]

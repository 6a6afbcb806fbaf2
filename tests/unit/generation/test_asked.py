"""What must be equal before a run's take may be compared with another."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.cache.model import Asked
from services.generation.graph import Wish
from services.generation.plans.model import Direction, Surroundings
from services.generation.request import Line, SceneRequest, ShotRequest, to_json
from services.generation.reuse.asked import asked_of
from services.generation.routing.model import Purpose

from .make import request, run_row

TENANT = UUID(int=1)
SHOT = ShotRequest("sht_a", lens_mm=35)
SCENE = replace(
    request(shots=(SHOT,)), around=Surroundings(people=("MARA",), directions={"sht_a": Direction.LEFT}, place=0.4)
)
RUN = run_row(to_json(SCENE))


def asked(scene: SceneRequest = SCENE, wish: Wish | None = None, safety: str = "standard/1", **run: Any) -> Asked:
    return asked_of(replace(RUN, **run), TENANT, scene, wish or Wish(), safety)


def partition(one: Asked) -> str:
    return one.partition("encoder/1")


def test_the_same_scene_under_another_name_and_with_other_ids_is_the_same_request() -> None:
    around = replace(SCENE.around, directions={"sht_b": Direction.LEFT}, place=0.6)  # type: ignore[type-var]
    renamed = replace(SCENE, scene_id="scn_b", number="9", title="Again", shots=(replace(SHOT, id="sht_b"),))
    assert asked(replace(renamed, around=around), scene_id="scn_b", id=uuid4()).key == asked().key


def test_other_words_may_be_compared_and_are_another_request() -> None:
    reworded = asked(replace(SCENE, prompt="Rain. The pier."))
    assert partition(reworded) == partition(asked()) and reworded.key != asked().key


@pytest.mark.parametrize(
    "other",
    [
        asked(replace(SCENE, lines=(Line("MARA", "No."),))),
        asked(replace(SCENE, frames=48)),
        asked(replace(SCENE, shots=(replace(SHOT, lens_mm=85),))),
        asked(replace(SCENE, brain=replace(SCENE.brain, strength=50))),
        asked(replace(SCENE, around=replace(SCENE.around, people=("MARA", "JON")))),  # type: ignore[type-var]
        asked(replace(SCENE, around=replace(SCENE.around, directions={"sht_a": Direction.RIGHT}))),  # type: ignore[type-var]
        asked(replace(SCENE, provider_version=99)),
        asked(wish=Wish(purpose=Purpose.FINAL)),
        asked(safety="strict/1"),
        asked(document_id=uuid4()),
        asked(project_id=uuid4()),
    ],
)
def test_p13_what_differs_in_anything_else_is_not_even_compared(other: Asked) -> None:
    assert partition(other) != partition(asked())


def test_which_models_may_make_a_final_is_part_of_it_and_their_order_is_not() -> None:
    def final(*models: str) -> str:
        return partition(asked(wish=Wish(purpose=Purpose.FINAL, models=models)))

    assert final("kling", "runway") == final("runway", "kling") != final("runway")

"""What a run goes on with: one change, everything else as it was, and the same twice under the same key."""

from dataclasses import replace

import pytest

from services.brains.presets import BRAINS
from services.generation.branch import (
    Branch,
    Kept,
    Length,
    Parent,
    Pictures,
    Repaint,
    Words,
    on_board,
    replanned,
    varied,
)
from services.generation.errors import ChangeUnfit
from services.generation.graph import Wish, broken_down, graph_of
from services.generation.plans.model import Surroundings
from services.generation.providers.animatic import enhance
from services.generation.request import Line, SceneRequest, Stroke, from_json, to_json
from services.generation.routing.model import Purpose
from services.generation.seeds import place_seed, seeds_of
from services.runs.model import StepSpec, check_graph, key_of

from .make import request

ASKED = request(lines=(Line("MARA", "It rains."),), frames=96)
PLAN = enhance.plan(ASKED, BRAINS["thriller"])
MASK = (Stroke(0.1, ((0.5, 0.5), (0.6, 0.5))),)
PARENT = Parent("run_a", "tak_a", None, Words("Sun."))


def test_other_words_keep_the_seeds() -> None:
    child = varied(ASKED, None, Words("Rain on the pier. MARA waits."))
    assert seeds_of(child) == seeds_of(ASKED) and child.lines == ASKED.lines
    assert [shot.seed for shot in enhance.plan(child, BRAINS["thriller"]).shots] == [shot.seed for shot in PLAN.shots]
    assert place_seed(child, 1) == place_seed(ASKED, 1)


def test_whom_the_new_words_name_is_seen_as_well() -> None:
    asked = replace(ASKED, around=Surroundings(people=("Mara",)))
    child = varied(asked, None, Words("MARA waits for JON."))
    assert child.around is not None and child.around.people == ("Mara", "JON")


def test_other_pictures_have_the_same_shots_and_other_seeds() -> None:
    one, same, other = (varied(ASKED, None, Pictures(seed)) for seed in (7, 7, 8))
    assert one == same != other and one.prompt == ASKED.prompt
    assert seeds_of(one).plan == seeds_of(ASKED).plan
    for before, after in zip(PLAN.shots, enhance.plan(one, BRAINS["thriller"]).shots, strict=True):
        assert replace(after, seed=before.seed) == before and after.seed != before.seed
    assert place_seed(one, 1) != place_seed(ASKED, 1)


def test_what_follows_a_set_of_frames_stands_where_they_stand() -> None:
    second = on_board(ASKED, 2)
    assert place_seed(second, 1) == place_seed(ASKED, 2) != place_seed(ASKED, 1)
    assert varied(second, None, Words("Sun.")).seeds == second.seeds


def test_another_length_is_of_the_same_words() -> None:
    child = varied(ASKED, None, Length(200))
    assert (child.frames, child.prompt, seeds_of(child)) == (200, ASKED.prompt, seeds_of(ASKED))
    with pytest.raises(ChangeUnfit) as refused:
        varied(ASKED, None, Length(11))
    assert (refused.value.field, refused.value.limit) == ("change.frames", "12 to 2160")


def test_a_part_is_of_the_shot_whose_frame_was_painted_on() -> None:
    first = PLAN.shots[0].frames
    child = varied(ASKED, PLAN, Repaint("A red boat", MASK, first + 3))
    assert child.part is not None and (child.part.shot, child.part.frame) == (1, 3)
    poster = varied(ASKED, PLAN, Repaint("A red boat", MASK))
    assert poster.part is not None and (poster.part.shot, poster.part.frame) == (0, first // 3)
    shown = replanned(PLAN, child.part)
    assert shown.shots[1].description.startswith("A red boat. ") and shown.shots[0] == PLAN.shots[0]
    with pytest.raises(ChangeUnfit) as refused:
        varied(ASKED, PLAN, Repaint("A red boat", MASK, PLAN.frames))
    assert (refused.value.field, refused.value.limit) == ("change.frame", PLAN.frames - 1)


def test_only_the_shot_that_shows_the_part_is_made_again() -> None:
    child = varied(ASKED, PLAN, Repaint("A red boat", MASK))
    made = {"shot.2": {"output": {"media": "ab"}, "run": "run_a", "step": "shot.2"}}
    kept = Kept(to_json(PLAN), {"panels": [], "poster": "cd"}, made)
    wish = Wish(purpose=Purpose.FINAL, branch=Branch((PARENT,), kept))
    steps = {spec.name: spec for spec in whole(child, wish)}
    check_graph(tuple(steps.values()))
    assert steps["enhance"].params == {"output": to_json(PLAN)}
    assert steps["frames"].kind == "repaint/1" and steps["frames"].params["panels"] == kept.panels
    assert [steps[f"shot.{number}"].kind for number in (1, 2)] == ["shot/1", "kept/1"]


def test_a_variation_is_kept_as_it_was_asked_for() -> None:
    kept = Kept(to_json(PLAN), {"poster": "cd"}, {})
    for change in (Words("Sun."), Pictures(3), Repaint("A boat", MASK, 4), Length(48)):
        wish = Wish(2, branch=Branch((replace(PARENT, change=change),), kept))
        assert from_json(Wish, to_json(wish)) == wish
    assert "branch" not in to_json(Wish())
    assert "mask" not in replace(PARENT, change=Repaint("A boat", MASK, 4)).told()["change"]


def test_the_same_variation_has_the_same_keys() -> None:
    for change in (Words("Sun."), Pictures(3), Length(200)):
        one, other = (keys(varied(ASKED, None, change)) for _ in range(2))
        assert one == other
    assert not set(keys(varied(ASKED, None, Pictures(3))).values()) & set(keys(ASKED).values())


def keys(asked: SceneRequest) -> dict[str, str]:
    return {
        spec.name: key_of(spec.kind, spec.params, {need: {} for need in spec.needs})
        for spec in graph_of(to_json(asked), "run_a", Wish(branch=Branch((PARENT,))))
    }


def whole(asked: SceneRequest, wish: Wish) -> tuple[StepSpec, ...]:
    plain = to_json(asked)
    return (*graph_of(plain, "run_a", wish), *broken_down(plain, "run_a", wish, shots=2))

"""The steps of a run: their keys, what they need, how much of the whole each is."""

from dataclasses import replace
from typing import Any

from services.generation.branch import Branch
from services.generation.graph import (
    PARTS,
    PROCEED,
    PUBLISH,
    REUSE,
    SCREEN,
    SHARES,
    Offering,
    Stage,
    Wish,
    behind_offers,
    broken_down,
    graph_of,
    percent,
)
from services.generation.request import Line, Picture, SceneRequest, to_json
from services.generation.routing.model import Purpose
from services.runs.model import StepSpec, check_graph, key_of

from .make import request


def keys(asked: SceneRequest, made: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Of every step, where its stages have made what is said."""
    return {
        spec.name: key_of(spec.kind, spec.params, {need: made[need] for need in spec.needs})
        for spec in graph_of(to_json(asked), "run_a")
    }


MADE: dict[str, dict[str, Any]] = {SCREEN: {}, REUSE: {}, PARTS: {}} | {
    stage.value: {"made": stage.value} for stage in Stage
}


def test_a_step_key_is_the_hash_of_what_the_step_reads() -> None:
    asked = request()
    assert keys(asked, MADE) == keys(replace(asked), dict(reversed(MADE.items())))
    for changed in (
        replace(asked, prompt="Sun."),
        replace(asked, picture=Picture(320, 180)),
        replace(asked, lines=(Line("A", "b"),)),
        replace(asked, provider_version=99),
    ):
        assert not set(keys(asked, MADE).values()) & set(keys(changed, MADE).values())


def test_a_step_key_follows_only_the_stages_that_it_needs() -> None:
    one, other = keys(request(), MADE), keys(request(), {**MADE, "frames": {"made": "differently"}})
    assert {name for name in one if one[name] != other[name]} == {"clip"}
    assert len(set(one.values())) == len(Stage) + 4


def test_the_telling_of_a_take_is_every_runs_own() -> None:
    (one,), (other,) = (
        [spec for spec in graph_of(to_json(request()), run) if spec.name == PUBLISH] for run in ("run_a", "run_b")
    )
    made = {need: MADE[need] for need in one.needs}
    assert key_of(one.kind, one.params, made) != key_of(other.kind, other.params, made)


def test_every_step_stands_behind_the_screening() -> None:
    for purpose in Purpose:
        for boards in (1, 2):
            wish = Wish(boards, purpose)
            steps = {
                spec.name: spec for spec in (graph_of(to_json(request()), "run_a") if wish == Wish() else whole(wish))
            }
            behind = {SCREEN}
            for name, spec in steps.items():
                if behind & set(spec.needs):
                    behind.add(name)
            assert behind == set(steps)


def test_whether_something_is_offered_is_in_no_key_of_what_is_made() -> None:
    asked = to_json(request())
    whole = {offers: graph_of(asked, "run_a", Wish(offers=offers)) for offers in (Offering.SHOW, Offering.NONE)}
    shown, none = ({spec.name: spec for spec in specs} for specs in whole.values())
    assert set(shown) - set(none) == {REUSE}
    for stage in Stage:
        assert shown[stage.value] == none[stage.value]
    waiting = graph_of(asked, "run_a", Wish(offers=Offering.WAIT))
    assert [spec.name for spec in waiting] == [SCREEN, REUSE, PROCEED], "nothing is made before the answer"
    behind = behind_offers(asked, "run_a", Wish(offers=Offering.WAIT))
    check_graph((*waiting, *behind))
    assert [spec.name for spec in (*waiting[:2], *behind)] == list(shown)


def test_a_run_that_goes_on_from_another_is_offered_nothing() -> None:
    wish = Wish(branch=Branch(()))
    assert REUSE not in {spec.name for spec in graph_of(to_json(request()), "run_a", wish)}


def test_percentages_only_rise_and_never_say_100() -> None:
    assert sum(SHARES.values()) == 100
    names = [spec.name for spec in graph_of(to_json(request()), "run_a")]
    said = [percent(names[:at], names, name, share) for at, name in enumerate(names) for share in (0.0, 0.5, 1.0)]
    assert said == sorted(said) and said[0] == 0 and said[-1] == 99
    assert percent((), names, "clip", 7.0) == percent((), names, "clip", 1.0)
    assert percent(("enhance", "voice"), names, "frames", 1.0) == 40, "stages at once add up"


def test_boards_share_what_one_would_have() -> None:
    names = [spec.name for spec in whole(Wish(boards=3))]
    assert percent(("enhance", "breakdown"), names, "frames.2", 1.0) == 12
    boards = ("frames.1", "frames.2", "frames.3")
    assert percent(("enhance", "breakdown", *boards), names, "choose", 1.0) == 32
    assert percent(names[:-1], names, "publish", 1.0) == 99


def test_boards_are_drawn_side_by_side_and_one_of_them_is_filmed() -> None:
    steps = {spec.name: spec for spec in whole(Wish(boards=2))}
    check_graph(tuple(steps.values()))
    assert steps["view"].needs == ("frames.1", "frames.2")
    assert steps["choose"].needs == ("frames.1", "frames.2", "view") and steps["clip"].needs == ("enhance", "choose")
    plain = {spec.name: spec for spec in graph_of(to_json(request()), "run_a")}
    one, other = steps["frames.1"], steps["frames.2"]
    assert (one.kind, one.params) == (plain["frames"].kind, plain["frames"].params), "the first is made already"
    assert key_of(one.kind, one.params, {}) != key_of(other.kind, other.params, {})


def whole(wish: Wish) -> tuple[StepSpec, ...]:
    """The steps as they are when all are there."""
    asked = to_json(request())
    return (*graph_of(asked, "run_a", wish), *broken_down(asked, "run_a", wish, shots=3))

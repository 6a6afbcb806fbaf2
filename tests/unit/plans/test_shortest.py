"""Finals without shots that a film model makes longer than they are: fewer, or evened out; never a longer scene."""

from dataclasses import replace

import pytest

from services.generation.graph import Wish
from services.generation.plans.expand import expand
from services.generation.plans.model import Origin, ShotPlan, Surroundings
from services.generation.providers.adapters import kling, runway, sora
from services.generation.providers.animatic import NAME, VERSION
from services.generation.request import SHOT_FRAMES_MIN, BrainChoice, Picture, SceneRequest, ShotRequest, Slug
from services.generation.routing.model import Policy
from services.generation.shots.shortest import shortest_frames, worthwhile

MODELS = (*sora.MODELS, *runway.MODELS, *kling.MODELS)
TWO_S = 48


def scene(frames: int | None, *shots: ShotRequest) -> SceneRequest:
    slug = Slug("EXT", "HARBOUR", "NIGHT")
    return SceneRequest(
        "scn_1", "1", "", slug, "A boat leaves.", BrainChoice(), (), shots, frames, Picture(), NAME, VERSION
    )


def plan_of(request: SceneRequest) -> ShotPlan:
    return expand(request, request.brain.look, request.around or Surroundings())


def final(request: SceneRequest, policy: Policy | None = None) -> SceneRequest:
    return worthwhile(request, MODELS, policy or Policy())


@pytest.mark.parametrize("frames", [24, 60, 96, 130, 200, 480])
def test_a_scene_has_as_many_shots_as_are_worth_it_and_is_no_longer(frames: int) -> None:
    draft, made = plan_of(scene(frames)), plan_of(final(scene(frames)))
    assert made.frames == draft.frames == frames
    assert all(shot.frames >= min(TWO_S, frames) for shot in made.shots)
    assert len(made.shots) <= max(1, frames // TWO_S)


def test_shots_that_the_storyboard_has_are_all_made_and_evened_out() -> None:
    names = [ShotRequest(f"sht_{number}") for number in range(4)]
    request = scene(4 * TWO_S + 20, *names)
    assert min(shot.frames for shot in plan_of(request).shots) < TWO_S, "or this test tells nothing"
    made = plan_of(final(request))
    assert made.frames == 4 * TWO_S + 20 and [shot.id for shot in made.shots] == [shot.id for shot in names]
    assert min(shot.frames for shot in made.shots) == TWO_S
    (why,) = {shot.reasons["frames"] for shot in made.shots if shot.frames == TWO_S}
    assert (why.origin, why.text) == (Origin.RULE, "No film model makes a shorter one than 2 s.")


def test_where_there_is_no_room_for_that_they_share_what_there_is() -> None:
    request = scene(90, *(ShotRequest(f"sht_{number}") for number in range(3)))
    assert [shot.frames for shot in plan_of(final(request)).shots] == [30, 30, 30]


def test_a_length_that_somebody_said_is_not_touched() -> None:
    request = scene(96, ShotRequest("sht_0", frames=13), ShotRequest("sht_1"))
    made = plan_of(final(request))
    assert [shot.frames for shot in made.shots] == [13, 83]


def test_what_is_long_enough_is_the_plan_of_the_draft() -> None:
    request = scene(480)
    assert min(shot.frames for shot in plan_of(request).shots) >= TWO_S
    assert final(request) is request


def test_the_chance_of_a_plan_is_that_of_its_draft() -> None:
    """Where the shots are as many, they are the same shots."""
    request = scene(4 * TWO_S + 20, *(ShotRequest(f"sht_{number}") for number in range(4)))
    draft, made = plan_of(request), plan_of(final(request))
    assert [(shot.setup, shot.size, shot.angle) for shot in draft.shots] == [
        (shot.setup, shot.size, shot.angle) for shot in made.shots
    ]


@pytest.mark.parametrize(
    ("wish", "policy", "seconds"),
    [
        (Wish(), Policy(), 2),
        (Wish(models=("kling",)), Policy(), 3),
        (Wish(models=("kling/kling-2.6",)), Policy(), 5),
        (Wish(), Policy(deny=frozenset({"runway"})), 3),
        (Wish(models=("sora",)), Policy(), 0),
    ],
)
def test_the_shortest_is_of_those_who_may_be_asked(wish: Wish, policy: Policy, seconds: int) -> None:
    least = shortest_frames(scene(96), MODELS, policy.narrowed(wish.models))
    assert least == max(SHOT_FRAMES_MIN, 24 * seconds)


def test_frames_are_counted_up() -> None:
    request = replace(scene(96), picture=Picture(rate=(24_000, 1001)))
    assert shortest_frames(request, MODELS, Policy()) == 48

"""From a scene to its shots by rules: whole, repeatable, within the brain, across the line, nobody overruled."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.brains.model import Angle, Brain, Move, Setup, Size
from services.brains.presets import BRAINS
from services.formats.model import Beat
from services.generation.errors import SceneTooLong
from services.generation.length import speech_s
from services.generation.plans.expand import MOVE_S_MIN, WIDE_TO_CLOSE, expand, prompt_of, tightness
from services.generation.plans.model import Direction, Origin, PlanShot, Reason, Surroundings
from services.generation.plans.rules import checked, mended
from services.generation.request import SHOT_FRAMES_MIN, Line, SceneRequest, ShotRequest
from tests.unit.generation.make import request

TWO = Surroundings(people=("MARA", "JON"))
TALK = (
    Line("MARA", "You are late again."),
    Line("JON", "The tide was against me, and the engine, and the whole of this harbour."),
    Line("MARA", "It always is."),
    Line("JON", "Yes."),
)
lines = st.lists(
    st.builds(Line, st.sampled_from(["MARA", "JON", "Eve"]), st.text("abc ", min_size=1, max_size=60)), max_size=8
).map(tuple)
named = st.lists(
    st.builds(
        ShotRequest,
        id=st.just(""),
        size=st.none() | st.sampled_from(Size),
        angle=st.none() | st.sampled_from(Angle),
        move=st.none() | st.sampled_from(Move),
        lens_mm=st.none() | st.integers(8, 300),
        frames=st.none() | st.integers(SHOT_FRAMES_MIN, 96),
        description=st.sampled_from(["", "Insert of the letter.", "Over the shoulder of Jon."]),
    ),
    max_size=6,
).map(lambda shots: tuple(replace(shot, id=f"sht_{at}") for at, shot in enumerate(shots)))
arounds = st.builds(
    Surroundings,
    people=st.lists(st.sampled_from(["MARA", "JON", "Eve", "Cem"]), max_size=4, unique=True).map(tuple),
    props=st.sampled_from([(), ("lamp",)]),
    place=st.none() | st.floats(0, 1),
    quick=st.booleans(),
)
looks = st.sampled_from(list(BRAINS.values()))


@given(lines, named, st.none() | st.integers(12, 600), arounds, looks)
def test_whatever_the_scene_is(
    talk: tuple[Line, ...], shots: tuple[ShotRequest, ...], frames: int | None, around: Surroundings, brain: Brain
) -> None:
    asked = request(lines=talk, shots=shots, frames=frames)
    plan = expand(asked, brain, around)
    assert plan == expand(asked, brain, around), "the same scene, the same plan"
    assert [line for shot in plan.shots for line in shot.lines] == list(range(len(talk)))
    assert len(plan.shots) == len(shots) or not shots
    for told, shot in zip(shots, plan.shots, strict=False):
        for field in ("size", "angle", "move", "lens_mm", "frames", "description"):
            said = getattr(told, field)
            assert not said or getattr(shot, field) == said, (field, "people's words stay")
    for shot in plan.shots:
        free = not shots
        assert shot.frames >= SHOT_FRAMES_MIN
        spoken_s = sum(speech_s(talk[line].text) for line in shot.lines)
        assert shot.frames >= int(spoken_s * 24) or not free
        assert {"size", "angle", "move", "lens_mm", "frames", "direction"} <= shot.reasons.keys()
        if free:
            assert not {shot.size, shot.angle, shot.move} & set(brain.never)
            assert brain.lens.min_mm <= shot.lens_mm <= brain.lens.max_mm
            assert shot.move is Move.STATIC or shot.frames >= MOVE_S_MIN * 24
        assert not shot.people or set(shot.people) <= {*around.people, *(line.character.strip() for line in talk)}
    if not shots:
        assert plan.warnings == (), "what nobody has said breaks no rule"


def test_a_dialogue_is_covered_by_turns_across_the_line() -> None:
    plan = expand(request(lines=TALK, frames=480), BRAINS["k_drama"], TWO)
    first, *rest = plan.shots
    assert first.setup is Setup.MASTER and first.people == ("MARA", "JON") and first.direction is None
    assert first.size in (Size.ELS, Size.LS, Size.MLS)
    for shot in rest:
        for line in shot.lines:
            assert TALK[line].character in shot.people
        if shot.subject:
            assert shot.direction is (Direction.RIGHT if shot.subject == "MARA" else Direction.LEFT)
    assert plan.frames == 480


def test_sizes_go_closer_towards_the_climax_and_let_go() -> None:
    assert tightness(0) == 0 and tightness(0.8) == 1 and tightness(1) == pytest.approx(0.6)
    singles = tuple(ShotRequest(f"s{at}", description="Mara.") for at in range(10))
    plan = expand(request(shots=singles, frames=1_200), BRAINS["thriller"], Surroundings(people=("MARA",)))
    sizes = [WIDE_TO_CLOSE.index(shot.size) for shot in plan.shots]
    assert sizes[0] < sizes[4] < max(sizes[7:9]) and sizes[-1] < max(sizes[7:9])


def test_who_listens_to_a_long_turn_is_seen() -> None:
    long = (Line("MARA", "word " * 30), Line("JON", "Ah."))
    plan = expand(request(lines=long, frames=900), BRAINS["k_drama"], TWO)
    listening = [shot for shot in plan.shots if shot.subject == "JON" and not shot.lines]
    assert listening and listening[0].setup is Setup.SINGLE


def test_a_thing_is_looked_at_level_or_from_above() -> None:
    shots = tuple(ShotRequest(f"s{at}", description="Insert of the lamp.") for at in range(12))
    plan = expand(request(shots=shots), BRAINS["horror"], replace(TWO, props=("lamp",)))
    assert {shot.setup for shot in plan.shots} == {Setup.INSERT} and {shot.people for shot in plan.shots} == {()}
    assert {shot.angle for shot in plan.shots} == {Angle.EYE, Angle.HIGH}


def test_who_is_only_heard_is_not_seen() -> None:
    heard = replace(TWO, people=("MARA",), speakers={"jon (v.o.)": "", "mara": "MARA"})
    talk = (Line("JON (V.O.)", "I was young once."), Line("Mara", "Who was not?"))
    plan = expand(request(lines=talk, frames=300), BRAINS["k_drama"], heard)
    assert {name for shot in plan.shots for name in shot.people} == {"MARA"}
    assert [line for shot in plan.shots for line in shot.lines] == [0, 1]


def test_a_hook_does_not_begin_with_a_master() -> None:
    slow, quick = (expand(request(), BRAINS["thriller"], replace(TWO, quick=quick)) for quick in (False, True))
    assert slow.shots[0].setup is Setup.MASTER and quick.shots[0].setup is not Setup.MASTER


def test_lengths_follow_the_pace_and_the_place_in_the_story() -> None:
    asked = request(shots=tuple(ShotRequest(f"s{at}") for at in range(4)))
    frames = {
        name: expand(asked, BRAINS[name], Surroundings(people=("MARA",))).frames for name in ("horror", "thriller")
    }
    assert frames["horror"] > frames["thriller"]
    early, late = (expand(asked, BRAINS["horror"], Surroundings(("MARA",), place=place)).frames for place in (0.1, 0.9))
    assert early / late == pytest.approx(1.3 / 0.75, rel=0.03)


def test_the_estimate_is_shared_among_shots_that_say_nothing() -> None:
    shots = (ShotRequest("a", frames=100), ShotRequest("b"), ShotRequest("c"))
    plan = expand(request(shots=shots, frames=240), BRAINS["thriller"], TWO)
    assert plan.shots[0].frames == 100 and plan.frames == 240
    assert plan.shots[0].reasons["frames"].origin is Origin.SAID
    assert plan.shots[1].reasons["frames"].origin is Origin.PACING


def test_forty_shots_that_say_nothing_fit_into_one_generation() -> None:
    shots = tuple(ShotRequest(f"s{at}") for at in range(40))
    assert expand(request(shots=shots), BRAINS["horror"], TWO).frames <= 2_160


def test_more_words_than_one_generation_makes_are_refused() -> None:
    with pytest.raises(SceneTooLong):
        expand(request(lines=tuple(Line("A", "x" * 200) for _ in range(8))), BRAINS["thriller"], TWO)


def test_words_that_do_not_fit_a_length_that_was_said_are_told() -> None:
    plan = expand(request(lines=TALK[1:2], shots=(ShotRequest("a", frames=24),)), BRAINS["thriller"], TWO)
    assert plan.shots[0].frames == 24 and [warn.code for warn in plan.warnings] == ["room"]


def test_the_prompt_begins_with_the_scenes_own_words() -> None:
    beat = Beat("midpoint", "Midpoint", "The stakes rise.", 0.5, 0.5, 0.04)
    told = prompt_of(request("Rain"), BRAINS["horror"], Surroundings(beat=beat))
    assert told == (
        "Rain. Setting: ext, harbour, night. Beat: Midpoint. The stakes rise. Look: negative space, nothing seen in the"
        " shadows, desaturated, a slow creeping frame. Avoid: even light, cheerful colours."
    )


def test_the_scene_decides_and_not_the_size_of_the_picture() -> None:
    small = request(lines=TALK)
    large: SceneRequest = replace(small, picture=replace(small.picture, width=1920, height=1080))
    assert expand(small, BRAINS["thriller"], TWO).shots == expand(large, BRAINS["thriller"], TWO).shots


# Rules --------------------------------------------------------------------------------------------


def shot(id: str, who: str, look: Direction | None, size: Size = Size.MCU, **more: object) -> PlanShot:
    base = PlanShot(id, Setup.SINGLE, size, Angle.EYE, Move.STATIC, 50, 96, look, (who,), (), "", {})
    return replace(base, **more)  # type: ignore[arg-type]


LEFT, RIGHT = Direction.LEFT, Direction.RIGHT


def codes(*shots: PlanShot, talk: tuple[Line, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    return [(warn.code, warn.shots) for warn in checked(shots, request(lines=talk), BRAINS["k_drama"])]


def test_crossing_the_line_is_told_unless_something_neutral_is_between() -> None:
    a, b = shot("a", "MARA", RIGHT), shot("b", "MARA", LEFT, Size.CU)
    assert codes(a, b) == [("axis", ("a", "b"))]
    master = replace(a, id="m", setup=Setup.MASTER, people=("MARA", "JON"), size=Size.LS, direction=None)
    assert codes(a, master, b) == []


def test_two_who_talk_look_at_each_other() -> None:
    a, b = shot("a", "MARA", RIGHT, lines=(0,)), shot("b", "JON", RIGHT, lines=(1,))
    b = replace(b, frames=240)
    assert codes(a, b, talk=TALK[:2]) == [("eyeline", ("a", "b"))]
    assert codes(a, replace(b, direction=LEFT), talk=TALK[:2]) == []


def test_a_jump_is_mended_by_a_step_in_size_then_by_height_else_told() -> None:
    a, b = shot("a", "MARA", RIGHT), shot("b", "MARA", RIGHT)
    assert codes(a, b) == [("jump", ("a", "b"))]
    assert [each.size for each in mended([a, b], BRAINS["k_drama"], frozenset())] == [Size.MCU, Size.CU]
    by_height = mended([a, b], BRAINS["k_drama"], frozenset({("b", "size")}))[1]
    assert (by_height.size, by_height.angle) == (Size.MCU, Angle.HIGH)
    assert by_height.reasons["angle"] == Reason(Origin.RULE, "Another height, so that the cut is no jump.")
    assert mended([a, b], BRAINS["k_drama"], frozenset({("b", "size"), ("b", "angle")}))[1] == b


def test_what_never_occurs_is_replaced_unless_somebody_said_it() -> None:
    shaky = shot("a", "MARA", RIGHT, move=Move.HANDHELD)
    assert mended([shaky], BRAINS["k_drama"], frozenset())[0].move is Move.PUSH_IN
    assert mended([shaky], BRAINS["k_drama"], frozenset({("a", "move")}))[0].move is Move.HANDHELD
    assert codes(shaky) == [("forbidden", ("a",))]


@given(
    st.lists(st.tuples(st.sampled_from(["MARA", "JON"]), st.sampled_from(Size), st.sampled_from(Direction)), max_size=8)
)
def test_mending_leaves_nothing_to_tell(rows: list[tuple[str, Size, Direction]]) -> None:
    shots = [shot(f"s{at}", who, look, size) for at, (who, size, look) in enumerate(rows)]
    fixed = mended(shots, BRAINS["thriller"], frozenset())
    told = checked(fixed, request(), BRAINS["thriller"])
    assert {warn.code for warn in told} <= set(), [(one.size, other.size) for one, other in pairwise(fixed)]

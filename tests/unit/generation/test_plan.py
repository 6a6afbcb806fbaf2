"""From a scene to its shots: typed, in order, long enough for what is said, and never against the storyboard."""

from hypothesis import given
from hypothesis import strategies as st

from services.brains.model import Angle, Move, Size
from services.brains.presets import BRAINS
from services.generation.length import speech_s
from services.generation.providers.animatic import enhance
from services.generation.providers.animatic.subject import Place, Time, read
from services.generation.request import SHOT_FRAMES_MIN, Line, ShotRequest, Slug

from .make import request

lines = st.lists(
    st.builds(Line, st.sampled_from(["MARA", "JON", "Eve"]), st.text("abc ", min_size=1, max_size=60)), max_size=8
).map(tuple)
shots = st.lists(
    st.builds(
        ShotRequest,
        id=st.just("sht"),
        size=st.none() | st.sampled_from(Size),
        angle=st.none() | st.sampled_from(Angle),
        move=st.none() | st.sampled_from(Move),
        lens_mm=st.none() | st.integers(8, 300),
        frames=st.none() | st.integers(SHOT_FRAMES_MIN, 96),
    ),
    max_size=6,
).map(tuple)


@given(lines, shots, st.none() | st.integers(12, 400), st.sampled_from(list(BRAINS)))
def test_a_plan_keeps_what_is_said_and_has_room_for_the_words(
    lines: tuple[Line, ...], shots: tuple[ShotRequest, ...], frames: int | None, brain: str
) -> None:
    asked = request(lines=lines, shots=shots, frames=frames, brain=brain)
    plan = enhance.plan(asked, BRAINS[brain])
    assert plan == enhance.plan(asked, BRAINS[brain]), "the same scene, the same plan"
    assert [line for shot in plan.shots for line in shot.lines] == list(range(len(lines)))
    for shot in plan.shots:
        spoken_s = sum(speech_s(lines[line].text) for line in shot.lines)
        assert shot.frames >= max(SHOT_FRAMES_MIN, int(spoken_s * 24))
    for told, shot in zip(shots, plan.shots, strict=False):
        assert (told.size or shot.size, told.angle or shot.angle) == (shot.size, shot.angle)
        assert (told.move or shot.move, told.lens_mm or shot.lens_mm) == (shot.move, shot.lens_mm)
    assert len(plan.shots) == len(shots) or not shots
    assert "Look:" in plan.prompt


def test_a_scene_that_says_nothing_gets_three_shots_of_six_seconds() -> None:
    plan = enhance.plan(request(), BRAINS["thriller"])
    assert len(plan.shots) == 3 and plan.frames == 144
    assert plan.shots[0].size in (Size.ELS, Size.LS, Size.MLS), "an opening is wide"


def test_the_estimate_of_the_storyboard_is_the_length() -> None:
    assert enhance.plan(request(frames=100), BRAINS["horror"]).frames == 100


def test_close_shots_hold_who_speaks() -> None:
    asked = request(lines=(Line("MARA", "You are late."), Line("JON", "I know.")))
    plan = enhance.plan(asked, BRAINS["k_drama"])
    for shot in plan.shots:
        for line in shot.lines:
            assert asked.lines[line].character in shot.cast


def test_who_listens_is_drawn_on_their_side() -> None:
    long = (Line("MARA", "word " * 30), Line("JON", "Ah."))
    plan = enhance.plan(request(lines=long, frames=900), BRAINS["k_drama"])
    listening = [shot for shot in plan.shots if shot.subject == "JON" and not shot.lines]
    assert listening and all(shot.cast == ("MARA", "JON") for shot in listening), "she is left, he is right"


def test_who_is_there_comes_from_the_words() -> None:
    def cast(prompt: str) -> tuple[str, ...]:
        asked = request(prompt)
        return enhance.cast_of(asked, read(asked.slug, prompt))

    assert cast("MARA meets Jon at the pier.") == ("MARA", "Jon")
    assert cast("A detective waits.") == ("someone",)
    assert cast("Two friends walk.") == ("one", "another")
    assert cast("Empty dunes.") == ()


def test_headings_and_words_are_read() -> None:
    assert read(Slug("EXT", "CITY STREET", "NIGHT"), "rain").place is Place.CITY
    subject = read(Slug("INT", "OFFICE", "NIGHT"), "snow outside the window, a forest")
    assert (subject.place, subject.time, subject.interior) == (Place.OFFICE, Time.NIGHT, True)
    assert {"snow", "window"} <= subject.props
    assert read(Slug("EXT", "", ""), "a beach at sunset").time is Time.DUSK
    assert read(Slug("INT", "", "DAY"), "").place is Place.ROOM

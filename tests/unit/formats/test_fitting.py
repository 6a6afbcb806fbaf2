"""Which beat a scene serves, what is missing, early or late, with the reason in words."""

import hashlib
import json
from dataclasses import asdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats.errors import NoSuchFormat
from services.formats.fitting import Basis, BeatFit, BeatState, Fit, Measure, Piece, clock, fit, names_of
from services.formats.model import Beat, Format
from services.formats.presets import AD_30, DEFAULTS, FORMATS, SHORT_FILM, THREE_ACT, VERSIONS, format_of

HOUR = 3_600.0


def piece(name: str, minutes: float, *beats: str) -> Piece:
    return Piece(name, name, minutes * 60, beats)


def by_id(found: Fit) -> dict[str, BeatFit]:
    return {each.beat.id: each for each in found.beats}


def hundred(**said: str) -> list[Piece]:
    """A hundred scenes of a minute; `said`: scene number as `s12` -> beat."""
    return [piece(f"s{at}", 1, *([said[f"s{at}"]] if f"s{at}" in said else [])) for at in range(100)]


@pytest.mark.parametrize("format", FORMATS.values(), ids=lambda format: format.id)
def test_a_format_is_whole(format: Format) -> None:
    ends = [(part.start, part.end) for part in format.parts]
    assert ends[0][0] == 0 and ends[-1][1] == 1 and all(one[1] == other[0] for one, other in pairwise(ends))
    assert format.length.min_s < format.length.typical_s < format.length.max_s
    assert len({beat.id for beat in format.beats}) == len(format.beats)
    for beat in format.beats:
        assert 0 <= beat.start <= beat.end <= 1 and 0 < beat.tolerance < 0.1, beat.id
        assert beat.purpose.endswith((".", "?")) and beat.name
    assert len(names_of(format.beats)) >= len(format.beats), "two beats have one name"
    assert format_of(format.id) is format and format_of(format.id, 1) is format


def test_a_version_of_a_format_never_changes() -> None:
    """A place that has to change makes a new version beside the old one, and a new line here."""

    def digest(format: Format) -> str:
        return hashlib.sha256(json.dumps(asdict(format), sort_keys=True).encode()).hexdigest()[:12]

    assert {(id, version, digest(format)) for (id, version), format in VERSIONS.items()} == {
        ("three_act", 1, "9ff425a4747a"),
        ("four_part", 1, "c54cf13566c6"),
        ("fifteen_beat", 1, "5171330eb7dc"),
        ("hour_five_acts", 1, "79a8d7b0466a"),
        ("half_hour", 1, "381a5ba0968c"),
        ("serial_sixteen", 1, "deaa6ebee95c"),
        ("short_film", 1, "3aae96736c06"),
        ("ad_30", 1, "5b3b6e92baed"),
        ("vertical_micro", 1, "f7f99781c236"),
    }


def test_unknown_formats_and_versions_are_named() -> None:
    assert set(DEFAULTS.values()) <= set(FORMATS)
    for name, version in (("four_act", None), ("three_act", 2)):
        with pytest.raises(NoSuchFormat):
            format_of(name, version)


def test_a_story_of_even_scenes_meets_every_beat_by_place() -> None:
    found = fit(hundred(), THREE_ACT)
    assert {each.state for each in found.beats} == {BeatState.MET}
    assert {each.basis for each in found.beats} == {Basis.PLACE}
    midpoint = by_id(found)["midpoint"]
    assert midpoint.scenes == ("s49",) or midpoint.scenes == ("s50",)
    assert found.notes == ()
    assert {scene.part for scene in found.scenes} == {"one", "two", "three"}


def test_a_beat_that_is_said_counts_where_it_is_and_is_told_late() -> None:
    found = fit(hundred(s60="midpoint"), THREE_ACT)
    midpoint = by_id(found)["midpoint"]
    assert (midpoint.state, midpoint.basis, midpoint.scenes) == (BeatState.LATE, Basis.SAID, ("s60",))
    assert midpoint.off == pytest.approx(0.10) and midpoint.off_s == pytest.approx(600)
    assert midpoint.reason == (
        "The storyboard says so of s60, from 60 % to 61 %: it comes 10 % of the whole (10:00) late; usual at 50 %."
    )
    served = {scene.piece.scene: scene for scene in found.scenes}
    assert served["s60"].beats == ("midpoint",) and served["s60"].basis is Basis.SAID
    assert "midpoint" not in served["s50"].beats


def test_a_beat_within_its_tolerance_is_met() -> None:
    found = by_id(fit(hundred(s53="midpoint", s46="first_turn"), THREE_ACT))
    assert found["midpoint"].state is BeatState.MET and found["first_turn"].state is BeatState.LATE


def test_a_stretch_that_runs_on_is_told_too_long() -> None:
    pieces = [piece(f"s{at}", 1, *(["setup"] if at < 20 else [])) for at in range(100)]
    setup = by_id(fit(pieces, THREE_ACT))["setup"]
    assert setup.state is BeatState.LATE and "runs on 9 % of the whole (9:00) too long" in setup.reason


def test_what_lies_elsewhere_by_its_word_leaves_its_place_missing() -> None:
    pieces = [piece("open", 2, "situation"), piece("turn", 6, "reversal"), piece("end", 1, "image")]
    found = by_id(fit(pieces, SHORT_FILM))
    assert found["disturbance"].state is BeatState.MISSING
    assert found["disturbance"].reason == (
        "At 15 % (1:21) there is open, of which the storyboard says that it is something else."
    )
    assert found["disturbance"].start is None and found["reversal"].state is BeatState.MET


def test_a_story_that_is_being_written_is_measured_by_the_plan() -> None:
    written = [piece(f"s{at}", 1) for at in range(30)]
    story, plan = fit(written, THREE_ACT), fit(written, THREE_ACT, Measure.PLAN)
    assert by_id(story)["midpoint"].state is BeatState.MET
    assert by_id(plan)["midpoint"].state is BeatState.MISSING
    assert by_id(plan)["midpoint"].reason == "Nothing lies at 50 % (55:00)."
    assert by_id(plan)["first_turn"].scenes == ("s27",)
    assert [note.text for note in plan.notes] == ["The story is 30:00 long, 45:00 short; usual are 1:15:00 to 3:00:00."]


def test_beats_in_the_wrong_order_are_noted() -> None:
    found = fit(hundred(s52="first_turn", s48="midpoint"), THREE_ACT)
    assert [(note.code, note.text, note.scene) for note in found.notes] == [
        ("order", "Midpoint comes before First turn.", "s48")
    ]


def test_rules_of_an_advertisement() -> None:
    pieces = [Piece("a", "1 Kitchen", 18.0, (), 5.0), Piece("b", "2 Product", 12.0)]
    notes = {note.code: note for note in fit(pieces, AD_30, aspect=(16, 9)).notes}
    assert notes["hook"].text == "The first shot lasts 5.0 s; something has to happen within 3 s."
    assert notes["scene_length"].text == "1 Kitchen lasts 0:18; 0:15 at most." and notes["scene_length"].scene == "a"
    vertical = fit(pieces, format_of("vertical_micro"), aspect=(16, 9))
    assert "The picture is 16:9; this is made for 9:16." in [note.text for note in vertical.notes]
    assert "aspect" not in {note.code for note in fit(pieces, format_of("vertical_micro"), aspect=(1080, 1920)).notes}


def test_own_beats_are_fitted_beside_the_formats() -> None:
    own = Beat("bts_1", "The knock", "", 0.4, 0.4, 0.03, required=False)
    found = by_id(fit(hundred(s70="bts_1"), THREE_ACT, own=[own]))
    assert found["bts_1"].state is BeatState.LATE and found["bts_1"].off == pytest.approx(0.3)


def test_a_page_is_counted_in_eighths() -> None:
    assert THREE_ACT.length.eighths(60) == 8 and THREE_ACT.length.eighths(95) == 13 and THREE_ACT.length.eighths(1) == 1
    assert format_of("half_hour").length.eighths(45) == 8


def test_clock() -> None:
    assert [clock(seconds) for seconds in (0, 59.6, 316, 3_750)] == ["0:00", "1:00", "5:16", "1:02:30"]


def test_nothing_is_all_missing() -> None:
    found = fit([], THREE_ACT)
    assert {each.state for each in found.beats} == {BeatState.MISSING} and found.whole_s == 110 * 60


@given(
    st.lists(
        st.tuples(st.floats(1, 600), st.sampled_from([None, *(beat.id for beat in THREE_ACT.beats)])), max_size=60
    ),
    st.sampled_from(Measure),
)
def test_whatever_the_story_is(scenes: list[tuple[float, str | None]], measure: Measure) -> None:
    pieces = [
        Piece(f"s{at}", f"s{at}", length, () if beat is None else (beat,)) for at, (length, beat) in enumerate(scenes)
    ]
    found = fit(pieces, THREE_ACT, measure)
    said = {beat for _, beat in scenes if beat is not None}
    for each in found.beats:
        assert (each.basis is Basis.SAID) == (each.beat.id in said)
        assert (each.state is BeatState.MISSING) == (not each.scenes)
        assert (each.state is BeatState.MET) == (bool(each.scenes) and abs(each.off) <= each.beat.tolerance)
        assert each.reason.endswith(".")
    for scene in found.scenes:
        if scene.piece.beats:
            assert scene.beats == scene.piece.beats, "a scene that says what it is serves nothing else"
    if measure is Measure.STORY and pieces:
        assert found.scenes[-1].end == pytest.approx(1.0)

"""Whether a model fits: what is bent is shown, what is not is refused by name, and the price is the most it may be."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from services.generation.providers.capabilities import (
    Field,
    Fit,
    Kind,
    Model,
    PromptUnit,
    Reference,
    Role,
    Shape,
    Standing,
    Terms,
    Unfit,
    Want,
)
from services.generation.providers.negotiation import RATIO_BEND_MAX, negotiate, prompt_length
from services.generation.providers.prices import MICRO, Charged, Flat, PerSecond, PerThousandCharacters, PerToken

WIDE, TALL, LARGE = Shape(1280, 720, "1280:720"), Shape(720, 1280, "720:1280"), Shape(1920, 1080, "1920:1080")
VIDEO = Model(
    provider="somebody",
    name="clip-1",
    kind=Kind.VIDEO,
    price=PerSecond({720: 10 * MICRO, 1080: 20 * MICRO}, {720: 15 * MICRO, 1080: 30 * MICRO}),
    terms=Terms(result_ttl_s=3600),
    prompt_max=10,
    prompt_unit=PromptUnit.UTF16,
    shapes=(WIDE, TALL, LARGE),
    durations_s=(4, 6, 8),
    sounding=True,
    references={Role.FIRST_FRAME: 1},
)
FRAME = Reference(Role.FIRST_FRAME, "0" * 64, "image/png", b"")


def want(**changed: Any) -> Want:
    return replace(Want(Kind.VIDEO, "rain"), **changed)


def fit(**changed: Any) -> Fit:
    found = negotiate(VIDEO, want(**changed))
    assert isinstance(found, Fit), found
    return found


def refused(model: Model = VIDEO, **changed: Any) -> dict[Field, tuple[str, str]]:
    found = negotiate(model, want(**changed))
    assert isinstance(found, Unfit), found
    return {one.field: (one.asked, one.offered) for one in found.refusals}


def test_what_fits_exactly_differs_in_nothing() -> None:
    exact = fit(width=1280, height=720, duration_s=6, audio=True)
    assert (exact.shape, exact.duration_s, exact.audio, exact.differences) == (WIDE, 6, True, ())
    assert exact.most_microcredits == 90 * MICRO


def test_what_nobody_asked_for_is_the_models_choice_and_no_difference() -> None:
    chosen = fit()
    assert (chosen.shape, chosen.duration_s, chosen.audio, chosen.differences) == (WIDE, 4, False, ())


def test_the_next_longer_duration_is_offered_and_shown_and_nothing_longer_than_the_longest() -> None:
    (longer,) = fit(duration_s=4.5).differences
    assert (longer.field, longer.asked, longer.offered) == (Field.DURATION, "4.5 s", "6 s")
    assert refused(duration_s=8.5) == {Field.DURATION: ("8.5 s", "at most 8 s")}


def test_size_is_the_smallest_that_is_large_enough_else_the_largest() -> None:
    assert fit(width=1600, height=900).shape == LARGE
    huge = fit(width=3840, height=2160)
    assert huge.shape == LARGE and [one.field for one in huge.differences] == [Field.SIZE]
    assert huge.most_microcredits == 80 * MICRO


def test_a_ratio_close_by_is_bent_and_another_is_refused() -> None:
    bent = fit(width=1280, height=800)
    assert bent.shape == LARGE and [one.field for one in bent.differences] == [Field.RATIO, Field.SIZE]
    assert list(refused(width=1024, height=768)) == [Field.RATIO]


def test_what_must_be_is_not_bent() -> None:
    assert refused(seed=7, must=frozenset({Field.SEED})) == {Field.SEED: ("7", "another picture each time")}
    assert list(refused(duration_s=5, must=frozenset({Field.DURATION}))) == [Field.DURATION]


def test_every_reason_is_told_at_once() -> None:
    assert set(refused(prompt="x" * 11, duration_s=60, width=10, height=100)) == {
        Field.PROMPT,
        Field.DURATION,
        Field.RATIO,
    }


def test_a_prompt_is_counted_in_the_providers_unit() -> None:
    assert [prompt_length("a🎬é", unit) for unit in PromptUnit] == [3, 4, 7]
    assert refused(prompt="🎬" * 6) == {Field.PROMPT: ("12 utf16", "1 to 10 utf16")}
    assert refused(prompt="") == {Field.PROMPT: ("0 utf16", "1 to 10 utf16")}


def test_references_are_counted_by_role_and_required_ones_are_missed() -> None:
    assert fit(references=(FRAME,)).differences == ()
    assert refused(references=(FRAME, FRAME)) == {Field.REFERENCES: ("2 as first_frame", "0 to 1")}
    needs = Model("somebody", "still-2", Kind.VIDEO, Flat(1), Terms(), 10, references={Role.FIRST_FRAME: 1},
                  required=frozenset({Role.FIRST_FRAME}))  # fmt: skip
    assert refused(needs) == {Field.REFERENCES: ("0 as first_frame", "1")}


def test_a_retired_model_and_another_kind_fit_nothing() -> None:
    gone = Model(
        "somebody", "old", Kind.IMAGE, Flat(1), Terms(), 10, standing=Standing.RETIRED, since=date(2026, 9, 24)
    )
    assert refused(gone) == {
        Field.KIND: ("video", "image"),
        Field.STANDING: ("a model that is to be had", "retired since 2026-09-24"),
    }


def test_sound_that_cannot_be_had_is_refused_and_sound_that_cannot_be_left_out_is_shown() -> None:
    silent = Model("somebody", "mute", Kind.VIDEO, Flat(1), Terms(), 10)
    assert refused(silent, audio=True) == {Field.AUDIO: ("with sound", "silent")}
    loud = Model("somebody", "loud", Kind.VIDEO, Flat(1), Terms(), 10, silent=False, sounding=True)
    found = negotiate(loud, want())
    assert isinstance(found, Fit) and [one.field for one in found.differences] == [Field.AUDIO]


def test_a_voice_is_named_where_one_is_needed() -> None:
    speaker = Model("somebody", "speaker", Kind.VOICE, Flat(1), Terms(), 10, needs_voice=True)
    assert refused(speaker, kind=Kind.VOICE) == {Field.VOICE: ("no voice named", "one of the provider's voices")}


def test_prices_are_whole_and_rounded_up() -> None:
    assert PerThousandCharacters(10 * MICRO).most(Charged(characters=1)) == 10_000
    assert PerThousandCharacters(1).most(Charged(characters=1)) == 1
    assert PerToken(200, 1_000).most(Charged(input_bytes=100, answer_tokens=10)) == 30_000
    assert PerSecond({720: 20}, least=80).most(Charged(side=480, duration_s=2)) == 80


@given(some.integers(16, 8000), some.integers(16, 8000), some.floats(0.1, 8, allow_nan=False))
def test_a_fit_never_turns_a_picture_over_nor_makes_it_shorter(width: int, height: int, duration_s: float) -> None:
    found = negotiate(VIDEO, want(width=width, height=height, duration_s=duration_s))
    if isinstance(found, Fit):
        assert found.shape is not None and found.duration_s is not None
        assert found.duration_s >= duration_s
        bend = (found.shape.width / found.shape.height) / (width / height)
        assert 1 - RATIO_BEND_MAX - 0.01 < bend < 1 + RATIO_BEND_MAX + 0.02
        assert bool(found.differences) == ((width, height, duration_s) not in _EXACT)
    else:
        assert [one.field for one in found.refusals] == [Field.RATIO]


_EXACT = {(s.width, s.height, float(d)) for s in VIDEO.shapes for d in VIDEO.durations_s}

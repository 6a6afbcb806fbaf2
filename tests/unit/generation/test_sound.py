"""Sound as long as the picture, lines one after the other, loud enough and never too loud."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.brains.presets import BRAINS
from services.generation.providers.animatic import enhance, sound
from services.generation.providers.animatic.subject import Place, Subject, Time
from services.generation.request import Line

from .make import request

ROOM = Subject(Place.ROOM, Time.DAY, frozenset())


def tone(text: str, tempo: float, seed: int) -> sound.Samples:
    """A voice of known length: 15 letters a second."""
    count = int(len(text) / 15 / tempo * sound.VOICE_HZ)
    wave: sound.Samples = (0.4 * np.sin(np.arange(count) * 0.05)).astype(np.float32)
    return wave


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 60)), min_size=1, max_size=6))
def test_sound_is_as_long_as_the_picture_and_every_line_fits(said: list[tuple[str, int]]) -> None:
    asked = request(lines=tuple(Line(who, "x" * letters) for who, letters in said))
    plan = enhance.plan(asked, BRAINS["thriller"])
    track = sound.mix_scene(plan, asked.lines, (24, 1), ROOM, 1, sound.Voices(tone))
    assert track.samples.shape == (plan.frames * 2000, 2)
    assert 0 < track.spoken_s < plan.frames / 24
    assert np.abs(track.samples).max() <= sound.PEAK + 1e-6


def test_lines_never_overlap_and_begin_in_their_shots() -> None:
    asked = request(lines=tuple(Line("A", "x" * 30) for _ in range(3)))
    plan = enhance.plan(asked, BRAINS["thriller"])
    lengths = [int(30 / 15 * sound.RATE_HZ)] * 3
    total = plan.frames * 2000
    starts = sound._starts(plan, (24, 1), lengths, total)
    for (start, length), following in zip(zip(starts, lengths, strict=True), [*starts[1:], total], strict=True):
        assert start + length <= following


def test_a_silent_scene_has_the_tone_of_its_place() -> None:
    levels = {}
    for place, props in ((Place.ROOM, ()), (Place.SEA, ()), (Place.FIELD, ("rain",))):
        subject = Subject(place, Time.DAY, frozenset(props))
        samples = sound.room_tone(subject, 48_000, np.random.default_rng(1))
        levels[place] = 20 * np.log10(np.sqrt(np.mean(samples**2)))
    assert -60 < levels[Place.ROOM] < levels[Place.SEA] < levels[Place.FIELD] < -28


def test_characters_have_different_voices() -> None:
    lines = [Line(who, "x" * 30) for who in "AB"]
    first, second = (sound._say(lines, index, 1.0, sound.Voices(tone)) for index in range(2))
    crossings = [int(np.sum(np.diff(np.sign(take)) != 0)) / len(take) for take in (first, second)]
    assert crossings[1] < 0.9 * crossings[0], "the second is lower"
    assert abs(len(first) - len(second)) < 0.05 * len(first), "and no slower"


def test_a_line_that_others_have_spoken_is_heard_as_it_was_recorded_and_fits() -> None:
    asked = request(lines=(Line("A", "x" * 30), Line("B", "x" * 30)))
    plan = enhance.plan(asked, BRAINS["thriller"])
    tempos: list[float] = []

    def recorded(tempo: float) -> sound.Samples:
        tempos.append(tempo)
        count = int(20.0 / tempo * sound.RATE_HZ)
        wave: sound.Samples = (0.01 * np.sin(np.arange(count) * 0.3)).astype(np.float32)
        return wave

    spoken: list[str] = []

    def ours(text: str, tempo: float, seed: int) -> sound.Samples:
        spoken.append(text)
        return tone(text, tempo, seed)

    voices = sound.Voices(ours, {0: recorded})
    track = sound.mix_scene(plan, asked.lines, (24, 1), ROOM, 1, voices)
    assert len(spoken) == len(tempos) and track.samples.shape == (plan.frames * 2000, 2)
    assert tempos == sorted(tempos) and max(tempos) <= sound.TEMPO_MAX, "faster until it fits, never too fast"

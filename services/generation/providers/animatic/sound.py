"""The sound of a scene: its lines spoken by a voice, over the tone of the room, exactly as long as the picture.

Not the mux: this is PCM. `hibari` speaks; its one bundled voice is moved in pitch, so that characters differ.
"""

import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.generation.length import SPEECH_LEAD_S
from services.generation.providers.animatic.subject import Place, Subject
from services.generation.providers.interface import Plan
from services.generation.request import Line

Samples = NDArray[np.float32]

RATE_HZ = 48_000
SPEECH_DB = -21.0
"""Loudness of speech, RMS in dB below full scale, while somebody speaks."""
PEAK = 0.89
GAP_S = 0.22
TAIL_S = 0.15
TEMPO_MAX = 1.6
PITCHES = (1.0, 0.84, 1.1, 0.92, 1.18, 0.78)
"""By order of appearance."""

TONE_DB: Mapping[Place, float] = {
    Place.CITY: -42.0,
    Place.SEA: -36.0,
    Place.FOREST: -46.0,
    Place.ROAD: -44.0,
    Place.BAR: -48.0,
    Place.SPACE: -56.0,
}
TONE_DB_DEFAULT = -52.0
RAIN_DB = -33.0

Speak = Callable[[str, float, int], Samples]
"""(text, tempo, seed) -> mono float32 at 24 kHz."""
VOICE_HZ = 24_000
Recorded = Callable[[float], Samples]
"""tempo -> mono float32 at 48 kHz."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Ours, and what others have recorded, by the line."""

    speak: Speak
    recorded: Mapping[int, Recorded] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Track:
    """Stereo (n, 2) float32 at 48 kHz; `spoken_s`: seconds during which somebody speaks."""

    samples: Samples
    spoken_s: float


def mix_scene(
    plan: Plan, lines: Sequence[Line], rate: tuple[int, int], subject: Subject, seed: int, voices: Voices
) -> Track:
    """Everything that is heard, to the sample as long as the picture."""
    total = plan.frames * RATE_HZ * rate[1] // rate[0]
    room = room_tone(subject, total, np.random.default_rng([seed, 20]))
    spoken = [index for shot in plan.shots for index in shot.lines]
    if not spoken:
        return Track(room, 0.0)
    takes = _takes(plan, lines, spoken, total, voices)
    starts = _starts(plan, rate, [len(take) for take in takes], total)
    for take, start, index in zip(takes, starts, spoken, strict=True):
        side = 0.12 * (-1) ** _numbers(lines)[lines[index].character]
        part = room[start : start + len(take)]
        part += take[: len(part), None] * np.array([1 - max(0.0, side), 1 + min(0.0, side)], np.float32)
    peak = float(np.abs(room).max())
    if peak > PEAK:
        room *= np.float32(PEAK / peak)
    return Track(room, sum(map(len, takes)) / RATE_HZ)


def _numbers(lines: Sequence[Line]) -> dict[str, int]:
    """Every character's number, by order of appearance."""
    order: dict[str, int] = {}
    for line in lines:
        order.setdefault(line.character, len(order))
    return order


def _takes(plan: Plan, lines: Sequence[Line], spoken: Sequence[int], total: int, voices: Voices) -> list[Samples]:
    """Every line at a tempo that lets all of them fit."""
    room_s = total / RATE_HZ - SPEECH_LEAD_S - TAIL_S - GAP_S * (len(spoken) - 1)
    tempo = 1.0
    for _ in range(3):
        takes = [_say(lines, index, tempo, voices) for index in spoken]
        needed_s = sum(map(len, takes)) / RATE_HZ
        if needed_s <= room_s or tempo >= TEMPO_MAX:
            break
        tempo = min(TEMPO_MAX, tempo * max(1.05, 1.02 * needed_s / max(0.1, room_s)))
    return takes


def _say(lines: Sequence[Line], index: int, tempo: float, voices: Voices) -> Samples:
    """One line, levelled: as it was recorded, or spoken by us."""
    recorded = voices.recorded.get(index)
    take = _spoken(lines, index, tempo, voices.speak) if recorded is None else recorded(tempo)
    return _levelled(take)


def _spoken(lines: Sequence[Line], index: int, tempo: float, speak: Speak) -> Samples:
    """Slower or faster, and replayed at the pitch of its character."""
    line = lines[index]
    pitch = PITCHES[_numbers(lines)[line.character] % len(PITCHES)]
    voice = speak(line.text, tempo / pitch, 7)
    if not len(voice):
        return np.zeros(0, np.float32)
    count = int(len(voice) * RATE_HZ / VOICE_HZ / pitch)
    places = np.linspace(0, len(voice) - 1, count)
    return np.interp(places, np.arange(len(voice)), voice).astype(np.float32)


def _levelled(take: Samples) -> Samples:
    """As loud as all speech, and without a click at its ends."""
    take = take.copy()
    loud = take[np.abs(take) > 0.02]
    level = float(np.sqrt(np.mean(loud**2))) if len(loud) else 0.0
    if level > 0:
        take *= np.float32(10 ** (SPEECH_DB / 20) / level)
    edge = min(len(take) // 2, RATE_HZ // 200)
    take[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    take[len(take) - edge :] *= np.linspace(1, 0, edge, dtype=np.float32)
    return np.clip(take, -PEAK, PEAK).astype(np.float32)


def _starts(plan: Plan, rate: tuple[int, int], lengths: Sequence[int], total: int) -> list[int]:
    """As early as the shot of the line begins, but never over another line and never past the end."""
    begins, at = [], 0
    for shot in plan.shots:
        begins += [at] * len(shot.lines)
        at += shot.frames * RATE_HZ * rate[1] // rate[0]
    lead, gap, tail = int(SPEECH_LEAD_S * RATE_HZ), int(GAP_S * RATE_HZ), int(TAIL_S * RATE_HZ)
    starts: list[int] = []
    free = 0
    for index, begin in enumerate(begins):
        rest = sum(lengths[index:]) + gap * (len(lengths) - index - 1) + tail
        start = max(0, free, min(begin + lead, total - rest))
        starts.append(start)
        free = start + lengths[index] + gap
    return starts


def room_tone(subject: Subject, count: int, rng: np.random.Generator) -> Samples:
    """(count, 2): quiet noise shaped by the place; rain and sea are heard."""
    tone = _shaped(count, rng, 90, 1.1) * 10 ** (TONE_DB.get(subject.place, TONE_DB_DEFAULT) / 20)
    time = np.arange(count, dtype=np.float32)[:, None] / RATE_HZ
    if subject.place is Place.SEA:
        tone *= 0.55 + 0.45 * np.sin(2 * np.pi * time / 5.3 + 0.6)
    elif not subject.interior:
        tone *= 0.8 + 0.2 * np.sin(2 * np.pi * time / 3.7)
    if "rain" in subject.props and not subject.interior:
        tone += _shaped(count, rng, 1500, 0.35) * 10 ** (RAIN_DB / 20)
    edge = min(count // 2, RATE_HZ // 50)
    tone[:edge] *= np.linspace(0, 1, edge)[:, None]
    tone[count - edge :] *= np.linspace(1, 0, edge)[:, None]
    return tone.astype(np.float32)


def _shaped(count: int, rng: np.random.Generator, corner_hz: float, slope: float) -> NDArray[np.float64]:
    """Stereo noise of RMS 1 whose spectrum falls above a corner."""
    size = 1 << max(10, (count - 1).bit_length())
    spectrum = np.fft.rfft(rng.standard_normal((size, 2)), axis=0)
    frequencies = np.fft.rfftfreq(size, 1 / RATE_HZ)
    shape = 1 / (1 + (frequencies / corner_hz) ** 2) ** slope
    shape[frequencies < 25] = 0
    noise = np.fft.irfft(spectrum * shape[:, None], axis=0)[:count]
    return np.asarray(noise / max(1e-9, float(np.sqrt(np.mean(noise**2)))), np.float64)


def write_wav(path: Path, samples: Samples) -> None:
    """16 bits, 48 kHz, stereo."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())

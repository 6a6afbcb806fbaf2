"""What ffmpeg's answers mean: streams, their exact length and rate, colour and loudness; pure.

The packets of a file are its truth: what a header claims about length and rate is not asked.
"""

import heapq
import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from services.assets.errors import FileUnreadable

STANDARD_RATES = tuple(Fraction(number, 1001) for number in (24_000, 30_000, 48_000, 60_000, 120_000)) + tuple(
    Fraction(number) for number in (24, 25, 30, 48, 50, 60, 100, 120)
)
RATE_TOLERANCE = 4e-4
"""Within it a rate is the standard one: 24 and 24000/1001 are 1e-3 apart, times in milliseconds less than this."""
RATE_DENOMINATOR_MAX = 1001
STREAMS_MAX = 32
REORDERED_FRAMES_MAX = 32

_HEADER = re.compile(r"#(\w+) (\d+): (.+)")
_SHOWN = re.compile(r"fmt:(\S+) .*?sar:(\d+)/(\d+) s:(\d+)x(\d+)")
_COLOUR = re.compile(r"color_range:(\S+) color_space:(\S+) color_primaries:(\S+) color_trc:(\S+)")
_LOUDNESS = re.compile(r"I:\s+(\S+) LUFS.*?LRA:\s+(\S+) LU\b.*?Peak:\s+(\S+) dBFS", re.S)


class Gaps:
    """The shortest and the longest time from one frame to the next. Packets come a few frames out of order."""

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._last: int | None = None
        self.shortest: int | None = None
        self.longest = 0

    def take(self, pts: int) -> None:
        heapq.heappush(self._waiting, pts)
        if len(self._waiting) > REORDERED_FRAMES_MAX:
            self._pass(heapq.heappop(self._waiting))

    def end(self) -> None:
        """No more come."""
        while self._waiting:
            self._pass(heapq.heappop(self._waiting))

    def _pass(self, pts: int) -> None:
        if self._last is not None:
            gap = pts - self._last
            self.shortest = gap if self.shortest is None else min(self.shortest, gap)
            self.longest = max(self.longest, gap)
        self._last = pts


@dataclass(slots=True)
class Stream:
    """One stream as its packets show it. Times in `tick`, a fraction of a second."""

    facts: dict[str, str] = field(default_factory=dict)
    packets: int = 0
    start: int | None = None
    end: int = 0
    gaps: Gaps = field(default_factory=Gaps)

    @property
    def kind(self) -> str:
        return self.facts.get("media_type", "")

    @property
    def tick(self) -> Fraction:
        return Fraction(self.facts["tb"])

    @property
    def length_s(self) -> Fraction:
        return (self.end - (self.start or 0)) * self.tick

    def take(self, pts: int, duration: int) -> None:
        self.packets += 1
        self.start = pts if self.start is None else min(self.start, pts)
        self.end = max(self.end, pts + duration)
        self.gaps.take(pts)


class Packets:
    """Hears the lines of `ffmpeg.packets`."""

    def __init__(self) -> None:
        self.streams: dict[int, Stream] = {}

    async def hear(self, line: str) -> None:
        if line.startswith("#"):
            header = _HEADER.fullmatch(line)
            if header is not None and int(header[2]) < STREAMS_MAX:
                self.streams.setdefault(int(header[2]), Stream()).facts[header[1]] = header[3]
            return
        index, _, pts, duration = (int(column) for column in line.split(",")[:4])
        stream = self.streams.get(index)
        if stream is not None:
            stream.take(pts, duration)

    def of(self, kind: str) -> list[Stream]:
        """Those with packets, of `video` or `audio`."""
        return [stream for stream in self.streams.values() if stream.kind == kind and stream.packets]

    @property
    def length_s(self) -> Fraction:
        """From the first to the end of the last of anything. Raises `FileUnreadable` when nothing is in it."""
        found = [*self.of("video"), *self.of("audio")]
        if not found:
            raise FileUnreadable()
        return max(stream.length_s for stream in found)


def rate_of(stream: Stream) -> tuple[Fraction, bool]:
    """Frames a second, and whether every frame is as long as every other."""
    stream.gaps.end()
    if stream.length_s <= 0:
        return Fraction(25), False
    measured, shortest = stream.packets / stream.length_s, stream.gaps.shortest
    constant = shortest is not None and shortest > 0 and stream.gaps.longest - shortest <= 1
    return nearest_rate(measured), constant


def nearest_rate(measured: Fraction) -> Fraction:
    """The standard rate that it is meant to be, or a plain fraction near it."""
    for standard in STANDARD_RATES:
        if abs(measured / standard - 1) < RATE_TOLERANCE:
            return standard
    return max(Fraction(1, RATE_DENOMINATOR_MAX), measured.limit_denominator(RATE_DENOMINATOR_MAX))


def fraction(value: Fraction) -> list[int]:
    """As JSON."""
    return [value.numerator, value.denominator]


def video_facts(stream: Stream, shown: str) -> dict[str, Any]:
    """`shown`: what `ffmpeg.look` said. The size is that of the picture as it is seen, turned if it is to be turned."""
    rate, constant = rate_of(stream)
    return {
        "codec": stream.facts.get("codec_id", ""),
        "frames": stream.packets,
        "rate": fraction(rate),
        "constant": constant,
        **picture_facts(shown),
    }


def picture_facts(shown: str) -> dict[str, Any]:
    """Size, pixel shape, pixel format and colour. Raises `FileUnreadable`."""
    seen = _SHOWN.search(shown)
    if seen is None:
        raise FileUnreadable()
    colour = _COLOUR.search(shown)
    names = ("range", "space", "primaries", "transfer")
    return {
        "w": int(seen[4]),
        "h": int(seen[5]),
        "sar": [int(seen[2]), int(seen[3])],
        "pixels": seen[1],
        "colour": {} if colour is None else dict(zip(names, colour.groups(), strict=True)),
    }


def sound_facts(stream: Stream) -> dict[str, Any]:
    return {
        "codec": stream.facts.get("codec_id", ""),
        "rate_hz": int(stream.facts.get("sample_rate", "0")),
        "channels": stream.facts.get("channel_layout_name", ""),
        "duration": fraction(stream.length_s),
    }


def loudness_facts(said: str) -> dict[str, float] | None:
    """None: it is silent, or too short to be measured."""
    found = _LOUDNESS.search(said)
    if found is None:
        return None
    names = ("integrated_lufs", "range_lu", "true_peak_dbfs")
    values = {name: float(value) for name, value in zip(names, found.groups(), strict=True)}
    return values if all(math.isfinite(value) for value in values.values()) else None

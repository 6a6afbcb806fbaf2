"""What one call may cost at most, and what it did cost, from list prices. Pure.

Integers in micro-credits: one credit is one US cent of a provider's list price, so that a token at $0.10 a million is
10 micro-credits. Not what a studio is charged: that is the ledger's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

MICRO = 1_000_000
"""Micro-credits in a credit."""


@dataclass(frozen=True, slots=True)
class Charged:
    """What a price may depend on. `side`: the shorter one of the picture, in pixels, 0 where there is none.

    `input_bytes`: of all text that goes in; a token is never shorter than a byte.
    """

    side: int = 0
    duration_s: int = 0
    audio: bool = False
    characters: int = 0
    input_bytes: int = 0
    answer_tokens: int = 0


class Price(Protocol):
    """A list price."""

    def most(self, charged: Charged) -> int:
        """Micro-credits, rounded up."""


@dataclass(frozen=True, slots=True)
class Flat:
    """So much an output."""

    microcredits: int

    def most(self, charged: Charged) -> int:
        return self.microcredits


@dataclass(frozen=True, slots=True)
class PerSecond:
    """So much a second by the shorter side: the rate of the smallest side that holds it.

    `sounding`: with sound, if dearer. `least`: what a task costs however short it is.
    """

    silent: Mapping[int, int]
    sounding: Mapping[int, int] = field(default_factory=dict)
    least: int = 0

    def most(self, charged: Charged) -> int:
        rates = self.sounding if charged.audio and self.sounding else self.silent
        side = min((side for side in rates if side >= charged.side), default=max(rates))
        return max(self.least, rates[side] * charged.duration_s)


@dataclass(frozen=True, slots=True)
class PerThousandCharacters:
    """So much for a thousand characters of text."""

    microcredits: int

    def most(self, charged: Charged) -> int:
        return -(-self.microcredits * charged.characters // 1_000)


@dataclass(frozen=True, slots=True)
class PerToken:
    """So much a token, in and out."""

    input: int
    output: int

    def most(self, charged: Charged) -> int:
        return self.of(charged.input_bytes, charged.answer_tokens)

    def of(self, input_tokens: int, output_tokens: int) -> int:
        """What a call did cost."""
        return self.input * input_tokens + self.output * output_tokens

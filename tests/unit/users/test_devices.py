"""Device codes: that they can be read, and what a device is told at each moment; pure."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.users.devices import (
    ALPHABET,
    GRANT_TTL_S,
    INTERVAL_S,
    INTERVAL_SLACK_S,
    USER_CODE_CHARS,
    tidy_code,
    verdict,
)
from services.users.errors import DeviceCodeOver, DeviceDenied, DevicePending, DeviceTooFast
from storage.tables.devices import GrantRow

NOW = 1_800_000_000.0


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW + seconds, UTC)


ASKED = GrantRow(b"", "c", "d", None, INTERVAL_S, at(0), at(GRANT_TTL_S), None, None, None)


def test_no_letter_of_a_code_is_a_vowel_or_looks_like_another() -> None:
    assert not set(ALPHABET) & set("AEIOUY0123456789")
    for alike in ("GCQO", "NM", "VWUY"):
        assert len(set(ALPHABET) & set(alike)) <= 1
    assert len(set(ALPHABET)) == 16, "so that a byte is not more often one letter than another"
    assert len(ALPHABET) ** USER_CODE_CHARS > 4e9


@pytest.mark.parametrize("typed", ["BCDF-HJKL", "bcdfhjkl", " bcdf hjkl ", "BCDF–HJKL", "b.c.d.f/hjkl"])
def test_a_code_may_be_typed_as_people_do(typed: str) -> None:
    assert tidy_code(typed) == "BCDFHJKL"


def test_more_than_a_code_is_none() -> None:
    assert tidy_code("BCDFHJKLM") != "BCDFHJKL"
    assert len(tidy_code("B" * 100_000)) == USER_CODE_CHARS + 1


def told(grant: GrantRow, after_s: float) -> type[Exception] | None:
    refusal = verdict(grant, NOW + after_s)
    return None if refusal is None else type(refusal)


def test_what_a_device_is_told() -> None:
    assert told(ASKED, 0) is DevicePending
    polled = replace(ASKED, polled_at=at(10))
    assert told(polled, 10 + INTERVAL_S - INTERVAL_SLACK_S - 0.1) is DeviceTooFast
    assert told(polled, 10 + INTERVAL_S - INTERVAL_SLACK_S) is DevicePending
    slowed = replace(polled, interval_s=INTERVAL_S + 5)
    assert told(slowed, 10 + INTERVAL_S) is DeviceTooFast
    assert told(ASKED, GRANT_TTL_S) is DeviceCodeOver
    assert told(replace(polled, is_approved=True), 10) is None, "nobody waits who may come in"
    assert told(replace(polled, is_approved=False), 10) is DeviceDenied
    assert told(replace(ASKED, is_approved=True), GRANT_TTL_S) is DeviceCodeOver

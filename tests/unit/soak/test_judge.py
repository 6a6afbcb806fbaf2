"""A soak's verdict: what is left behind is found, what the allocator keeps is not."""

from dataclasses import replace

import pytest

from tests.soak.judge import MIB, Sample, failures, growth_mib, slope_mib_per_minute

REST = Sample(0, "rest", 100 * MIB, 30, 12, 0, 0, 0)


def soak(end: Sample, climb_mib: float = 0.0) -> list[Sample]:
    """Ten minutes of load between two rests; `climb_mib` a minute."""
    load = [replace(REST, at_s=at, phase="load", rss_bytes=(150 + climb_mib * at / 60) * MIB) for at in range(600)]
    return [REST, REST, *load, end, end]


def test_a_hub_that_is_as_before() -> None:
    end = replace(REST, phase="end", rss_bytes=104 * MIB, descriptors=29)
    assert failures(soak(end)) == []
    assert growth_mib(soak(end)) == pytest.approx(4)


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        ({"rooms": 1}, "1 rooms are left"),
        ({"sessions": 2}, "2 sessions are left"),
        ({"connections": 3}, "3 connections are left"),
        ({"tasks": 13}, "tasks: 12 before the load, 13 after it"),
        ({"descriptors": 31}, "descriptors: 30 before the load, 31 after it"),
        ({"rss_bytes": 120 * MIB}, "memory at rest grew by 20.0 MiB, more than 12"),
    ],
)
def test_what_is_left(left: dict[str, float], sentence: str) -> None:
    assert failures(soak(replace(REST, phase="end", **left))) == [sentence]


def test_memory_that_climbs_under_load() -> None:
    samples = soak(replace(REST, phase="end"), climb_mib=5.0)
    assert slope_mib_per_minute(samples) == pytest.approx(5.0)
    assert failures(samples) == ["memory under load grew by 5.0 MiB a minute, more than 4"]


def test_a_soak_that_did_not_end() -> None:
    assert failures([REST]) == ["the soak did not come to its end"]

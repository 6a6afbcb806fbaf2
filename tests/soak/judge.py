"""What the samples of a soak say: whether memory, descriptors and tasks came back to where they were. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression, median

GROWTH_MIB_MAX = 12.0
"""At rest after the load, beside at rest after the warm-up: what the allocator may keep."""
SLOPE_MIB_PER_MINUTE_MAX = 4.0
"""Of the second half of the load, where nothing new is met any more."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """A hub at one second. `phase`: `warm-up`, `rest`, `load` or `end`."""

    at_s: float
    phase: str
    rss_bytes: float
    descriptors: float
    tasks: float
    rooms: float
    sessions: float
    connections: float


def slope_mib_per_minute(samples: Sequence[Sample]) -> float:
    """Of the second half of the load, by least squares."""
    load = [one for one in samples if one.phase == "load"]
    load = load[len(load) // 2 :]
    if len(load) < 2:
        return 0.0
    return linear_regression([one.at_s / 60 for one in load], [one.rss_bytes / MIB for one in load]).slope


def growth_mib(samples: Sequence[Sample]) -> float:
    """From rest to rest."""
    before, after = (median(one.rss_bytes for one in samples if one.phase == phase) / MIB for phase in ("rest", "end"))
    return after - before


def failures(samples: Sequence[Sample]) -> list[str]:
    """Sentences; none is good."""
    if not {"rest", "load", "end"} <= {one.phase for one in samples}:
        return ["the soak did not come to its end"]
    found = []
    rest = [one for one in samples if one.phase == "rest"][-1]
    end = [one for one in samples if one.phase == "end"][-1]
    for name in ("rooms", "sessions", "connections"):
        if getattr(end, name):
            found.append(f"{getattr(end, name):.0f} {name} are left")
    for name in ("descriptors", "tasks"):
        if getattr(end, name) > getattr(rest, name):
            found.append(f"{name}: {getattr(rest, name):.0f} before the load, {getattr(end, name):.0f} after it")
    if (growth := growth_mib(samples)) > GROWTH_MIB_MAX:
        found.append(f"memory at rest grew by {growth:.1f} MiB, more than {GROWTH_MIB_MAX:g}")
    if (slope := slope_mib_per_minute(samples)) > SLOPE_MIB_PER_MINUTE_MAX:
        found.append(f"memory under load grew by {slope:.1f} MiB a minute, more than {SLOPE_MIB_PER_MINUTE_MAX:g}")
    return found

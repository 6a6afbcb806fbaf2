"""How the supervisor decides: back-off and heartbeats. Its children are in tests/integration/deploy."""

import os
import signal
from pathlib import Path

from deploy.local.supervisor import BACKOFF_MAX_S, Pulse, backoff_s, ending


def beat(file: Path, at_ns: int) -> None:
    file.touch()
    os.utime(file, ns=(at_ns, at_ns))


def test_back_off_doubles_up_to_ten_seconds() -> None:
    assert [backoff_s(failures) for failures in range(1, 9)] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert backoff_s(10_000) == BACKOFF_MAX_S


def test_a_child_that_starts_has_time_until_its_first_beat(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path / "beat", now=100.0, first_beat_s=30.0, age_max_s=5.0)
    assert pulse.alive(129.9)
    assert not pulse.alive(130.0)


def test_a_beat_older_than_the_limit_is_death(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    pulse = Pulse(file, now=100.0, first_beat_s=30.0, age_max_s=5.0)
    beat(file, at_ns=1)
    assert pulse.alive(110.0)
    assert pulse.alive(114.9)
    assert not pulse.alive(115.0)


def test_only_a_change_counts_so_a_set_clock_kills_nobody(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    beat(file, at_ns=9_000_000_000)
    pulse = Pulse(file, now=100.0, first_beat_s=30.0, age_max_s=5.0)
    assert pulse.alive(101.0)  # the file of an earlier life is not a beat of this one
    beat(file, at_ns=1_000_000_000)  # the clock was set back
    assert pulse.alive(120.0)
    assert pulse.alive(124.9)


def test_an_ending_names_the_signal() -> None:
    assert ending(-signal.SIGKILL) == "signal SIGKILL"
    assert ending(3) == "exit code 3"

"""Ticks: the latest of a run wins, at most four a second, and memory is bounded."""

from services.runs.ticks import RUNS_MAX, TICK_INTERVAL_S, Ticks


def test_the_first_tick_goes_at_once_and_the_latest_later() -> None:
    ticks = Ticks()
    ticks.put({"run": "a", "pct": 1})
    assert ticks.due(10.0) == [{"run": "a", "pct": 1}]
    ticks.put({"run": "a", "pct": 2})
    ticks.put({"run": "a", "pct": 3})
    assert ticks.due(10.1) == []
    assert ticks.next_at() == 10.0 + TICK_INTERVAL_S
    assert ticks.due(10.0 + TICK_INTERVAL_S) == [{"run": "a", "pct": 3}]
    assert ticks.next_at() is None


def test_runs_do_not_wait_for_each_other() -> None:
    ticks = Ticks()
    ticks.put({"run": "a", "pct": 1})
    ticks.due(10.0)
    ticks.put({"run": "a", "pct": 2})
    ticks.put({"run": "b", "pct": 5})
    assert ticks.due(10.1) == [{"run": "b", "pct": 5}]


def test_ten_seconds_of_storm_are_at_most_forty_one_ticks() -> None:
    ticks, sent = Ticks(), 0
    for step in range(1_000):
        ticks.put({"run": "a", "pct": step % 100})
        sent += len(ticks.due(step / 100))
    assert sent <= 41


def test_runs_that_wait_are_bounded_and_the_longest_silent_is_dropped() -> None:
    ticks = Ticks()
    for run in range(RUNS_MAX + 10):
        ticks.put({"run": str(run)})
    due = ticks.due(0.0)
    assert len(due) == RUNS_MAX
    assert due[0] == {"run": "10"}


def test_a_tick_of_no_run_is_dropped() -> None:
    ticks = Ticks()
    ticks.put({"pct": 1})
    ticks.put({"run": 7})
    assert ticks.next_at() is None

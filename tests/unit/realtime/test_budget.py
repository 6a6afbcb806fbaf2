"""What a connection may spend: recorded always, refused never; how long it has to wait is what counts."""

from dataclasses import replace

import pytest

from realtime.budget import Budget, TokenBucket
from sync.limits import Limits


def test_a_burst_is_free_and_what_is_beyond_it_takes_its_time() -> None:
    bucket = TokenBucket(10.0, 2.0, now_s=0.0)
    assert bucket.spend(20, 0.0) == 0.0
    assert bucket.spend(5, 0.0) == pytest.approx(0.5)
    assert bucket.spend(0, 0.3) == pytest.approx(0.2)


def test_time_fills_a_bucket_up_to_its_burst() -> None:
    bucket = TokenBucket(10.0, 2.0, now_s=0.0)
    bucket.spend(20, 0.0)
    assert bucket.spend(21, 1_000.0) == pytest.approx(0.1)


def test_one_is_taken_only_when_there_is_one() -> None:
    bucket = TokenBucket(1.0, 1.0, now_s=0.0)
    assert [bucket.take(0.0), bucket.take(0.9), bucket.take(1.0)] == [True, False, True]


def test_an_edit_spends_of_updates_and_of_bytes_and_waits_for_the_later() -> None:
    limits = replace(Limits(), updates_per_s_max=10, update_bytes_per_s_max=1_000, burst_s=1.0)
    budget = Budget(limits, 0.0)
    assert budget.edit(1_000, 0.0) == 0.0
    assert budget.edit(500, 0.0) == pytest.approx(0.5)
    assert budget.bytes(500, 0.0) == pytest.approx(1.0)

"""GCRA as arithmetic, and the bound on what one process remembers."""

from hypothesis import given
from hypothesis import strategies as st

from storage.rates import MemoryRates, Quota, gcra

QUOTAS = st.builds(Quota, st.integers(1, 50), st.integers(1, 100))


@given(QUOTAS, st.lists(st.integers(0, 2_000_000), max_size=200))
def test_no_stretch_of_time_holds_more_than_the_quota_and_what_came_back(quota: Quota, pauses_us: list[int]) -> None:
    now_us = full_at_us = 10**15
    granted: list[int] = []
    for pause_us in pauses_us:
        now_us += pause_us
        answer, full_at_us = gcra(full_at_us, now_us, quota)
        assert answer.is_granted == (answer.retry_after_s == 0)
        if answer.is_granted:
            granted.append(now_us)
    for place, start in enumerate(granted):
        for count, end in enumerate(granted[place:], 1):
            assert count <= quota.requests + (end - start) // quota.interval_us


@given(QUOTAS)
def test_who_waits_as_told_is_granted(quota: Quota) -> None:
    now_us, full_at_us = 10**15, 0
    for _ in range(quota.requests):
        answer, full_at_us = gcra(full_at_us, now_us, quota)
        assert answer.is_granted
    refused, full_at_us = gcra(full_at_us, now_us, quota)
    assert not refused.is_granted
    after_us = round(refused.retry_after_s * 1_000_000)
    assert not gcra(full_at_us, now_us + after_us - 1, quota)[0].is_granted
    assert gcra(full_at_us, now_us + after_us, quota)[0].is_granted


async def test_what_a_process_remembers_is_bounded_and_the_greediest_stay() -> None:
    rates = MemoryRates(lambda: 100.0, keys_max=10)
    quota = Quota(5, 1_000)
    for _ in range(5):
        await rates.take("greedy", quota)
    for number in range(100):
        await rates.take(str(number), quota)
    assert len(rates._full_at_us) <= 10
    assert not (await rates.take("greedy", quota)).is_granted

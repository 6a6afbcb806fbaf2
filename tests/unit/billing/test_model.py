"""Amounts, months, plans and prices: pure rules."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.errors import AmountUnfit, NoSuchPack, in_credits
from services.billing.model import AMOUNT_MAX, MICRO, Holder, HolderKind, checked_amount, month_of, warning_line
from services.billing.plans import PACKS, PLANS, allowance_due, allowance_key, pack_of
from services.billing.quote import MARGIN, Charge, price_of, quote, room_of

AMOUNTS = st.integers(0, AMOUNT_MAX)


@pytest.mark.parametrize(
    ("micro", "told"),
    [(0, "0"), (1, "0.000001"), (MICRO, "1"), (12_500_000, "12.5"), (-MICRO // 2, "-0.5"), (1_234 * MICRO, "1,234")],
)
def test_amounts_for_people(micro: int, told: str) -> None:
    assert in_credits(micro) == told


def test_the_greatest_amount_is_exact_in_json() -> None:
    assert checked_amount(AMOUNT_MAX) == AMOUNT_MAX < 2**53
    for unfit in (-1, AMOUNT_MAX + 1):
        with pytest.raises(AmountUnfit):
            checked_amount(unfit)
    assert AmountUnfit.limit == AMOUNT_MAX


def test_a_month_is_of_utc() -> None:
    assert month_of(datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == "2026-11"
    assert month_of(datetime(2026, 12, 1, tzinfo=UTC)) == "2026-12"


@given(AMOUNTS)
def test_four_fifths_are_used_before_anybody_is_warned(cap: int) -> None:
    assert cap * 4 <= warning_line(cap) * 5 < cap * 4 + 5


def test_an_allowance_fills_up_to_the_ceiling_and_no_further() -> None:
    for one in PLANS.values():
        assert allowance_due(one, 0) == one.monthly
        assert allowance_due(one, one.ceiling - 1) == 1
        assert allowance_due(one, one.ceiling) == allowance_due(one, one.ceiling * 9) == 0


def test_an_allowance_has_one_key_a_month() -> None:
    holder = Holder(HolderKind.USER, UUID(int=1))
    keys = {allowance_key(holder, datetime(2026, month, day, tzinfo=UTC)) for month in (11, 12) for day in (1, 28)}
    assert len(keys) == 2


def test_packs_are_known_by_name_and_bigger_ones_cost_less_each() -> None:
    each = [pack_of(name).cents / pack_of(name).amount for name in PACKS]
    assert each == sorted(each, reverse=True)
    with pytest.raises(NoSuchPack, match="known: small, medium, large"):
        pack_of("enormous")


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), max_size=8))
def test_what_is_held_is_never_less_than_what_may_be_charged(costs: list[tuple[int, int]]) -> None:
    told = quote([Charge("runway", "picture", min(pair), max(pair)) for pair in costs])
    most = sum(max(pair) for pair in costs)
    assert told.least <= told.most
    assert 0 <= told.most - most * (1 + MARGIN) < 1
    assert told.most >= most


def test_a_price_has_a_limit() -> None:
    assert price_of(100 * MICRO) == 120 * MICRO
    with pytest.raises(AmountUnfit):
        price_of(AMOUNT_MAX)


def test_the_narrowest_limit_says_how_much_is_left() -> None:
    assert room_of(50, []).by == "wallet"
    room = room_of(50, [("project", 40, 10), ("run", 20, 5), ("person", 100, 0)])
    assert (room.left, room.by) == (15, "run")
    assert room.fits(15) and not room.fits(16)
    assert room_of(50, [("project", 10, 30)]).left == 0, "a cap that was lowered below what is used"

"""Sales on real rows: split to the micro-credit, booked once, taken back while the creator is owed, paid out."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.errors import AmountUnfit, CreditsShort, NoSuchSale
from services.billing.model import AMOUNT_MAX, MICRO, AccountKind, Holder, HolderKind
from services.billing.sales import HOUSE_SHARE, Sale, pay_out, sale_of, sell, take_back
from tests.integration.billing.conftest import NewPurse, Purse

ONE, OTHER = (Holder(HolderKind.USER, uuid4()) for _ in range(2))


@given(st.integers(1, AMOUNT_MAX))
def test_a_price_is_split_without_a_rest(price: int) -> None:
    sale = sale_of("x", ONE, OTHER, price)
    assert sale.house + sale.earned == price
    assert 0 <= price * HOUSE_SHARE - sale.house < 1


def test_nobody_sells_to_himself_or_for_nothing() -> None:
    for buyer, creator, price in ((ONE, ONE, 5), (ONE, OTHER, 0), (ONE, OTHER, -1)):
        with pytest.raises(AmountUnfit):
            sale_of("x", buyer, creator, price)


async def sold(buyer: Purse, creator: Purse, credits: int) -> Sale:
    sale = sale_of(str(uuid4()), buyer.holder, creator.holder, credits * MICRO)
    async with buyer.pool.acquire() as connection, connection.transaction():
        assert await sell(connection, sale, buyer.owner_id)
        assert not await sell(connection, sale, buyer.owner_id)
    return sale


async def owed(creator: Purse) -> tuple[int, int]:
    """Payable and the house's, in credits."""
    payable, house = [await creator.balance(kind) for kind in (AccountKind.PAYABLE, AccountKind.HOUSE)]
    return payable // MICRO, house // MICRO


async def test_the_creator_is_owed_and_the_house_has_its_share(new_purse: NewPurse) -> None:
    buyer, creator = await new_purse(100), await new_purse(0)
    sale = await sold(buyer, creator, 10)
    assert (await buyer.balance(), await owed(creator)) == (90 * MICRO, (7, 3))
    async with buyer.pool.acquire() as connection, connection.transaction():
        assert await take_back(connection, sale, buyer.owner_id)
        assert not await take_back(connection, sale, buyer.owner_id)
    assert (await buyer.balance(), await owed(creator)) == (100 * MICRO, (0, 0))


async def test_what_was_paid_out_is_not_taken_back(new_purse: NewPurse) -> None:
    buyer, creator = await new_purse(100), await new_purse(0)
    sale, key = await sold(buyer, creator, 10), str(uuid4())
    async with buyer.pool.acquire() as connection, connection.transaction():
        assert await pay_out(connection, creator.holder, 5 * MICRO, key, creator.owner_id)
        assert not await pay_out(connection, creator.holder, 5 * MICRO, key, creator.owner_id)
        for refused in (
            pay_out(connection, creator.holder, 3 * MICRO, str(uuid4()), creator.owner_id),
            take_back(connection, sale, buyer.owner_id),
        ):
            with pytest.raises(CreditsShort):
                await refused
        with pytest.raises(AmountUnfit):
            await pay_out(connection, creator.holder, 0, str(uuid4()), creator.owner_id)
    assert await owed(creator) == (2, 3)
    assert await creator.balance(AccountKind.PAYOUTS) == 5 * MICRO


async def test_refusals(new_purse: NewPurse) -> None:
    buyer, creator = await new_purse(1), await new_purse(0)
    sale = sale_of(str(uuid4()), buyer.holder, creator.holder, 2 * MICRO)
    async with buyer.pool.acquire() as connection, connection.transaction():
        with pytest.raises(CreditsShort):
            await sell(connection, sale, buyer.owner_id)
        with pytest.raises(NoSuchSale):
            await take_back(connection, sale, buyer.owner_id)
    assert await owed(creator) == (0, 0)

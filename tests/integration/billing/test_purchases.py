"""Purchases on real rows, at Stripe's stub: booked once, whatever is said how often and in which order."""

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.billing.errors import (
    CashierAway,
    CashierMissing,
    MessageForged,
    NoSuchPack,
    NoSuchPurchase,
    NoSuchWallet,
    PaymentWrong,
    PurchaseState,
)
from services.billing.funds import transfer
from services.billing.model import MICRO, AccountKind, Holder, HolderKind
from services.billing.plans import PACKS
from services.billing.purchases import Purchases
from services.users.errors import NotAnOperator
from services.users.model import Actor
from storage.tables import ledger, users
from storage.tables.users import UserRow
from tests.stripe import StripeStub

NOW = time.time()
BACK = "https://studio.test/credits/me"
SMALL = PACKS["small"]


@dataclass(frozen=True)
class Shop:
    """A buyer with a wallet of their own, who is an operator, too."""

    pool: asyncpg.Pool
    stub: StripeStub
    purchases: Purchases
    buyer: Actor

    @property
    def holder(self) -> Holder:
        return Holder(HolderKind.USER, self.buyer.user_id)

    async def buy(self, purchase_id: UUID | None = None) -> tuple[UUID, str]:
        """The purchase and its session."""
        row, checkout = await self.purchases.buy(self.buyer, self.holder, "small", BACK, NOW, purchase_id)
        return row.id, checkout.id

    async def bought(self) -> tuple[UUID, str]:
        purchase, session = await self.buy()
        await self.purchases.hear(*self.stub.paid(session, NOW), NOW)
        return purchase, session

    async def balance(self, kind: AccountKind = AccountKind.WALLET) -> int:
        accounts = await ledger.accounts_of_holder(self.pool, self.holder.id)
        return sum(row.balance for row in accounts if row.key.kind == kind)

    async def state(self) -> list[str]:
        return [row.state for row in await self.purchases.of_wallet(self.buyer, self.holder)]


@pytest_asyncio.fixture
async def shop(pool: asyncpg.Pool) -> Shop:
    user = UserRow(uuid4(), f"{uuid4().hex}@studio.test", "Ada", "#aa33bb")
    await users.add_user(pool, user)
    stub = StripeStub()
    buyer = Actor(user.id, user.name, user.colour, "person", str(uuid4()))
    return Shop(pool, stub, Purchases(pool, stub.cashier(), frozenset({user.id})), buyer)


async def test_what_is_paid_is_booked_once(shop: Shop) -> None:
    purchase, session = await shop.buy()
    assert await shop.balance() == 0
    await asyncio.gather(*(shop.purchases.hear(*shop.stub.paid(session, NOW), NOW) for _ in range(5)))
    assert (await shop.balance(), await shop.balance(AccountKind.PURCHASES)) == (SMALL.amount, -SMALL.amount)
    assert await shop.state() == ["paid"]
    detail = await shop.pool.fetchval(
        "select count(*) from audit_log where actor_id = $1 and action = 'credits.bought'", shop.buyer.user_id
    )
    assert (detail, purchase is not None) == (1, True)


async def test_the_same_request_is_the_same_purchase_and_checkout(shop: Shop) -> None:
    key = uuid4()
    assert await shop.buy(key) == await shop.buy(key)
    assert len(shop.stub.sessions) == 1 and await shop.state() == ["open"]


async def test_a_cashier_that_is_away_leaves_it_open_to_be_asked_again(shop: Shop) -> None:
    key = uuid4()
    shop.stub.away = True
    with pytest.raises(CashierAway):
        await shop.buy(key)
    shop.stub.away = False
    _, session = await shop.buy(key)
    await shop.purchases.hear(*shop.stub.paid(session, NOW), NOW)
    assert await shop.balance() == SMALL.amount


async def test_messages_come_in_any_order(shop: Shop) -> None:
    purchase, session = await shop.buy()
    with pytest.raises(NoSuchPurchase):  # said again later, as it was not answered
        await shop.purchases.hear(*shop.stub.gave_back(session, NOW), NOW)
    await shop.purchases.hear(*shop.stub.expired(session, NOW), NOW)
    assert await shop.state() == ["cancelled"]
    await shop.purchases.hear(*shop.stub.paid(session, NOW), NOW)
    assert await shop.state() == ["paid"], "whoever has paid gets it"
    await shop.purchases.hear(*shop.stub.expired(session, NOW), NOW)
    assert await shop.state() == ["paid"]
    for _ in range(2):
        await shop.purchases.hear(*shop.stub.gave_back(session, NOW), NOW)
    assert (await shop.state(), await shop.balance()) == (["refunded"], 0)
    await shop.purchases.hear(*shop.stub.paid(session, NOW), NOW)
    assert (await shop.state(), await shop.balance()) == (["refunded"], 0)
    assert purchase is not None


async def test_another_sum_is_not_booked(shop: Shop) -> None:
    _, session = await shop.buy()
    with pytest.raises(PaymentWrong, match="1 cents were paid, and 1000 were asked"):
        await shop.purchases.hear(*shop.stub.paid(session, NOW, amount_total=1), NOW)
    headers, body = shop.stub.paid(session, NOW)
    with pytest.raises(MessageForged):
        await shop.purchases.hear(headers, body + b" ", NOW)
    assert await shop.balance() == 0


async def test_an_operator_gives_money_back_once(shop: Shop) -> None:
    purchase, _ = await shop.bought()
    shop.stub.away = True
    with pytest.raises(CashierAway):
        await shop.purchases.refund(shop.buyer, purchase)
    assert (await shop.balance(), shop.stub.refunds) == (0, {}), "the credits are back before the money goes"
    shop.stub.away = False
    for _ in range(2):
        assert (await shop.purchases.refund(shop.buyer, purchase)).ended_at is not None
    assert len(shop.stub.refunds) == 1
    assert (await shop.balance(AccountKind.PURCHASES), await shop.balance(AccountKind.HOUSE)) == (0, 0)


async def test_what_was_spent_before_is_the_houses_loss(shop: Shop, pool: asyncpg.Pool) -> None:
    purchase, _ = await shop.bought()
    other = Holder(HolderKind.TEAM, uuid4())
    async with pool.acquire() as connection, connection.transaction():
        await transfer(connection, shop.holder, other, SMALL.amount - 3 * MICRO, str(uuid4()), shop.buyer.user_id)
    await shop.purchases.refund(shop.buyer, purchase)
    assert await shop.balance() == 0
    assert await shop.balance(AccountKind.HOUSE) == 3 * MICRO - SMALL.amount


async def test_refusals(shop: Shop, pool: asyncpg.Pool) -> None:
    purchase, _ = await shop.buy()
    with pytest.raises(PurchaseState):
        await shop.purchases.refund(shop.buyer, purchase)
    with pytest.raises(NotAnOperator):
        await Purchases(pool, shop.stub.cashier()).refund(shop.buyer, purchase)
    with pytest.raises(NoSuchPurchase):
        await shop.purchases.refund(shop.buyer, uuid4())
    with pytest.raises(NoSuchPurchase):  # no button here
        await shop.purchases.press(shop.buyer, purchase, NOW)
    with pytest.raises(NoSuchPack):
        await shop.purchases.buy(shop.buyer, shop.holder, "enormous", BACK, NOW)
    with pytest.raises(NoSuchWallet):
        await shop.purchases.buy(shop.buyer, Holder(HolderKind.USER, uuid4()), "small", BACK, NOW)
    with pytest.raises(CashierMissing):
        await Purchases(pool, None).buy(shop.buyer, shop.holder, "small", BACK, NOW)

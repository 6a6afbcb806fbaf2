"""Whoever takes the money: one suite over Stripe and our own form."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from services.billing.cashiers.local import LocalCashier
from services.billing.cashiers.port import Cashier, Checkout, Order, Outcome
from services.billing.errors import MessageForged
from tests.stripe import StripeStub

NOW = 1_795_860_000.0
Message = tuple[dict[str, str], bytes]


@dataclass(frozen=True)
class Till:
    """A cashier, and how it says that an order was paid."""

    cashier: Cashier
    paid: Callable[[Order, Checkout], Message]


def stripe() -> Till:
    stub = StripeStub()
    return Till(stub.cashier(), lambda order, checkout: stub.paid(checkout.id, NOW))


def local() -> Till:
    cashier = LocalCashier()
    return Till(cashier, lambda order, checkout: cashier.pressed(order.purchase_id, order.cents))


@pytest.fixture(params=[stripe, local], ids=["stripe", "local"])
def till(request: pytest.FixtureRequest) -> Till:
    made: Till = request.param()
    return made


def order(purchase_id: UUID | None = None) -> Order:
    return Order(purchase_id or uuid4(), 1_000, "1,000 credits", "https://studio.test/credits/me")


async def test_the_same_order_is_the_same_checkout(till: Till) -> None:
    one = order()
    first, again, other = [await till.cashier.checkout(each) for each in (one, one, order())]
    assert first == again != other
    assert first.url.startswith("https://")


async def test_it_says_what_was_paid_for_what(till: Till) -> None:
    wanted = order()
    checkout = await till.cashier.checkout(wanted)
    told = till.cashier.hear(*till.paid(wanted, checkout), NOW)
    assert told is not None
    assert (told.outcome, told.purchase_id, told.cents) == (Outcome.PAID, wanted.purchase_id, 1_000)
    assert told.payment


async def test_what_it_did_not_sign_is_not_heard(till: Till) -> None:
    wanted = order()
    headers, body = till.paid(wanted, await till.cashier.checkout(wanted))
    other = {name: value[:-1] + ("0" if value[-1] != "0" else "1") for name, value in headers.items()}
    for forged in ((headers, body.replace(b"1000", b"9000")), (other, body), ({}, body), (headers, b"")):
        with pytest.raises(MessageForged):
            till.cashier.hear(*forged, NOW)


async def test_money_goes_back_once(till: Till) -> None:
    wanted = order()
    checkout = await till.cashier.checkout(wanted)
    told = till.cashier.hear(*till.paid(wanted, checkout), NOW)
    assert told is not None
    for _ in range(2):
        await till.cashier.refund(wanted.purchase_id, told.payment)

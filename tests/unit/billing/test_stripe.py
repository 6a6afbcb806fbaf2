"""Stripe's signatures and messages: what is heard, what is not, and what is said when it is away."""

from uuid import uuid4

import pytest

from services.billing.cashiers.port import Order, Outcome
from services.billing.cashiers.settings import NO_CASHIER, cashier_settings, open_cashier
from services.billing.cashiers.stripe import TOLERANCE_S, Stripe, signed, verify
from services.billing.errors import CashierAway, MessageForged
from storage.errors import SettingMissing
from tests.stripe import SECRET, StripeStub, message

NOW = 1_795_860_000.0


def test_a_signature_is_the_hmac_of_time_and_body() -> None:
    """As `printf '1.{}' | openssl dgst -sha256 -hmac secret` says it."""
    assert signed("1", b"{}", "secret") == "1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908"


@pytest.mark.parametrize("age_s", [0, TOLERANCE_S, -TOLERANCE_S])
def test_a_message_of_now_is_heard(age_s: float) -> None:
    headers, body = message("x", {}, NOW - age_s)
    verify(headers["stripe-signature"], body, SECRET, NOW)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda header: "",
        lambda header: header.replace("t=", "t=1,t="),
        lambda header: header.replace("v1=", "v9="),
        lambda header: header.replace("t=", "t=x"),
        lambda header: header.upper(),
    ],
)
def test_a_spoilt_header_is_not(spoil: object) -> None:
    headers, body = message("x", {}, NOW)
    with pytest.raises(MessageForged):
        verify(spoil(headers["stripe-signature"]), body, SECRET, NOW)  # type: ignore[operator]


@pytest.mark.parametrize("age_s", [TOLERANCE_S + 1, -TOLERANCE_S - 1, 86_400.0])
def test_an_old_message_and_one_of_another_secret_are_not(age_s: float) -> None:
    headers, body = message("x", {}, NOW - age_s)
    with pytest.raises(MessageForged):
        verify(headers["stripe-signature"], body, SECRET, NOW)
    headers, body = message("x", {}, NOW, "another")
    with pytest.raises(MessageForged):
        verify(headers["stripe-signature"], body, SECRET, NOW)


async def test_what_it_says() -> None:
    stub, order = StripeStub(), Order(uuid4(), 500, "credits", "https://studio.test/")
    cashier = stub.cashier()
    session = (await cashier.checkout(order)).id
    expired = cashier.hear(*stub.expired(session, NOW), NOW)
    assert expired is not None and (expired.outcome, expired.purchase_id) == (Outcome.CANCELLED, order.purchase_id)
    back = cashier.hear(*stub.gave_back(session, NOW), NOW)
    assert back is not None and (back.outcome, back.payment) == (Outcome.REFUNDED, f"pi_{session}")
    for unheard in (
        stub.gave_back(session, NOW, part=True),
        stub.paid(session, NOW, payment_status="unpaid"),
        stub.paid(session, NOW, currency="eur"),
        message("customer.created", {"id": "cus_1"}, NOW),
    ):
        assert cashier.hear(*unheard, NOW) is None
    for senseless in (stub.paid(session, NOW, client_reference_id="prj_1"), message("charge.refunded", {}, NOW)):
        with pytest.raises(MessageForged):
            cashier.hear(*senseless, NOW)


async def test_it_may_be_away() -> None:
    stub = StripeStub()
    stub.away = True
    with pytest.raises(CashierAway, match="500 api_error"):
        await stub.cashier().checkout(Order(uuid4(), 500, "credits", "https://studio.test/"))
    assert stub.sessions == {}


async def test_the_environment_says_who_it_is() -> None:
    assert cashier_settings({}) == NO_CASHIER
    assert cashier_settings({"STORYFORGE_LOCAL_CASHIER": "1"}).kind == "local"
    both = {"STORYFORGE_STRIPE_KEY": "sk_secret", "STORYFORGE_STRIPE_WEBHOOK_SECRET": "whsec_secret"}
    settings = cashier_settings(both)
    assert "secret" not in repr(settings).replace("secret=", "")
    async with open_cashier(settings) as cashier:
        assert isinstance(cashier, Stripe)
    async with open_cashier(NO_CASHIER) as cashier:
        assert cashier is None
    for half in both:
        with pytest.raises(SettingMissing):
            cashier_settings({half: "x"})

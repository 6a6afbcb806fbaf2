"""Stripe as a cashier: hosted checkout over its REST API, signed messages about what became of it. No SDK.

Idempotency keys are ours to repeat: a checkout and a refund are each made once for a purchase.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from services.billing.cashiers.port import Checkout, Order, Outcome, Told
from services.billing.errors import CashierAway, MessageForged
from sync import ids
from sync.errors import MalformedId

URL = "https://api.stripe.com"
TIMEOUT_S = 8.0
TOLERANCE_S = 300.0
"""Between the signature of a message and now."""
CURRENCY = "usd"
_PAID = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
_CANCELLED = ("checkout.session.expired", "checkout.session.async_payment_failed")


class Stripe:
    """`key`: secret, of the account; `secret`: of the endpoint that hears messages."""

    name = "stripe"

    def __init__(self, http: httpx.AsyncClient, key: str, secret: str, url: str = URL) -> None:
        self._http = http
        self._key = key
        self._secret = secret
        self._url = url

    async def checkout(self, order: Order) -> Checkout:
        """Raises `CashierAway`."""
        purchase = ids.to_text("pur", order.purchase_id)
        made = await self._post(
            "/v1/checkout/sessions",
            f"checkout-{purchase}",
            {
                "mode": "payment",
                "client_reference_id": purchase,
                "payment_intent_data[metadata][purchase]": purchase,
                "line_items[0][quantity]": "1",
                "line_items[0][price_data][currency]": CURRENCY,
                "line_items[0][price_data][unit_amount]": str(order.cents),
                "line_items[0][price_data][product_data][name]": order.what,
                "success_url": order.back,
                "cancel_url": order.back,
            },
        )
        return Checkout(_text(made, "id"), _text(made, "url"))

    def hear(self, headers: Mapping[str, str], body: bytes, now: float) -> Told | None:
        """Raises `MessageForged`."""
        verify(headers.get("stripe-signature", ""), body, self._secret, now)
        try:
            message = json.loads(body)
            about: dict[str, Any] = message["data"]["object"]
            return _told(message["type"], about)
        except (ValueError, KeyError, TypeError, AttributeError, MalformedId) as error:
            raise MessageForged("It is signed, but does not say what such a message says.") from error

    async def refund(self, purchase_id: UUID, payment: str) -> None:
        """Raises `CashierAway`."""
        key = f"refund-{ids.to_text('pur', purchase_id)}"
        await self._post("/v1/refunds", key, {"payment_intent": payment})

    async def _post(self, path: str, key: str, form: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": key}
        try:
            answer = await self._http.post(f"{self._url}{path}", data=form, headers=headers, timeout=TIMEOUT_S)
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CashierAway(f"stripe: {type(error).__name__}") from error
        if not answer.is_success or not isinstance(found, dict):
            raise CashierAway(f"stripe: {answer.status_code} {_code(found)}")
        return found


def verify(header: str, body: bytes, secret: str, now: float) -> None:
    """`t=1732780000,v1=hex,v1=hex`: one of them is the HMAC-SHA256 of `t.body`. Raises `MessageForged`."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    given = [value for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not times[0].isdecimal() or abs(now - int(times[0])) > TOLERANCE_S:
        raise MessageForged(MessageForged.__doc__)
    expected = signed(times[0], body, secret)
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise MessageForged(MessageForged.__doc__)


def signed(moment: str, body: bytes, secret: str) -> str:
    """The signature of a message, as hexadecimal digits."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _told(kind: str, about: dict[str, Any]) -> Told | None:
    if kind in _PAID and about["payment_status"] == "paid" and about["currency"] == CURRENCY:
        purchase_id = ids.from_text("pur", about["client_reference_id"])
        return Told(Outcome.PAID, purchase_id, _text(about, "payment_intent"), int(about["amount_total"]))
    if kind in _CANCELLED:
        return Told(Outcome.CANCELLED, ids.from_text("pur", about["client_reference_id"]), "", 0)
    if kind == "charge.refunded" and about["refunded"] is True:  # all of it
        return Told(Outcome.REFUNDED, None, _text(about, "payment_intent"), int(about["amount_refunded"]))
    return None


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise CashierAway(f"stripe: an answer without {name}")
    return value


def _code(found: object) -> str:
    error = found.get("error") if isinstance(found, dict) else None
    return str(error.get("code") or error.get("type")) if isinstance(error, dict) else ""

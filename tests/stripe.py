"""Stripe as far as a cashier speaks to it: checkouts and refunds made once for an Idempotency-Key, signed messages."""

import json
import secrets
from typing import Any
from urllib.parse import parse_qsl

import httpx

from services.billing.cashiers.stripe import Stripe, signed

KEY = "sk_test_of_nobody"
SECRET = "whsec_of_nobody"


class StripeStub:
    """`away`: it answers 500. `sessions` and `refunds` by their ids: what was really made."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.away = False
        self._answered: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}

    def cashier(self) -> Stripe:
        return Stripe(httpx.AsyncClient(transport=httpx.MockTransport(self._answer)), KEY, SECRET)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode(), strict_parsing=True))
        if self.away:
            return httpx.Response(500, json={"error": {"type": "api_error"}})
        if request.headers["authorization"] != f"Bearer {KEY}":
            return httpx.Response(401, json={"error": {"type": "invalid_request_error"}})
        key = request.headers["idempotency-key"]
        if key in self._answered:
            before, answer = self._answered[key]
            if before != form:
                return httpx.Response(400, json={"error": {"type": "idempotency_error"}})
            return httpx.Response(200, json=answer)
        made = self._session(form) if request.url.path == "/v1/checkout/sessions" else self._refund(form)
        self._answered[key] = (form, made)
        return httpx.Response(200, json=made)

    def _session(self, form: dict[str, str]) -> dict[str, Any]:
        session_id = f"cs_test_{secrets.token_hex(8)}"
        self.sessions[session_id] = {
            "id": session_id,
            "object": "checkout.session",
            "url": f"https://checkout.stripe.test/c/pay/{session_id}",
            "client_reference_id": form["client_reference_id"],
            "currency": form["line_items[0][price_data][currency]"],
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "payment_status": "unpaid",
            "payment_intent": None,
        }
        return self.sessions[session_id]

    def _refund(self, form: dict[str, str]) -> dict[str, Any]:
        refund_id = f"re_{secrets.token_hex(8)}"
        self.refunds[refund_id] = {"id": refund_id, "object": "refund", "payment_intent": form["payment_intent"]}
        return self.refunds[refund_id]

    # What it says ------------------------------------------------------------------------------------------

    def paid(self, session_id: str, now: float, **otherwise: Any) -> tuple[dict[str, str], bytes]:
        """The buyer has paid."""
        session = self.sessions[session_id] | {"payment_status": "paid", "payment_intent": f"pi_{session_id}"}
        return message("checkout.session.completed", session | otherwise, now)

    def expired(self, session_id: str, now: float) -> tuple[dict[str, str], bytes]:
        """Nobody has."""
        return message("checkout.session.expired", self.sessions[session_id], now)

    def gave_back(self, session_id: str, now: float, *, part: bool = False) -> tuple[dict[str, str], bytes]:
        """Somebody has pressed the button in its dashboard."""
        amount = self.sessions[session_id]["amount_total"] // (2 if part else 1)
        charge = {"payment_intent": f"pi_{session_id}", "refunded": not part, "amount_refunded": amount}
        return message("charge.refunded", charge, now)


def message(kind: str, about: dict[str, Any], now: float, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    """Headers and body of a message that is signed now."""
    event = {"id": f"evt_{secrets.token_hex(8)}", "object": "event", "type": kind, "data": {"object": about}}
    body = json.dumps(event, indent=2).encode()
    moment = str(int(now))
    return {"stripe-signature": f"t={moment},v0=00,v1={'0' * 64},v1={signed(moment, body, secret)}"}, body

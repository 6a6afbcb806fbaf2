"""Routes of what is bought: asking for credits, paying at our own form, the cashier's messages, giving money back."""

from uuid import UUID

from starlette.responses import Response

from api.billing import holder_of, wallet_text
from api.billing_schemas import NewPurchase, PurchaseBegun, PurchaseOut, PurchasesOut
from api.call import Call, reply
from api.operation import Header, Operation
from api.schemas import Nothing
from services.billing.cashiers.stripe import Stripe
from services.billing.model import Holder, HolderKind
from storage.tables.purchases import PurchaseRow
from sync import ids

SIGNATURE_CHARS_MAX = 1_000


async def buy(call: Call) -> Response:
    body, holder = await call.body(NewPurchase), holder_of(call.text("wallet"))
    back = f"{call.state.settings.public_url}/credits/{wallet_text(holder)}"
    key, purchases = call.idempotency_key(), call.state.purchases
    purchase_id = None if key is None else UUID(key)
    row, checkout = await purchases.buy(call.actor, holder, body.pack, back, call.state.now(), purchase_id)
    return reply(PurchaseBegun(purchase=_purchase(row), url=checkout.url), 201)


async def listed(call: Call) -> Response:
    found = await call.state.purchases.of_wallet(call.actor, holder_of(call.text("wallet")))
    return reply(PurchasesOut(purchases=[_purchase(row) for row in found]))


async def pay(call: Call) -> Response:
    await call.body(Nothing)
    return reply(_purchase(await call.state.purchases.press(call.actor, call.id("pur", "purchase"), call.state.now())))


async def refund(call: Call) -> Response:
    await call.body(Nothing)
    return reply(_purchase(await call.state.purchases.refund(call.actor, call.id("pur", "purchase"))))


async def hear(call: Call) -> Response:
    """A message is said again until it is answered with 2xx."""
    await call.state.purchases.hear(call.request.headers, await call.request.body(), call.state.now())
    return Response(status_code=204)


def _purchase(row: PurchaseRow) -> PurchaseOut:
    return PurchaseOut.model_validate(
        {
            "id": ids.to_text("pur", row.id),
            "wallet": wallet_text(Holder(HolderKind(row.holder_kind), row.holder_id)),
            "pack": row.pack,
            "amount_micro": row.amount,
            "cents": row.cents,
            "cashier": row.cashier,
            "state": row.state,
            "created_at": row.created_at,
            "paid_at": row.paid_at,
        }
    )


_ALL = "/v1/wallets/{wallet}/purchases"
_ONE = "/v1/purchases/{purchase}"

OPERATIONS = (
    Operation(
        "POST",
        _ALL,
        buy,
        "purchases",
        "Buy credits: go to the address and pay there",
        body=NewPurchase,
        answer=PurchaseBegun,
        status=201,
        refusals=(403, 404, 503),
        resumes=True,
    ),
    Operation(
        "GET", _ALL, listed, "purchases", "What was bought for a wallet", answer=PurchasesOut, refusals=(403, 404)
    ),
    Operation(
        "POST",
        _ONE + "/pay",
        pay,
        "purchases",
        "Pay at the form of a studio that takes no money",
        body=Nothing,
        answer=PurchaseOut,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "POST",
        _ONE + "/refund",
        refund,
        "purchases",
        "Take back what is left of it and give back the money, for operators",
        body=Nothing,
        answer=PurchaseOut,
        refusals=(403, 404, 409, 503),
        resumes=True,
    ),
    Operation(
        "POST",
        f"/v1/payments/{Stripe.name}",
        hear,
        "purchases",
        "What Stripe has to say, signed",
        status=204,
        public=True,
        headers=(Header("Stripe-Signature", "`t=...,v1=...`", SIGNATURE_CHARS_MAX),),
        refusals=(400, 404, 409, 503),
    ),
)

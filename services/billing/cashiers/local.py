"""A cashier for one machine: the buyer presses a button on our own page, and no money moves.

It signs what the button says as any cashier signs its messages, so that everything behind it is the same.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from services.billing.cashiers.port import Checkout, Order, Outcome, Told
from services.billing.errors import MessageForged
from sync import ids

HEADER = "storyforge-cashier"


class LocalCashier:
    """Its secret lives as long as the process: nobody else signs."""

    name = "local"

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    async def checkout(self, order: Order) -> Checkout:
        """On the page that the buyer comes back to."""
        purchase = ids.to_text("pur", order.purchase_id)
        return Checkout(f"local-{purchase}", f"{order.back}?{urlencode({'pay': purchase})}")

    def pressed(self, purchase_id: UUID, cents: int) -> tuple[dict[str, str], bytes]:
        """What the button says: the headers and the body of a message."""
        purchase = ids.to_text("pur", purchase_id)
        body = json.dumps({"purchase": purchase, "payment": f"local-{purchase}", "cents": cents}).encode()
        return {HEADER: self._signed(body)}, body

    def hear(self, headers: Mapping[str, str], body: bytes, now: float) -> Told | None:
        """Raises `MessageForged`."""
        if not hmac.compare_digest(self._signed(body).encode(), headers.get(HEADER, "").encode()):
            raise MessageForged(MessageForged.__doc__)
        said = json.loads(body)
        return Told(Outcome.PAID, ids.from_text("pur", said["purchase"]), said["payment"], said["cents"])

    async def refund(self, purchase_id: UUID, payment: str) -> None:
        """There was no money."""

    def _signed(self, body: bytes) -> str:
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()

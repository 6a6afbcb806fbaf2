"""Whether a webhook comes from whom it says: Standard Webhooks (HMAC) and fal's Ed25519; pure.

What it says is only a hint to ask (`port.Hint`). Repeated deliveries are refused where deliveries are remembered.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.generation.providers.errors import HintRefused

TOLERANCE_S = 300.0
BODY_BYTES_MAX = 1024 * 1024
DELIVERY_CHARS_MAX = 200


def standard(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The delivery's id. `secrets`: `whsec_` and base64, more than one while they are being changed.

    Raises `HintRefused`.
    """
    delivery, stamp, signatures = _named(headers, "webhook-id", "webhook-timestamp", "webhook-signature")
    _check_moment(stamp, body, now)
    signed = b".".join((delivery.encode(), stamp.encode(), body))
    given = [text.partition(",")[2] for text in signatures.split() if text.startswith("v1,")]
    for secret in secrets:
        digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
        expected = base64.b64encode(digest).decode()
        if any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
            return delivery
    raise HintRefused("forged")


def fal(keys: Iterable[bytes], headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The delivery's id, which is the request's. `keys`: raw public ones. Raises `HintRefused`."""
    request, user, stamp, signature = _named(
        headers,
        "x-fal-webhook-request-id",
        "x-fal-webhook-user-id",
        "x-fal-webhook-timestamp",
        "x-fal-webhook-signature",
    )
    _check_moment(stamp, body, now)
    signed = "\n".join((request, user, stamp, hashlib.sha256(body).hexdigest())).encode()
    try:
        given = bytes.fromhex(signature)
    except ValueError as error:
        raise HintRefused("malformed") from error
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(given, signed)
        except (InvalidSignature, ValueError):
            continue
        return request
    raise HintRefused("forged")


def _named(headers: Mapping[str, str], *names: str) -> list[str]:
    """Their values; the first is the delivery's id."""
    found = [headers.get(name, "") for name in names]
    if not all(found):
        raise HintRefused("unsigned")
    if len(found[0]) > DELIVERY_CHARS_MAX:
        raise HintRefused("malformed")
    return found


def _check_moment(stamp: str, body: bytes, now: float) -> None:
    if not stamp.isdecimal() or len(stamp) > 12 or len(body) > BODY_BYTES_MAX:
        raise HintRefused("malformed")
    if abs(now - int(stamp)) > TOLERANCE_S:
        raise HintRefused("stale")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise HintRefused("unasked") from error


def json_of(body: bytes) -> Any:
    """Of a body whose signature was good. Raises `HintRefused`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HintRefused("malformed") from error

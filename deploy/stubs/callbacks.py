"""Callbacks as providers send them: Standard Webhooks and fal's Ed25519; late, twice, unsigned and forged ones too."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.stubs.stage import Scenario, Stage, Task

SECRET = "whsec_" + base64.b64encode(b"a secret that everybody may know").decode()
"""With which stubs sign; no secret."""
FAL_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a key that everybody may know").digest())


@dataclass(frozen=True, slots=True)
class Callback:
    """One delivery."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def standard(stage: Stage, task: Task, body: bytes) -> Iterator[Callback]:
    """Signed with `SECRET`, at the moment when the task was done."""
    delivery, stamp = f"msg_{task.id}", str(int(stage.ended_at(task)))
    signed = b".".join((delivery.encode(), stamp.encode(), body))
    digest = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    yield from _as_planned(task, headers, body)


def fal(stage: Stage, task: Task, body: bytes) -> Iterator[Callback]:
    """Signed with `FAL_KEY`."""
    stamp = str(int(stage.ended_at(task)))
    signed = "\n".join((task.id, "user", stamp, hashlib.sha256(body).hexdigest())).encode()
    headers = {
        "x-fal-webhook-request-id": task.id,
        "x-fal-webhook-user-id": "user",
        "x-fal-webhook-timestamp": stamp,
        "x-fal-webhook-signature": FAL_KEY.sign(signed).hex(),
    }
    yield from _as_planned(task, headers, body)


def jwks() -> dict[str, object]:
    """The public half of `FAL_KEY`."""
    raw = FAL_KEY.public_key().public_bytes_raw()
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}]}


def _as_planned(task: Task, headers: Mapping[str, str], body: bytes) -> Iterator[Callback]:
    assert task.callback_url is not None
    if task.scenario is Scenario.CALLBACK_UNSIGNED:
        headers = {}
    elif task.scenario is Scenario.CALLBACK_FORGED:
        body = body.replace(b"succe", b"faile") + b" "
    for _ in range(2 if task.scenario is Scenario.CALLBACK_TWICE else 1):
        yield Callback(task.callback_url, {"content-type": "application/json", **headers}, body)

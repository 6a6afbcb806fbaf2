"""Idempotency keys: a POST that comes twice with the same key has its effect once, and is answered the same.

Three things together: the row of a key lets one request in at a time; effects that are document edits, or rows with an
id, are named after the row, so that making them again makes the same; and what is one transaction keeps its answer in
that transaction. An operation that does neither is not made again after a crash, and says so.
"""

import asyncio
import hashlib
import json
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import Response

from api.errors import HeaderInvalid, status_of
from api.gateway_errors import KeyInFlight, KeyReused, KeyUnfinished
from storage.errors import StoreAway
from storage.postgres import Executor, store_away
from storage.tables import idempotency

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEY_CHARS_MAX = 128
HELD_S = 120.0
"""Longer than any request may take: whoever held a key for so long is gone."""
WRITING_TIMEOUT_S = 3.0
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_NONCE_BYTES = 12
_KEPT_HEADERS = ("content-type", "etag", "location")


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is being served under its key. `id` is the same for each repetition."""

    actor_id: UUID
    key_hash: bytes
    id: UUID
    seal: AESGCM = field(repr=False)

    async def keep(self, executor: Executor, answer: Response) -> None:
        """What every repetition is answered. `executor`: a connection whose transaction makes the answer true."""
        await idempotency.keep(executor, self.actor_id, self.key_hash, self.id, _sealed(self, answer))


def key_of(request: Request) -> str | None:
    """Raises `HeaderInvalid`."""
    key = request.headers.get(KEY_HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise HeaderInvalid(
            f"{KEY_HEADER} has 1 to {KEY_CHARS_MAX} visible ASCII characters.", field=KEY_HEADER, limit=KEY_CHARS_MAX
        )
    return key


async def served_once(
    pool: asyncpg.Pool,
    secret: bytes,
    request: Request,
    actor_id: UUID,
    resumes: bool,
    serve: Callable[[Once | None], Awaitable[Response]],
) -> Response:
    """`secret`: of this studio. `resumes`: whether `serve`, called again after a crash, makes the same and not another.

    Raises `HeaderInvalid`, `KeyReused`, `KeyInFlight`, `KeyUnfinished`, and what `serve` raises.
    """
    key = key_of(request)
    if key is None:
        return await serve(None)
    fingerprint = await _fingerprint(request)
    key_hash, seal = hashlib.sha256(key.encode()).digest(), _seal(secret, key)
    fresh_id = uuid4()
    id = await idempotency.claim(pool, actor_id, key_hash, fresh_id, fingerprint, HELD_S)
    if id is None:
        return _repeated(await idempotency.known(pool, actor_id, key_hash), fingerprint, seal)
    once = Once(actor_id, key_hash, id, seal)
    if id != fresh_id and not resumes:
        await idempotency.let_go(pool, actor_id, key_hash, id)
        raise KeyUnfinished()
    return await _served(pool, once, serve)


async def _served(pool: asyncpg.Pool, once: Once, serve: Callable[[Once | None], Awaitable[Response]]) -> Response:
    """A refusal had no effect, so the key is free again; whatever else ends it leaves the effect unknown."""
    try:
        answer = await serve(once)
    except BaseException as error:
        settle = idempotency.forget if isinstance(error, Exception) and status_of(error) < 500 else idempotency.let_go
        await _written(settle(pool, once.actor_id, once.key_hash, once.id))
        raise
    await _written(once.keep(pool, answer))
    return answer


async def _written(writing: Awaitable[None]) -> None:
    """What is not, because the store is away, is found out when the key was held for long enough."""
    with suppress(StoreAway), store_away():
        async with asyncio.timeout(WRITING_TIMEOUT_S):
            await writing


def _repeated(row: idempotency.KeyRow | None, fingerprint: bytes, seal: AESGCM) -> Response:
    """The answer of the first request. Raises `KeyReused`, `KeyInFlight`, `KeyUnfinished`."""
    if row is not None and row.fingerprint != fingerprint:
        raise KeyReused()
    if row is None or row.answer is None:
        raise KeyInFlight()
    try:
        kept = json.loads(seal.decrypt(row.answer[:_NONCE_BYTES], row.answer[_NONCE_BYTES:], row.id.bytes))
    except InvalidTag as error:  # the studio has another secret now
        raise KeyUnfinished() from error
    return Response(b64decode(kept["body"]), kept["status"], kept["headers"] | {REPLAYED_HEADER: "true"})


def _sealed(once: Once, answer: Response) -> bytes:
    """An answer may hold a token. Its reader needs the key, of which only the hash is kept, and the studio's secret."""
    kept = {
        "status": answer.status_code,
        "headers": {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers},
        "body": b64encode(bytes(answer.body)).decode(),
    }
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + once.seal.encrypt(nonce, json.dumps(kept).encode(), once.id.bytes)


def _seal(secret: bytes, key: str) -> AESGCM:
    return AESGCM(hashlib.blake2b(key.encode(), key=secret, digest_size=32, person=b"storyforge:once").digest())


async def _fingerprint(request: Request) -> bytes:
    """Of what was asked for: the same key with another request is a mistake of the caller."""
    asked = hashlib.sha256()
    for piece in (request.method, request.url.path, request.url.query, request.headers.get("content-type", "")):
        asked.update(f"{len(piece)}:{piece}\n".encode())
    asked.update(await request.body())
    return asked.digest()

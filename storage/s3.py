"""The object store on S3: obstore moves the bytes, boto3 makes or checks the bucket (and joins parts: `s3_uploads.py`).

A stream is written under a name of its own and copied to its hash when the hash is known to be right.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import boto3
import obstore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import BaseError
from obstore.store import S3Store

from storage.errors import ObjectCorrupt, ObjectMissing, StoreAway
from storage.objects import CHUNK_BYTES, checked, hash_beside

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

REGION_DEFAULT = "us-east-1"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where an `s3://bucket?endpoint=...&region=...` address points."""

    name: str
    endpoint: str | None
    region: str
    access_key_id: str | None = field(repr=False)
    secret_access_key: str | None = field(repr=False)

    @classmethod
    def from_url(cls, url: str, access_key_id: str | None, secret_access_key: str | None) -> "Bucket":
        parts = urlsplit(url)
        assert parts.scheme == "s3" and parts.netloc, "s3://bucket?endpoint=...&region=..."
        query = parse_qs(parts.query)
        return cls(
            name=parts.netloc,
            endpoint=query.get("endpoint", [None])[0],
            region=query.get("region", [REGION_DEFAULT])[0],
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
        )


async def ensure_bucket(bucket: Bucket) -> None:
    """Creates the bucket where it is missing. Raises `StoreAway`."""
    await asyncio.to_thread(_ensure_bucket, bucket)


def s3_client(bucket: Bucket) -> "S3Client":
    """boto3's own: it blocks. For what obstore does not offer."""
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=bucket.endpoint,
        region_name=bucket.region,
        aws_access_key_id=bucket.access_key_id,
        aws_secret_access_key=bucket.secret_access_key,
        config=Config(signature_version="s3v4", connect_timeout=5, read_timeout=10, retries={"max_attempts": 2}),
    )
    return client


def key_of(hash: str) -> str:
    """Where the object is in the bucket. Raises `MalformedHash`."""
    name = checked(hash)
    return f"objects/{name[:2]}/{name[2:4]}/{name}"


def _ensure_bucket(bucket: Bucket) -> None:
    client = s3_client(bucket)
    try:
        client.head_bucket(Bucket=bucket.name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in ("404", "NoSuchBucket"):
            raise StoreAway(f"S3: {error}") from error
        client.create_bucket(Bucket=bucket.name)
    except BotoCoreError as error:
        raise StoreAway(f"S3: {error}") from error
    finally:
        client.close()


class S3Objects:
    """Content-addressed bytes in one bucket, under `objects/`."""

    def __init__(self, bucket: Bucket) -> None:
        self._store = S3Store(
            bucket.name,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.access_key_id,
            secret_access_key=bucket.secret_access_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": (bucket.endpoint or "").startswith("http://")},
        )

    async def put(self, hash: str, data: bytes | AsyncIterator[bytes], content_type: str) -> None:
        key = key_of(hash)
        with _s3_errors(hash):
            if isinstance(data, bytes):
                found = await hash_beside(data)
                if found != hash:
                    raise ObjectCorrupt(f"the bytes given are {found}, not {hash}")
                await obstore.put_async(self._store, key, data, attributes={"Content-Type": content_type})
            else:
                await self._put_stream(hash, key, data, content_type)

    async def _put_stream(self, hash: str, key: str, data: AsyncIterator[bytes], content_type: str) -> None:
        unfinished = f"unfinished/{hash}.{secrets.token_hex(8)}"
        digest = hashlib.sha256()

        async def digested() -> AsyncIterator[bytes]:
            async for chunk in data:
                digest.update(chunk)
                yield chunk

        try:
            await obstore.put_async(self._store, unfinished, digested(), attributes={"Content-Type": content_type})
            if digest.hexdigest() != hash:
                raise ObjectCorrupt(f"the bytes written are {digest.hexdigest()}, not {hash}")
            await obstore.copy_async(self._store, unfinished, key)
        finally:
            with suppress(BaseError, FileNotFoundError):  # the bucket's lifecycle rule removes what stays
                await obstore.delete_async(self._store, unfinished)

    async def get(self, hash: str) -> bytes:
        with _s3_errors(hash):
            answer = await obstore.get_async(self._store, key_of(hash))
            data = bytes(await answer.bytes_async())
        if await hash_beside(data) != hash:
            raise ObjectCorrupt(hash)
        return data

    async def size(self, hash: str) -> int:
        with _s3_errors(hash):
            return (await obstore.head_async(self._store, key_of(hash)))["size"]

    async def delete(self, hash: str, written_before: datetime) -> bool:
        key = key_of(hash)
        with _s3_errors(hash):
            try:
                found = await obstore.head_async(self._store, key)
            except FileNotFoundError:
                return True
            if found["last_modified"] >= written_before:
                return False
            await obstore.delete_async(self._store, key)
        return True

    async def exists(self, hash: str) -> bool:
        try:
            await self.size(hash)
        except ObjectMissing:
            return False
        return True

    async def read(self, hash: str, start: int, end: int) -> AsyncIterator[bytes]:
        size = await self.size(hash)
        end = min(end, size)
        if start >= end:
            return
        with _s3_errors(hash):
            answer = await obstore.get_async(self._store, key_of(hash), options={"range": (start, end)})
            async for chunk in answer.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)


@contextmanager
def _s3_errors(hash: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:  # obstore raises the builtin for a missing key
        raise ObjectMissing(hash) from error
    except BaseError as error:
        raise StoreAway(f"S3: {type(error).__name__}: {error}") from error

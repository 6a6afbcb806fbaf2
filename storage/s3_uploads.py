"""Uploads on S3: a multipart upload for each file; what is too short to be a part waits in an object beside it.

Such a tail is named by where it ends, so that a piece written by a process that died never passes for another.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

from storage.errors import ObjectMissing, StoreAway
from storage.objects import CHUNK_BYTES
from storage.s3 import Bucket, key_of, s3_client
from storage.uploads import PART_BYTES, Staged

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

_MISSING = ("404", "NoSuchKey", "NoSuchUpload")

P = ParamSpec("P")
T = TypeVar("T")


class S3Uploads:
    """Under `uploads/` in the bucket of the objects. A lifecycle rule of the bucket should end what nobody ends."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket.name
        self._client = s3_client(bucket)

    async def begin(self, upload_id: UUID) -> Staged:
        made = await _call(upload_id, self._client.create_multipart_upload, Bucket=self._bucket, Key=_whole(upload_id))
        return Staged(handle=made["UploadId"])

    async def append(self, upload_id: UUID, staged: Staged, piece: bytes) -> Staged:
        assert len(piece) <= staged.wanted_bytes
        data = await self._tail(upload_id, staged) + piece
        grown = replace(staged, bytes=staged.bytes + len(piece))
        if len(data) == PART_BYTES:
            return replace(grown, parts=(*staged.parts, await self._put_part(upload_id, staged, data)))
        key = _tail(upload_id, grown.bytes)
        await _call(upload_id, self._client.put_object, Bucket=self._bucket, Key=key, Body=data)
        return grown

    async def join(self, upload_id: UUID, staged: Staged) -> None:
        parts, tail = staged.parts, await self._tail(upload_id, staged)
        try:
            if tail:
                parts = (*parts, await self._put_part(upload_id, staged, tail))
            numbered: list[CompletedPartTypeDef] = [
                {"PartNumber": number, "ETag": etag} for number, etag in enumerate(parts, 1)
            ]
            await _call(
                upload_id,
                self._client.complete_multipart_upload,
                Bucket=self._bucket,
                Key=_whole(upload_id),
                UploadId=staged.handle,
                MultipartUpload={"Parts": numbered},
            )
        except ObjectMissing:  # it was joined before, or is no more
            await _call(upload_id, self._client.head_object, Bucket=self._bucket, Key=_whole(upload_id))

    async def read(self, upload_id: UUID) -> AsyncIterator[bytes]:
        answer = await _call(upload_id, self._client.get_object, Bucket=self._bucket, Key=_whole(upload_id))
        with answer["Body"] as body:
            while chunk := await _call(upload_id, body.read, CHUNK_BYTES):
                yield chunk

    async def publish(self, upload_id: UUID, hash: str, content_type: str) -> None:
        await _call(
            upload_id,
            self._client.copy_object,  # one call takes 5 GB, more than a file may have
            CopySource={"Bucket": self._bucket, "Key": _whole(upload_id)},
            Bucket=self._bucket,
            Key=key_of(hash),
            ContentType=content_type,
            MetadataDirective="REPLACE",
        )

    async def discard(self, upload_id: UUID, staged: Staged) -> None:
        with suppress(ObjectMissing):
            await _call(
                upload_id,
                self._client.abort_multipart_upload,
                Bucket=self._bucket,
                Key=_whole(upload_id),
                UploadId=staged.handle,
            )
        listed = await _call(
            upload_id, self._client.list_objects_v2, Bucket=self._bucket, Prefix=f"uploads/{upload_id.hex}/"
        )
        for each in listed.get("Contents", ()):
            await _call(upload_id, self._client.delete_object, Bucket=self._bucket, Key=each["Key"])

    async def _tail(self, upload_id: UUID, staged: Staged) -> bytes:
        if staged.bytes == len(staged.parts) * PART_BYTES:
            return b""
        key = _tail(upload_id, staged.bytes)
        answer = await _call(upload_id, self._client.get_object, Bucket=self._bucket, Key=key)
        return await _call(upload_id, answer["Body"].read)

    async def _put_part(self, upload_id: UUID, staged: Staged, data: bytes) -> str:
        made = await _call(
            upload_id,
            self._client.upload_part,
            Bucket=self._bucket,
            Key=_whole(upload_id),
            UploadId=staged.handle,
            PartNumber=len(staged.parts) + 1,
            Body=data,
        )
        return made["ETag"]


def _whole(upload_id: UUID) -> str:
    return f"uploads/{upload_id.hex}/whole"


def _tail(upload_id: UUID, end: int) -> str:
    return f"uploads/{upload_id.hex}/tail-{end}"


async def _call(upload_id: UUID, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """boto3 blocks: each call is a thread's. Raises `ObjectMissing`, `StoreAway`."""
    with _s3_errors(upload_id):
        return await asyncio.to_thread(call, *args, **kwargs)


@contextmanager
def _s3_errors(upload_id: UUID) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            raise ObjectMissing(upload_id.hex) from error
        raise StoreAway(f"S3: {error}") from error
    except BotoCoreError as error:
        raise StoreAway(f"S3: {error}") from error

"""One suite for every store of uploads: a folder and S3."""

import secrets
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from storage.errors import ObjectMissing
from storage.objects import FolderObjects, Objects, hash_of
from storage.s3 import Bucket, S3Objects, ensure_bucket
from storage.s3_uploads import S3Uploads
from storage.uploads import PART_BYTES, FolderUploads, Staged, Uploads

Stores = tuple[Uploads, Objects]


@pytest_asyncio.fixture(params=["folder", "s3"])
async def stores(request: pytest.FixtureRequest, folder: Path, s3_bucket: Bucket) -> Stores:
    if request.param == "folder":
        objects = FolderObjects(folder)
        return FolderUploads(folder / "uploads", objects), objects
    await ensure_bucket(s3_bucket)
    return S3Uploads(s3_bucket), S3Objects(s3_bucket)


async def append_all(uploads: Uploads, upload_id: UUID, staged: Staged, data: bytes) -> Staged:
    while data:
        piece, data = data[: staged.wanted_bytes], data[staged.wanted_bytes :]
        staged = await uploads.append(upload_id, staged, piece)
    return staged


async def whole(uploads: Uploads, upload_id: UUID) -> bytes:
    return b"".join([chunk async for chunk in uploads.read(upload_id)])


@pytest.mark.parametrize("sizes", [(1,), (PART_BYTES,), (3, PART_BYTES, 5), (PART_BYTES - 1, PART_BYTES + 2)])
async def test_pieces_of_any_size_become_one_object(stores: Stores, sizes: tuple[int, ...]) -> None:
    uploads, objects = stores
    upload_id, pieces = uuid4(), [secrets.token_bytes(size) for size in sizes]
    staged = await uploads.begin(upload_id)
    for piece in pieces:
        staged = await append_all(uploads, upload_id, staged, piece)
    data = b"".join(pieces)
    assert staged.bytes == len(data)
    await uploads.join(upload_id, staged)
    assert await whole(uploads, upload_id) == data
    await uploads.publish(upload_id, hash_of(data), "video/mp4")
    await uploads.discard(upload_id, staged)
    assert await objects.get(hash_of(data)) == data


async def test_what_a_killed_process_wrote_and_did_not_record_is_written_again(stores: Stores) -> None:
    uploads, _ = stores
    upload_id, first, lost, again = uuid4(), secrets.token_bytes(100), secrets.token_bytes(900), secrets.token_bytes(50)
    recorded = await append_all(uploads, upload_id, await uploads.begin(upload_id), first)
    await append_all(uploads, upload_id, recorded, lost)
    await append_all(uploads, upload_id, recorded, secrets.token_bytes(PART_BYTES))
    staged = await append_all(uploads, upload_id, recorded, again)
    await uploads.join(upload_id, staged)
    assert await whole(uploads, upload_id) == first + again


async def test_every_step_may_be_repeated(stores: Stores) -> None:
    uploads, objects = stores
    upload_id, data = uuid4(), secrets.token_bytes(70_000)
    staged = await append_all(uploads, upload_id, await uploads.begin(upload_id), data)
    for _ in range(2):
        await uploads.join(upload_id, staged)
    for _ in range(2):
        await uploads.publish(upload_id, hash_of(data), "image/png")
    for _ in range(2):
        await uploads.discard(upload_id, staged)
    assert await objects.get(hash_of(data)) == data


async def test_what_is_discarded_is_gone(stores: Stores) -> None:
    uploads, _ = stores
    open_id, joined_id, data = uuid4(), uuid4(), b"0123456789"
    open_one = await append_all(uploads, open_id, await uploads.begin(open_id), data)
    joined = await append_all(uploads, joined_id, await uploads.begin(joined_id), data)
    await uploads.join(joined_id, joined)
    for upload_id, staged in ((open_id, open_one), (joined_id, joined)):
        await uploads.discard(upload_id, staged)
        with pytest.raises(ObjectMissing, match=upload_id.hex):
            await whole(uploads, upload_id)
        with pytest.raises(ObjectMissing, match=upload_id.hex):
            await uploads.join(upload_id, staged)
        with pytest.raises(ObjectMissing, match=upload_id.hex):
            await uploads.publish(upload_id, hash_of(data), "image/png")


async def test_a_folder_keeps_one_name_for_each_object(folder: Path) -> None:
    objects = FolderObjects(folder)
    uploads, upload_id, data = FolderUploads(folder / "uploads", objects), uuid4(), b"a picture"
    staged = await append_all(uploads, upload_id, await uploads.begin(upload_id), data)
    await uploads.join(upload_id, staged)
    for _ in range(2):
        await uploads.publish(upload_id, hash_of(data), "image/png")
    await uploads.discard(upload_id, staged)
    name = hash_of(data)
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / name[:2] / name[2:4] / name]

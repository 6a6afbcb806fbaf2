"""One suite for every object store: a folder and S3."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from storage.errors import MalformedHash, ObjectCorrupt, ObjectMissing
from storage.objects import FolderObjects, Objects, hash_of
from storage.s3 import Bucket, S3Objects, ensure_bucket


@pytest_asyncio.fixture(params=["folder", "s3"])
async def objects(request: pytest.FixtureRequest, folder: Path, s3_bucket: Bucket) -> Objects:
    if request.param == "folder":
        return FolderObjects(folder)
    await ensure_bucket(s3_bucket)
    return S3Objects(s3_bucket)


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def put(objects: Objects, data: bytes) -> str:
    name = hash_of(data)
    await objects.put(name, data, "application/octet-stream")
    return name


@pytest.mark.parametrize("size", [0, 1, 300_000])
async def test_bytes_come_back(objects: Objects, size: int) -> None:
    data = secrets.token_bytes(size)
    name = await put(objects, data)
    assert await objects.get(name) == data
    assert await objects.size(name) == size
    assert await objects.exists(name)


async def test_a_stream_comes_back(objects: Objects) -> None:
    chunks = [secrets.token_bytes(3_000_000) for _ in range(4)]
    name = hash_of(b"".join(chunks))
    await objects.put(name, stream(*chunks), "video/mp4")
    assert await objects.get(name) == b"".join(chunks)


async def test_putting_again_is_harmless(objects: Objects) -> None:
    data = secrets.token_bytes(100)
    assert await put(objects, data) == await put(objects, data)
    await asyncio.gather(*(put(objects, data) for _ in range(4)))
    assert await objects.get(hash_of(data)) == data


@pytest.mark.parametrize(("start", "end"), [(0, 10), (990, 1_000), (5, 6), (0, 600_000), (250_000, 300_000)])
async def test_a_range_excludes_its_end(objects: Objects, start: int, end: int) -> None:
    data = secrets.token_bytes(600_000)
    name = await put(objects, data)
    assert b"".join([chunk async for chunk in objects.read(name, start, end)]) == data[start:end]


@pytest.mark.parametrize(("start", "end"), [(5, 5), (10, 20), (8, 20)])
async def test_a_range_ends_with_the_object(objects: Objects, start: int, end: int) -> None:
    name = await put(objects, b"0123456789")
    assert b"".join([chunk async for chunk in objects.read(name, start, end)]) == b"0123456789"[start:end]


async def test_what_is_missing_is_named(objects: Objects) -> None:
    name = hash_of(secrets.token_bytes(8))
    assert not await objects.exists(name)
    with pytest.raises(ObjectMissing, match=name):
        await objects.get(name)
    with pytest.raises(ObjectMissing, match=name):
        await objects.size(name)
    with pytest.raises(ObjectMissing, match=name):
        _ = [chunk async for chunk in objects.read(name, 0, 10)]


@pytest.mark.parametrize("name", ["", "..", "../" + "a" * 61, "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n"])
async def test_a_name_that_is_no_hash_is_refused(objects: Objects, name: str) -> None:
    with pytest.raises(MalformedHash):
        await objects.put(name, b"", "text/plain")
    with pytest.raises(MalformedHash):
        await objects.get(name)
    with pytest.raises(MalformedHash):
        await objects.size(name)
    with pytest.raises(MalformedHash):
        await objects.exists(name)


async def test_other_bytes_than_the_name_says_are_not_kept(objects: Objects) -> None:
    meant = secrets.token_bytes(50)
    name = hash_of(meant)
    with pytest.raises(ObjectCorrupt):
        await objects.put(name, meant + b"!", "text/plain")
    with pytest.raises(ObjectCorrupt):
        await objects.put(name, stream(meant, b"!"), "text/plain")
    assert not await objects.exists(name)


async def test_a_stream_that_breaks_leaves_no_object(objects: Objects) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError("the sender went away")

    name = hash_of(b"half and half")
    with pytest.raises(Exception, match="went away"):
        await objects.put(name, broken(), "text/plain")
    assert not await objects.exists(name)


async def test_a_folder_keeps_nothing_unfinished(folder: Path) -> None:
    objects = FolderObjects(folder)
    with pytest.raises(ObjectCorrupt):
        await objects.put(hash_of(b"a"), b"b", "text/plain")
    await put(objects, b"whole")
    files = [path for path in folder.rglob("*") if path.is_file()]
    name = hash_of(b"whole")
    assert files == [folder / name[:2] / name[2:4] / name]


async def test_a_rotten_file_is_noticed(folder: Path) -> None:
    objects = FolderObjects(folder)
    name = await put(objects, b"whole")
    (folder / name[:2] / name[2:4] / name).write_bytes(b"rotten")
    with pytest.raises(ObjectCorrupt):
        await objects.get(name)


async def test_what_is_deleted_is_gone(objects: Objects) -> None:
    name = await put(objects, secrets.token_bytes(20))
    assert not await objects.delete(name, datetime.now(UTC) - timedelta(minutes=1))
    assert await objects.exists(name)
    for _ in range(2):
        assert await objects.delete(name, datetime.now(UTC) + timedelta(minutes=1))
        assert not await objects.exists(name)

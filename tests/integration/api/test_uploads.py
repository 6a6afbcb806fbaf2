"""Uploads over HTTP as tus 1.0.0 says: created, interrupted, resumed, checked, ended; limits, and whose they are."""

import hashlib
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api import uploads as door
from services.assets import uploads as arrivals
from services.assets.model import TIERS, UPLOADS_OPEN_MAX, Tier
from services.projects.model import Project
from storage.uploads import PART_BYTES
from sync import ids
from tests.integration.api.studio import Person, Studio, path

PNG = b"\x89PNG\r\n\x1a\n"
PIECES = "application/offset+octet-stream"


def tus(**more: str) -> dict[str, str]:
    return {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): value for name, value in more.items()}}


def spelled(name: str) -> str:
    return f"filename {b64encode(name.encode()).decode()}"


async def create(person: Person, project: Project, size: int, name: str = "a.png") -> str:
    headers = tus(Upload_Length=str(size), Upload_Metadata=spelled(name))
    answer = await person.http.post(f"{path(project)}/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def patch(
    person: Person, where: str, offset: int, data: bytes | AsyncIterator[bytes], **more: str
) -> httpx.Response:
    headers = tus(Upload_Offset=str(offset), Content_Type=PIECES, **more)
    return await person.http.patch(where, content=data, headers=headers)


async def offset_of(person: Person, where: str) -> int:
    answer = await person.http.head(where, headers=tus())
    assert answer.status_code == 200, answer.text
    return int(answer.headers["upload-offset"])


def asset_of(where: str) -> str:
    return "ast_" + where.rpartition("upl_")[2]


async def test_what_is_spoken_here(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    async with studio.client() as http:
        answer = await http.options(f"{path(project)}/uploads")
    assert (answer.status_code, answer.headers["tus-version"]) == (204, "1.0.0")
    assert answer.headers["tus-extension"] == "creation,creation-with-upload,checksum,termination,expiration"
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256"
    assert int(answer.headers["tus-max-size"]) == max(tier.file_bytes_max for tier in TIERS.values())


async def test_a_file_in_pieces_becomes_an_asset(studio: Studio, ada: Person) -> None:
    project, data = await studio.project(ada), PNG + secrets.token_bytes(50_000)
    where = await create(ada, project, len(data), "Nachtzug außen.png")
    assert await offset_of(ada, where) == 0
    first = await patch(ada, where, 0, data[:10])
    assert (first.status_code, first.headers["upload-offset"], first.headers["tus-resumable"]) == (204, "10", "1.0.0")
    assert parsedate_to_datetime(first.headers["upload-expires"]) > datetime.now(UTC)
    assert (await ada.http.get(f"/v1/assets/{asset_of(where)}")).status_code == 404
    last = await patch(ada, where, 10, data[10:])
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(data)))
    assert await offset_of(ada, where) == len(data)
    asset = (await ada.http.get(f"/v1/assets/{asset_of(where)}")).json()
    assert (asset["name"], asset["kind"], asset["content_type"]) == ("Nachtzug außen.png", "picture", "image/png")
    assert (asset["bytes"], asset["state"], asset["media"]) == (len(data), "waiting", None)
    listed = (await ada.http.get(f"{path(project)}/assets")).json()
    assert ([each["id"] for each in listed["assets"]], listed["next"]) == ([asset["id"]], None)


async def test_creation_may_bring_the_first_bytes(studio: Studio, ada: Person) -> None:
    project, data = await studio.project(ada), PNG + secrets.token_bytes(100)
    headers = tus(Upload_Length=str(len(data)), Content_Type=PIECES)
    answer = await ada.http.post(f"{path(project)}/uploads", content=data, headers=headers)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(data)))
    asset = (await ada.http.get(f"/v1/assets/{asset_of(answer.headers['location'])}")).json()
    assert (asset["name"], asset["bytes"]) == ("untitled", len(data))


async def test_what_came_before_an_interruption_is_kept(studio: Studio, ada: Person) -> None:
    project, data = await studio.project(ada), PNG + secrets.token_bytes(2 * PART_BYTES)
    where = await create(ada, project, len(data))

    async def cut_off() -> AsyncIterator[bytes]:
        yield data[: PART_BYTES + 1_000]
        raise ConnectionResetError("the wire was pulled")

    assert (await patch(ada, where, 0, cut_off())).status_code == 503
    assert await offset_of(ada, where) == PART_BYTES
    assert (await patch(ada, where, PART_BYTES, data[PART_BYTES:])).status_code == 204
    assert (await ada.http.get(f"/v1/assets/{asset_of(where)}")).json()["bytes"] == len(data)


async def test_bytes_that_do_not_follow_are_refused(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where = await create(ada, project, 100)
    assert (await patch(ada, where, 0, PNG)).status_code == 204
    answer = await patch(ada, where, 4, b"....")
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "upload.offset", len(PNG))
    over = await patch(ada, where, len(PNG), bytes(100))
    assert (over.status_code, over.json()["code"]) == (413, "upload.overrun")
    assert await offset_of(ada, where) == len(PNG)


async def test_with_a_checksum_all_or_nothing_is_kept(studio: Studio, ada: Person) -> None:
    project, data = await studio.project(ada), PNG + secrets.token_bytes(90)
    where = await create(ada, project, len(data))
    for algorithm in ("sha1", "sha256"):
        right = b64encode(hashlib.new(algorithm, data[:50]).digest()).decode()
        wrong = await patch(ada, where, 0, data[1:51], Upload_Checksum=f"{algorithm} {right}")
        assert (wrong.status_code, wrong.json()["code"]) == (460, "upload.checksum")
        assert await offset_of(ada, where) == 0
    good = await patch(ada, where, 0, data[:50], Upload_Checksum=f"{algorithm} {right}")
    assert (good.status_code, await offset_of(ada, where)) == (204, 50)
    for header in ("md5 AAAA", "sha1 !", "sha1"):
        answer = await patch(ada, where, 50, data[50:], Upload_Checksum=header)
        assert answer.status_code in (400, 460), header
    assert await offset_of(ada, where) == 50


async def test_the_newest_who_writes_is_the_one_who_may(studio: Studio, ada: Person) -> None:
    project, data = await studio.project(ada), PNG + secrets.token_bytes(PART_BYTES + 100)
    where = await create(ada, project, len(data))
    overtaken: list[httpx.Response] = []

    async def slow() -> AsyncIterator[bytes]:
        yield data[:100]
        overtaken.append(await patch(ada, where, 0, data))
        yield data[100:]

    late = await patch(ada, where, 0, slow())
    assert (late.status_code, late.json()["code"]) == (423, "upload.overtaken")
    assert overtaken[0].status_code == 204
    assert (await ada.http.get(f"/v1/assets/{asset_of(where)}")).json()["bytes"] == len(data)


async def test_what_is_ended_is_gone(studio: Studio, ada: Person) -> None:
    project, data = await studio.project(ada), PNG + bytes(10)
    where = await create(ada, project, len(data))
    await patch(ada, where, 0, PNG)
    assert (await ada.http.delete(where, headers=tus())).status_code == 204
    for answer in (await ada.http.head(where, headers=tus()), await patch(ada, where, len(PNG), bytes(10))):
        assert answer.status_code == 404
    whole = await create(ada, project, len(data))
    await patch(ada, whole, 0, data)
    assert (await ada.http.delete(whole, headers=tus())).json()["code"] == "upload.gone"
    assert (await ada.http.get(f"/v1/assets/{asset_of(whole)}")).status_code == 200


async def test_an_upload_that_expired_is_not_there(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where = await create(ada, project, 100)
    upload_id = ids.from_text("upl", where.rpartition("/")[2])
    await studio.state.stores.pool.execute("update uploads set expires_at = now() where id = $1", upload_id)
    assert (await ada.http.head(where, headers=tus())).status_code == 404
    assert (await patch(ada, where, 0, PNG)).status_code == 404


async def test_a_type_is_told_from_the_bytes_whatever_the_name(studio: Studio, ada: Person) -> None:
    project, data = await studio.project(ada), b"#!/bin/sh\nrm -rf /\n" + b" " * 9_000
    where = await create(ada, project, len(data), "holiday.png")
    answer = await patch(ada, where, 0, data)
    assert (answer.status_code, answer.json()["code"]) == (415, "file.type")
    assert "script" in answer.json()["detail"]
    assert (await ada.http.head(where, headers=tus())).status_code == 410
    assert (await ada.http.get(f"/v1/assets/{asset_of(where)}")).status_code == 404


async def test_versions_headers_and_lengths(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where, uploads = await create(ada, project, 100), f"{path(project)}/uploads"
    for answer in (
        await ada.http.post(uploads, headers={"Upload-Length": "5"}),
        await ada.http.head(where),
        await ada.http.patch(where, content=b"", headers={"Tus-Resumable": "0.2.2"}),
        await ada.http.delete(where),
    ):
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    cases: list[tuple[dict[str, str], int, str]] = [
        ({}, 400, "header.invalid"),
        ({"Upload-Length": "-1"}, 400, "header.invalid"),
        ({"Upload-Length": "0"}, 422, "file.empty"),
        ({"Upload-Length": "5", "Upload-Defer-Length": "1"}, 400, "header.invalid"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename !"}, 400, "header.invalid"),
        ({"Upload-Length": "5", "Upload-Metadata": "x " + "A" * 5_000}, 400, "header.invalid"),
        ({"Upload-Length": "5", "Upload-Metadata": spelled("a\0b")}, 422, "asset.name"),
        ({"Upload-Length": str(2**42)}, 413, "file.too_large"),
    ]
    for headers, status, code in cases:
        answer = await ada.http.post(uploads, headers=tus(**headers))
        assert (answer.status_code, answer.json()["code"]) == (status, code), headers
    wrong = await ada.http.patch(where, content=b"x", headers=tus(Upload_Offset="0", Content_Type="text/plain"))
    assert (wrong.status_code, wrong.json()["code"]) == (415, "body.type")


async def test_a_quota_is_the_owners_and_counts_what_is_promised(
    studio: Studio, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = await studio.project(ada, editor=bob)
    monkeypatch.setattr(arrivals, "TIERS", {"free": Tier(quota_bytes=1_000, file_bytes_max=900)})
    await studio.state.stores.pool.execute("update users set tier = 'free' where id = $1", ada.actor.user_id)
    headers: dict[str, Any] = {"headers": tus(Upload_Length="600")}
    where = (await bob.http.post(f"{path(project)}/uploads", **headers)).headers["location"]
    full = await ada.http.post(f"{path(project)}/uploads", **headers)
    assert (full.status_code, full.json()["code"], full.json()["limit"]) == (413, "quota.bytes", 1_000)
    assert (await bob.http.delete(where, headers=tus())).status_code == 204
    large = await ada.http.post(f"{path(project)}/uploads", headers=tus(Upload_Length="901"))
    assert (large.json()["code"], large.json()["limit"]) == ("file.too_large", 900)
    again = await ada.http.post(f"{path(project)}/uploads", **headers)
    assert again.status_code == 201


async def test_a_user_has_so_many_uploads_on_their_way(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    made = [await create(ada, project, 9) for _ in range(UPLOADS_OPEN_MAX)]
    answer = await ada.http.post(f"{path(project)}/uploads", headers=tus(Upload_Length="9"))
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (
        429,
        "upload.count",
        UPLOADS_OPEN_MAX,
    )
    await ada.http.delete(made[0], headers=tus())
    await create(ada, project, 9)


async def test_only_so_many_bodies_come_in_at_once(
    studio: Studio, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = await studio.project(ada)
    where = await create(ada, project, 100)
    taken = [await studio.state.receiving.acquire() for _ in range(door.RECEIVING_MAX)]
    try:
        answer = await patch(ada, where, 0, PNG)
        assert (answer.status_code, answer.json()["code"]) == (503, "upload.busy")
    finally:
        for _ in taken:
            studio.state.receiving.release()
    assert (await patch(ada, where, 0, PNG)).status_code == 204


async def test_an_upload_is_its_makers_while_they_may_edit(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    where = await create(bob, project, 100)
    for answer in (await ada.http.head(where, headers=tus()), await patch(ada, where, 0, PNG)):
        assert answer.status_code == 404
    assert (await ada.http.delete(f"/v1/uploads/{ids.to_text('upl', uuid4())}", headers=tus())).status_code == 404
    async with studio.client() as http:
        assert (await http.head(where, headers=tus())).status_code == 401
    await studio.project(ada)
    member = f"{path(project)}/members/{ids.to_text('usr', bob.actor.user_id)}"
    await ada.http.patch(member, json={"role": "viewer"})
    assert (await patch(bob, where, 0, PNG)).status_code == 403
    await ada.http.delete(member)
    assert (await patch(bob, where, 0, PNG)).json()["code"] == "upload.missing"

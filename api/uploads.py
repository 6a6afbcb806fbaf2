"""Routes of uploads: tus 1.0.0 with creation, creation-with-upload, checksum, termination and expiration.

Any tus client may speak to them; what an upload may hold and how it grows is `services/assets/uploads.py`.
"""

import binascii
from base64 import b64decode
from collections.abc import AsyncIterator
from email.utils import format_datetime

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.call import Call
from api.errors import BodyWrongType, HeaderInvalid, TusVersion, UploadsFull
from api.operation import Header, Operation
from services.assets.model import FILE_BYTES_MAX
from services.assets.uploads import CHECKSUMS, Checksum
from storage.tables.uploads import UploadRow
from sync import ids

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
PIECES_TYPE = "application/offset+octet-stream"
METADATA_CHARS_MAX = 4096
RECEIVING_MAX = 32
"""Bodies that come in at once, in one process: each waits for its part in memory. Error: `UploadsFull`."""

_RESUMABLE = Header("Tus-Resumable", "The version of tus that is spoken: 1.0.0", 16)
_LENGTH = Header("Upload-Length", "Bytes of the whole file", 20)
_METADATA = Header("Upload-Metadata", "`filename` and the file's name in base64", METADATA_CHARS_MAX)
_OFFSET = Header("Upload-Offset", "Behind how many bytes these go on", 20)
_CHECKSUM = Header("Upload-Checksum", "sha1 or sha256, and the digest of this body in base64", 128)


async def options(call: Call) -> Response:
    """What is spoken here; the only answer that does not ask which version the caller speaks."""
    return _answer(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(FILE_BYTES_MAX),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        },
    )


async def create(call: Call) -> Response:
    """Also takes the first bytes, if some came with it."""
    _check_version(call)
    metadata = call.request.headers.get("upload-metadata", "")
    name = _metadata(metadata).get("filename", "untitled")
    if "upload-defer-length" in call.request.headers:
        raise HeaderInvalid("The length must be known from the start.", field="Upload-Defer-Length")
    row = await call.state.arrivals.begin(
        call.actor, call.id("prj", "project"), name, metadata, _number(call, "Upload-Length"), call.state.now()
    )
    if call.request.headers.get("content-type") == PIECES_TYPE:
        row = await _receive(call, row, 0)
    where = {"Location": f"/v1/uploads/{ids.to_text('upl', row.id)}"}
    return _answer(201, where | _standing(row))


async def head(call: Call) -> Response:
    _check_version(call)
    row = await call.state.arrivals.get(call.actor, call.id("upl", "upload"))
    facts = {"Upload-Length": str(row.bytes_all), "Cache-Control": "no-store"}
    if row.metadata:
        facts["Upload-Metadata"] = row.metadata
    return _answer(200, facts | _standing(row))


async def append(call: Call) -> Response:
    _check_version(call)
    if call.request.headers.get("content-type") != PIECES_TYPE:
        raise BodyWrongType(f"The body of an upload is {PIECES_TYPE}.", field="Content-Type", limit=PIECES_TYPE)
    row = await call.state.arrivals.get(call.actor, call.id("upl", "upload"))
    return _answer(204, _standing(await _receive(call, row, _number(call, "Upload-Offset"))))


async def end(call: Call) -> Response:
    _check_version(call)
    await call.state.arrivals.end(call.actor, call.id("upl", "upload"))
    return _answer(204, {})


async def _receive(call: Call, row: UploadRow, offset: int) -> UploadRow:
    checksum = _checksum(call.request.headers.get("upload-checksum"))
    places = call.state.receiving
    if places.locked():
        raise UploadsFull(limit=RECEIVING_MAX)
    async with places:
        return await call.state.arrivals.receive(call.actor, row.id, offset, _body(call), checksum)


async def _body(call: Call) -> AsyncIterator[bytes]:
    """As much as comes: who goes away in the middle is told at the next HEAD what was kept."""
    try:
        async for chunk in call.request.stream():
            yield chunk
    except ClientDisconnect:
        return


def _answer(status: int, headers: dict[str, str]) -> Response:
    return Response(None, status, {"Tus-Resumable": VERSION, **headers})


def _standing(row: UploadRow) -> dict[str, str]:
    return {
        "Upload-Offset": str(row.staged.bytes),
        "Upload-Expires": format_datetime(row.expires_at, usegmt=True),
    }


def _check_version(call: Call) -> None:
    if call.request.headers.get("tus-resumable") != VERSION:
        error = TusVersion()
        error.headers = {"Tus-Version": VERSION}
        raise error


def _number(call: Call, name: str) -> int:
    text = call.request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise HeaderInvalid(f"{name} is a number of bytes.", field=name)
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """`filename d29yZA==,other`. Raises `HeaderInvalid`."""
    if len(text) > METADATA_CHARS_MAX or not text.isprintable():
        raise HeaderInvalid(
            "Upload-Metadata is too long, or not printable.", field="Upload-Metadata", limit=METADATA_CHARS_MAX
        )
    found: dict[str, str] = {}
    for pair in filter(None, (piece.strip() for piece in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = b64decode(value, validate=True).decode()
        except ValueError as error:
            raise HeaderInvalid("A value of Upload-Metadata is UTF-8 in base64.", field="Upload-Metadata") from error
    return found


def _checksum(text: str | None) -> Checksum | None:
    """`sha256 qqlA...`. Raises `HeaderInvalid`."""
    if text is None:
        return None
    algorithm, _, digest = text.partition(" ")
    if algorithm not in CHECKSUMS:
        raise HeaderInvalid(f"Checksums here are {' or '.join(CHECKSUMS)}.", field="Upload-Checksum")
    try:
        return Checksum(algorithm, b64decode(digest, validate=True))
    except binascii.Error as error:
        raise HeaderInvalid("A checksum is in base64.", field="Upload-Checksum") from error


_OF_PROJECT = "/v1/projects/{project}/uploads"
_ONE = "/v1/uploads/{upload}"

OPERATIONS = (
    Operation("OPTIONS", _OF_PROJECT, options, "uploads", "What of tus is spoken here", status=204, public=True),
    Operation(
        "POST",
        _OF_PROJECT,
        create,
        "uploads",
        "A new upload (tus), perhaps with its first bytes",
        status=201,
        refusals=(400, 403, 404, 409, 412, 413, 415, 422, 423, 429, 460),
        headers=(_RESUMABLE, _LENGTH, _METADATA, _CHECKSUM),
        streams=True,
    ),
    Operation(
        "HEAD",
        _ONE,
        head,
        "uploads",
        "Where an upload stands (tus)",
        refusals=(403, 404, 410, 412),
        headers=(_RESUMABLE,),
    ),
    Operation(
        "PATCH",
        _ONE,
        append,
        "uploads",
        "More bytes of an upload (tus); the last ones make it an asset of the same id",
        status=204,
        refusals=(400, 403, 404, 409, 410, 412, 413, 415, 423, 460),
        headers=(_RESUMABLE, _OFFSET, _CHECKSUM),
        streams=True,
    ),
    Operation(
        "DELETE",
        _ONE,
        end,
        "uploads",
        "Ends an upload (tus)",
        status=204,
        refusals=(403, 404, 410, 412),
        headers=(_RESUMABLE,),
    ),
)

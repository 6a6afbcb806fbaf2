"""Routes of media: a project's address checks the asker and hands out a signed one; the signed one gives bytes.

A signed address is good for everybody who holds it until it expires, so that players and TVs need no session.
"""

import re
from collections.abc import AsyncIterator
from uuid import UUID

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.byte_range import Span, span_of
from api.call import Call
from api.errors import MediaMissing
from api.operation import Operation
from api.schemas import MediaQuery, SignedMedia
from api.signed_url import URL_STEP_S, left_s, signed_path
from services.safety.model import Outcome, may_see
from services.users.access import access_project
from services.users.model import Need, Standing
from storage.objects import Objects
from storage.tables import media, verdicts

INLINE_TYPES = frozenset({"video/mp4", "image/png", "image/jpeg", "image/webp", "audio/wav", "audio/mp4"})
_HASH = re.compile(r"[0-9a-f]{64}")


async def of_project(call: Call) -> Response:
    project_id, hash = call.id("prj", "project"), call.text("hash")
    pool = call.state.stores.pool
    asked = call.query(MediaQuery)
    access = await access_project(pool, call.actor, project_id, Need.DOWNLOAD if asked.download else Need.VIEW)
    if not _HASH.fullmatch(hash) or await media.media_of_project(pool, project_id, hash) is None:
        raise MediaMissing(MediaMissing.__doc__)
    await require_shown(call, project_id, access.standing, hash)
    path = signed_path(call.state.keys.media_secret, hash, call.state.now(), call.state.settings.media_url_ttl_s)
    path += "&download=1" if asked.download else ""
    return RedirectResponse(path, 307, {"Cache-Control": f"private, max-age={URL_STEP_S}"})


async def require_shown(call: Call, project_id: UUID, standing: Standing, hash: str) -> None:
    """What moderation refuses is there for those who may edit only. Raises `MediaMissing`."""
    if may_see(Outcome.REFUSED, standing):
        return
    if await verdicts.is_refused(call.state.stores.pool, project_id, hash):
        raise MediaMissing(MediaMissing.__doc__)


async def signed(call: Call) -> Response:
    query, hash = call.query(SignedMedia), call.text("hash")
    good_s = left_s(call.state.keys.media_secret, hash, query.exp, query.sig, call.state.now())
    row = await media.media(call.state.stores.pool, hash)
    if row is None:
        raise MediaMissing(MediaMissing.__doc__)
    bytes_all = await call.state.stores.objects.size(hash)
    return _answer(call, row.content_type, bytes_all, good_s, query.download)


def _answer(call: Call, content_type: str, bytes_all: int, good_s: int, download: bool) -> Response:
    hash, request = call.text("hash"), call.request.headers
    etag = f'"{hash}"'
    inline = content_type in INLINE_TYPES and not download
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={good_s}, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline" if inline else "attachment",
    }
    media_type = content_type if content_type in INLINE_TYPES else "application/octet-stream"
    if etag in (tag.strip() for tag in request.get("if-none-match", "").split(",")):
        return Response(None, 304, headers)
    span = _wanted(request, etag, bytes_all)
    status = 200
    if span is None:
        span = Span(0, bytes_all)
    else:
        status = 206
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{bytes_all}"
    headers["Content-Length"] = str(span.end - span.start)
    if call.request.method == "HEAD":
        return Response(None, status, headers, media_type)
    return StreamingResponse(_bytes(call.state.stores.objects, hash, span), status, headers, media_type)


def _wanted(request: Headers, etag: str, bytes_all: int) -> Span | None:
    """None for everything: no range, or one of another version."""
    header = request.get("range")
    if header is None or request.get("if-range", etag) != etag:
        return None
    return span_of(header, bytes_all)


async def _bytes(objects: Objects, hash: str, span: Span) -> AsyncIterator[bytes]:
    async for chunk in objects.read(hash, span.start, span.end):
        yield chunk


OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/media/{hash}",
        of_project,
        "media",
        "Where the bytes are, for a while",
        query=MediaQuery,
        status=307,
        refusals=(403, 404),
    ),
    Operation(
        "GET",
        "/v1/media/{hash}",
        signed,
        "media",
        "The bytes, or a range of them",
        query=SignedMedia,
        content="application/octet-stream",
        public=True,
        refusals=(403, 404, 410, 416),
    ),
)

"""Entity tags (RFC 9110): what a reader has need not be sent again, and what a writer has not seen is not overwritten.

A tag is a digest of the JSON that is answered, unless the handler gave one that says more.
"""

from hashlib import blake2b

from starlette.responses import Response

_TAG_BYTES = 12
_KEPT = ("etag", "cache-control", "vary", "link", "last-modified")


def etag_of(body: bytes) -> str:
    """With its quotes."""
    return f'"{blake2b(body, digest_size=_TAG_BYTES).hexdigest()}"'


def as_read(answer: Response, if_none_match: str | None) -> Response:
    """A successful read with its tag; 304 without a body for whoever has it."""
    if answer.status_code != 200:
        return answer
    tag = answer.headers.setdefault("ETag", etag_of(bytes(answer.body)))
    if if_none_match is None or not names(if_none_match, tag, weak=True):
        return answer
    return Response(None, 304, {name: answer.headers[name] for name in _KEPT if name in answer.headers})


def names(header: str, tag: str, weak: bool) -> bool:
    """Whether a header's list has the tag. A weak one is enough for a reader, not for a writer."""
    named = [one.strip() for one in header.split(",")]
    return "*" in named or tag in (one.removeprefix("W/") if weak else one for one in named)

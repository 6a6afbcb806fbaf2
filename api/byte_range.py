"""One byte range of an HTTP request (RFC 9110, 14.1.2 and 14.2).

Pure; several ranges at once are not served, which a server may choose.
"""

import re
from dataclasses import dataclass

from api.errors import RangeUnsatisfiable

_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int


def span_of(header: str, bytes_all: int) -> Span | None:
    """One range; None for several or for what is not a range, which may be ignored (RFC 9110, 14.2).

    Raises `RangeUnsatisfiable`.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, bytes_all - int(last)), bytes_all
    else:
        start, end = int(first), min(bytes_all, int(last) + 1) if last else bytes_all
        if last and int(last) < start:
            return None
    if start >= end:
        error = RangeUnsatisfiable(f"The media has {bytes_all} bytes.", field="Range", limit=bytes_all)
        error.headers = {"Content-Range": f"bytes */{bytes_all}"}
        raise error
    return Span(start, end)

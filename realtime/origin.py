"""Which web pages may open a socket here (PROTOCOL.md, Joining). Clients that are no browsers send no Origin."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_allowed(headers: Headers, allowed_origins: frozenset[str]) -> bool:
    """The server's own host, or one of `allowed_origins`."""
    origin = headers.get("origin")
    if origin is None or origin in allowed_origins:
        return True
    host = urlsplit(origin).netloc
    return bool(host) and host == headers.get("host")

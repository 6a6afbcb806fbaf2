"""Which web pages may open a socket here (PROTOCOL.md, Joining). Clients that are no browsers send no Origin."""

from urllib.parse import urlsplit

from realtime.wire import Handshake


def is_allowed(handshake: Handshake, allowed_origins: frozenset[str]) -> bool:
    """The server's own host, or one of `allowed_origins`."""
    origin = handshake.origin
    if origin is None or origin in allowed_origins:
        return True
    host = urlsplit(origin).netloc
    return bool(host) and host == handshake.host

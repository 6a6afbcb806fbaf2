"""Which pages of other origins may use this door (CORS): those that the settings name, and nobody else.

Round everything, refusals too: a page may read why it was refused.
"""

from collections.abc import Collection

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

PREFLIGHT_AGE_S = 600
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ASKED = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Range",
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-Request-Id",
    "traceparent",
)
"""Request headers that such a page may send."""
SHOWN = (
    "Content-Range",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Tus-Resumable",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Offset",
    "X-Request-Id",
)
"""Response headers that such a page may read."""


def cross_origin(origins: Collection[str]) -> list[Middleware]:
    """Nothing where nobody is named. With credentials, so the origins are always named one by one."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=METHODS,
            allow_headers=ASKED,
            allow_credentials=True,
            expose_headers=SHOWN,
            max_age=PREFLIGHT_AGE_S,
        )
    ]

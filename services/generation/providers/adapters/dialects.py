"""What each provider's statuses, codes and phrases come down to: one table a provider, the first row that fits counts.

A row that is not `certain` is for a paid request an outcome that nobody knows: it may have begun. Where the facts come
from, and how sure they are, is in docs/providers.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from services.generation.providers.port import Failure, FailureKind

AUTH, CREDIT, GONE, INVALID = FailureKind.AUTH, FailureKind.CREDIT, FailureKind.GONE, FailureKind.INVALID
MODERATED, RETRYABLE, THROTTLED = FailureKind.MODERATED, FailureKind.RETRYABLE, FailureKind.THROTTLED
STABILITY_WAIT_S = 60.0
WAIT_S_MAX = 3600.0
_IN_PROSE = re.compile(r"resets? in ~?(\d+) ?s")


@dataclass(frozen=True, slots=True)
class Row:
    """`status` None: any, a task's end too. `code` and `says` (in lower case) are shell patterns."""

    kind: FailureKind
    status: int | None = None
    code: str = "*"
    says: str = "*"
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """What went wrong, taken apart. `status` None: a task ended badly, rather than a request."""

    status: int | None
    code: str
    message: str
    wait_s: float | None = None


Read = Callable[[int, Mapping[str, str], Any, bytes], tuple[str, str]]
"""(status, headers, JSON or None, body) -> (code, message)."""


def _succeeded(status: int, body: Any) -> bool:
    return 200 <= status < 300


def _header_wait(status: int, headers: Mapping[str, str], message: str) -> float | None:
    """Retry-After in seconds or milliseconds; dates are not used by any of them."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait_s = float(headers[name]) * unit_s
        except (KeyError, ValueError):
            continue
        if 0 <= wait_s <= WAIT_S_MAX:
            return wait_s
    return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one provider speaks."""

    read: Read
    rows: tuple[Row, ...] = ()
    wait: Callable[[int, Mapping[str, str], str], float | None] = field(default=_header_wait)
    is_success: Callable[[int, Any], bool] = field(default=_succeeded)


COMMON = (
    Row(AUTH, 401),
    Row(CREDIT, 402),
    Row(AUTH, 403),
    Row(GONE, 404),
    Row(RETRYABLE, 408, certain=False),
    Row(GONE, 410),
    Row(THROTTLED, 429),
)
"""After a dialect's own rows; then other 4xx are `INVALID`, and everything else `RETRYABLE` and not certain."""


def judge(dialect: Dialect, heard: Heard) -> tuple[Failure, bool]:
    """The failure, and whether a request that was so answered has certainly not begun anything."""
    said = heard.message.lower()
    for row in (*dialect.rows, *COMMON):
        if row.status is not None and row.status != heard.status:
            continue
        if fnmatchcase(heard.code, row.code) and fnmatchcase(said, row.says):
            return Failure(row.kind, heard.code, heard.message, heard.wait_s), row.certain
    invalid = heard.status is not None and 400 <= heard.status < 500
    return Failure(INVALID if invalid else RETRYABLE, heard.code, heard.message, heard.wait_s), invalid


def at(body: Any, *path: str | int) -> Any:
    """What stands deeper in JSON; None where nothing does."""
    for key in path:
        if isinstance(key, str) and isinstance(body, dict):
            body = body.get(key)
        elif isinstance(key, int) and isinstance(body, list) and len(body) > key:
            body = body[key]
        else:
            return None
    return body


def said_at(body: Any, *path: str | int) -> str:
    """The same as text; empty where nothing stands."""
    found = at(body, *path)
    return "" if found is None else str(found)


def listed_at(body: Any, *path: str | int) -> list[Any]:
    """The same as a list; empty where none stands."""
    found = at(body, *path)
    return found if isinstance(found, list) else []


def number_of(text: str) -> float | None:
    """A finite number that is not below zero."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e12 else None


# Readers ----------------------------------------------------------------------------------------------


def _read_runway(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    return f"http.{status}", said_at(body, "error")


def _read_openai(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    return said_at(body, "error", "code") or f"http.{status}", said_at(body, "error", "message")


def _read_kling(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    return said_at(body, "code") or f"http.{status}", said_at(body, "message")


def _read_stability(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    message = "; ".join(map(str, listed_at(body, "errors")))
    return said_at(body, "name") or f"http.{status}", message


def _read_claude(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    return said_at(body, "error", "type") or f"http.{status}", said_at(body, "error", "message")


def _read_elevenlabs(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    code = said_at(body, "detail", "status") or said_at(body, "detail", 0, "type")
    message = said_at(body, "detail", "message") or said_at(body, "detail", 0, "msg")
    return code or f"http.{status}", message


def _read_fal(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    """A gateway's own page, without the mark of the application, says that the request never reached it."""
    if "x-fal-request-id" not in headers and b"nginx" in raw:
        return "nginx", "The gateway could not pass it on."
    detail = at(body, "detail")
    code = headers.get("x-fal-error-type") or said_at(detail, 0, "type") or f"http.{status}"
    return code, detail if isinstance(detail, str) else said_at(detail, 0, "msg")


def _read_replicate(status: int, headers: Mapping[str, str], body: Any, raw: bytes) -> tuple[str, str]:
    return f"http.{status}", said_at(body, "detail") or said_at(body, "title")


def _kling_succeeded(status: int, body: Any) -> bool:
    return 200 <= status < 300 and at(body, "code") == 0


def _stability_wait(status: int, headers: Mapping[str, str], message: str) -> float | None:
    """Who was too fast is shut out for a minute, which no header says."""
    return STABILITY_WAIT_S if status == 429 else None


def _replicate_wait(status: int, headers: Mapping[str, str], message: str) -> float | None:
    """Only in words."""
    found = _IN_PROSE.search(message)
    return float(found[1]) if found else _header_wait(status, headers, message)


# The table --------------------------------------------------------------------------------------------

RUNWAY = Dialect(
    _read_runway,
    (
        Row(CREDIT, 400, says="*enough credits*"),
        Row(RETRYABLE, 503),
        Row(MODERATED, code="SAFETY.*"),
        Row(INVALID, code="INPUT_PREPROCESSING.*"),
        Row(INVALID, code="ASSET.INVALID*"),
    ),
)
OPENAI = Dialect(
    _read_openai,
    (
        Row(GONE, code="model_not_found"),
        Row(MODERATED, code="moderation_blocked"),
        Row(MODERATED, code="content_policy_violation"),
        Row(CREDIT, 429, code="insufficient_quota"),
    ),
)
KLING = Dialect(
    _read_kling,
    (
        Row(AUTH, code="100[0-4]"),
        Row(AUTH, code="1100"),
        Row(CREDIT, code="110[12]"),
        Row(AUTH, code="1103"),
        Row(GONE, code="1203"),
        Row(INVALID, code="120?"),
        Row(MODERATED, code="130[01]"),
        Row(THROTTLED, code="130[23]"),
        Row(AUTH, code="1304"),
        Row(RETRYABLE, code="5???", certain=False),
        Row(MODERATED, code="failed", says="*risk control*"),
        Row(MODERATED, code="failed", says="*content polic*"),
    ),
    is_success=_kling_succeeded,
)
STABILITY = Dialect(
    _read_stability,
    (
        Row(MODERATED, 403, code="content_moderation"),
        Row(MODERATED, code="CONTENT_FILTERED"),
        Row(RETRYABLE, 500),
    ),
    wait=_stability_wait,
)
CLAUDE = Dialect(
    _read_claude,
    (
        Row(CREDIT, 400, says="*usage limit*"),
        Row(CREDIT, 400, says="*credit balance*"),
        Row(RETRYABLE, 500, code="api_error"),
        Row(RETRYABLE, 529, code="overloaded_error"),
        Row(MODERATED, code="refusal"),
        Row(INVALID, code="max_tokens"),
        Row(INVALID, code="model_context_window_exceeded"),
    ),
)
ELEVENLABS = Dialect(
    _read_elevenlabs,
    (
        Row(CREDIT, 401, code="quota_exceeded"),
        Row(GONE, code="voice_not_found"),
        Row(MODERATED, code="content_against_policy"),
        Row(RETRYABLE, 429, code="system_busy"),
    ),
)
FAL = Dialect(
    _read_fal,
    (
        Row(RETRYABLE, 502, code="nginx"),
        Row(RETRYABLE, 503, code="nginx"),
        Row(RETRYABLE, 504, code="nginx"),
        Row(CREDIT, 403, says="*exhausted balance*"),
        Row(MODERATED, code="content_policy_violation"),
    ),
)
REPLICATE = Dialect(
    _read_replicate,
    (Row(MODERATED, code="failed", says="*nsfw*"), Row(MODERATED, code="failed", says="*flagged as sensitive*")),
    wait=_replicate_wait,
)
DIALECTS: Mapping[str, Dialect] = {
    "runway": RUNWAY,
    "sora": OPENAI,
    "kling": KLING,
    "kling-legacy": KLING,
    "stability": STABILITY,
    "claude": CLAUDE,
    "elevenlabs": ELEVENLABS,
    "fal": FAL,
    "replicate": REPLICATE,
}

"""Logs of a process: one JSON object a line on stderr, event names as messages, ids as fields.

The ids of the trace, request and run that is being worked for (`services.trace`) are on every line. Tokens never get
into a log: uvicorn's lines name whole request targets, so they are cut and its access log is off.
"""

import json
import logging
import sys
from datetime import UTC, datetime

from services import trace
from services.users.tokens import token_free

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """`log.info("document.loaded", extra={"document": ...})` -> `{"at": ..., "event": "document.loaded", ...}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": token_free(record.getMessage()),
            "logger": record.name,
        }
        line |= trace.bound()
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        if record.exc_info:
            line["error"] = token_free(self.formatException(record.exc_info))
        return json.dumps(line, default=str, ensure_ascii=False)


def to_stderr(level: str) -> None:
    """Called once by a process's `main`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # at INFO it logs every WebSocket's target
    logging.getLogger("uvicorn.access").disabled = True

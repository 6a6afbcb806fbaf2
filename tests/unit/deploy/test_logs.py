"""One JSON object a line, and no token in it."""

import json
import logging

from deploy.logs import JsonLines


def line_of(message: str, **extra: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "realtime.hub", "levelname": "INFO", "msg": message, **extra})
    line: dict[str, object] = json.loads(JsonLines().format(record))
    return line


def test_ids_are_fields() -> None:
    line = line_of("document.loaded", document="sb:1~1")
    assert (line["event"], line["document"], line["logger"]) == ("document.loaded", "sb:1~1", "realtime.hub")


def test_tokens_in_addresses_are_cut() -> None:
    line = line_of('"WebSocket /sync/sb?token=eyJhbGciOi.J.x&v=1" [accepted]')
    assert "eyJhbGciOi" not in json.dumps(line)

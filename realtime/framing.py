"""RFC 6455 beside the parser: pongs, close codes, and messages put together from fragments. Sans-IO."""

import codecs

from sync.limits import Limits

PONG_FINAL = 0x8A
NORMAL = 1000
VIOLATION = 1002
NOT_UTF8 = 1007
TOO_BIG = 1009
NEVER_SENT = frozenset({1004, 1005, 1006, 1015})
"""Reserved, or what an end tells itself of a connection that had no close frame (RFC 6455, 7.4.1)."""
UTF8 = codecs.getincrementaldecoder("utf-8")


def pong(payload: bytes) -> bytes:
    """The answer to a ping, at most 125 bytes."""
    return bytes((PONG_FINAL, len(payload))) + payload


def answer_to_close(payload: bytes) -> int:
    """The code that answers a peer's close frame: its own, or 1000. Raises `Violated` for what no frame may say."""
    if not payload:
        return NORMAL
    code = int.from_bytes(payload[:2], "big")
    if code < NORMAL or code in NEVER_SENT:
        raise Violated(VIOLATION, "close code")
    return code


class Violated(Exception):
    """The peer breaks the protocol or a limit; `code` closes the connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Assembler:
    """Puts fragments together. Holds at most one message of `frame_bytes_max` in `messages_per_frame_max` pieces."""

    __slots__ = ("_bytes", "_is_text", "_limits", "_parts", "_utf8")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts: list[bytes] | None = None
        self._bytes = 0
        self._is_text = False
        self._utf8: codecs.IncrementalDecoder | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a message has begun and is not whole."""
        return self._parts is not None

    @property
    def is_text(self) -> bool:
        """Of the message that `add` has just returned."""
        return self._is_text

    def add(self, payload: bytes, *, is_first: bool, is_text: bool, is_last: bool) -> bytes | None:
        """The whole message with its last fragment. Raises `Violated`."""
        if is_first == (self._parts is not None):
            raise Violated(VIOLATION, "fragments out of order")
        if is_first:
            self._is_text = is_text
            self._utf8 = UTF8() if is_text else None
        if self._utf8 is not None:
            self._check(self._utf8, payload, is_last)
        if is_first:
            if is_last:
                return payload
            self._parts, self._bytes = [], 0
        assert self._parts is not None
        self._parts.append(payload)
        self._bytes += len(payload)
        if self._bytes > self._limits.frame_bytes_max or len(self._parts) > self._limits.messages_per_frame_max:
            self._parts = None
            raise Violated(TOO_BIG, "message too big")
        if not is_last:
            return None
        message, self._parts = b"".join(self._parts), None
        return message

    def _check(self, utf8: codecs.IncrementalDecoder, payload: bytes, is_last: bool) -> None:
        """Fragment by fragment: what is not text is refused before the rest of it is read."""
        try:
            utf8.decode(payload, is_last)
        except UnicodeDecodeError as error:
            raise Violated(NOT_UTF8, "text is not UTF-8") from error
        if is_last:
            self._utf8 = None

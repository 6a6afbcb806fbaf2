"""RFC 6455 beside the parser: the hub's own frames, and messages put together from fragments. Sans-IO."""

from sync.limits import Limits

BINARY_FINAL = 0x82
VIOLATION = 1002
TOO_BIG = 1009


def framed(payload: bytes) -> bytes:
    """One unmasked binary frame, as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((BINARY_FINAL, size)) + payload
    if size < 65_536:
        return bytes((BINARY_FINAL, 126)) + size.to_bytes(2, "big") + payload
    return bytes((BINARY_FINAL, 127)) + size.to_bytes(8, "big") + payload


class Violated(Exception):
    """The peer breaks the protocol or a limit; `code` closes the connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Assembler:
    """Puts fragments together. Holds at most one message of `frame_bytes_max` in `messages_per_frame_max` pieces."""

    __slots__ = ("_bytes", "_is_text", "_limits", "_parts")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts: list[bytes] | None = None
        self._bytes = 0
        self._is_text = False

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

"""What goes to a connection together: messages of one dialect, and their bytes on the wire, made once for everybody.

Not who gets what (`fanout`), nor when it is written (`fast_wire`). Compiled where a compiler is (decision 40).
"""

from collections.abc import Sequence

BINARY_FINAL = 0x82


class Frames:
    """`payloads`: one WebSocket message each, for a transport that frames them itself."""

    __slots__ = ("_framed", "payloads")

    def __init__(self, payloads: Sequence[bytes], framed: bytes | None = None) -> None:
        """`framed`: the bytes of all of them, where they are known already."""
        self.payloads = payloads
        self._framed = framed

    def framed(self) -> bytes:
        """All of them, framed and joined."""
        if self._framed is None:
            payloads = self.payloads
            first = framed(payloads[0])
            self._framed = first if len(payloads) == 1 else first + b"".join([framed(each) for each in payloads[1:]])
        return self._framed


def joined(parts: Sequence[Frames]) -> Frames:
    """The parts one after another, as one."""
    if len(parts) == 1:
        return parts[0]
    payloads: list[bytes] = []
    for part in parts:
        payloads.extend(part.payloads)
    return Frames(payloads, b"".join([part.framed() for part in parts]))


def framed(payload: bytes) -> bytes:
    """One unmasked binary frame, as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((BINARY_FINAL, size)) + payload
    if size < 65_536:
        return bytes((BINARY_FINAL, 126)) + size.to_bytes(2, "big") + payload
    return bytes((BINARY_FINAL, 127)) + size.to_bytes(8, "big") + payload

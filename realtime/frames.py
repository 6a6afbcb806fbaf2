"""What goes to a connection together: messages of one dialect, and their bytes on the wire, made once for everybody.

Not who gets what (`fanout`), nor when it is written (`fast_wire`).
"""

from collections.abc import Sequence

from realtime.framing import framed


class Frames:
    """`payloads`: one WebSocket message each, for a transport that frames them itself."""

    __slots__ = ("_framed", "payloads")

    def __init__(self, payloads: Sequence[bytes]) -> None:
        self.payloads = payloads
        self._framed: bytes | None = None

    def framed(self) -> bytes:
        """All of them, framed and joined."""
        if self._framed is None:
            first = framed(self.payloads[0])
            self._framed = first if len(self.payloads) == 1 else first + b"".join(map(framed, self.payloads[1:]))
        return self._framed

    @classmethod
    def joined(cls, parts: Sequence["Frames"]) -> "Frames":
        """The parts one after another, as one."""
        if len(parts) == 1:
            return parts[0]
        together = cls([payload for part in parts for payload in part.payloads])
        together._framed = b"".join([part.framed() for part in parts])
        return together

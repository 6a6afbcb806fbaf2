"""Bytes between a hub and its replica processes: a pair of sockets, blocking, one side of each in each process.

Neither reading nor writing holds the interpreter's lock, and nothing is copied but by the kernel. What the bytes say is
`sync.remote.messages`.
"""

import socket
from collections.abc import Sequence

from sync.remote.messages import PREFIX, SIZE


def send(connection: socket.socket, pieces: Sequence[bytes]) -> None:
    """Raises OSError when nobody reads any more."""
    for piece in pieces:
        connection.sendall(piece)


def receive(connection: socket.socket) -> tuple[bytes, list[bytes]]:
    """Head and blobs of the next message. Raises EOFError when the other side has closed, OSError."""
    head_bytes, count = PREFIX.unpack(_exactly(connection, PREFIX.size))
    sizes = [size for (size,) in SIZE.iter_unpack(_exactly(connection, count * SIZE.size))]
    head = _exactly(connection, head_bytes)
    return head, [_exactly(connection, size) for size in sizes]


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data), socket.MSG_WAITALL)  # all of it, unless a signal came
        if not more:
            raise EOFError("the other process has ended")
        data = data + more if data else more
    return data

"""The Yjs state vector: client -> next clock, as bytes. The structs behind it are the index's."""

from sync.errors import MalformedFrame
from sync.lib0 import Reader, write_var_uint

CLIENTS_MAX = 100_000


def decode_state_vector(data: bytes) -> dict[int, int]:
    """Raises `MalformedFrame`, also for more than `CLIENTS_MAX` clients."""
    reader = Reader(data)
    count = reader.var_uint()
    if count > CLIENTS_MAX or count * 2 > reader.remaining:
        raise MalformedFrame(f"a state vector has at most {CLIENTS_MAX} clients, two bytes or more each")
    clocks: dict[int, int] = {}
    for _ in range(count):
        client = reader.var_uint()
        clock = reader.var_uint()
        if clock >= 2**31:
            raise MalformedFrame("a clock is below 2^31")
        clocks[client] = clock
    reader.end()
    return clocks


def encode_state_vector(clocks: dict[int, int]) -> bytes:
    """In falling order of clients, as Yjs writes it."""
    out = bytearray()
    write_var_uint(out, len(clocks))
    for client in sorted(clocks, reverse=True):
        write_var_uint(out, client)
        write_var_uint(out, clocks[client])
    return bytes(out)

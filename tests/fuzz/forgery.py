"""Updates that no editor would write: well-formed structs with origins, parents and deletions chosen at random.

Byte mutants seldom stay well-formed; these nearly always are, so the index has to see what is wrong with them.
"""

from random import Random
from typing import Any

from sync.lib0 import write_any, write_var_bytes, write_var_string, write_var_uint
from sync.update import ANY, BINARY, DELETED, EMBED, FORMAT, GC, SKIP, STRING, TYPE, ItemId, Update

_TEXTS = ("a", "bc", "x😀y", "日本")
_VALUES: tuple[Any, ...] = (None, 1, "x", [1, {"k": 2}], 0.5)


def forge(rng: Random, whole: Update) -> bytes:
    """An update for the document that `whole` encodes, by clients it knows and one that it does not."""
    state = {struct.client: struct.clock + struct.length for struct in whole.structs}
    authors = rng.sample([*state, 7], k=min(len(state) + 1, rng.choice((1, 1, 1, 2))))
    out = bytearray()
    write_var_uint(out, len(authors))
    for author in authors:
        known = state.get(author, 0)
        clock = max(0, known - rng.choice((0, 0, 0, 0, 1, 2)))
        count = rng.randint(1, 3)
        write_var_uint(out, count)
        write_var_uint(out, author)
        write_var_uint(out, clock)
        for _ in range(count):
            clock += _write_struct(rng, out, state)
        state[author] = max(known, clock)
    _write_deletes(rng, out, state)
    return bytes(out)


def _some_id(rng: Random, state: dict[int, int]) -> ItemId:
    client = rng.choice(list(state) or [7])
    return ItemId(client, rng.randint(0, state.get(client, 0)) if rng.random() < 0.1 else _near(rng, state, client))


def _near(rng: Random, state: dict[int, int], client: int) -> int:
    return rng.randrange(max(1, state.get(client, 1)))


def _write_id(out: bytearray, item: ItemId) -> None:
    write_var_uint(out, item.client)
    write_var_uint(out, item.clock)


def _write_struct(rng: Random, out: bytearray, state: dict[int, int]) -> int:
    """The length of what was written."""
    kind = rng.choice((GC, SKIP, *(DELETED, BINARY, STRING, EMBED, FORMAT, TYPE, ANY) * 5))
    if kind in (GC, SKIP):
        length = rng.randint(1, 3)
        out.append(kind)
        write_var_uint(out, length)
        return length
    place = rng.choice((0, 0x20, 0x40, 0x80, 0xC0))
    out.append(kind | place)
    if place & 0x80:
        _write_id(out, _some_id(rng, state))
    if place & 0x40:
        _write_id(out, _some_id(rng, state))
    if not place & 0xC0:
        if rng.random() < 0.4:
            out.append(1)
            write_var_string(out, rng.choice(("scenes", "shots", "ext")))
        else:
            out.append(0)
            _write_id(out, _some_id(rng, state))
        if place & 0x20:
            write_var_string(out, rng.choice(("title", "prompt", "e0", "e1", "n")))
    return _write_content(rng, out, kind)


def _write_content(rng: Random, out: bytearray, kind: int) -> int:
    length = 1
    if kind == DELETED:
        length = rng.randint(1, 4)
        write_var_uint(out, length)
    elif kind == STRING:
        text = rng.choice(_TEXTS)
        write_var_string(out, text)
        length = len(text.encode("utf-16-le")) // 2
    elif kind == ANY:
        length = rng.choice((1, 1, 2))
        write_var_uint(out, length)
        for _ in range(length):
            write_any(out, rng.choice(_VALUES))
    elif kind == TYPE:
        write_var_uint(out, rng.randint(0, 2))
    elif kind == BINARY:
        write_var_bytes(out, b"\0\1")
    else:
        if kind == FORMAT:
            write_var_string(out, "b")
        write_var_string(out, rng.choice(("true", "null", '{"a":1}')))
    return length


def _write_deletes(rng: Random, out: bytearray, state: dict[int, int]) -> None:
    clients = rng.sample(list(state), k=rng.choice((0, 0, 1, min(2, len(state)))) if state else 0)
    write_var_uint(out, len(clients))
    for client in clients:
        count = rng.randint(1, 2)
        write_var_uint(out, client)
        write_var_uint(out, count)
        for _ in range(count):
            start = _near(rng, state, client)
            write_var_uint(out, start)
            write_var_uint(out, rng.randint(1, max(1, min(6, state[client] - start))))

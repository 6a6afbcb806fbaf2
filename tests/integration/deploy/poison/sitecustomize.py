"""In every Python process that has this folder in PYTHONPATH, some bytes end native code as a bug of it would.

No such bytes are known of the library as it is; the next release may have some.
"""

import ctypes
import re
from typing import Any

from pycrdt import Doc

CRASHES = b"poison: crashes"
SPINS = b"poison: spins"

apply_update = Doc.apply_update


def poisoned(doc: "Doc[Any]", update: bytes) -> None:
    if CRASHES in update:
        ctypes.string_at(0)
    if SPINS in update:
        re.match(r"(a+)+$", "a" * 64 + "b")  # in C, with the interpreter's lock, for longer than anybody waits
    apply_update(doc, update)


setattr(Doc, "apply_update", poisoned)  # noqa: B010 - a type checker knows better than to allow the other way

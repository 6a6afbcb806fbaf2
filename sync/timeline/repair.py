"""Between a timeline's document and `resolve`: its content as plain values, and repairs written into it.

When repairs are written, and by whom, is decided elsewhere (documents.md A4, consistency.md C12).
"""

from collections.abc import Iterable
from typing import Any

from pycrdt import Doc, Map

from sync.timeline.model import Content
from sync.timeline.view import Repair

RESOLVED_ROOTS = ("tracks", "clips", "markers")


def content_of(doc: Doc[Any]) -> Content:
    """What `resolve` reads."""
    return {root: doc.get(root, type=Map).to_py() for root in RESOLVED_ROOTS}


def write(doc: Doc[Any], repairs: Iterable[Repair]) -> None:
    """One transaction. Entities that a repair makes have derived ids, so that two servers would make the same ones."""
    with doc.transaction():
        for repair in repairs:
            root = doc.get(repair.root, type=Map)
            entity = root.get(repair.id)
            if not isinstance(entity, Map):
                root[repair.id] = Map(repair.registers)
                continue
            for key, value in repair.registers.items():
                entity[key] = value

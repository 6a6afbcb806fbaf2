"""Writes what `resolve` found wanting into the document."""

from collections.abc import Sequence
from typing import Any

from pycrdt import Doc, Map

from sync.timeline.resolve import Repair


def write(doc: Doc[Any], repairs: Sequence[Repair]) -> None:
    """One transaction. Repairs are of this document's content; what has gone since is passed over."""
    with doc.transaction():
        for repair in repairs:
            entities = doc.get(repair.root, type=Map)
            if repair.key is None:
                if repair.id not in entities:
                    entities[repair.id] = Map(dict(repair.value))
                continue
            entity = entities.get(repair.id)
            if isinstance(entity, Map):
                entity[repair.key] = repair.value

"""What `resolve` found wanting in a document, and how it is written into it.

What is wanting is said in `sync.timeline.resolve` and `sync.storyboard.resolve`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pycrdt import Doc, Map


class Repair(NamedTuple):
    """One register that has to be written; `key` None: the entity itself, with `value` as its registers."""

    root: str
    id: str
    key: str | None
    value: Any
    name: str


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

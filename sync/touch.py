"""One place that an update would change, as the index tells it to the rules of the document.

Not a judgement: who may touch what is `schema` and `admission`.
"""

from dataclasses import dataclass
from typing import Literal

from sync.paths import Path
from sync.update import DELETED, NO_TYPE, Struct

Op = Literal["insert", "delete"]


@dataclass(slots=True, init=False)
class Touch:
    """One place that an update would change. `client` made the item that is inserted or deleted."""

    client: int
    root: str
    entity: str | None
    key: str | None
    deeper: tuple[str | None, ...]
    """Names below the key; None stands for a position in a text or array."""
    op: Op
    depth: int
    """Names below the root: 1 an entity, 2 a key; tells an absent name from a position."""
    clock: int
    length: int
    struct: Struct | None
    """What is inserted; decode it with `Update.values` and `Update.text`."""

    def __init__(self, path: Path, client: int, clock: int, length: int, op: Op, struct: Struct | None) -> None:
        self.client = client
        self.root = path.root
        self.entity = path.entity
        self.key = path.key
        self.deeper = path.deeper
        self.op = op
        self.depth = path.depth
        self.clock = clock
        self.length = length
        self.struct = struct

    @property
    def kind(self) -> int:
        """Content kind of an insert, DELETED for a delete."""
        return DELETED if self.struct is None else self.struct.kind

    @property
    def type_ref(self) -> int:
        """Which shared type is created; NO_TYPE otherwise."""
        return NO_TYPE if self.struct is None else self.struct.type_ref

    @property
    def content_bytes(self) -> int:
        """Encoded size of what is inserted."""
        return 0 if self.struct is None else self.struct.content_bytes

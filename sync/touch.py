"""One place that an update would change, as the index tells it to the rules of the document.

Not a judgement: who may touch what is `schema` and `admission`.
"""

from typing import Literal, NamedTuple

from sync.update import DELETED, NO_TYPE, Struct

Op = Literal["insert", "delete"]


class Touch(NamedTuple):
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

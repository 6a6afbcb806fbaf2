"""Wire names of documents: `sb:{id}~{epoch}` and `tl:{id}~{epoch}` (consistency.md C13)."""

from dataclasses import dataclass
from enum import StrEnum

from sync import ids
from sync.errors import MalformedId, MalformedName

EPOCH_MAX = 2**31 - 1


class Kind(StrEnum):
    """What a document is; the value is the wire prefix."""

    STORYBOARD = "sb"
    TIMELINE = "tl"


_KINDS = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class DocumentName:
    """One document in one epoch."""

    kind: Kind
    id: ids.DocumentId
    epoch: int

    def __str__(self) -> str:
        return f"{self.kind.value}:{ids.encode(self.id)}~{self.epoch}"


def parse(text: str) -> DocumentName:
    """Raises `MalformedName`."""
    prefix, colon, rest = text.partition(":")
    number, tilde, epoch = rest.partition("~")
    kind = _KINDS.get(prefix)
    if not colon or not tilde or kind is None:
        raise MalformedName(text)
    if not (epoch.isascii() and epoch.isdecimal()) or epoch[0] == "0" or len(epoch) > 10 or int(epoch) > EPOCH_MAX:
        raise MalformedName(text)
    try:
        return DocumentName(kind, ids.DocumentId(ids.decode(number)), int(epoch))
    except MalformedId as error:
        raise MalformedName(text) from error

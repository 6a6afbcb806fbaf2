"""Whether what an update says may stand in one document: well formed, complete, within schema, locks and size.

Whose edit it is does not matter here; that is `admission`. A judge may be another process's (`remote`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pycrdt import merge_updates

from sync.errors import DocumentFull, UpdateTooBig
from sync.index import Judgement, StructIndex
from sync.locks import Locks
from sync.schema import Schema
from sync.update import Breathe, parse


@dataclass(frozen=True, slots=True)
class Nothing:
    """The room has all of it already."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """It refers to what the room does not have (yet)."""

    what: str


@dataclass(frozen=True, slots=True)
class Part:
    """Of an update what these clients made, and which of it is deleted."""

    update: bytes
    clients: frozenset[int]


class Judge:
    """`breathe`: called now and then while a long update is judged."""

    __slots__ = ("_breathe", "_document_bytes_max", "_index", "_locks", "_schema")

    def __init__(
        self,
        index: StructIndex,
        schema: Schema,
        locks: Locks,
        document_bytes_max: int,
        breathe: Breathe | None = None,
    ) -> None:
        self._index = index
        self._schema = schema
        self._locks = locks
        self._document_bytes_max = document_bytes_max
        self._breathe = breathe

    def knows(self, data: bytes, bytes_max: int) -> bool:
        """Whether all of it is here. Raises `MalformedUpdate`, `UpdateTooBig`."""
        judgement = self._parsed(data, bytes_max)
        return judgement.missing is None and not judgement.adds

    def judge(self, data: bytes, bytes_max: int, document_bytes: int) -> Judgement | Incomplete | Nothing:
        """Raises a `Refused`. `document_bytes`: about how large the document is already."""
        judgement = self._parsed(data, bytes_max)
        if judgement.missing is not None:
            return Incomplete(f"clock {judgement.missing.clock} of client {judgement.missing.client}")
        if not judgement.adds:
            return Nothing()
        self._schema.check(judgement, self._breathe)
        self._locks.check(judgement)
        if judgement.authors and document_bytes + len(data) > self._document_bytes_max:
            raise DocumentFull(f"a document has at most {self._document_bytes_max} bytes")
        return judgement

    def _parsed(self, data: bytes, bytes_max: int) -> Judgement:
        if len(data) > bytes_max:
            raise UpdateTooBig(f"an update has at most {bytes_max} bytes, this one {len(data)}")
        return self._index.check(parse(data, breathe=self._breathe), breathe=self._breathe)

    def clients_of(self, data: bytes) -> set[int]:
        """Who made its structs. Raises `MalformedUpdate`."""
        return {struct.client for struct in parse(data).structs}

    def judge_parts(self, parts: Sequence[Part]) -> Judgement | None:
        """All of them as one update; None if that is not complete or adds nothing. Raises a `Refused`, ValueError."""
        judgement = self._index.check(
            parse(merge_updates(*(parse(part.update).part_of(part.clients) for part in parts)))
        )
        if judgement.missing is not None or not judgement.adds:
            return None
        self._schema.check(judgement)
        self._locks.check(judgement)
        return judgement

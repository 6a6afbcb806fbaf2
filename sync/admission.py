"""Judges an update before anything is applied: well formed, complete, its author's to make (consistency.md C1 to C4).

Pure: reads the room's index and owners, changes nothing. What follows from a verdict is the room's business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sync.errors import DocumentFull, ForbiddenRoot, ForeignClient, ServerOnly, UpdateTooBig
from sync.index import Judgement, StructIndex
from sync.limits import Limits
from sync.schema import Ownership
from sync.update import parse


@dataclass(frozen=True, slots=True)
class Nothing:
    """The room has all of it already."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """It refers to what the room does not have (yet)."""

    what: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """May be applied. `claims`: client ids new to the document. `owner`: whose edit it is."""

    judgement: Judgement
    claims: tuple[int, ...]
    owner: UUID


Verdict = Nothing | Incomplete | Admitted


@dataclass(slots=True)
class Admission:
    """`owners`: the actor of every client id that has written here. `is_live`: whether an actor has a session now."""

    index: StructIndex
    ownership: Ownership
    server_client: int
    owners: dict[int, UUID]
    limits: Limits
    is_live: Callable[[UUID], bool]

    def judge(self, data: bytes, actor: UUID, *, bytes_max: int, document_bytes: int) -> Verdict:
        """Raises a `Refused`. `document_bytes`: about how large the document is already."""
        if len(data) > bytes_max:
            raise UpdateTooBig(f"an update has at most {bytes_max} bytes, this one {len(data)}")
        update = parse(data)
        judgement = self.index.check(update)
        if judgement.missing is not None:
            return Incomplete(f"clock {judgement.missing.clock} of client {judgement.missing.client}")
        if not judgement.adds:
            return Nothing()
        self._check_schema(judgement)
        if judgement.authors and document_bytes + len(data) > self.limits.document_bytes_max:
            raise DocumentFull(f"a document has at most {self.limits.document_bytes_max} bytes")
        claims, owner = self._check_owners(judgement, actor)
        return Admitted(judgement, claims, owner)

    def _check_schema(self, judgement: Judgement) -> None:
        for touch in judgement.touches:
            if touch.root not in self.ownership.roots:
                raise ForbiddenRoot(f"no root {touch.root[:64]!r}")
            if self.ownership.is_servers(touch.root, touch.key):
                raise ServerOnly(f"{touch.root}.{touch.key or '*'}"[:128])

    def _check_owners(self, judgement: Judgement, actor: UUID) -> tuple[tuple[int, ...], UUID]:
        claims: list[int] = []
        owner = actor
        for client in sorted(judgement.authors):
            if client == self.server_client:
                raise ForeignClient(f"{client} is the server's client id")
            known = self.owners.get(client)
            if known is None:
                claims.append(client)
            elif known != actor:
                if self.is_live(known):
                    raise ForeignClient(f"{client} belongs to somebody who is here")
                owner = known
        return tuple(claims), owner

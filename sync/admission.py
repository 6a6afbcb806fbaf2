"""Judges an update before anything is applied: well formed, complete, its author's to make (consistency.md C1 to C4).

Pure: reads the room's index and owners, changes nothing. What follows from a verdict is the room's business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sync.errors import ForeignClient, ServersClient
from sync.index import Judgement
from sync.judge import Incomplete, Judge, Nothing, Part

__all__ = ["Admission", "Admitted", "AwaitOwner", "Bringer", "Incomplete", "Nothing", "Testimony", "Verdict"]


@dataclass(frozen=True, slots=True)
class AwaitOwner:
    """It carries structs of somebody who is here and will bring them: after a crash a peer may return first."""


@dataclass(slots=True, init=False)
class Admitted:
    """May be applied. `claims`: client ids new to the document that become the bringer's. `owner`: whose edit it is."""

    judgement: Judgement
    claims: tuple[int, ...]
    owner: UUID
    is_relayed: bool
    """Whether the bringer only passes on what others have made."""

    def __init__(self, judgement: Judgement, claims: tuple[int, ...], owner: UUID, is_relayed: bool) -> None:
        self.judgement = judgement
        self.claims = claims
        self.owner = owner
        self.is_relayed = is_relayed


Verdict = Nothing | Incomplete | AwaitOwner | Admitted


@dataclass(slots=True, init=False)
class Bringer:
    """Whose session brings an update. `own_client`: the client id of its presence.

    `in_step2`: all that the room lacked, others' edits too; a live update is one's own. `bytes_max`: of it.
    """

    actor: UUID
    own_client: int | None
    in_step2: bool
    bytes_max: int

    def __init__(self, actor: UUID, own_client: int | None, in_step2: bool, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.actor = actor
        self.own_client = own_client
        self.in_step2 = in_step2


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one session has brought that waits for others. `clients`: the ids it writes under."""

    actor: UUID
    clients: frozenset[int]
    updates: Sequence[bytes]


@dataclass(slots=True)
class Admission:
    """`owners`: the actor of every client id claimed here. `is_live`: whether a client id's session is here."""

    content: Judge
    server_client: int
    owners: dict[int, UUID]
    is_live: Callable[[int], bool]

    def knows(self, data: bytes, bytes_max: int) -> bool:
        """Whether the room has all of it, for somebody who may only read. Raises `MalformedUpdate`, `UpdateTooBig`."""
        return self.content.knows(data, bytes_max)

    def judge(self, data: bytes, bringer: Bringer, *, document_bytes: int) -> Verdict:
        """Raises a `Refused`. `document_bytes`: about how large the document is already."""
        judgement = self.content.judge(data, bringer.bytes_max, document_bytes)
        if isinstance(judgement, Judgement):
            return self._check_owners(judgement, bringer)
        return judgement

    def judge_together(self, testimonies: Sequence[Testimony], actor: UUID) -> Admitted | None:
        """Own edits of several people that rest on each other: none can be taken alone. Raises a `Refused`, ValueError.

        What each wrote himself is taken, and what is of somebody who is not here, which anybody may bring: so nobody
        speaks for anybody who could.
        """
        parts = [part for testimony in testimonies for part in self._own_parts(testimony)]
        judgement = self.content.judge_parts(parts)
        return None if judgement is None else Admitted(judgement, (), actor, is_relayed=True)

    def _own_parts(self, testimony: Testimony) -> list[Part]:
        own = testimony.clients | {client for client, owner in self.owners.items() if owner == testimony.actor}
        parts: list[Part] = []
        for update in testimony.updates:
            absent = {client for client in self.content.clients_of(update) if not self.is_live(client)}
            parts.append(Part(update, own | (absent - {self.server_client})))
        return parts

    def _check_owners(self, judgement: Judgement, bringer: Bringer) -> Admitted | AwaitOwner:
        claims: list[int] = []
        others: set[UUID | None] = set()
        for client in sorted(judgement.authors):
            if client == self.server_client:
                raise ServersClient(f"{client} is the server's client id")
            known = self.owners.get(client)
            if known == bringer.actor:
                continue
            if client != bringer.own_client and self.is_live(client):
                if bringer.in_step2:
                    return AwaitOwner()
                raise ForeignClient(f"{client} belongs to somebody who is here")
            if known is None and _is_own(client, bringer):
                claims.append(client)
            else:
                others.add(known)
        return Admitted(judgement, tuple(claims), _author(others, judgement, bringer), bool(others))


def _author(others: set[UUID | None], judgement: Judgement, bringer: Bringer) -> UUID:
    """Somebody else only if all of it is his; a mixture is its bringer's, who alone may claim ids with it."""
    if len(judgement.authors) == 1 and len(others) == 1:
        (other,) = others
        return other or bringer.actor
    return bringer.actor


def _is_own(client: int, bringer: Bringer) -> bool:
    """An id that nobody claimed is the bringer's if its presence says so; without presence, if it edits live."""
    if bringer.own_client is not None:
        return client == bringer.own_client
    return not bringer.in_step2

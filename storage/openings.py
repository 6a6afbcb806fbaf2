"""What the room of a document is opened from, all as of one moment and by one statement.

Its edits are not among it: they are in the snapshot's object and in the rows behind it (`log`).
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from storage.errors import DocumentMissing
from storage.log_model import Head
from storage.postgres import store_away
from storage.quarantine import FAULTS_MAX, FAULTS_WITHIN
from storage.snapshots import CANDIDATES_MAX, Candidate
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Opening:
    """`snapshots`: the newest first. `clients`: whose each client id is. `quarantined`: sha256 of bytes to leave out.

    `is_read_only`: it has ended too many processes (consistency.md C5).
    """

    head: Head
    snapshots: tuple[Candidate, ...]
    clients: dict[int, UUID]
    quarantined: frozenset[bytes]
    is_read_only: bool


async def opening(pool: asyncpg.Pool, document_id: UUID) -> Opening:
    """Raises `DocumentMissing`, `StoreAway`."""
    with store_away():
        record = await pool.fetchrow(_QUERIES["opening"], document_id, CANDIDATES_MAX, FAULTS_WITHIN)
    if record is None:
        raise DocumentMissing(str(document_id))
    return Opening(
        head=Head(
            record["id"], record["project_id"], record["kind"], record["epoch"], record["seq"], record["server_client"]
        ),
        snapshots=tuple(Candidate(*snapshot) for snapshot in record["snapshots"]),
        clients=dict(record["clients"]),
        quarantined=frozenset(record["quarantined"]),
        is_read_only=record["faults"] > FAULTS_MAX,
    )

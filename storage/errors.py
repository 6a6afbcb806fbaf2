"""What the stores refuse or cannot do now, and the stable code of each.

StorageError
├── SettingMissing          a required variable of the environment
├── StoreAway               a server cannot be reached now; the same call may be repeated
├── MailAway                a mail was not taken
├── BacklogFull             more bytes wait for their commit than the limit allows
├── CommitterClosed
├── SchemaTooNew            the database was migrated by a newer build
├── ProjectMissing
├── DocumentMissing
├── EpochChanged            the document lives in another epoch; `current`
├── BatchRejected           the rows can never be committed; `batch_id`
│   ├── ClientClaimed       the client id belongs to another actor (consistency.md C3)
│   └── LockedMeanwhile     something was locked since it was judged (C17)
├── MalformedHash
├── ObjectMissing
├── ObjectCorrupt           the bytes do not have the hash that names them
├── RowsMissing             the log of a document has a gap
└── SegmentLost             old rows of the log were moved to an object that is gone or not whole
"""

from uuid import UUID


class StorageError(Exception):
    """Base of everything the stores raise on purpose."""

    code = "storage"


class SettingMissing(StorageError):
    """A required variable of the environment is empty."""

    code = "setting.missing"


class StoreAway(StorageError):
    """A server cannot be reached now; repeat the same call later."""

    code = "store.away"


class MailAway(StorageError):
    """The mail was not taken; send it again later."""

    code = "mail.away"


class BacklogFull(StorageError):
    """More bytes wait for their commit than the limit allows."""

    code = "store.backlog_full"


class CommitterClosed(StorageError):
    """The committer takes no more batches."""

    code = "store.closed"


class SchemaTooNew(StorageError):
    """The database has migrations that this build does not know; run the newer build."""

    code = "schema.too_new"


class ProjectMissing(StorageError):
    """There is no such project."""

    code = "project.missing"


class DocumentMissing(StorageError):
    """There is no such document."""

    code = "document.missing"


class EpochChanged(StorageError):
    """The document lives in another epoch."""

    code = "document.epoch"

    def __init__(self, document_id: UUID, current: int) -> None:
        super().__init__(f"{document_id} is in epoch {current}")
        self.current = current


class BatchRejected(StorageError):
    """The log can never take this batch."""

    code = "batch.rejected"

    def __init__(self, batch_id: UUID | None, reason: str) -> None:
        super().__init__(reason)
        self.batch_id = batch_id
        """None: one of the document's batches, PostgreSQL did not say which."""


class ClientClaimed(BatchRejected):
    """The client id belongs to another actor."""

    code = "client.foreign"


class LockedMeanwhile(BatchRejected):
    """Something of the document was locked after this batch had been judged."""

    code = "batch.locked"


class MalformedHash(StorageError):
    """An object's name is 64 lower-case hexadecimal characters."""

    code = "object.hash"


class ObjectMissing(StorageError):
    """There is no such object."""

    code = "object.missing"


class ObjectCorrupt(StorageError):
    """The bytes do not have the hash that names them."""

    code = "object.corrupt"


class RowsMissing(StorageError):
    """The log of the document has a gap."""

    code = "log.rows_missing"


class SegmentLost(StorageError):
    """Old rows of the document were moved to an object that is gone or not whole."""

    code = "segment.lost"

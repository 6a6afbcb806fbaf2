"""What the core refuses, and the stable code of each refusal.

SyncError
├── MalformedId
├── MalformedName
├── MalformedFrame          a frame or message that its dialect does not allow
├── NoSuchEntity
├── GestureImpossible       what a person wants cannot be done to what is there
├── ContentLost             the process that held a document's content has ended
├── ContentFailed           native code failed in the process that holds a document's content
└── Refused                 an update that may not be applied; `code` is told to its author
    ├── MalformedUpdate
    ├── UpdateTooBig
    ├── Quarantined
    ├── DanglingUpdate
    ├── SplitSurrogate
    ├── ForeignClient
    │   └── ServersClient
    ├── ForbiddenRoot
    ├── ServerOnly
    ├── SceneLocked         `scene`, `locked_by`, `why`
    ├── ClipLocked
    ├── SchemaRefused       what is written does not stand in the document's schema
    │   ├── SchemaKey
    │   ├── SchemaType
    │   ├── SchemaRange
    │   ├── SchemaChoice
    │   ├── SchemaTooLong
    │   ├── SchemaForm
    │   ├── NestedAlone
    │   └── SchemaDeletion
    └── DocumentFull
"""


class SyncError(Exception):
    """Base of everything the core raises on bad input."""

    code = "sync"


class MalformedId(SyncError):
    """An id is a prefix, an underscore and 26 base32 characters."""

    code = "id.malformed"


class MalformedName(SyncError):
    """A document's wire name is `sb:{id}~{epoch}` or `tl:{id}~{epoch}`."""

    code = "document.name"


class MalformedFrame(SyncError):
    """The bytes are not a message of this dialect."""

    code = "frame.malformed"


class NoSuchEntity(SyncError):
    """The document has no such entity, or it was deleted."""

    code = "document.no_such_entity"

    def __init__(self, root: str, entity_id: str) -> None:
        super().__init__(f"{root} has no {entity_id}")
        self.root = root
        self.entity_id = entity_id


class GestureImpossible(SyncError):
    """The gesture means nothing for this clip as it is."""

    code = "gesture.impossible"


class ContentLost(SyncError):
    """The process that held the document's content has ended; what is in the log is loaded again."""

    code = "document.content_lost"


class ContentFailed(SyncError):
    """Native code failed on the document in the process that holds its content, which has let go of it."""

    code = "document.content_failed"


class Refused(SyncError):
    """The update may not be applied. `is_kept`: people may still look at what is in it (consistency.md C6)."""

    code = "refused"
    is_kept = True


class MalformedUpdate(Refused):
    """The bytes are not a well-formed Yjs v1 update within the limits."""

    code = "update.malformed"
    is_kept = False


class UpdateTooBig(Refused):
    """The update has more bytes than the limit."""

    code = "update.too_big"
    is_kept = False


class Quarantined(Refused):
    """These bytes have ended a replica before."""

    code = "update.quarantined"
    is_kept = False


class DanglingUpdate(Refused):
    """The update refers to structs that the room does not have."""

    code = "update.dangling"


class SplitSurrogate(Refused):
    """The update would split a character in two; yjs and yrs would then show different text (C4)."""

    code = "text.surrogate"
    is_kept = False


class ForeignClient(Refused):
    """The client id belongs to another actor."""

    code = "client.foreign"


class ServersClient(ForeignClient):
    """The client id is the server's."""


class ForbiddenRoot(Refused):
    """This document has no such root."""

    code = "schema.root"


class ServerOnly(Refused):
    """Only the server writes this key."""

    code = "schema.server_only"


class SceneLocked(Refused):
    """The scene is locked."""

    code = "scene.locked"

    def __init__(self, scene: str, by: str, why: str) -> None:
        super().__init__(f"{scene} is locked by {by or 'nobody known'}" + (f": {why}" if why else ""))
        self.scene = scene
        self.locked_by = by
        self.why = why


class ClipLocked(Refused):
    """The clip or its track is locked; whoever may edit unlocks it."""

    code = "clip.locked"


class SchemaRefused(Refused):
    """The document's schema does not allow what is written (client-protocol/schema)."""

    code = "schema"


class SchemaKey(SchemaRefused):
    """The schema has no such key."""

    code = "schema.key"


class SchemaType(SchemaRefused):
    """A value of another type belongs there."""

    code = "schema.type"


class SchemaRange(SchemaRefused):
    """The number is too small or too large, or the list too short."""

    code = "schema.range"


class SchemaChoice(SchemaRefused):
    """The value is none of those that the schema names."""

    code = "schema.choice"


class SchemaTooLong(SchemaRefused):
    """The string, text, list, map or value is longer than its limit."""

    code = "schema.too_long"


class SchemaForm(SchemaRefused):
    """An id, an order key or another name is not written as the schema says."""

    code = "schema.form"


class NestedAlone(SchemaRefused):
    """A shared type comes only together with its entity: of two that are made at once one would be lost."""

    code = "schema.nested"


class SchemaDeletion(SchemaRefused):
    """An entity and its texts are never removed; `del` hides them, and can be taken back."""

    code = "schema.deletion"


class DocumentFull(Refused):
    """The document has reached its size limit; deletions still pass."""

    code = "document.full"

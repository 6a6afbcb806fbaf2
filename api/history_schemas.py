"""The JSON of a document's past, as pydantic models; OpenAPI is made from them.

Shapes only: what may be done is decided in the services.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from api.schemas import In, Out, Page, PageQuery
from services.history.model import (
    LABEL_CHARS_MAX,
    VERSION_PREFIX,
    VERSIONS_PAGE_MAX,
    Moment,
    Named,
    Newest,
    Point,
    Sequence,
)
from services.history.service import WORKS_MAX
from sync import ids

SEQ_MAX = 2**53
ENTITY_CHARS_MAX = 256
POINT_CHARS_MAX = 64

VersionText = Annotated[str, StringConstraints(pattern=r"^ver_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
UserText = Annotated[str, StringConstraints(pattern=r"^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
SequenceNumber = Annotated[int, Field(ge=0, le=SEQ_MAX)]
PointText = Annotated[str, StringConstraints(min_length=1, max_length=POINT_CHARS_MAX)]


class VersionsQuery(PageQuery):
    limit: int = Field(VERSIONS_PAGE_MAX, ge=1, le=VERSIONS_PAGE_MAX)


class NewVersion(In):
    """`seq`: the sequence to name; left out: the newest."""

    label: str = Field(min_length=1, max_length=LABEL_CHARS_MAX)
    seq: SequenceNumber | None = None


class VersionOut(Out):
    id: str
    label: str
    epoch: int
    seq: int
    author: str
    author_name: str | None
    created_at: datetime


class VersionsOut(Page):
    """Newest first."""

    versions: list[VersionOut]


class PointQuery(In):
    """One of them, or none for the newest. `at`: a time with its offset."""

    seq: SequenceNumber | None = None
    at: AwareDatetime | None = None
    version: VersionText | None = None

    @model_validator(mode="after")
    def at_most_one(self) -> "PointQuery":
        if sum(each is not None for each in (self.seq, self.at, self.version)) > 1:
            raise ValueError("one of seq, at and version, not several")
        return self

    def point(self) -> Point:
        """What is meant."""
        if self.seq is not None:
            return Sequence(self.seq)
        if self.at is not None:
            return Moment(self.at)
        if self.version is not None:
            return Named(ids.from_text(VERSION_PREFIX, self.version))
        return Newest()


class RestoreTo(PointQuery):
    """Exactly one of them. `at`: a time with its offset."""

    @model_validator(mode="after")
    def one(self) -> "RestoreTo":
        if self.seq is None and self.at is None and self.version is None:
            raise ValueError("one of seq, at and version")
        return self


class ContentOut(Out):
    """`content`: every root as JSON in its canonical form: keys sorted, no spaces, whole numbers as integers; bytes are
    base64. So equal contents are equal texts."""

    name: str
    epoch: int
    seq: int
    content: dict[str, Any]


class DiffQuery(In):
    """Each a sequence, a version (`ver_...`) or a time with its offset; `to` left out: the newest."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    start: PointText = Field(alias="from")
    to: PointText | None = None


class PlaceOut(Out):
    epoch: int
    seq: int


class WordsOut(Out):
    """A piece of a text; long unchanged ones are shortened."""

    op: Literal["same", "removed", "added"]
    text: str


class KeyChangeOut(Out):
    """`words` instead of `before` and `after` where a shared text changed. `key` null: a plain value of the root."""

    key: str | None
    before: Any
    after: Any
    words: list[WordsOut] | None


class EntityChangeOut(Out):
    root: str
    entity: str
    change: Literal["added", "removed", "changed"]
    keys: list[KeyChangeOut]


class DiffOut(Out):
    start: PlaceOut
    end: PlaceOut
    changes: list[EntityChangeOut]


class ActivityQuery(PageQuery):
    """`after`: the sequence behind which to begin; `cursor` wins over it."""

    after: SequenceNumber = 0
    limit: int = Field(WORKS_MAX, ge=1, le=WORKS_MAX)


class WorkOut(Out):
    """Rows of one author with pauses below 30 s. `author` null: the server. `relayed`: rows that somebody else brought.

    `touched`: how many entities of each root; `entities`: the first 20 of them.
    """

    author: str | None
    author_name: str | None
    origins: list[str]
    first_seq: int
    last_seq: int
    began_at: datetime
    ended_at: datetime
    rows: int
    relayed: int
    touched: dict[str, int]
    entities: list[str]


class ActivityOut(Page):
    """Oldest first. A page may cut somebody's work in two."""

    works: list[WorkOut]


class BlameQuery(In):
    entity: str = Field(min_length=1, max_length=ENTITY_CHARS_MAX)


class LastChangeOut(Out):
    """`key` null: the entity itself, made or taken away."""

    root: str
    key: str | None
    author: str | None
    author_name: str | None
    origin: str
    seq: int
    at: datetime


class BlameOut(Out):
    """Keys whose last change is not behind `after` are not listed."""

    entity: str
    after: int
    seq: int
    changes: list[LastChangeOut]


class KeptOut(Out):
    """Something left as it is; `why` is a code."""

    root: str
    entity: str
    key: str | None
    why: str


class RestoredOut(Out):
    """`seq`: where the document stands with it. `changed`: whether this call wrote anything. `written`: registers."""

    seq: int
    changed: bool
    written: int
    kept: list[KeptOut]


class UndoWork(In):
    """Whose work, and since when: a sequence, a version (`ver_...`) or a time with its offset."""

    author: UserText
    since: PointText


class RegisterOut(Out):
    """`key` null: the entity as a whole, or a plain value of the root."""

    root: str
    entity: str
    key: str | None


class UndoneOut(Out):
    """`seq`: where the document stands with it. `changed`: whether this call wrote anything."""

    seq: int
    changed: bool
    undone: list[RegisterOut]
    kept: list[KeptOut]

"""The JSON that goes in and out of the HTTP door, as pydantic models; OpenAPI is made from them.

Shapes only: what may be done is decided in the services.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from api.cursors import CURSOR_CHARS_MAX
from api.signed_url import SIGNATURE_CHARS
from services.projects.model import PROJECTS_PAGE_MAX, TITLE_CHARS_MAX, ProjectKind, ProjectState
from services.scenes.model import (
    DIALOGUE_CHARS_MAX,
    DIALOGUE_LINES_MAX,
    FRAMES_MAX,
    LOCATION_CHARS_MAX,
    NUMBER_CHARS_MAX,
    SCENES_PAGE_MAX,
    SPEAKER_CHARS_MAX,
    TIME_CHARS_MAX,
)
from services.scenes.model import TITLE_CHARS_MAX as SCENE_TITLE_CHARS_MAX
from services.users.model import NAME_CHARS_MAX as USER_NAME_CHARS_MAX
from services.users.model import ActorKind, Need, Role
from services.users.tokens import DOCUMENT_TTL_S_MAX, TOKEN_CHARS_MAX
from sync.storyboard.read import PROMPT_CHARS_MAX

NEXT_CHARS_MAX = 512

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ProjectText = Annotated[str, StringConstraints(pattern=r"^prj_[0-9a-z]{26}$")]
TakeText = Annotated[str, StringConstraints(pattern=r"^tak_[0-9a-z]{26}$")]
EpisodeText = Annotated[str, StringConstraints(pattern=r"^epi_[0-9a-z]{26}$")]
SceneText = Annotated[str, StringConstraints(pattern=r"^scn_[0-9a-z]{26}$")]


class In(BaseModel):
    """What callers send: unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def without_nul(cls, value: object) -> object:
        """PostgreSQL keeps no NUL in a text."""
        if isinstance(value, str) and "\0" in value:
            raise ValueError("the text holds a NUL")
        return value


class Out(BaseModel):
    """What this door answers."""

    model_config = ConfigDict(frozen=True)


class Page(Out):
    """A piece of a list. `next`: pass it as `cursor` for more; null at the end."""

    next: str | None


class PageQuery(In):
    """`cursor`: the `next` of the page before."""

    cursor: str | None = Field(None, min_length=1, max_length=CURSOR_CHARS_MAX)


class Nothing(In):
    """An empty object, or no body at all."""


class Problem(Out):
    """RFC 9457, with a stable `code`; `field` and `limit` where one field is to blame; `needed`, `left`: of credits."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    field: str | None = None
    limit: int | float | str | None = None
    needed: int | None = None
    left: int | None = None


# People ------------------------------------------------------------------------------------------


class Me(Out):
    """`kind`: person, service or guest; only people have an address."""

    id: str
    name: str
    email: str | None
    colour: str
    kind: ActorKind


class MeChange(In):
    """What is left out stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=USER_NAME_CHARS_MAX)
    colour: str | None = Field(None, pattern=r"^#[0-9a-f]{6}$")


class SessionOut(Out):
    """Where one is signed in. `current`: by this very session. `how`: link, openid or device. `client`: of a program.
    `address` and `agent`: of who came in. `expires_at`: of a program, unless it comes again before."""

    id: str
    current: bool
    how: str | None
    client: str | None
    address: str | None
    agent: str | None
    created_at: datetime
    expires_at: datetime


class SessionsOut(Out):
    """Newest first."""

    sessions: list[SessionOut]


class SignIn(In):
    token: str = Field(min_length=1, max_length=TOKEN_CHARS_MAX)
    next: str = Field("/", max_length=NEXT_CHARS_MAX)


class SignOut(In):
    """`everywhere`: every session of this person, on all devices."""

    everywhere: bool = False


class Ticket(Out):
    """`expires_in_s`: seconds; good for one use."""

    ticket: str
    expires_in_s: int


class NewDocumentToken(In):
    """`role`: at most this, and never more than the asker's own."""

    role: Role | None = None
    ttl_s: int = Field(DOCUMENT_TTL_S_MAX, ge=1, le=DOCUMENT_TTL_S_MAX)


class DocumentToken(Out):
    """`name`: the document's name on the wire. `id`: to withdraw the token. `expires_at`: seconds since 1970."""

    token: str
    id: str
    name: str
    role: Role
    expires_at: float


# Projects ----------------------------------------------------------------------------------------


class DocumentOut(Out):
    id: str
    name: str


class DocumentsOut(Out):
    storyboard: DocumentOut
    timeline: DocumentOut


class ProjectOut(Out):
    """`role` and `may`: the asker's. `documents`: of its first episode. `state`: active, archived (only
    read) or deleted (until it is purged). `purge_at`: from when on a deleted one may be gone for good."""

    id: str
    title: str
    kind: ProjectKind
    brain: str
    format: str
    role: Role
    may: list[Need]
    created_at: datetime
    updated_at: datetime
    documents: DocumentsOut
    episodes: int
    state: ProjectState
    template: bool
    purge_at: datetime | None


class ProjectsOut(Page):
    """Newest first."""

    projects: list[ProjectOut]


class ProjectsQuery(PageQuery):
    limit: int = Field(PROJECTS_PAGE_MAX, ge=1, le=PROJECTS_PAGE_MAX)
    state: ProjectState = ProjectState.ACTIVE
    templates: bool = False


class NewProject(In):
    title: str = Field(min_length=1, max_length=TITLE_CHARS_MAX)
    kind: ProjectKind = ProjectKind.SHORT
    brain: str | None = Field(None, max_length=40)


class ProjectChange(In):
    """What is left out stays as it is."""

    title: str | None = Field(None, min_length=1, max_length=TITLE_CHARS_MAX)
    brain: str | None = Field(None, max_length=40)


# Scenes ------------------------------------------------------------------------------------------


class Slug(In):
    """A scene heading: inside or outside, the place, the time of day."""

    ie: Literal["INT", "EXT", "I/E", ""] = ""
    loc: str = Field("", max_length=LOCATION_CHARS_MAX)
    tod: str = Field("", max_length=TIME_CHARS_MAX)


class DialogueLine(In):
    """`c` speaks `txt`."""

    c: str = Field(max_length=SPEAKER_CHARS_MAX)
    txt: str = Field(max_length=DIALOGUE_CHARS_MAX)


class SceneFields(In):
    """What is left out stays as it is. `est_frames`: the wished length in frames."""

    title: str | None = Field(None, max_length=SCENE_TITLE_CHARS_MAX)
    number: str | None = Field(None, max_length=NUMBER_CHARS_MAX)
    prompt: str | None = Field(None, max_length=PROMPT_CHARS_MAX)
    slug: Slug | None = None
    dialogue: list[DialogueLine] | None = Field(None, max_length=DIALOGUE_LINES_MAX)
    est_frames: int | None = Field(None, ge=1, le=FRAMES_MAX)


class NewScene(SceneFields):
    """`after`: the scene that it follows; left out: at the end; null: at the beginning. `episode`: else the first."""

    after: SceneText | None = None
    episode: EpisodeText | None = None


class SceneChange(SceneFields):
    """`after`: moves the scene behind that one; null: to the beginning."""

    after: SceneText | None = None


class SceneOut(Out):
    """`seq`: the sequence of the storyboard that these values show."""

    id: str
    number: str
    title: str
    slug: dict[str, Any]
    prompt: str
    status: str
    position: int
    est_frames: int | None
    current_take: str | None
    seq: int
    episode: str


class ScenesOut(Page):
    scenes: list[SceneOut]


class EpisodeQuery(In):
    """`episode`: only its scenes; left out: those of all episodes."""

    episode: EpisodeText | None = None


class ScenesQuery(EpisodeQuery, PageQuery):
    limit: int = Field(SCENES_PAGE_MAX, ge=1, le=SCENES_PAGE_MAX)


# Media -------------------------------------------------------------------------------------------


class SignedMedia(In):
    """`exp`: seconds since 1970; `sig`: HMAC-SHA256 in base64url."""

    exp: int = Field(ge=0, le=2**53)
    sig: str = Field(min_length=SIGNATURE_CHARS, max_length=SIGNATURE_CHARS)
    download: bool = False


class MediaQuery(In):
    """`download`: as a file to keep, which a share link has to allow; what is played is there either way."""

    download: bool = False


# Following ---------------------------------------------------------------------------------------


class SnapshotProject(Out):
    id: str
    title: str
    kind: ProjectKind
    role: Role


class SnapshotPreview(Out):
    """`f`: how sharp, from 1."""

    media: str
    f: int


class SnapshotTake(Out):
    id: str
    number: int
    media: str
    thumb: str
    frames: int
    rate: tuple[int, int]


class SnapshotRun(Out):
    id: str
    state: str
    stage: str
    pct: int


class SnapshotScene(Out):
    id: str
    episode: str
    num: str
    title: str
    slug: dict[str, Any]
    prompt: str
    status: str
    preview: SnapshotPreview | None
    take: SnapshotTake | None
    run: SnapshotRun | None


class Snapshot(Out):
    """Everything a reviewer sees at one moment; the stream goes on from `cursor`."""

    cursor: int
    project: SnapshotProject
    scenes: list[SnapshotScene]


class StreamQuery(In):
    """`cursor`: the last event already known; left out: from now on. `Last-Event-ID` wins over it."""

    cursor: int | None = Field(None, ge=0, le=2**53)

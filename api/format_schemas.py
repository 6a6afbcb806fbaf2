"""The JSON of formats and of how a story fits one, as pydantic models; OpenAPI is made from them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import EpisodeText, In, Out
from services.formats.fitting import Basis, BeatState, Measure
from services.formats.model import Beat, Length, Part, Rules, Scope

VERSION_MAX = 1_000

FormatName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$"), Field(examples=["three_act"])]
Version = Annotated[int, Field(ge=1, le=VERSION_MAX)]


class FormatOut(Out):
    """Places are shares of the whole, 0 to 1. `scope`: one story, or all episodes one behind the other."""

    id: str
    version: int
    name: str
    summary: str
    scope: Scope
    length: Length
    parts: list[Part]
    beats: list[Beat]
    rules: Rules


class FormatsOut(Out):
    formats: list[FormatOut]


class FormatQuery(In):
    """`version`: exactly this one; left out: the newest."""

    version: Version | None = None


class FitQuery(In):
    """`format`: left out, what the kind of the project suggests. `episode`: left out, the first one, or all of a
    season. `measure`: places as shares of the story as it is, or of the format's typical length."""

    format: FormatName | None = None
    version: Version | None = None
    episode: EpisodeText | None = None
    measure: Measure = Measure.STORY


class BeatFitOut(Out):
    """`start`, `end`: where its scenes lie, null for a missing one. `off`: share of the whole, below 0 for early.
    `own`: written down in the storyboard, not of the format. `basis`: the storyboard says so, or it lies there."""

    id: str
    name: str
    purpose: str
    own: bool
    usual: tuple[float, float]
    state: BeatState
    scenes: list[str]
    basis: Basis | None
    start: float | None
    end: float | None
    off: float
    off_s: float
    reason: str


class SceneFitOut(Out):
    """`eighths`: of a page of script. `part`: of the format, empty behind its end."""

    scene: str
    start: float
    end: float
    seconds: float
    eighths: int
    part: str
    beats: list[str]
    basis: Basis | None


class NoteOut(Out):
    """`code`: length, order, hook, scene_length or aspect. `scene` null: about the whole."""

    code: str
    text: str
    scene: str | None


class FitOut(Out):
    """`seconds`: of the story. `whole_s`: of what places are shares. `missing`: required beats without a scene."""

    format: str
    version: int
    measure: Measure
    seconds: float
    whole_s: float
    missing: list[str]
    beats: list[BeatFitOut]
    scenes: list[SceneFitOut]
    notes: list[NoteOut]

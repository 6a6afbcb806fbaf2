"""The JSON of what a project consists of and is made in, as pydantic models; OpenAPI is made from them.

Shapes only: what may be done is decided in `services.projects`.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import DocumentsOut, EpisodeText, Hash, In, Out, Page, PageQuery
from services.continuity.model import (
    CHARACTERS_PAGE_MAX,
    FACE_NUMBER_MAX,
    FACE_NUMBERS,
    IMAGES_MAX,
    NAME_CHARS_MAX,
    NEAREST_MAX,
    TRAIT_CHARS_MAX,
    TRAIT_NAME_CHARS_MAX,
    TRAITS_MAX,
)
from services.projects.model import TITLE_CHARS_MAX
from services.projects.settings import ASPECT_PART_MAX, LANGUAGE_CHARS_MAX, SIDE_PIXELS_MAX, SIDE_PIXELS_MIN, Safety

SeasonText = Annotated[str, StringConstraints(pattern=r"^sea_[0-9a-z]{26}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=TITLE_CHARS_MAX)]
AspectPart = Annotated[int, Field(ge=1, le=ASPECT_PART_MAX)]
Pixels = Annotated[int, Field(ge=SIDE_PIXELS_MIN, le=SIDE_PIXELS_MAX, multiple_of=2)]


class SeasonOut(Out):
    id: str
    title: str
    created_at: datetime
    updated_at: datetime


class EpisodeOut(Out):
    """`number`: from 1 within its season. `season` null: of no season."""

    id: str
    season: str | None
    number: int
    title: str
    created_at: datetime
    updated_at: datetime
    documents: DocumentsOut


class OutlineOut(Out):
    """In story order: first the episodes of no season, then season by season."""

    seasons: list[SeasonOut]
    episodes: list[EpisodeOut]


class OutlineQuery(In):
    """`deleted`: the episodes that were deleted, in place of those that are there."""

    deleted: bool = False


class SceneQuery(In):
    """`episode`: of which the scene is; left out: where its row says, and for one without a row yet the first."""

    episode: EpisodeText | None = None


class NewEpisode(In):
    """`after`: the episode that it follows; left out: at the end; null: at the beginning of its season."""

    title: Title
    season: SeasonText | None = None
    after: EpisodeText | None = None


class EpisodeChange(In):
    """What is left out stays as it is. `season` null: of no season. `after`: the episode that it is to follow; null:
    to the beginning of its season."""

    title: Title | None = None
    season: SeasonText | None = None
    after: EpisodeText | None = None


class NewSeason(In):
    """`after`: the season that it follows; left out: at the end; null: at the beginning."""

    title: Title
    after: SeasonText | None = None


class SeasonChange(In):
    """What is left out stays as it is. `after`: moves it behind that one; null: to the beginning."""

    title: Title | None = None
    after: SeasonText | None = None


class SettingsOut(Out):
    """`rate`: frames per second as a fraction; `aspect`: shape of what is seen; `language`: BCP 47."""

    rate: tuple[int, int]
    width: int
    height: int
    aspect: tuple[int, int]
    language: str
    safety: Safety


class SettingsIn(In):
    """All of them. New timelines begin with them; one that is there keeps its own rate."""

    rate: tuple[Annotated[int, Field(ge=1, le=1_000_000)], Annotated[int, Field(ge=1, le=1001)]]
    width: Pixels
    height: Pixels
    aspect: tuple[AspectPart, AspectPart]
    language: str = Field(min_length=2, max_length=LANGUAGE_CHARS_MAX)
    safety: Safety


# Characters --------------------------------------------------------------------------------------

Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_CHARS_MAX)]
FaceNumber = Annotated[float, Field(ge=-FACE_NUMBER_MAX, le=FACE_NUMBER_MAX)]
Face = Annotated[list[FaceNumber], Field(min_length=FACE_NUMBERS, max_length=FACE_NUMBERS)]
TraitName = Annotated[str, StringConstraints(min_length=1, max_length=TRAIT_NAME_CHARS_MAX)]
Trait = Annotated[str, StringConstraints(max_length=TRAIT_CHARS_MAX)]
Appearance = Annotated[dict[TraitName, Trait], Field(max_length=TRAITS_MAX)]
Images = Annotated[list[Hash], Field(max_length=IMAGES_MAX)]


class CharacterOut(Out):
    """`face`: whether there is one. `voice`, `images`: sha256 of media, to be fetched through the project."""

    id: str
    name: str
    face: bool
    appearance: dict[str, str]
    voice: str | None
    images: list[str]
    created_at: datetime
    updated_at: datetime


class CharactersOut(Page):
    """By name."""

    characters: list[CharacterOut]


class CharactersQuery(PageQuery):
    """`deleted`: those that were deleted, in place of those that are there."""

    limit: int = Field(CHARACTERS_PAGE_MAX, ge=1, le=CHARACTERS_PAGE_MAX)
    deleted: bool = False


class NewCharacter(In):
    """`face`: the 512 numbers of an embedding; `images`: pictures that the project has, the best first."""

    name: Name
    face: Face | None = None
    appearance: Appearance = Field(default_factory=dict)
    voice: Hash | None = None
    images: Images = Field(default_factory=list)


class CharacterChange(In):
    """What is left out stays as it is; `face` and `voice` null: none any more."""

    name: Name | None = None
    face: Face | None = None
    appearance: Appearance | None = None
    voice: Hash | None = None
    images: Images | None = None


class FaceSearch(In):
    """The characters whose faces are nearest to this one, by cosine."""

    face: Face
    limit: int = Field(10, ge=1, le=NEAREST_MAX)


class Likeness(Out):
    """`distance`: 0 for the same direction, 1 for nothing in common, 2 for the opposite."""

    character: CharacterOut
    distance: float


class LikenessesOut(Out):
    """The nearest first."""

    found: list[Likeness]

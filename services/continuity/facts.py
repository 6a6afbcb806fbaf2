"""What is known of each scene, each with where it was said, and what of it cannot be true together; values only."""

from dataclasses import dataclass
from enum import StrEnum

from services.continuity.vocabulary import Time, Weather


class Source(StrEnum):
    """Where something was said. Carried: not here, but in the scene that it was taken over from."""

    HEADING = "heading"
    PROMPT = "prompt"
    DIALOGUE = "dialogue"
    CAST = "cast"
    MENTION = "mention"
    CARRIED = "carried"


class Severity(StrEnum):
    """Error: cannot be; warning: would be noticed; note: worth a look."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Fact:
    """`scene`: where it was said; `quote`: the words."""

    value: str
    scene: str
    source: Source
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a scene. `character`: the id of a character of the project, empty for a name that has none.

    `on_screen`: whether seen, or only heard or spoken of. `look`: of the storyboard, empty if none is said.
    """

    key: str
    name: str
    character: str
    on_screen: bool
    speaks: bool
    look: str
    position: str
    emotion: str
    facts: tuple[Fact, ...]
    clothes: Fact | None = None


@dataclass(frozen=True, slots=True)
class SceneState:
    """What one scene says. `day`: counted from 1; `follows`: no time passes since the scene before.

    `aside`: a memory or a dream, outside of the order. `left`, `died`, `returned`: keys of people; `broken`: of props.
    """

    scene: str
    called: str
    people: tuple[Person, ...]
    place: Fact | None
    interior: bool | None
    time: Fact | None
    weather: Fact | None
    props: tuple[tuple[str, Fact], ...]
    follows: bool
    passes: bool
    aside: bool
    left: tuple[tuple[str, Fact], ...] = ()
    died: tuple[tuple[str, Fact], ...] = ()
    returned: tuple[tuple[str, Fact], ...] = ()
    broken: tuple[tuple[str, Fact], ...] = ()
    day: int = 1

    @property
    def hour(self) -> Time | None:
        return None if self.time is None else Time(self.time.value)

    @property
    def sky(self) -> Weather | None:
        return None if self.weather is None else Weather(self.weather.value)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Facts that do not go together. `code`: `time.backwards` and so on; `other`: the scene of the first of them."""

    code: str
    severity: Severity
    scene: str
    other: str
    subject: str
    text: str
    facts: tuple[Fact, ...]

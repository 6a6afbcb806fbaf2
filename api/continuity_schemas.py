"""The JSON of continuity: the sheet of a scene, and what does not go together in a story."""

from api.schemas import EpisodeText, Hash, In, Out
from services.continuity.facts import Severity, Source
from services.continuity.vocabulary import Time, Weather


class FactOut(Out):
    """`scene`: where it was said; `source` carried: not in this scene, but taken over from that one."""

    value: str
    scene: str
    source: Source
    quote: str


class ThingOut(Out):
    """A place, a prop or a look as the storyboard describes it. `reference`: its picture, or empty."""

    id: str
    name: str
    text: str
    reference: str


class PersonOut(Out):
    """`character` null: a name that is no character of the project yet. `images`: reference pictures, the best first.
    `look`, `clothes`: what they wear here, or wore before on the same day (`look_from`). `seen_in`: where last."""

    name: str
    character: str | None
    on_screen: bool
    speaks: bool
    position: str
    emotion: str
    appearance: dict[str, str]
    images: list[Hash]
    voice: Hash | None
    look: ThingOut | None
    look_from: str | None
    clothes: FactOut | None
    seen_in: str | None
    facts: list[FactOut]


class BeforeOut(Out):
    """How the scene before ends. `follows`: no time passes in between; `last_frame`: its last picture is the first
    here. `take`: the one that it shows, or its newest."""

    scene: str
    called: str
    take: str | None
    thumb: Hash | None
    follows: bool
    last_frame: bool
    place: FactOut | None
    time: FactOut | None
    weather: FactOut | None


class PropOut(Out):
    prop: ThingOut
    fact: FactOut


class ConflictOut(Out):
    """`code`: `time.backwards`, `weather.jump`, `person.left` and so on. `other`: the scene of the first fact."""

    code: str
    severity: Severity
    scene: str
    other: str
    subject: str
    text: str
    facts: list[FactOut]


class SheetOut(Out):
    """`day`: of the story, from 1. `interior` null: both, or nobody said. `epoch`, `seq`: of the storyboard."""

    scene: str
    epoch: int
    seq: int
    day: int
    aside: bool
    interior: bool | None
    place: FactOut | None
    place_described: ThingOut | None
    place_seen_in: str | None
    time: FactOut | None
    weather: FactOut | None
    people: list[PersonOut]
    props: list[PropOut]
    before: BeforeOut | None
    conflicts: list[ConflictOut]


class SceneDayOut(Out):
    """One line of the breakdown."""

    scene: str
    day: int
    aside: bool
    place: str | None
    time: Time | None
    weather: Weather | None
    people: list[str]


class ContinuityOut(Out):
    """The story day by day, and what does not go together, in the order of the scenes."""

    epoch: int
    seq: int
    scenes: list[SceneDayOut]
    conflicts: list[ConflictOut]


class ContinuityQuery(In):
    """`episode`: left out, the first one."""

    episode: EpisodeText | None = None

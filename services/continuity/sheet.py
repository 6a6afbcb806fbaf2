"""The continuity sheet of a scene: who is in it and what they look like, where and when it is, what went before; pure.

What a generation is given as references, and what a script supervisor reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.continuity.facts import Conflict, Fact, Person, SceneState
from services.continuity.order import conflicts, in_order, last_with
from services.continuity.people import Known, Names
from services.continuity.reading import state_of
from services.scenes.story import Story, StoryScene, Thing


@dataclass(frozen=True, slots=True)
class PersonOnSheet:
    """`known` None: a name that is no character yet, so there is nothing to look like. `look`: what they wear here, or
    wore when they were last seen on the same day (`look_from`: that scene). `seen_in`: that scene before, or empty."""

    person: Person
    known: Known | None
    look: Thing | None
    look_from: str
    clothes: Fact | None
    seen_in: str


@dataclass(frozen=True, slots=True)
class Before:
    """How the scene before ends. `take`, `thumb`: of its newest take, or empty. `follows`: no time passes in between;
    `last_frame`: this scene begins with its last picture."""

    scene: str
    called: str
    take: str
    thumb: str
    follows: bool
    last_frame: bool
    place: Fact | None
    time: Fact | None
    weather: Fact | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Of one scene, at a sequence of its storyboard."""

    epoch: int
    seq: int
    state: SceneState
    people: tuple[PersonOnSheet, ...]
    place: Thing | None
    place_seen_in: str
    props: tuple[tuple[Thing, Fact], ...]
    before: Before | None
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Continuity:
    """A whole story read: its states in order and what does not go together."""

    story: Story
    names: Names
    states: Sequence[SceneState]
    conflicts: Sequence[Conflict]


def continuity_of(story: Story, characters: Sequence[Known]) -> Continuity:
    names = Names(characters)
    states = in_order([state_of(scene, story, names) for scene in story.scenes])
    return Continuity(story, names, states, conflicts(states, names, story.looks))


def sheet_of(told: Continuity, scene: StoryScene) -> Sheet:
    at = next(at for at, state in enumerate(told.states) if state.scene == scene.id)
    state = told.states[at]
    return Sheet(
        epoch=told.story.epoch,
        seq=told.story.seq,
        state=state,
        people=tuple(_person(told, state, person) for person in state.people),
        place=_described(told.story.places, state),
        place_seen_in=_seen_place(told.states[:at], state),
        props=tuple((told.story.props[key], fact) for key, fact in state.props),
        before=_before(told, scene, at),
        conflicts=tuple(conflict for conflict in told.conflicts if conflict.scene == scene.id),
    )


def _person(told: Continuity, state: SceneState, person: Person) -> PersonOnSheet:
    last = last_with(told.states, state.scene, person.key)
    known = told.names.characters.get(person.key)
    look, look_from, clothes = person.look, state.scene if person.look else "", person.clothes
    for earlier, then in _same_day(told.states, state, person.key):
        if not look and then.look:
            look, look_from = then.look, earlier.scene
        clothes = clothes or then.clothes
    seen_in = "" if last is None else last[0].scene
    return PersonOnSheet(person, known, told.story.looks.get(look), look_from, clothes, seen_in)


def _same_day(states: Sequence[SceneState], state: SceneState, key: str) -> Iterator[tuple[SceneState, Person]]:
    """Scenes before of the same day with that person, the nearest first."""
    at = next(at for at, one in enumerate(states) if one.scene == state.scene)
    for earlier in reversed(states[:at]):
        if earlier.day != state.day:
            return
        if not earlier.aside:
            yield from ((earlier, person) for person in earlier.people if person.key == key)


def _described(places: Mapping[str, Thing], state: SceneState) -> Thing | None:
    """The place as the storyboard describes it: by its whole name, or by one that the heading's begins with."""
    if state.place is None:
        return None
    called = state.place.value.casefold()
    fit = [place for place in places.values() if place.name and called.startswith(place.name.casefold())]
    return max(fit, key=lambda place: len(place.name), default=None)


def _seen_place(before: Sequence[SceneState], state: SceneState) -> str:
    if state.place is None:
        return ""
    called = state.place.value.casefold()
    seen = [one.scene for one in before if one.place is not None and one.place.value.casefold() == called]
    return seen[-1] if seen else ""


def _before(told: Continuity, scene: StoryScene, at: int) -> Before | None:
    """The scene that the storyboard says it goes on from, else the one before it in the story."""
    said = told.story.scene(scene.continues_scene) if scene.continues == "scene" else None
    previous = said or (told.story.scenes[at - 1] if at else None)
    if previous is None or previous.id == scene.id:
        return None
    state = next(state for state in told.states if state.scene == previous.id)
    take, thumb = _shown(previous)
    return Before(
        scene=previous.id,
        called=previous.called,
        take=take,
        thumb=thumb,
        follows=told.states[at].follows,
        last_frame=scene.continues in ("take_last_frame", "scene"),
        place=state.place,
        time=state.time,
        weather=state.weather,
    )


def _shown(scene: StoryScene) -> tuple[str, str]:
    """(take, thumb) of the take that the scene shows, else of its newest."""
    current = [take for take in scene.takes if take[0] == scene.view.cur]
    return (current or list(scene.takes) or [("", "")])[0]

"""Scenes in their order: what one carries over from the one before, which day of the story it is, and what cannot be.

Pure. The order is the story's: a scene that is a memory or a dream stands outside of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.continuity.facts import Conflict, Fact, Person, SceneState, Severity, Source
from services.continuity.people import Names
from services.continuity.vocabulary import HOURS, Time, Weather
from services.scenes.story import Thing

_OVERNIGHT = {Time.NIGHT, Time.EVENING, Time.DUSK}
_AFTER_NIGHT = {Time.DAWN, Time.MORNING, Time.DAY, Time.NOON}
_LADDER = (Weather.CLEAR, Weather.CLOUDY, Weather.FOG, Weather.RAIN, Weather.SNOW, Weather.STORM)
WEATHER_STEPS = 1
"""So far along the ladder the weather may change within a day where the place or the time of day is the same."""


def in_order(states: Sequence[SceneState]) -> list[SceneState]:
    """With days, and with time, place and weather of the scene before where no time passes in between."""
    ordered: list[SceneState] = []
    before: SceneState | None = None
    for state in states:
        carried = state if before is None else _carried(before, state)
        ordered.append(carried)
        if not state.aside:
            before = carried
    return ordered


def conflicts(states: Sequence[SceneState], names: Names, looks: Mapping[str, Thing]) -> list[Conflict]:
    """`states`: in order. In the order of the scenes."""
    past = _Past()
    found: list[Conflict] = []
    for state in states:
        found += _of_cast(state, names, looks)
        if not state.aside:
            found += [*_of_time(past.last, state), *_of_weather(past.last, state), *_of_people(past, state)]
            found += [*_of_clothes(past, state), *_of_props(past, state)]
            past.remember(state)
    return found


def _carried(before: SceneState, state: SceneState) -> SceneState:
    if state.aside:
        return replace(state, day=before.day)
    day = before.day + (1 if state.passes or (not state.follows and _is_earlier(before.hour, state.hour)) else 0)
    same = day == before.day
    outside = not (before.interior or state.interior)
    stays = state.follows or (same and outside and _is_same_place(before, state))
    return replace(
        state,
        day=day,
        time=state.time or (_carry(before.time) if state.follows else None),
        place=state.place or (_carry(before.place) if state.follows else None),
        weather=state.weather or (_carry(before.weather) if stays and same else None),
    )


def _carry(fact: Fact | None) -> Fact | None:
    return None if fact is None else replace(fact, source=Source.CARRIED)


@dataclass(slots=True)
class _Past:
    """What scenes so far have made true."""

    last: SceneState | None = None
    away: dict[str, tuple[SceneState, Fact]] = field(default_factory=dict)
    dead: dict[str, tuple[SceneState, Fact]] = field(default_factory=dict)
    broken: dict[str, tuple[SceneState, Fact]] = field(default_factory=dict)
    looks: dict[str, tuple[SceneState, str]] = field(default_factory=dict)
    clothes: dict[str, tuple[SceneState, Fact]] = field(default_factory=dict)

    def remember(self, state: SceneState) -> None:
        """Who has left is away until the next scene that does not go on from there."""
        self.last = state
        self.away = {who: (state, fact) for who, fact in state.left}
        self.dead |= {who: (state, fact) for who, fact in state.died if who not in self.dead}
        self.broken |= {prop: (state, fact) for prop, fact in state.broken if prop not in self.broken}
        for person in state.people:
            if person.look:
                self.looks[person.key] = (state, person.look)
            if person.clothes is not None:
                self.clothes[person.key] = (state, person.clothes)


def _of_time(before: SceneState | None, state: SceneState) -> Iterator[Conflict]:
    if before is None or before.time is None or state.time is None or before.hour is None or state.hour is None:
        return
    facts = (before.time, state.time)
    if not state.follows:
        if _is_earlier(before.hour, state.hour) and not state.passes and not _is_overnight(before.hour, state.hour):
            text = (
                f"It is {state.hour} again after {before.hour} in {before.called}, and no words say that a day passes."
            )
            yield _conflict("time.new_day", Severity.NOTE, state, before, "time", text, facts)
        return
    text = f"It goes on from {before.called}, where it is {before.hour}; here it is {state.hour}."
    if _is_earlier(before.hour, state.hour):
        yield _conflict("time.backwards", Severity.ERROR, state, before, "time", text, facts)
    elif HOURS[state.hour][0] >= HOURS[before.hour][1]:
        yield _conflict("time.jump", Severity.WARNING, state, before, "time", text, facts)


def _of_weather(before: SceneState | None, state: SceneState) -> Iterator[Conflict]:
    """Only under the open sky, and within one day."""
    if before is None or before.weather is None or state.weather is None or before.sky is None or state.sky is None:
        return
    if before.interior or state.interior or before.day != state.day or before.sky is state.sky:
        return
    steps = abs(_LADDER.index(state.sky) - _LADDER.index(before.sky))
    near = _is_same_place(before, state) or before.hour is state.hour
    if state.follows or (near and steps > WEATHER_STEPS):
        text = f"{state.sky.capitalize()} here, {before.sky} in {before.called}, on the same day."
        severity = Severity.ERROR if state.follows and steps > WEATHER_STEPS else Severity.WARNING
        yield _conflict("weather.jump", severity, state, before, "weather", text, (before.weather, state.weather))


def _of_people(past: _Past, state: SceneState) -> Iterator[Conflict]:
    returned = {who for who, _ in state.returned}
    for person in state.people:
        if not person.on_screen or not person.facts:
            continue
        if (gone := past.dead.get(person.key)) is not None:
            where, fact = gone
            severity = Severity.ERROR if person.speaks else Severity.WARNING
            text = f"{person.name} {fact.value} in {where.called}, and {'speaks' if person.speaks else 'is seen'} here."
            yield _conflict("person.dead", severity, state, where, person.key, text, (fact, person.facts[0]))
        elif (gone := past.away.get(person.key)) is not None and person.key not in returned:
            where, fact = gone
            same = _is_same_place(where, state) and where.day == state.day
            if state.follows or same:
                text = f"{person.name} {fact.value} in {where.called}, and is here without having come back."
                severity = Severity.ERROR if state.follows else Severity.WARNING
                yield _conflict("person.left", severity, state, where, person.key, text, (fact, person.facts[0]))


def _of_clothes(past: _Past, state: SceneState) -> Iterator[Conflict]:
    for person in state.people:
        look, clothes = past.looks.get(person.key), past.clothes.get(person.key)
        if look is not None and person.look and look[0].day == state.day and look[1] != person.look:
            text = f"{person.name} looks otherwise than in {look[0].called}, on the same day."
            facts = (Fact(look[1], look[0].scene, Source.CAST), Fact(person.look, state.scene, Source.CAST))
            yield _conflict("wardrobe.look", Severity.WARNING, state, look[0], person.key, text, facts)
        if clothes is not None and person.clothes and clothes[0].day == state.day:
            worn, now = clothes[1], person.clothes
            if worn.value != now.value and not worn.value.endswith(f" {now.value}"):
                text = f"{person.name} wears {now.value} here, {worn.value} in {clothes[0].called}, on the same day."
                yield _conflict("wardrobe.clothes", Severity.WARNING, state, clothes[0], person.key, text, (worn, now))


def _of_props(past: _Past, state: SceneState) -> Iterator[Conflict]:
    again = {prop for prop, _ in state.broken}
    for prop, fact in state.props:
        if prop in past.broken and prop not in again:
            where, broke = past.broken[prop]
            text = f"{fact.value} {broke.value} in {where.called}, and is here again."
            yield _conflict("prop.broken", Severity.WARNING, state, where, prop, text, (broke, fact))


def _of_cast(state: SceneState, names: Names, looks: Mapping[str, Thing]) -> Iterator[Conflict]:
    """What the storyboard names and nobody has."""
    for person in state.people:
        by_cast = tuple(fact for fact in person.facts if fact.source is Source.CAST)
        if by_cast and person.key not in names.characters:
            text = f"The cast names {person.key}, who is no character of this project."
            yield _conflict("person.unknown", Severity.WARNING, state, state, person.key, text, by_cast)
        if person.look and person.look not in looks:
            text = f"{person.name} has a look here that the storyboard does not describe."
            yield _conflict("look.unknown", Severity.WARNING, state, state, person.key, text, by_cast)
        elif person.look and looks[person.look].character not in ("", person.key):
            text = f"{person.name} has a look here that is somebody else's."
            yield _conflict("look.other", Severity.ERROR, state, state, person.key, text, by_cast)


def _is_earlier(before: Time | None, now: Time | None) -> bool:
    """In the day, wholly."""
    return before is not None and now is not None and HOURS[now][1] <= HOURS[before][0]


def _is_overnight(before: Time, now: Time) -> bool:
    return before in _OVERNIGHT and now in _AFTER_NIGHT


def _is_same_place(one: SceneState, other: SceneState) -> bool:
    return (
        one.place is not None and other.place is not None and one.place.value.casefold() == other.place.value.casefold()
    )


def _conflict(
    code: str,
    severity: Severity,
    state: SceneState,
    other: SceneState,
    subject: str,
    text: str,
    facts: tuple[Fact, ...],
) -> Conflict:
    return Conflict(code, severity, state.scene, other.scene, subject, text, facts)


def last_with(states: Sequence[SceneState], scene: str, key: str) -> tuple[SceneState, Person] | None:
    """The nearest scene before in which somebody is seen."""
    found = None
    for state in states:
        if state.scene == scene:
            return found
        found = next(((state, person) for person in state.people if person.key == key and person.on_screen), found)
    return found

"""What a prompt and a scene heading talk about, as far as this provider can draw it; pure.

Not a language model: a table of words and the things that they stand for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from services.generation.request import Slug


class Time(StrEnum):
    """The light outside."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"
    DAWN = "dawn"


class Place(StrEnum):
    """What the scene stands in."""

    CITY = "city"
    SEA = "sea"
    FOREST = "forest"
    MOUNTAINS = "mountains"
    FIELD = "field"
    DESERT = "desert"
    ROAD = "road"
    VILLAGE = "village"
    SPACE = "space"
    ROOM = "room"
    CORRIDOR = "corridor"
    BAR = "bar"
    OFFICE = "office"
    BEDROOM = "bedroom"
    HALL = "hall"


INTERIORS = frozenset({Place.ROOM, Place.CORRIDOR, Place.BAR, Place.OFFICE, Place.BEDROOM, Place.HALL})

PLACES: Mapping[Place, str] = {
    Place.CORRIDOR: "corridor corridors hallway tunnel passage stairwell staircase subway metro basement cellar",
    Place.BAR: "bar pub cafe café diner restaurant kitchen counter tavern bakery noodle",
    Place.OFFICE: "office desk police station newsroom lab laboratory studio library archive workshop",
    Place.BEDROOM: "bedroom bed hospital ward motel dormitory",
    Place.HALL: "church cathedral hall theatre theater museum hangar warehouse temple factory bank ballroom",
    Place.CITY: "city street streets alley downtown skyline rooftop rooftops avenue metropolis tower towers neon seoul "
    "tokyo london paris berlin york market square plaza bridge",
    Place.SEA: "sea ocean beach shore coast harbour harbor lighthouse boat ship pier dock waves cliff cliffs island "
    "lake river",
    Place.FOREST: "forest woods wood trees jungle grove pines birch clearing",
    Place.MOUNTAINS: "mountain mountains peak valley ridge alps summit canyon glacier",
    Place.DESERT: "desert dune dunes sand wasteland",
    Place.ROAD: "road highway motorway car truck truckstop bus drive driving route garage petrol gas",
    Place.VILLAGE: "village house houses farm cottage barn garden yard porch town suburb home hut",
    Place.SPACE: "space spaceship orbit planet asteroid nebula starship",
    Place.FIELD: "field fields meadow grass hill hills park plain prairie wheat",
    Place.ROOM: "room apartment flat parlour parlor lounge living attic cabin",
}

PROPS: Mapping[str, str] = {
    "rain": "rain raining rainy storm downpour drizzle thunder wet",
    "snow": "snow snowing snowy blizzard winter frost",
    "fog": "fog foggy mist misty haze smoke",
    "lightning": "lightning thunder thunderstorm",
    "fire": "fire flame flames burning campfire bonfire torch candle candles fireplace explosion",
    "moon": "moon moonlight moonlit lunar",
    "sun": "sun sunset sunrise sunlight golden",
    "stars": "stars starry constellations",
    "car": "car taxi cab sedan truck van police",
    "train": "train tram railway locomotive",
    "boat": "boat ship sail sailing yacht ferry trawler",
    "lighthouse": "lighthouse beacon",
    "window": "window windows blinds curtain curtains",
    "lamp": "lamp lamps lantern lanterns streetlight streetlights lamppost bulb",
    "door": "door doors doorway gate entrance",
    "table": "table desk counter",
    "birds": "birds bird gulls gull crows crow ravens raven seagulls pigeons",
    "tree": "tree oak willow pine",
    "house": "house cottage barn farm cabin hut",
    "balloon": "balloon balloons kite",
    "robot": "robot robots android drone drones",
    "phone": "phone telephone call",
    "letter": "letter note envelope map photograph photo",
    "umbrella": "umbrella umbrellas parasol",
    "bicycle": "bicycle bike",
    "crowd": "crowd crowds people audience commuters passengers dancers soldiers",
    "pair": "two couple both together lovers friends brothers sisters twins",
    "person": "man woman girl boy child kid she he detective stranger figure mother father captain keeper soldier hero "
    "heroine someone person driver pilot nurse doctor walker fisherman astronaut lover sister brother they her him his",
}

TIMES: Mapping[Time, str] = {
    Time.NIGHT: "night midnight evening nighttime moonlight moonlit stars starry",
    Time.DUSK: "dusk sunset twilight magic golden afternoon",
    Time.DAWN: "dawn sunrise morning daybreak",
    Time.DAY: "day noon midday daytime daylight",
}

_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Subject:
    """What to draw. `props`: keys of `PROPS`."""

    place: Place
    time: Time
    props: frozenset[str]

    @property
    def interior(self) -> bool:
        """Under a roof."""
        return self.place in INTERIORS


def read(slug: Slug, text: str) -> Subject:
    """The heading decides inside or outside and the hour where it says so; the words decide the rest."""
    words = _WORD.findall(f"{slug.place} {slug.time}".lower()), _WORD.findall(text.lower())
    named, told = set(words[0]), set(words[1])
    inside = slug.ie.upper().startswith("INT") or (
        slug.ie.upper().startswith("I/E") and not told & _set(PLACES[Place.CITY])
    )
    place = _place(words[0], inside) or _place(words[1], inside) or (Place.ROOM if inside else Place.FIELD)
    props = frozenset(name for name, spelled in PROPS.items() if (named | told) & _set(spelled))
    return Subject(place, _time(slug.time.lower(), told), props)


def heading_of_part(slug: Slug, words: str) -> Slug:
    """What a part of the picture shows: where its words name a place or an hour, those and not the scene's."""
    told = set(_WORD.findall(words.lower()))
    names_place = any(told & _set(spelled) for spelled in PLACES.values())
    names_time = any(told & _set(spelled) for spelled in TIMES.values())
    return replace(slug, place=words if names_place else slug.place, time=words if names_time else slug.time)


def _set(spelled: str) -> set[str]:
    return set(spelled.split())


def _place(words: list[str], inside: bool) -> Place | None:
    allowed = [place for place in PLACES if (place in INTERIORS) == inside]
    found = {place: sum(word in _set(PLACES[place]) for word in words) for place in allowed}
    best = max(allowed, key=lambda place: found[place])
    return best if found[best] else None


def _time(heading: str, told: set[str]) -> Time:
    spoken = set(_WORD.findall(heading))
    for words in (spoken, told):
        for time, spelled in TIMES.items():
            if words & _set(spelled):
                return time
    return Time.DAY

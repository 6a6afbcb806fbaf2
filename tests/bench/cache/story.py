"""What the shots of the workload show, and in how many ways an artist may write one down.

A shot is a choice of facts; two texts of the same facts mean the same. Seeded by whoever calls.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

PLACES = (
    "harbour", "rooftop", "kitchen", "forest", "subway platform", "library", "desert road", "courtyard", "hotel lobby",
    "greenhouse", "workshop", "cathedral", "market", "bridge", "hospital corridor", "theatre",
)  # fmt: skip
PEOPLE = (
    "Mara", "Elias", "Ines", "Tomas", "Noor", "Viktor", "Lena", "Amir", "Sofia", "Juno", "Pavel", "Rosa", "Kenji",
    "Dalia", "Oskar", "Wren",
)  # fmt: skip
DEEDS = (
    "opens a letter", "follows {other}", "lights a lantern", "hands {other} a key", "waits for {other}",
    "winds a clock", "hides a photograph", "watches {other}", "repairs a radio", "carries a suitcase",
    "reads a map", "argues with {other}",
    "pours a drink", "helps {other} up", "draws a portrait", "listens to {other}",
)  # fmt: skip
WARDROBES = ("coat", "scarf", "dress", "uniform", "raincoat", "hat")
COLOURS = ("red", "blue", "green", "yellow", "black", "white", "grey", "purple")
TIMES = ("dawn", "morning", "noon", "afternoon", "dusk", "night")
WEATHERS = ("rain", "fog", "snow", "clear sky", "storm")
LIGHTS = ("soft window light", "hard sunlight", "neon light", "candlelight", "cold moonlight", "warm lamp light")
SIZES = {"wide shot": "long shot", "medium shot": "mid shot", "close-up": "close shot", "full shot": "full-length shot"}
MOVES = {
    "dolly in": "push in", "dolly out": "pull out", "pan left": "panning left", "pan right": "panning right",
    "tilt up": "tilting up", "tilt down": "tilting down", "static camera": "locked-off camera",
    "handheld": "handheld camera",
}  # fmt: skip
LENSES = (18, 24, 35, 50, 85, 135)


@dataclass(frozen=True, slots=True)
class Shot:
    """The facts of one shot. `seconds`: its length."""

    who: str
    deed: str
    wardrobe: str
    colour: str
    place: str
    time: str
    weather: str
    light: str
    size: str
    move: str
    lens_mm: int
    seconds: int


CHOICES: Mapping[str, tuple[object, ...]] = {
    "deed": DEEDS,
    "colour": COLOURS,
    "wardrobe": WARDROBES,
    "light": LIGHTS,
    "size": tuple(SIZES),
    "move": tuple(MOVES),
    "lens_mm": LENSES,
}
"""What an artist turns between two attempts at one shot."""


def shot(rng: random.Random, cast: tuple[str, ...], place: str, time: str, weather: str) -> Shot:
    """A shot of a scene."""
    who, other = rng.sample(cast, 2)
    return Shot(
        who=who,
        deed=rng.choice(DEEDS).format(other=other),
        wardrobe=rng.choice(WARDROBES),
        colour=rng.choice(COLOURS),
        place=place,
        time=time,
        weather=weather,
        light=rng.choice(LIGHTS),
        size=rng.choice(tuple(SIZES)),
        move=rng.choice(tuple(MOVES)),
        lens_mm=rng.choice(LENSES),
        seconds=rng.choice((3, 4, 5, 6)),
    )


def turned(rng: random.Random, before: Shot, cast: tuple[str, ...]) -> Shot:
    """One fact is another."""
    fact = rng.choice(tuple(CHOICES))
    other = rng.choice([name for name in cast if name != before.who])
    values = [value.format(other=other) if isinstance(value, str) else value for value in CHOICES[fact]]
    value = rng.choice([value for value in values if value != getattr(before, fact)])
    return replace(before, **{fact: value})  # type: ignore[arg-type]  # the name decides the type


def texts(shot: Shot) -> tuple[str, ...]:
    """Ways to write it: as its artist usually does, in another order, with other words for the same."""
    who = f"{shot.who} in a {shot.colour} {shot.wardrobe}"
    where = f"in the {shot.place}" if shot.place not in ("bridge", "rooftop", "market") else f"on the {shot.place}"
    when = f"in the {shot.time}" if shot.time in ("morning", "afternoon") else f"at {shot.time}"
    camera = f"{shot.size}, {shot.move}, {shot.lens_mm}mm"
    return (
        f"{who} {shot.deed} {where} {when}, {shot.weather}. {camera}, {shot.light}.",
        f"{camera}, {shot.light}. {where.capitalize()} {when}, {who} {shot.deed}, {shot.weather}.",
        f"{when.capitalize()} {who} {shot.deed} {where}. {shot.weather}, {shot.light}. {camera}.",
        f"{SIZES[shot.size]}: {shot.who}, wearing a {shot.colour} {shot.wardrobe}, {shot.deed} {where} {when}, "
        f"{shot.weather}, {shot.light}. {MOVES[shot.move]}, {shot.lens_mm} mm lens.",
    )


LINES = (
    "Is it still good?", "You came back.", "Do not open it here.", "I never said when.", "Nobody asked the sea.",
    "Again.", "It was never mine.", "Hold the lamp.", "We leave before six.", "Tell her I waited.",
    "That is not my name.", "Count to ten.", "They sold the house.", "Listen.", "He kept the key.",
    "One more time, then.",
)  # fmt: skip

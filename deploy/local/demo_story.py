"""The Last Ferry: a short of eight scenes for a new studio. Only words and numbers; `demo_project.py` writes them down.

A ferryman's last crossing, a passenger who has waited nine years, and a lamp that must not go out.
"""

from dataclasses import dataclass

TITLE = "The Last Ferry"


@dataclass(frozen=True, slots=True)
class Shot:
    """`frames` at 24 a second."""

    size: str
    angle: str
    move: str
    lens_mm: int
    frames: int
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """`slug`: INT or EXT, place, time of day. `lines`: (character, words)."""

    title: str
    slug: tuple[str, str, str]
    brain: str
    prompt: str
    lines: tuple[tuple[str, str], ...]
    shots: tuple[Shot, ...]


SCENES = (
    Scene(
        "Fog on the harbour",
        ("EXT", "HARBOUR", "DAWN"),
        "large_format_epic",
        "Dawn. Fog lies on the sea so thick that the harbour has lost its other side. An old ferry boat waits at "
        "the pier, one lamp burning at its bow. Gulls. Tomas, the captain, coils a rope that he has coiled ten "
        "thousand times.",
        (("TOMAS", "One more time, old girl. Then they can build their bridge."),),
        (
            Shot("ELS", "high", "crane", 24, 72, "The fog, the pier, a single lamp in all that grey."),
            Shot("MS", "eye", "static", 50, 48, "Tomas and the rope. His hands know the way."),
        ),
    ),
    Scene(
        "A ticket from another year",
        ("EXT", "PIER", "MORNING"),
        "k_drama",
        "Morning sun breaks through the mist on the pier. A woman in a yellow raincoat, Ines, comes to the boat "
        "with a suitcase and a letter in her hand. The ticket that she shows is nine years old.",
        (("INES", "Is it still good?"), ("TOMAS", "I never said when.")),
        (
            Shot("MLS", "eye", "track", 40, 60, "Ines walks along the pier, the sun behind her."),
            Shot("ECU", "eye", "static", 85, 36, "The ticket. The ink has almost gone."),
            Shot("MCU", "eye", "push-in", 75, 48, "She looks up. She has his answer before he gives it."),
        ),
    ),
    Scene(
        "What the engine says",
        ("INT", "ENGINE ROOM CORRIDOR", "DAY"),
        "thriller",
        "A narrow corridor below deck. Red light, wet iron, a door that does not quite close. Tomas listens to "
        "the engine with his palm on the wall. Something in it has begun to knock.",
        (("TOMAS", "Not today. Tomorrow you may do what you like."),),
        (
            Shot("LS", "low", "push-in", 27, 48, "The corridor, the door, the red light behind it."),
            Shot("CU", "dutch", "handheld", 40, 48, "His palm on the iron. The knock. Again."),
        ),
    ),
    Scene(
        "Weather from the west",
        ("EXT", "OPEN SEA", "DUSK"),
        "large_format_epic",
        "Dusk on the open sea. A storm stands in the west like a wall, lightning inside it. The small boat climbs "
        "the waves towards an island with a lighthouse, and the lighthouse is dark.",
        (("INES", "There used to be a light."), ("TOMAS", "There used to be somebody to light it.")),
        (
            Shot("ELS", "bird", "pull-out", 24, 60, "The boat, a nail scratch on the water."),
            Shot("LS", "low", "pan", 35, 48, "The wall of the storm, from edge to edge."),
            Shot("CU", "eye", "static", 65, 36, "Ines does not look at the storm. She looks at the dark tower."),
        ),
    ),
    Scene(
        "Nine years of dust",
        ("INT", "LIGHTHOUSE STAIRWELL", "NIGHT"),
        "horror",
        "Night. A stairwell winds up through the lighthouse. Rain on a broken window, a candle in Ines's hand, "
        "shadows that move when she does not. On every step lies nine years of dust, and in the dust the print of "
        "a shoe.",
        (("INES", "Father?"),),
        (
            Shot("LS", "worm", "tilt", 21, 60, "The stairs turn up into nothing."),
            Shot("ECU", "high", "push-in", 50, 36, "The print in the dust. It is fresh."),
            Shot("MCU", "dutch", "static", 35, 48, "Her breath. The candle leans away from the door above."),
        ),
    ),
    Scene(
        "The lamp room",
        ("INT", "LAMP ROOM", "NIGHT"),
        "thriller",
        "The lamp room at the top of the tower, storm and moon behind the glass. On the table a logbook lies "
        "open, its last entry nine years old: a letter to her. Ines wipes the great lens with her sleeve and "
        "strikes a match.",
        (("INES", "You kept the oil dry. You kept all of it dry."),),
        (
            Shot("MS", "eye", "track", 32, 48, "Around the lens, her face broken into twelve."),
            Shot("CU", "high", "static", 75, 36, "The logbook. Her name."),
            Shot("ECU", "eye", "push-in", 90, 48, "The match. The wick. Fire."),
        ),
    ),
    Scene(
        "The light comes round",
        ("EXT", "SEA BY THE ISLAND", "NIGHT"),
        "large_format_epic",
        "Night storm on the sea. Tomas holds the wheel of the boat between the rocks and the waves. The engine "
        "stops. In the silence the lighthouse opens its eye, and the beam comes round over the water, and finds "
        "him.",
        (("TOMAS", "There you are."),),
        (
            Shot("LS", "low", "handheld", 28, 48, "The boat lies across the waves. No engine now."),
            Shot("ELS", "eye", "static", 24, 60, "The first turn of the light."),
            Shot("CU", "eye", "push-in", 65, 48, "It crosses his face. He laughs."),
        ),
    ),
    Scene(
        "Somebody to light it",
        ("EXT", "ISLAND PIER", "SUNRISE"),
        "animated_feature",
        "Golden sunrise over a calm sea. Birds over the island, the lighthouse white against the morning. Ines "
        "and Tomas sit on the small pier together and share a thermos. Behind them the ferry leans on its rope, "
        "at home.",
        (("TOMAS", "They will still build the bridge."), ("INES", "Then they will need a light to build it by.")),
        (
            Shot("MS", "eye", "static", 50, 60, "Two on the pier, feet over the water."),
            Shot(
                "ELS",
                "high",
                "pull-out",
                24,
                84,
                "The pier, the tower, the sea; and the lamp still burning in the sun.",
            ),
        ),
    ),
)

"""The film's words: which of them say the same, and which belong to a slot of their own.

Data only. A word that is not here stands for itself. Adding a pair makes more takes be offered and may make a wrong
one be: `LEXICON_VERSION` is part of every partition, and `./dev bench cache` must still offer no near-miss.
"""

LEXICON_VERSION = "2"

FILLER = frozenset(
    """
    air are atmosphere be been being both camera cinematic clip composition did do does feel feeling footage frame
    framing herself himself image is itself lens look mood picture scene shot show shown side sight
    style themselves there type video view visible was we were will
    """.split()
)
"""Says nothing about what must be seen, wherever it stands."""

SAME = {
    word: group.split()[0]
    for group in """
        child kid
        old elderly aged
        woman lady
        follow trail tail
        taxi cab
        corridor hallway
        fog mist
        foggy misty
        fogged misted
        desaturated
        staircase stair stairs stairway
        dress gown
        torn ragged tattered
        motorcycle motorbike
        tired weary exhausted
        wounded injured
        crowded packed
        empty deserted vacant
        mend repair fix
        drift float
        alone lone solitary
        small little
        joyful happy cheerful
        big large
        watch observe
        start begin
        shout yell
        speak talk
        car automobile
        scared afraid frightened
        cry weep
        jump leap
        throw toss
        hurry rush
        sofa couch
        film movie
        doctor physician
        sea ocean
        forest woods
        look gaze
        grab seize
        chase pursue
        dim dark dimly
        sunny sunlit
        snowy snow-covered
        rainy rain-soaked
        windy windswept
        burn burning
        storm thunderstorm
        golden gold
        photograph photo
        phone telephone
        television tv
        bike bicycle
        plane airplane aeroplane
        mother mum mom
        father dad
        fast quick rapid
        close shut
        hide conceal
        embrace hug
        push shove
        sleep asleep
        man guy
        smash shatter
        grey gray
        beautiful pretty
    """.strip().splitlines()
    for word in group.split()
}
"""word -> the first of its line. A line shows the same picture, not merely a similar one."""

TURNS = {
    "pan": "pan",
    "tilt": "tilt",
    "crane": "crane",
    "roll": "roll",
    "track": "track",
    "truck": "track",
    "dolly": "track",
    "whip": "whip-pan",
    "whip pan": "whip-pan",
    "whip-pan": "whip-pan",
}
"""What the camera does to the left, right, up or down, and its one name."""

SLOTS: dict[str, dict[str, tuple[str, ...]]] = {
    "move": {
        "push-in": ("dolly in", "push in", "push-in", "dolly-in", "track in", "track-in"),
        "pull-out": (
            "dolly out",
            "dolly back",
            "dolly-out",
            "pull out",
            "pull-out",
            "pull back",
            "pull-back",
            "track out",
            "track-out",
            "track back",
        ),
        "track-left": ("track from right to left", "track right to left", "track shot from right to left"),
        "track-right": ("track from left to right", "track left to right", "track shot from left to right"),
        "zoom-in": ("zoom in", "zoom-in"),
        "zoom-out": ("zoom out", "zoom-out"),
        "track-around": ("track around",),
        "orbit": ("orbit",),
        "orbit-clockwise": ("orbit clockwise", "clockwise orbit"),
        "orbit-counterclockwise": ("orbit counterclockwise", "counterclockwise orbit"),
        "static": (
            "static",
            "static camera",
            "locked-off",
            "locked off",
            "locked camera",
            "tripod",
            "locked-off camera",
        ),
        "handheld": ("handheld", "hand-held"),
    },
    "pace": {
        "slow-motion": ("slow motion", "slow-motion", "slow-mo"),
        "fast-motion": ("fast motion",),
        "time-lapse": ("time lapse",),
        "real-time": ("real time",),
    },
    "size": {
        "extreme close-up": ("extreme close-up", "extreme close up", "ecu"),
        "close-up": ("close-up", "close up", "cu", "close shot", "closeup"),
        "medium close-up": ("medium close-up", "medium close up", "mcu"),
        "medium": ("medium shot", "mid shot", "ms"),
        "two-shot": ("two-shot", "two shot"),
        "medium two-shot": ("medium two-shot", "medium two shot"),
        "full": ("full shot", "full-length shot", "full length shot"),
        "wide": ("wide shot", "long shot", "wide", "ls"),
        "extreme wide": ("extreme wide shot", "extreme long shot", "els", "extreme wide"),
    },
    "angle": {
        "drone": ("drone", "drone shot"),
        "low": ("low angle", "low-angle", "low-angle shot"),
        "high": ("high angle", "high-angle", "high-angle shot"),
        "eye": ("eye level", "eye-level"),
        "dutch": ("dutch angle", "dutch tilt", "canted angle"),
        "worm": ("worm's-eye", "worm's eye", "worm's-eye view"),
        "top": (
            "bird's-eye",
            "bird's eye",
            "top shot",
            "top-down",
            "top down",
            "overhead shot",
            "overhead view",
            "seen from above",
        ),
        "aerial": ("aerial", "aerial view", "aerial shot", "from the air", "seen from the air"),
        "ots": ("over-the-shoulder", "over the shoulder", "ots"),
        "reverse": ("reverse shot", "reverse angle"),
        "ground": ("ground-level", "ground level"),
    },
    "focus": {
        "shallow": ("shallow focus", "shallow depth of field"),
        "deep": ("deep focus",),
        "rack": ("rack focus", "focus pull"),
    },
    "lens": {
        "telephoto": ("telephoto", "tele"),
        "wide-angle": ("wide-angle",),
        "macro": ("macro",),
        "anamorphic": ("anamorphic",),
        "fisheye": ("fisheye",),
    },
    "season": {
        "spring": ("spring",),
        "summer": ("summer",),
        "autumn": ("autumn",),
        "winter": ("winter",),
    },
    "time": {
        "golden hour": ("golden hour",),
        "blue hour": ("blue hour",),
        "night shift": ("night shift",),
        "day shift": ("day shift",),
        "high noon": ("high noon",),
        "dawn": ("dawn", "daybreak"),
        "sunrise": ("sunrise",),
        "morning": ("morning",),
        "noon": ("noon", "midday"),
        "afternoon": ("afternoon",),
        "sunset": ("sunset", "sundown"),
        "dusk": ("dusk",),
        "twilight": ("twilight",),
        "evening": ("evening",),
        "night": ("night", "nighttime"),
        "midnight": ("midnight",),
        "daylight": ("daylight",),
        "early morning": ("early morning", "early in the morning"),
        "late evening": ("late evening", "late in the evening"),
        "late afternoon": ("late afternoon",),
        "late night": ("late night", "late at night"),
    },
    "weather": {
        "rain": ("rain", "it rains", "it is raining", "rainy"),
        "snow": ("snow falls", "snow is falling", "snow", "it snows", "it is snowing", "falling snow"),
        "fog": ("fog", "foggy"),
        "drizzle": ("drizzle", "light drizzle"),
        "overcast": ("overcast", "cloudy sky", "cloudy"),
        "heat haze": ("heat haze", "heat shimmer"),
        "clear sky": ("clear sky",),
        "sun": ("sunny",),
    },
    "sound": {
        "silence": ("no sound", "without sound", "silence", "in silence", "silent"),
    },
    "set": {
        "interior": ("interior", "int"),
        "exterior": ("exterior", "ext"),
    },
    "people": {
        "none": ("no people visible", "no people in sight", "nobody visible", "no people"),
    },
}
"""slot -> value -> the ways to say it, in any form of their words."""

ONE_WORD = {
    "next to": "beside",
    "in front of": "before",
    "out of": "out-of",
    "on top of": "on-top-of",
    "away from": "away-from",
    "no one": "nobody",
    "how to": "to",
    "out loud": "aloud",
    "hand in hand": "hand-in-hand",
    "holding hands": "hand-in-hand",
    "all around": "everywhere",
    "knock down": "knock-down",
    "pick up": "pick-up",
    "put down": "put-down",
    "turn around": "turn-around",
    "sit down": "sit-down",
    "stand up": "stand-up",
    "desaturated colours": "desaturated",
    "muted colours": "muted-colours",
    "muted palette": "muted-colours",
    "pastel colours": "pastel-colours",
    "pastel palette": "pastel-colours",
    "after the rain": "rain-has-stopped",
    "rain has stopped": "rain-has-stopped",
}
"""Several words that are one word of a sentence."""

PROPERTIES = {"on fire": "burn", "covered in snow": "snowy"}
"""Said behind what has it."""

NOTHING = ("we see", "in his hand", "in her hand", "in her arms", "in his arms")

SPOKEN = frozenset(
    """
    answer ask murmur mutter say scream shout whisper
    """.split()
)
PREPOSITIONS = frozenset(
    """
    above across after against along among around at away-from before behind below beneath beside between by down
    during for from in inside into like near of off on on-top-of onto out-of outside over past through throughout to
    toward towards under underneath up upon with within without
    """.split()
)
PREPOSITION_SAME = {
    "towards": "toward",
    "inside": "in",
    "within": "in",
    "beneath": "under",
    "underneath": "under",
    "upon": "on",
}
GARMENTS = frozenset(
    """
    apron armor armour boot cap cape cloak coat crown dress glove gown hat helmet hood jacket jeans kimono mask
    pullover pyjamas raincoat robe scarf shirt shoe short shorts skirt suit sweater tie trouser tutu tuxedo uniform
    veil vest
    """.split()
)
PLACES = frozenset(
    """
    airport alley apartment arena attic balcony bar barn basement bathroom beach bedroom bridge bus cafe canyon
    carnival casino castle cathedral cave cell cellar cemetery church circus city classroom corridor courtyard
    desert diner elevator factory farm field forest garage garden grassland greenhouse gym hall harbor harbour
    highway hospital hotel house island jungle kitchen lab laboratory lake library lighthouse lobby market meadow
    mountain museum office palace park pier platform pool prison restaurant river road rooftop room runway school
    stadium stairwell station street study subway swamp temple terrace theater theatre tower town train tunnel
    valley village warehouse workshop
    """.split()
)
INDOORS = frozenset(
    """
    apartment attic bar basement bathroom bedroom cafe casino cathedral cell cellar church classroom corridor diner
    elevator factory garage gym hall hospital kitchen lab laboratory library lobby museum office restaurant room school
    stairwell study theatre train tunnel warehouse workshop
    """.split()
)
"""Places whose inside is meant where nothing else is said."""
ADVERBS = frozenset(
    """
    again alone aloud away back everywhere hand-in-hand here outside past there together
    """.split()
)
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        """
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty
        """.split()
    )
} | {"single": "1", "dozen": "12", "sixties": "1960s", "seventies": "1970s", "eighties": "1980s", "nineties": "1990s"}
UNITS = {"mm": "mm", "millimetre": "mm", "s": "s", "sec": "s", "second": "s", "fps": "fps", "k": "k", "kelvin": "k"}

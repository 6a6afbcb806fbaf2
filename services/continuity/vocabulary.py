"""The words by which scenes say when they are, what the weather is, and who comes and goes. English; data only.

Not a language model: what these tables do not have is not found, and nothing is made up.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

Value = TypeVar("Value", bound=StrEnum)


class Time(StrEnum):
    """Of day, as headings name it."""

    DAWN = "dawn"
    MORNING = "morning"
    DAY = "day"
    NOON = "noon"
    AFTERNOON = "afternoon"
    DUSK = "dusk"
    EVENING = "evening"
    NIGHT = "night"


class Weather(StrEnum):
    """From the mildest to the strongest: where several are named, the strongest counts."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    FOG = "fog"
    RAIN = "rain"
    SNOW = "snow"
    STORM = "storm"


HOURS: Mapping[Time, tuple[float, float]] = MappingProxyType(
    {
        Time.DAWN: (5, 7),
        Time.MORNING: (7, 11.5),
        Time.DAY: (8, 18),
        Time.NOON: (11.5, 13),
        Time.AFTERNOON: (13, 18),
        Time.DUSK: (18, 20.5),
        Time.EVENING: (18, 22),
        Time.NIGHT: (21, 29),
    }
)
"""From when to when, hours of one day; a night ends in the next."""

TIMES: Mapping[Time, str] = MappingProxyType(
    {
        Time.DAWN: "dawn sunrise daybreak",
        Time.MORNING: "morning breakfast",
        Time.NOON: "noon midday",
        Time.AFTERNOON: "afternoon",
        Time.DUSK: "dusk sunset twilight",
        Time.EVENING: "evening",
        Time.NIGHT: "night midnight moonlight moonlit nighttime",
        Time.DAY: "day daytime daylight",
    }
)
WEATHERS: Mapping[Weather, str] = MappingProxyType(
    {
        Weather.STORM: "storm stormy thunder thunderstorm lightning gale hurricane blizzard",
        Weather.SNOW: "snow snows snowing snowy snowfall sleet",
        Weather.RAIN: "rain rains raining rainy drizzle downpour shower showers",
        Weather.FOG: "fog foggy mist misty",
        Weather.CLOUDY: "cloudy overcast clouds",
        Weather.CLEAR: "sunny sunshine sunlit cloudless",
    }
)

SAME_TIME = re.compile(r"\b(continuous|same|moments? later|a moment later|seconds later)\b", re.IGNORECASE)
"""In a heading: no time passes between the scene before and this one."""
TIME_PASSES = re.compile(
    r"\b(?:next|following) (?:day|morning|night|evening|week|month|year)\b"
    r"|\b(?:hours?|days?|weeks?|months?|years?) later\b|\blater that\b|\bthe morning after\b|\bthat night\b",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r"\b(flashback|flash forward|flash-forward|memory|dream|years (?:ago|earlier|before))\b", re.IGNORECASE
)
"""Such a scene is outside of the story's order."""
LEAVES = re.compile(
    r"\b(leaves|exits|departs|disappears|vanishes|is gone|(?:walks|runs|drives|rides|sails|flies|storms|slips)"
    r" (?:out|off|away))\b",
    re.IGNORECASE,
)
DIES = re.compile(r"\b(dies|drowns|is dead|is killed|lies dead|is murdered|falls dead)\b", re.IGNORECASE)
RETURNS = re.compile(r"\b(returns|comes back|is back|re-?enters|comes home|arrives|reappears)\b", re.IGNORECASE)
BREAKS = re.compile(
    r"\b(breaks|shatters|burns|sinks|explodes|is (?:destroyed|broken|burnt|burned|lost|smashed)|melts)\b", re.IGNORECASE
)
NEGATION = re.compile(r"\b(not|never|nobody|no one|cannot|without|almost|nearly)\b|n't\b", re.IGNORECASE)
WEARS = re.compile(
    r"\b(?:wearing|wears|dressed in|in) (?:an?|the|his|her|their) ((?:[\w-]+ ){0,3}?"
    r"(?:coat|raincoat|dress|suit|jacket|uniform|shirt|sweater|cloak|robe|gown|hoodie|armou?r|costume|cape|apron|overalls))\b",
    re.IGNORECASE,
)
OVER = re.compile(
    r"\bno (?:more )?\w+|\b\w+ (?:has |have )?(?:stopped|stops|ended|ends|lifts|lifted|is over|passed|passes)\b",
    re.IGNORECASE,
)
"""What is said only to say that it is not there any more: `the rain has stopped`."""
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SENTENCE = re.compile(r"[^.!?\n]+")


def named(words: Mapping[Value, str], told: str) -> list[Value]:
    """The values of a table whose words the text has, in the order of the table."""
    there = {word.casefold() for word in WORD.findall(OVER.sub(" ", told))}
    return [value for value, spelled in words.items() if there & set(spelled.split())]

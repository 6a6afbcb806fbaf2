"""Which voice speaks for whom: the one that was asked for, else one that follows from the name; pure.

The same name has the same voice in every scene, and two who talk have two, as long as there are enough.
"""

from collections.abc import Mapping, Sequence

from services.generation.request import Line, digest


def cast(lines: Sequence[Line], voices: Sequence[str], asked: Mapping[str, str]) -> tuple[str, ...]:
    """The voice of each line. `voices`: at least one. `asked`: by character, however it is spelled at the line."""
    wanted = {name.strip().casefold(): voice for name, voice in asked.items()}
    given: dict[str, str] = {}
    for name in dict.fromkeys(line.character.strip().casefold() for line in lines):
        given[name] = wanted.get(name) or _of_name(name, voices, {*given.values(), *wanted.values()})
    return tuple(given[line.character.strip().casefold()] for line in lines)


def _of_name(name: str, voices: Sequence[str], taken: set[str]) -> str:
    """From its own place on, the first that nobody has; where all are taken, its own."""
    first = int(digest("voice", name)[:8], 16) % len(voices)
    ordered = (*voices[first:], *voices[:first])
    return next((voice for voice in ordered if voice not in taken), ordered[0])

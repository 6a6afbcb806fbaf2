"""May a take that was made for one prompt be offered to another? Only when nothing that must be seen differs; pure.

Similar is not enough: a camera that moves out instead of in is 0.998 similar.
"""

from dataclasses import dataclass

from services.cache.prompts.reading import Slots


@dataclass(frozen=True, slots=True)
class Difference:
    """What one of two prompts says in a slot and the other does not."""

    slot: str
    made: tuple[str, ...]
    asked: tuple[str, ...]


def differences(made: Slots, asked: Slots) -> tuple[Difference, ...]:
    """Empty: the gate is open. A slot that only one of them has is a difference too."""
    return tuple(
        Difference(
            slot,
            tuple(value for value in made.get(slot, ()) if value not in asked.get(slot, ())),
            tuple(value for value in asked.get(slot, ()) if value not in made.get(slot, ())),
        )
        for slot in sorted({*made, *asked})
        if made.get(slot, ()) != asked.get(slot, ())
    )

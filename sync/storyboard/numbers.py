"""The numbers that are printed on scenes: moving one never renumbers it, and what comes between gets a letter."""

import re
from collections.abc import Iterable

NUMBER_CHARS_MAX = 16
_LEADING = re.compile(r"[0-9]{1,9}")
_LETTERED = re.compile(r"([0-9]{1,9})([A-Z]{0,4})")


def next_number(numbers: Iterable[str]) -> str:
    """One more than the highest."""
    found = (_LEADING.match(number) for number in numbers)
    return str(max((int(match.group()) for match in found if match is not None), default=0) + 1)


def lettered(number: str, numbers: Iterable[str]) -> str:
    """`12` -> `12A`, or the first letter after its own that is free; where it is no such number, the next one."""
    taken = set(numbers)
    match = _LETTERED.fullmatch(number)
    if match is None:
        return next_number(taken)
    stem, letters = match.groups()
    while (found := stem + letters) in taken or found == number:
        letters = _after(letters)
    return found


def _after(letters: str) -> str:
    """`` -> A, A -> B, Z -> AA."""
    kept = letters.rstrip("Z")
    rolled = "A" * (len(letters) - len(kept))
    return kept[:-1] + chr(ord(kept[-1]) + 1) + rolled if kept else "A" + rolled

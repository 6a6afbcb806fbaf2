"""Order keys: text in base 62 between two others, so that a scene moves by writing one register.

Keys compare by code point. A key never ends in the lowest digit, so there is always room before it.
"""

from collections.abc import Sequence

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def between(low: str, high: str) -> str:
    """A key above `low` and below `high`; an empty one means no bound. The shortest that halves the space.

    Behind the last it counts on, so that whoever appends again and again gets short keys.
    Keys that somebody wrote out of order, equal or in another alphabet still give a key above `low`.
    """
    low, high = _cleaned(low), _cleaned(high)
    if high and low >= high:
        high = ""
    if low and not high:
        return _next(low)
    key = ""
    place = 0
    while True:
        floor = DIGITS.index(low[place]) if place < len(low) else 0
        ceiling = DIGITS.index(high[place]) if high and place < len(high) else len(DIGITS)
        if ceiling - floor > 1:
            return key + DIGITS[(floor + ceiling) // 2]
        key += DIGITS[floor]
        if ceiling > floor:
            high = ""  # from here on every key is below `high`
        place += 1


def _next(low: str) -> str:
    """One more, in the digits behind the highest ones at its beginning: the more of these, the more digits count."""
    place = len(low) - len(low.lstrip(DIGITS[-1]))
    number = 1
    for power, digit in enumerate(reversed(low[place : 2 * place + 1].ljust(place + 1, DIGITS[0]))):
        number += DIGITS.index(digit) * len(DIGITS) ** power
    digits = ""
    while len(digits) <= place:
        number, digit_value = divmod(number, len(DIGITS))
        digits = DIGITS[digit_value] + digits
    return (low[:place] + digits).rstrip(DIGITS[0])


def jittered(low: str, high: str, entropy: Sequence[int]) -> str:
    """`between` with a digit for each byte, so that two who put something there at once get different keys."""
    return between(low, high) + "".join(DIGITS[1 + byte % (len(DIGITS) - 1)] for byte in entropy)


def has_room(low: str, high: str) -> bool:
    """Whether a key fits between the two. Lowest digits at the end add nothing to a fraction."""
    return low.rstrip(DIGITS[0]) < high.rstrip(DIGITS[0])


def _cleaned(key: str) -> str:
    """Up to the first foreign character, without lowest digits at the end."""
    kept = next((place for place, char in enumerate(key) if char not in DIGITS), len(key))
    return key[:kept].rstrip(DIGITS[0])

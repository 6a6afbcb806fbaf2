"""Order keys: text in base 62 between two others, so that a scene moves by writing one register.

Keys compare by code point. A key never ends in the lowest digit, so there is always room before it.
"""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY_CHARS_MAX = 200
_MIDDLE = len(DIGITS) // 2


def between(low: str, high: str) -> str:
    """A key above `low` and below `high`; an empty one means no bound. The shortest that halves the space.

    Keys that somebody wrote out of order, equal or in another alphabet still give a key above `low`.
    """
    low, high = _cleaned(low), _cleaned(high)
    if high and low >= high:
        high = ""
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


def _cleaned(key: str) -> str:
    """Up to the first foreign character, without lowest digits at the end."""
    kept = next((place for place, char in enumerate(key) if char not in DIGITS), len(key))
    return key[:kept].rstrip(DIGITS[0])

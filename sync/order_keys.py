"""Order keys: text in base 62 between two others, so that a scene moves by writing one register.

Keys compare by code point. A key never ends in the lowest digit, so there is always room before it.
"""

from collections.abc import Sequence

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHARS_MAX = 256
"""Of a key; what is longer is read as none."""
CHARS_KEPT_MAX = 48
"""Where keys are written anew, longer ones become short."""


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


def spread(low: str, high: str, count: int) -> list[str]:
    """So many keys between the two, in order: the shortest, far apart; behind the last they count on."""
    low, high = _cleaned(low), _cleaned(high)
    if high and low >= high:
        high = ""
    places = 1
    while (room := _whole(high, places) - _whole(low, places) if high else _whole(low, places, rest=True)) <= count:
        places += 1
    step = 1 if low and not high else room // (count + 1)
    first = _whole(low, places)
    return [_fraction(first + step * place, places) for place in range(1, count + 1)]


def rekeyed(keys: Sequence[str | None]) -> list[str]:
    """As many of them as can stay, ascending with room between any two, and others for the rest; None: it has none yet.

    One that is longer than `CHARS_KEPT_MAX` does not stay, nor do those beside it where only their going makes room.
    """
    made: list[str] = []
    while len(made) < len(keys):
        key = keys[len(made)]
        if key is not None and _stays(made[-1] if made else "", key):
            made.append(key)
        else:
            _rekey(made, keys)
    return made


def _rekey(made: list[str], keys: Sequence[str | None]) -> None:
    """Goes on from the first that does not stay to the next that does, with as many around as it takes."""
    begin, end, around = len(made), len(made) + 1, 1
    while True:
        low = made[begin - 1] if begin else ""
        while end < len(keys) and not _stays(low, keys[end]):
            end += 1
        found = spread(low, (keys[end] or "") if end < len(keys) else "", end - begin)
        if max(map(len, found)) <= CHARS_KEPT_MAX:
            made[begin:] = found
            return
        begin, end, around = max(0, begin - around), min(len(keys), end + around), 2 * around


def _stays(low: str, key: str | None) -> bool:
    return key is not None and len(key) <= CHARS_KEPT_MAX and has_room(low, key)


def inserted(keys: Sequence[str], index: int, entropy: Sequence[int]) -> tuple[str, dict[int, str]]:
    """A key for what is put at `index` among siblings in order, and other keys for those that make room, by place.

    Behind equal keys nothing fits: those that are to stand behind it get keys of their own.
    """
    low = keys[index - 1] if index else ""
    end = next((place for place in range(index, len(keys)) if has_room(low, keys[place])), len(keys))
    high = keys[end] if end < len(keys) else ""
    key = jittered(low, high, entropy)
    behind = spread(key, high, end - index)
    if max(map(len, (key, *behind))) <= CHARS_MAX:
        return key, dict(enumerate(behind, index))
    made = rekeyed([*keys[:index], None, *keys[index:]])
    key = made.pop(index)
    return key, {place: new for place, (old, new) in enumerate(zip(keys, made, strict=True)) if old != new}


def _whole(key: str, places: int, *, rest: bool = False) -> int:
    """The first digits of a fraction as a number; `rest`: how much is left to one."""
    number = 0
    for char in key[:places].ljust(places, DIGITS[0]):
        number = number * len(DIGITS) + DIGITS.index(char)
    return len(DIGITS) ** places - number if rest else number


def _fraction(number: int, places: int) -> str:
    key = ""
    for _ in range(places):
        number, digit = divmod(number, len(DIGITS))
        key = DIGITS[digit] + key
    return key.rstrip(DIGITS[0])


def has_room(low: str, high: str) -> bool:
    """Whether a key fits between the two. Lowest digits at the end add nothing to a fraction."""
    return low.rstrip(DIGITS[0]) < high.rstrip(DIGITS[0])


def _cleaned(key: str) -> str:
    """Up to the first foreign character, without lowest digits at the end."""
    kept = next((place for place, char in enumerate(key) if char not in DIGITS), len(key))
    return key[:kept].rstrip(DIGITS[0])

"""What packets, pictures and sounds say: exact lengths and rates, colour, loudness; a blurred picture in letters."""

from fractions import Fraction

import numpy as np
import pytest

from services.assets.blurhash import DIGITS, blurhash
from services.assets.errors import FileUnreadable
from services.assets.probe import Packets, loudness_facts, nearest_rate, picture_facts, rate_of

HEADER = ("#tb 0: 1/24000", "#media_type 0: video", "#codec_id 0: h264", "#dimensions 0: 16x16")


async def heard(*lines: str) -> Packets:
    packets = Packets()
    for line in lines:
        await packets.hear(line)
    return packets


def video(*pts: int, duration: int = 1001) -> list[str]:
    return [*HEADER, *(f"0, {at}, {at}, {duration}, 100, 0x0, F=0x0" for at in pts)]


async def test_frames_out_of_order_have_a_constant_rate() -> None:
    packets = await heard(
        *video(*(place * 1001 for group in range(0, 48, 4) for place in (group, group + 3, group + 1, group + 2)))
    )
    (stream,) = packets.of("video")
    assert rate_of(stream) == (Fraction(24000, 1001), True)
    assert packets.length_s == Fraction(48 * 1001, 24000)


async def test_a_gap_is_a_changing_rate_whatever_durations_say() -> None:
    packets = await heard(*video(*(place * 1001 for place in range(40) if place != 20)))
    assert rate_of(packets.of("video")[0])[1] is False


async def test_one_frame_or_no_time_is_no_constant_rate() -> None:
    assert rate_of((await heard(*video(0))).of("video")[0])[1] is False
    assert rate_of((await heard(*video(0, 0, duration=0))).of("video")[0]) == (Fraction(25), False)


async def test_nothing_in_it_is_unreadable() -> None:
    with pytest.raises(FileUnreadable):
        _ = (await heard(*HEADER)).length_s
    assert (await heard("0, 0, 0, 1, 1, 0x0")).of("video") == []


@pytest.mark.parametrize(
    ("measured", "rate"),
    [
        (Fraction(24000, 1001), Fraction(24000, 1001)),
        (Fraction(23976, 1000), Fraction(24000, 1001)),
        (Fraction(24), Fraction(24)),
        (Fraction(29970, 1000), Fraction(30000, 1001)),
        (Fraction(1250, 100), Fraction(25, 2)),
        (Fraction(1, 100_000), Fraction(1, 1001)),
    ],
)
def test_a_rate_is_the_standard_one_that_it_is_meant_to_be(measured: Fraction, rate: Fraction) -> None:
    assert nearest_rate(measured) == rate


def test_a_picture_that_says_nothing_is_unreadable() -> None:
    with pytest.raises(FileUnreadable):
        picture_facts("Conversion failed!")


@pytest.mark.parametrize(
    "said", ["", "I: -inf LUFS LRA: 0.0 LU Peak: -inf dBFS", "I: nan LUFS LRA: 0.0 LU Peak: 0 dBFS"]
)
def test_silence_has_no_loudness(said: str) -> None:
    assert loudness_facts(said) is None


def test_a_flat_colour_is_what_other_encoders_say() -> None:
    assert blurhash(np.full((32, 32, 3), (255, 0, 0), np.uint8)) == "L9TI:j|cfQ|c|co1fQo1fQfQfQfQ"


def test_where_it_is_bright_is_in_the_first_component_across() -> None:
    ramp = np.repeat(np.linspace(0, 255, 32).astype(np.uint8)[None, :, None], 32, axis=0).repeat(3, axis=2)
    right, left = blurhash(ramp), blurhash(np.ascontiguousarray(ramp[:, ::-1]))
    assert right[2:6] == left[2:6]
    assert [red_of(word[6:8]) for word in (right, left)] == [0, 18]


def red_of(pair: str) -> int:
    """0..18; 9 is nothing."""
    high, low = (DIGITS.index(digit) for digit in pair)
    return (high * 83 + low) // 361

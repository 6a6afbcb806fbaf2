"""What the hub checks of RFC 6455 beside its parser; the cases of `tests/conformance` see the same on a socket."""

import pytest

from realtime.framing import Assembler, Violated, answer_to_close, pong
from sync.limits import Limits


def test_a_text_that_is_not_utf8_is_refused_at_the_first_wrong_byte() -> None:
    assembler = Assembler(Limits())
    assert assembler.add("ü".encode()[:1], is_first=True, is_text=True, is_last=False) is None
    with pytest.raises(Violated) as violated:
        assembler.add(b"\xff", is_first=False, is_text=False, is_last=False)
    assert violated.value.code == 1007


def test_a_character_may_be_split_between_fragments_but_not_by_the_end() -> None:
    assembler = Assembler(Limits())
    assert assembler.add("ü".encode()[:1], is_first=True, is_text=True, is_last=False) is None
    assert assembler.add("ü".encode()[1:], is_first=False, is_text=False, is_last=True) == "ü".encode()
    assert assembler.is_text
    with pytest.raises(Violated) as violated:
        assembler.add("ü".encode()[:1], is_first=True, is_text=True, is_last=True)
    assert violated.value.code == 1007


def test_bytes_after_a_text_are_not_text() -> None:
    assembler = Assembler(Limits())
    assert assembler.add(b"text", is_first=True, is_text=True, is_last=True) == b"text"
    assert assembler.add(b"\xff", is_first=True, is_text=False, is_last=True) == b"\xff"


@pytest.mark.parametrize(
    ("payload", "answer"), [(b"", 1000), (b"\x03\xe8bye", 1000), (b"\x03\xf4", 1012), (b"\x11\x94", 4500)]
)
def test_a_close_frame_is_answered_with_its_own_code(payload: bytes, answer: int) -> None:
    assert answer_to_close(payload) == answer


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015])
def test_codes_that_no_frame_may_say(code: int) -> None:
    with pytest.raises(Violated) as violated:
        answer_to_close(code.to_bytes(2, "big"))
    assert violated.value.code == 1002


def test_a_pong_has_the_payload_of_its_ping() -> None:
    assert pong(b"abc") == b"\x8a\x03abc"

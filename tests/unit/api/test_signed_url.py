"""Signed addresses: good until they expire, and for nothing else."""

from urllib.parse import parse_qs, urlsplit

import pytest

from api.errors import UrlExpired, UrlForged
from api.signed_url import SIGNATURE_CHARS, URL_STEP_S, left_s, signature, signed_path

SECRET = bytes(range(32))
HASH = "ab" * 32
NOW = 1_800_000_007.5
TTL_S = 900


def parts(path: str) -> tuple[str, int, str]:
    split = urlsplit(path)
    query = parse_qs(split.query)
    return split.path.rpartition("/")[2], int(query["exp"][0]), query["sig"][0]


def test_an_address_is_good_for_at_least_its_time() -> None:
    hash, exp, sig = parts(signed_path(SECRET, HASH, NOW, TTL_S))
    assert hash == HASH and len(sig) == SIGNATURE_CHARS
    assert TTL_S <= exp - NOW <= TTL_S + URL_STEP_S
    assert left_s(SECRET, hash, exp, sig, NOW) == int(exp - NOW)


def test_addresses_of_the_same_minute_are_equal() -> None:
    assert signed_path(SECRET, HASH, 1_800_000_001, TTL_S) == signed_path(SECRET, HASH, 1_800_000_059, TTL_S)
    assert signed_path(SECRET, HASH, 1_800_000_001, TTL_S) != signed_path(SECRET, HASH, 1_800_000_061, TTL_S)


def test_it_expires() -> None:
    hash, exp, sig = parts(signed_path(SECRET, HASH, NOW, TTL_S))
    with pytest.raises(UrlExpired):
        left_s(SECRET, hash, exp, sig, exp)


@pytest.mark.parametrize("change", ["hash", "exp", "sig", "secret", "unicode"])
def test_any_change_is_a_forgery_even_when_expired(change: str) -> None:
    hash, exp, sig = parts(signed_path(SECRET, HASH, NOW, TTL_S))
    secret = SECRET
    match change:
        case "hash":
            hash = "cd" * 32
        case "exp":
            exp += 1
        case "sig":
            sig = signature(SECRET, HASH, exp + 1)
        case "unicode":
            sig = "é" * SIGNATURE_CHARS
        case _:
            secret = bytes(32)
    with pytest.raises(UrlForged):
        left_s(secret, hash, exp, sig, exp + 10)

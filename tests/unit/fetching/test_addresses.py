"""Which addresses are the outside: every known way to write an inside one is refused."""

from ipaddress import ip_address

import pytest

from services.fetching.addresses import URL_CHARS_MAX, is_public, target_of
from services.fetching.errors import UrlRefused

INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:0:0:0:0:f5ff:fffe",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
]


@pytest.mark.parametrize("text", INSIDE)
def test_the_inside_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_the_outside_is(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com/#piece",
        "https://example.com:0/",
        "https://example.com:70000/",
        "https://example.com:x/",
        "https://example.com/a b",
        "https://example.com\\@127.0.0.1/",
        "https://ex\u00e4mple.com/",
        "https://example.com/\r\nHost:inside",
        "https://[::1",
        "https://example.com/" + "x" * URL_CHARS_MAX,
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        target_of(url)


def test_an_address_is_taken_apart() -> None:
    target = target_of("HTTPS://Example.COM.:8443/a/b?c=d")
    assert (target.scheme, target.host, target.port, target.path) == ("https", "example.com", 8443, "/a/b?c=d")
    assert (target.authority, target.origin) == ("example.com:8443", "https://example.com:8443")
    assert target_of("https://[2606:4700::1111]").authority == "[2606:4700::1111]"
    assert target_of("https://example.com").path == "/"

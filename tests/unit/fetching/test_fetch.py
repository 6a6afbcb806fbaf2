"""Fetching what others name: one look-up, the judged address, and bounds on everything that comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_address

import httpx
import pytest

from services.fetching.addresses import Address
from services.fetching.errors import (
    AddressRefused,
    AnswerTooLarge,
    AnswerWrongType,
    FetchError,
    FetchFailed,
    FetchTooSlow,
    StatusUnfit,
    UrlRefused,
)
from services.fetching.fetch import REDIRECTS_MAX, Fetcher, open_fetcher

JSON = {"content-type": "application/json; charset=utf-8"}
Answer = Callable[[httpx.Request], httpx.Response]


class Web:
    """Names with addresses, and one transport that answers for all of them."""

    def __init__(self, answer: Answer, **names: str) -> None:
        self.names = {name.replace("_", "."): addresses.split() for name, addresses in names.items()}
        self.asked: list[httpx.Request] = []
        self.looked_up: list[str] = []
        self._answer = answer

    def fetcher(self, *inside: str) -> Fetcher:
        return Fetcher(httpx.MockTransport(self._serve), inside, self._resolve)

    async def _resolve(self, host: str, port: int) -> list[Address]:
        self.looked_up.append(host)
        return [ip_address(text) for text in self.names.get(host, ())]

    async def _serve(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)


def found(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers=JSON, stream=httpx.ByteStream(b"{}"))


async def refused(web: Web, url: str, *inside: str, bytes_max: int = 100, timeout_s: float = 5.0) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await web.fetcher(*inside).get(url, {"application/json"}, bytes_max, timeout_s)
    return caught.value


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    web = Web(found, example_com="93.184.216.34 2606:4700::1111")
    fetched = await web.fetcher().get("https://example.com/a?b=c", {"application/json"})
    assert (fetched.content_type, fetched.body) == ("application/json", b"{}")
    [asked] = web.asked
    assert str(asked.url) == "https://93.184.216.34/a?b=c"
    assert asked.headers["host"] == "example.com"
    assert asked.extensions["sni_hostname"] == "example.com"
    assert web.looked_up == ["example.com"]


@pytest.mark.parametrize("addresses", ["127.0.0.1", "169.254.169.254", "93.184.216.34 10.0.0.7", "::ffff:10.0.0.7"])
async def test_a_name_that_leads_inside_is_never_asked(addresses: str) -> None:
    web = Web(found, example_com=addresses)
    assert isinstance(await refused(web, "https://example.com/"), AddressRefused)
    assert not web.asked


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]", "10.0.0.1:8443"])
async def test_neither_is_an_address_of_the_inside(host: str) -> None:
    web = Web(found)
    assert isinstance(await refused(web, f"https://{host}/"), AddressRefused)
    assert not web.asked


async def test_every_redirect_is_judged_like_the_first_address() -> None:
    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "https://metadata.test/latest"})

    web = Web(moved, example_com="93.184.216.34", metadata_test="169.254.169.254")
    assert isinstance(await refused(web, "https://example.com/"), AddressRefused)
    assert [each.headers["host"] for each in web.asked] == ["example.com"]


async def test_what_the_settings_name_inside_is_not_reached_from_outside() -> None:
    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "https://127.0.0.1:8900/keys"})

    web = Web(moved, example_com="93.184.216.34")
    assert isinstance(await refused(web, "https://example.com/", "https://127.0.0.1:8900"), AddressRefused)
    assert [each.headers["host"] for each in web.asked] == ["example.com"]


async def test_a_redirect_out_of_tls_is_refused() -> None:
    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(301, headers={"location": "http://example.com/plain"})

    assert isinstance(await refused(Web(moved, example_com="93.184.216.34"), "https://example.com/"), UrlRefused)


async def test_redirects_have_an_end() -> None:
    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(307, headers={"location": "/again"})

    web = Web(moved, example_com="93.184.216.34")
    error = await refused(web, "https://example.com/")
    assert isinstance(error, FetchFailed) and error.limit == REDIRECTS_MAX
    assert len(web.asked) == REDIRECTS_MAX + 1


async def test_only_what_was_asked_for_is_taken() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/html"}, stream=httpx.ByteStream(b"<p>"))

    def squeezed(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=JSON | {"content-encoding": "gzip"}, stream=Endless())

    for answer in (page, squeezed):
        assert isinstance(
            await refused(Web(answer, example_com="93.184.216.34"), "https://example.com/"), AnswerWrongType
        )


class Endless(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 64


async def test_a_body_without_an_end_is_left_at_the_limit() -> None:
    def endless(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=JSON, stream=Endless())

    error = await refused(Web(endless, example_com="93.184.216.34"), "https://example.com/", bytes_max=1000)
    assert isinstance(error, AnswerTooLarge) and error.limit == 1000


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    def just(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=JSON, stream=httpx.ByteStream(b"x" * 1000))

    fetched = (
        await Web(just, example_com="93.184.216.34").fetcher().get("https://example.com/", {"application/json"}, 1000)
    )
    assert len(fetched.body) == 1000


class Silent(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""


async def test_who_says_nothing_is_not_waited_for() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=JSON, stream=Silent())

    error = await refused(Web(silent, example_com="93.184.216.34"), "https://example.com/", timeout_s=0.01)
    assert isinstance(error, FetchTooSlow) and error.limit == 0.01


async def test_a_failure_says_nothing_about_the_other_side() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno 111] 10.0.0.7 refused")

    error = await refused(Web(broken, example_com="93.184.216.34"), "https://example.com/")
    assert isinstance(error, FetchFailed) and "10.0.0.7" not in str(error)
    assert isinstance(await refused(Web(found), "https://nowhere.test/"), FetchFailed)


async def test_what_the_settings_name_may_be_inside_and_without_tls() -> None:
    web = Web(found)
    assert (await web.fetcher("http://127.0.0.1:8900").get("http://127.0.0.1:8900/keys", {"application/json"})).body
    assert isinstance(await refused(web, "http://127.0.0.1:8901/keys", "http://127.0.0.1:8900"), UrlRefused)
    assert isinstance(await refused(web, "https://127.0.0.1:8900/keys", "http://127.0.0.1:8900"), AddressRefused)


async def test_a_real_connection_is_not_made_to_this_machine() -> None:
    """By the system's own resolver, which knows this name and those spellings."""
    async with open_fetcher() as fetcher:
        for url in ("https://localhost/", "https://127.1/", "https://0x7f000001/", "https://2130706433/"):
            with pytest.raises(AddressRefused):
                await fetcher.get(url, {"application/json"})


async def test_a_form_goes_to_one_address_and_follows_nobody() -> None:
    web = Web(found, example_com="93.184.216.34")
    fetched = await web.fetcher().post("https://example.com/token", {"a": "b c"}, {"Accept": "x"}, {"application/json"})
    [asked] = web.asked
    assert (asked.method, asked.content, fetched.body) == ("POST", b"a=b+c", b"{}")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (asked.headers["content-length"], asked.headers["accept"]) == ("5", "x")


@pytest.mark.parametrize("status", [307, 400, 500])
async def test_a_form_that_is_not_taken_goes_nowhere_else(status: int) -> None:
    web = Web(
        lambda request: httpx.Response(status, headers={"location": "https://example.com/"}), example_com="1.1.1.1"
    )
    with pytest.raises(StatusUnfit) as refused:
        await web.fetcher().post("https://example.com/token", {}, {}, {"application/json"})
    assert (refused.value.status, len(web.asked)) == (status, 1)

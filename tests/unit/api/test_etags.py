"""Entity tags: of what is answered, and 304 for who has it."""

import pytest
from starlette.responses import Response

from api.etags import as_read, etag_of, names

BODY = b'{"title":"Night train"}'
TAG = etag_of(BODY)


def read(if_none_match: str | None, status: int = 200, **headers: str) -> Response:
    return as_read(Response(BODY, status, headers, "application/json"), if_none_match)


def test_a_read_has_a_tag_of_what_it_says() -> None:
    assert read(None).headers["etag"] == TAG
    assert read(None, etag='"7"').headers["etag"] == '"7"'
    assert etag_of(BODY) != etag_of(BODY + b" ")


@pytest.mark.parametrize("header", [TAG, f"W/{TAG}", f'"other", {TAG}', "*"])
def test_who_has_it_is_not_sent_it_again(header: str) -> None:
    answer = read(header, link="<x>; rel=next")
    assert (answer.status_code, answer.body) == (304, b"")
    assert (answer.headers["etag"], answer.headers["link"]) == (TAG, "<x>; rel=next")
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("header", ['"other"', TAG.strip('"'), ""])
def test_who_has_another_is(header: str) -> None:
    assert (read(header).status_code, read(header).body) == (200, BODY)


def test_only_a_success_has_one() -> None:
    assert "etag" not in read("*", status=206).headers


@pytest.mark.parametrize("header", ["*", TAG, f'"x", {TAG}'])
def test_a_writer_names_what_they_have_seen(header: str) -> None:
    assert names(header, TAG, weak=False)


@pytest.mark.parametrize("header", ['"x"', f"W/{TAG}", ""])
def test_a_weak_tag_is_not_enough_to_write(header: str) -> None:
    assert not names(header, TAG, weak=False)

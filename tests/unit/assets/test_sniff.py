"""What a file is, is told from its bytes: what is on the list, what is refused by name, and heads cut anywhere."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assets.errors import NameUnfit, TypeRefused
from services.assets.model import NAME_CHARS_MAX, checked_name
from services.assets.sniff import HEAD_BYTES, sniff, type_of

TS_PACKET = b"\x47" + bytes(187)
TAKEN = [
    (b"\x89PNG\r\n\x1a\n....", "image/png"),
    (b"\xff\xd8\xff\xe0....", "image/jpeg"),
    (b"GIF89a....", "image/gif"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    (b"II*\0....", "image/tiff"),
    (b"\x76\x2f\x31\x01....", "image/x-exr"),
    (b"SDPX....", "image/x-dpx"),
    (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
    (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
    (b"FORM\0\0\0\x10AIFFCOMM", "audio/aiff"),
    (b"fLaC....", "audio/flac"),
    (b"OggS....", "audio/ogg"),
    (b"ID3\x04....", "audio/mpeg"),
    (b"\xff\xfb\x90\x64....", "audio/mpeg"),
    (b"\0\0\0\x20ftypM4A ....", "audio/mp4"),
    (b"\0\0\0\x20ftypisom....", "video/mp4"),
    (b"\0\0\0\x14ftypqt  ....", "video/quicktime"),
    (b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime"),
    (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"),
    (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "video/x-matroska"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01", "application/mxf"),
    (b"RIFF\x10\0\0\0AVI LIST", "video/x-msvideo"),
    (TS_PACKET * 3, "video/mp2t"),
    (b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello", "text/vtt"),
    (b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\nHello", "application/x-subrip"),
    (b"[Script Info]\nTitle: x", "text/x-ssa"),
    (b'<?xml version="1.0"?>\n<!-- x -->\n<tt xmlns="http://www.w3.org/ns/ttml">', "application/ttml+xml"),
    (b'TITLE "warm"\n# made by hand\nLUT_3D_SIZE 33\n0 0 0', "application/x-cube-lut"),
    (b'<ColorDecisionList xmlns="urn:ASC:CDL:v1.01">', "application/x-asc-cdl+xml"),
    (b"%PDF-1.7\n", "application/pdf"),
    (b'<?xml version="1.0"?><FinalDraft DocumentType="Script">', "application/x-final-draft+xml"),
    ("INT. KÜCHE - NACHT\n\nEin Zug fährt vorbei.".encode(), "text/plain"),
]
REFUSED = [
    (b"MZ\x90\0", "Windows"),
    (b"\x7fELF\x02", "Linux"),
    (b"#!/bin/sh\nrm", "script"),
    (b"PK\x03\x04....", "ZIP"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd", "playlist"),
    (b"ffconcat version 1.0\nfile /etc/passwd", "list of files"),
    (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
    (b'<?xml version="1.0"?><!-- a --><!-- b -->\n<svg onload="alert(1)">', "SVG"),
    (b"<!DOCTYPE html><script>", "HTML"),
    (b"  <script>alert(1)</script>", "HTML"),
    (b"\0\0\0\x20ftypheic....", "HEIC"),
    (b"8BPS\0\x01", "Photoshop"),
    (b"\x00\x01\x02\x03", "unknown"),
    (b"\xfe\xfe\xfe\xfe\xfe\xfe\xfe\xfe", "unknown"),
    (b"RIFF\x10\0\0\0ACON....", "unknown"),
]


@pytest.mark.parametrize(("head", "content_type"), TAKEN)
def test_what_is_taken(head: bytes, content_type: str) -> None:
    found = sniff(head, whole=True)
    assert found.content_type == content_type
    assert type_of(content_type) == found


@pytest.mark.parametrize(("head", "what"), REFUSED)
def test_what_is_refused_by_its_name(head: bytes, what: str) -> None:
    with pytest.raises(TypeRefused, match=what):
        sniff(head, whole=True)


def test_a_head_may_end_within_a_character() -> None:
    text = "ä" * HEAD_BYTES
    assert sniff(b"x" + text.encode()[: HEAD_BYTES - 1], whole=False).content_type == "text/plain"
    with pytest.raises(TypeRefused):
        sniff(b"x" + text.encode()[: HEAD_BYTES - 1], whole=True)


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_are_judged(head: bytes) -> None:
    try:
        found = sniff(head, whole=True)
        assert type_of(found.content_type) == found
    except TypeRefused as error:
        assert error.what


@pytest.mark.parametrize("piece", [b"<!-->", b"<!--a-->", b"<?xml", b"#\n", b"1\n", b" ", b"LUT_3D_SIZE", b"TITLE \n"])
def test_no_head_takes_long(piece: bytes) -> None:
    head = (piece * HEAD_BYTES)[:HEAD_BYTES]
    before = time.process_time()
    try:
        sniff(head, whole=False)
    except TypeRefused:
        pass
    assert time.process_time() - before < 0.05


@pytest.mark.parametrize(
    ("given_name", "name"),
    [("take.mov", "take.mov"), ("C:\\films\\a.mov", "a.mov"), ("../../etc/passwd", "passwd"), ("e\u0301.wav", "é.wav")],
)
def test_a_name_is_the_last_piece(given_name: str, name: str) -> None:
    assert checked_name(given_name) == name


@pytest.mark.parametrize("name", ["", " ", "a/", "a\0b", "a\nb", "x" * (NAME_CHARS_MAX + 1)])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(NameUnfit):
        checked_name(name)

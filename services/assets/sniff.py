"""What a file is, told from its first bytes alone; pure. Its name and what the sender calls it say nothing here.

An allow-list: what is not in it is refused, by its name where it is known. Not whether the file is whole: `ingest.py`.
"""

import re
from dataclasses import dataclass

from services.assets.errors import TypeRefused
from services.assets.model import Kind

HEAD_BYTES = 4096
"""As much as is looked at; a shorter file is looked at whole."""


@dataclass(frozen=True, slots=True)
class FileType:
    """`demuxer`: what ffmpeg is told that it is, so that it does not guess; empty for what it never sees."""

    content_type: str
    kind: Kind
    demuxer: str = ""


_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", FileType("image/png", Kind.PICTURE, "png_pipe")),
    (b"\xff\xd8\xff", FileType("image/jpeg", Kind.PICTURE, "jpeg_pipe")),
    (b"GIF87a", FileType("image/gif", Kind.PICTURE, "gif")),
    (b"GIF89a", FileType("image/gif", Kind.PICTURE, "gif")),
    (b"II*\x00", FileType("image/tiff", Kind.PICTURE, "tiff_pipe")),
    (b"MM\x00*", FileType("image/tiff", Kind.PICTURE, "tiff_pipe")),
    (b"\x76\x2f\x31\x01", FileType("image/x-exr", Kind.PICTURE, "exr_pipe")),
    (b"SDPX", FileType("image/x-dpx", Kind.PICTURE, "dpx_pipe")),
    (b"XPDS", FileType("image/x-dpx", Kind.PICTURE, "dpx_pipe")),
)
_SOUNDS = (
    (b"fLaC", FileType("audio/flac", Kind.SOUND, "flac")),
    (b"OggS", FileType("audio/ogg", Kind.SOUND, "ogg")),
    (b"ID3", FileType("audio/mpeg", Kind.SOUND, "mp3")),
)
_FILMS = (
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", FileType("application/mxf", Kind.FILM, "mxf")),
    (b"\x00\x00\x01\xba", FileType("video/mpeg", Kind.FILM, "mpeg")),
)
_CHUNKED = {
    b"WEBP": FileType("image/webp", Kind.PICTURE, "webp_pipe"),
    b"WAVE": FileType("audio/wav", Kind.SOUND, "wav"),
    b"AVI ": FileType("video/x-msvideo", Kind.FILM, "avi"),
}
_BRANDS = {
    b"M4A ": FileType("audio/mp4", Kind.SOUND, "mov"),
    b"M4B ": FileType("audio/mp4", Kind.SOUND, "mov"),
    b"qt  ": FileType("video/quicktime", Kind.FILM, "mov"),
}
_REFUSED_BRANDS = {
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"mif1": "a HEIF picture",
    b"avif": "an AVIF picture",
}
_AIFF = FileType("audio/aiff", Kind.SOUND, "aiff")
_WEBM = FileType("video/webm", Kind.FILM, "matroska")
_MATROSKA = FileType("video/x-matroska", Kind.FILM, "matroska")
_MP4 = FileType("video/mp4", Kind.FILM, "mov")
_REFUSED = (
    (b"MZ", "a program for Windows"),
    (b"\x7fELF", "a program for Linux"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"#!", "a script"),
    (b"PK\x03\x04", "a ZIP archive, or a document that is one"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"Rar!", "a RAR archive"),
    (b"%!PS", "PostScript"),
    (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"FLV", "Flash video"),
    (b"FWS", "Flash"),
    (b"CWS", "Flash"),
)
_REFUSED_TEXTS = (
    (re.compile(r"#EXTM3U"), "a playlist"),
    (re.compile(r"ffconcat "), "a list of files"),
    (re.compile(r"<(!doctype )?svg[\s>]", re.I), "an SVG picture"),
    (re.compile(r"<(!doctype html|html|head|body|script|iframe|meta|link)[\s>]", re.I), "HTML"),
    (re.compile(r"<\?php", re.I), "a script"),
)
_TEXTS = (
    (re.compile(r"WEBVTT([ \t\n]|$)"), FileType("text/vtt", Kind.SUBTITLE)),
    (re.compile(r"\d+[ \t]*\n\d\d:\d\d:\d\d[,.]\d{3} -->"), FileType("application/x-subrip", Kind.SUBTITLE)),
    (re.compile(r"\[Script Info\]"), FileType("text/x-ssa", Kind.SUBTITLE)),
    (re.compile(r"<(tt:)?tt[\s>]"), FileType("application/ttml+xml", Kind.SUBTITLE)),
    (
        re.compile(r"<Color(DecisionList|CorrectionCollection|Correction)[\s>]"),
        FileType("application/x-asc-cdl+xml", Kind.LUT),
    ),
    (re.compile(r"<FinalDraft[\s>]"), FileType("application/x-final-draft+xml", Kind.DOCUMENT)),
)
"""Of what is behind an XML declaration and comments."""
_CUBE = FileType("application/x-cube-lut", Kind.LUT)
_CUBE_SIZE = re.compile(r"^LUT_[13]D_SIZE[ \t]+\d", re.MULTILINE)
_PDF = FileType("application/pdf", Kind.DOCUMENT)
_PLAIN = FileType("text/plain", Kind.DOCUMENT)
_TS = FileType("video/mp2t", Kind.FILM, "mpegts")
_MP3 = FileType("audio/mpeg", Kind.SOUND, "mp3")
_MP3_FRAME = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][\x10-\xeb]", re.S)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def sniff(head: bytes, *, whole: bool) -> FileType:
    """`head`: the first `HEAD_BYTES` of the file, or all of it if `whole`. Raises `TypeRefused`."""
    for tell in (_of_signature, _of_container, _of_stream):
        found = tell(head)
        if found is not None:
            return found
    for signature, what in _REFUSED:
        if head.startswith(signature):
            raise TypeRefused(what)
    return _of_text(head, whole=whole)


def type_of(content_type: str) -> FileType:
    """The one that `sniff` has told."""
    return _BY_NAME[content_type]


def _of_signature(head: bytes) -> FileType | None:
    for signature, found in (*_PICTURES, *_SOUNDS, *_FILMS):
        if head.startswith(signature):
            return found
    return _PDF if head.startswith(b"%PDF-") else None


def _of_container(head: bytes) -> FileType | None:
    """Files of chunks: RIFF, AIFF, ISO base media, Matroska."""
    if head[:4] in (b"RIFF", b"RF64"):
        return _CHUNKED.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _AIFF
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _REFUSED_BRANDS:
            raise TypeRefused(_REFUSED_BRANDS[brand])
        return _BRANDS.get(brand, _MP4)
    if head[4:8] in (b"moov", b"mdat", b"wide"):
        return _BRANDS[b"qt  "]
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _WEBM if b"webm" in head[:64] else _MATROSKA
    return None


def _of_stream(head: bytes) -> FileType | None:
    """Files that are one packet after another."""
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return _TS
    return _MP3 if _MP3_FRAME.match(head) else None


def _of_text(head: bytes, *, whole: bool) -> FileType:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if whole or error.start < len(head) - 3:  # the head may end within a character
            raise TypeRefused("something unknown") from error
        text = head[: error.start].decode("utf-8-sig")
    if _CONTROLS.search(text):
        raise TypeRefused("something unknown")
    lines = text.replace("\r\n", "\n")
    beginning = _beginning(lines)
    for pattern, what in _REFUSED_TEXTS:
        if pattern.match(beginning):
            raise TypeRefused(what)
    for shape, found in _TEXTS:
        if shape.match(beginning):
            return found
    return _CUBE if _CUBE_SIZE.search(lines) else _PLAIN


def _beginning(text: str) -> str:
    """Behind white space, an XML declaration and comments."""
    rest = text.lstrip()
    while rest.startswith(("<?xml", "<!--")):
        _, end, behind = rest.partition("?>" if rest.startswith("<?xml") else "-->")
        if not end:
            return rest
        rest = behind.lstrip()
    return rest


_BY_NAME = {
    each.content_type: each
    for each in (
        *(found for _, found in (*_PICTURES, *_SOUNDS, *_FILMS)),
        *_CHUNKED.values(),
        *_BRANDS.values(),
        *(found for _, found in _TEXTS),
        *(_AIFF, _WEBM, _MP4, _MATROSKA, _TS, _PDF, _CUBE, _PLAIN),
    )
}

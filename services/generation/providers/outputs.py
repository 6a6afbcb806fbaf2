"""What a provider made, brought home at once: fetched, known by its bytes, decoded to its end, kept by its hash.

Addresses of results are somebody else's: they are fetched as strictly as those that people type in. Not how good a
result is (`services/generation/quality`), only that it is what was paid for.
"""

import asyncio
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services import programs
from services.assets import ffmpeg, probe, sniff
from services.assets.errors import FileUnreadable, TypeRefused
from services.assets.model import Kind as FileKind
from services.fetching.errors import FetchError, FetchFailed, FetchTooSlow, StatusUnfit
from services.fetching.fetch import Fetcher
from services.generation.providers.capabilities import Kind
from services.generation.providers.errors import OutputUnfit
from services.generation.providers.port import Failure, FailureKind, Inline, Output
from services.programs import Bounds, ProgramFailed
from storage.objects import Objects, hash_of

OUTPUT_BYTES_MAX = 256 * 1024 * 1024
DOWNLOAD_S_MAX = 120.0
DECODE_S_MAX = 300.0
BOUNDS = Bounds(memory_bytes=4 * 1024**3, cpu_s=600, file_bytes=1024**2)
SHORT_S_MAX = 0.5
"""A film may be shorter than was asked for by this, or by `SHORT_SHARE_MAX`, whichever is more."""
SHORT_SHARE_MAX = 0.1
CONTENT_TYPES = frozenset(
    {
        *("video/mp4", "video/quicktime", "video/webm", "image/png", "image/jpeg", "image/webp"),
        *("audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "application/json", "text/plain"),
        *("application/octet-stream", "binary/octet-stream"),
    }
)
"""As a server may call a result; what it is, its bytes tell."""
_FILES = {
    Kind.IMAGE: FileKind.PICTURE,
    Kind.VIDEO: FileKind.FILM,
    Kind.VOICE: FileKind.SOUND,
    Kind.SOUND: FileKind.SOUND,
}
_EXPIRED = frozenset({401, 403, 404, 410})


@dataclass(frozen=True, slots=True)
class Kept:
    """One result in the object store. `media`: its SHA-256. `duration_s` None: a picture, or words."""

    media: str
    content_type: str
    size_bytes: int
    duration_s: float | None


class Outputs:
    """`fetcher` may reach inside only where the settings say so (the stubs)."""

    def __init__(self, fetcher: Fetcher, objects: Objects, scratch: Path) -> None:
        self._fetcher = fetcher
        self._objects = objects
        self._scratch = scratch

    async def keep(self, output: Output, kind: Kind, wanted_s: float | None = None) -> Kept:
        """`wanted_s`: how long it was to be. Raises `OutputUnfit`: `GONE` when the address has expired."""
        data = output.data if isinstance(output, Inline) else await self.download(output.url)
        if not data or len(data) > OUTPUT_BYTES_MAX:
            raise _unfit("size", f"The result has {len(data)} bytes.")
        content_type, duration_s = await self._judged(data, kind, wanted_s)
        media = await asyncio.to_thread(hash_of, data)
        await self._objects.put(media, data, content_type)
        return Kept(media, content_type, len(data), duration_s)

    async def download(self, url: str) -> bytes:
        """Raises `OutputUnfit`."""
        try:
            fetched = await self._fetcher.get(url, CONTENT_TYPES, OUTPUT_BYTES_MAX, DOWNLOAD_S_MAX)
        except StatusUnfit as error:
            kind = FailureKind.GONE if error.status in _EXPIRED else FailureKind.RETRYABLE
            raise OutputUnfit(
                Failure(kind, "output.address", f"The result's address answers {error.status}.")
            ) from error
        except (FetchFailed, FetchTooSlow) as error:
            raise _unfit("away", f"The result could not be fetched: {error}") from error
        except FetchError as error:
            raise OutputUnfit(Failure(FailureKind.INVALID, error.code, f"The result is refused: {error}")) from error
        return fetched.body

    async def _judged(self, data: bytes, kind: Kind, wanted_s: float | None) -> tuple[str, float | None]:
        """(content type, seconds)."""
        if kind is Kind.TEXT:
            return _words(data), None
        try:
            found = sniff.sniff(data[: sniff.HEAD_BYTES], whole=len(data) <= sniff.HEAD_BYTES)
        except TypeRefused as error:
            raise _unfit("type", f"The result is {error}.") from error
        if found.kind is not _FILES[kind]:
            raise _unfit("type", f"The result is {found.content_type} instead of {kind.value}.")
        duration_s = await self._decoded(data, found)
        if duration_s is not None and wanted_s is not None:
            if wanted_s - duration_s > max(SHORT_S_MAX, SHORT_SHARE_MAX * wanted_s):
                raise _unfit("short", f"The result has {duration_s:.1f} s instead of {wanted_s:g} s.")
        return found.content_type, duration_s

    async def _decoded(self, data: bytes, found: sniff.FileType) -> float | None:
        """Every packet is decoded, and the first that cannot be ends it. Seconds; None for pictures."""
        with tempfile.TemporaryDirectory(prefix="output-", dir=self._scratch) as name:
            folder = Path(name)
            await asyncio.to_thread((folder / ffmpeg.SOURCE).write_bytes, data)
            packets = probe.Packets()
            try:
                async with asyncio.timeout(DECODE_S_MAX):
                    await programs.run(_decode(found.demuxer), folder, bounds=BOUNDS)
                    if found.kind is FileKind.PICTURE:
                        return None
                    read = ffmpeg.packets(found.demuxer)
                    await programs.lines(read, folder, b"", packets.hear, bounds=BOUNDS)
                return float(packets.length_s)
            except (ProgramFailed, FileUnreadable, TimeoutError) as error:
                raise _unfit("damaged", "The result does not decode.") from error


def _decode(demuxer: str) -> list[str]:
    """All of it, into nothing."""
    read = ffmpeg.read(demuxer, "-xerror")
    return [*read, "-map", "0:V?", "-map", "0:a?", "-fps_mode", "passthrough", "-f", "null", "-"]


def _words(data: bytes) -> str:
    """What kind of words. A lone number is words, too, and no JSON that anybody asked for."""
    try:
        text = data.decode()
        json.loads(text)
    except UnicodeDecodeError as error:
        raise _unfit("type", "The result is not text.") from error
    except (ValueError, RecursionError):
        return "text/plain"
    return "application/json" if text.lstrip()[:1] in ("{", "[") else "text/plain"


def _unfit(code: str, sentence: str) -> OutputUnfit:
    return OutputUnfit(Failure(FailureKind.RETRYABLE, f"output.{code}", sentence))

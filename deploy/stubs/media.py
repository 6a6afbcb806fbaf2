"""What stubs make: real, small films, pictures and sounds, and broken ones.

By ffmpeg; each is made once in a process.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.stubs.stage import Made
from services import programs
from services.generation.providers.animatic import ffmpeg

CONTENT_TYPES = {"mp4": "video/mp4", "png": "image/png", "mp3": "audio/mpeg"}


class Media:
    """`of` makes, or remembers."""

    def __init__(self) -> None:
        self._made: dict[Made, bytes] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, made: Made) -> bytes:
        """The file."""
        async with self._one_at_a_time:
            if made not in self._made:
                self._made[made] = await _make(made)
            return self._made[made]


def spoiled(data: bytes) -> bytes:
    """As long as before, with the right first bytes, and nothing that decodes."""
    return data[:64] + bytes(len(data) - 64)


async def _make(made: Made) -> bytes:
    with tempfile.TemporaryDirectory(prefix="storyforge-stub-") as name:
        folder, target = Path(name), f"made.{made.kind}"
        await programs.run(_command(made, target), folder)
        return (folder / target).read_bytes()


def _command(made: Made, target: str) -> Sequence[str]:
    quiet = (ffmpeg.program(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y")
    length = f"{made.duration_s:g}"
    size = f"size={made.width}x{made.height}:rate=24"
    sources = {"moving": f"testsrc={size}", "black": f"color=black:{size}", "frozen": f"testsrc={size},loop=-1:1"}
    picture = ("-f", "lavfi", "-i", sources[made.shows])
    sound = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")
    match made.kind:
        case "png":
            return [*quiet, *picture, "-frames:v", "1", target]
        case "mp3":
            return [*quiet, *sound, "-t", length, "-b:a", "128k", target]
    with_sound = (*sound, "-map", "0:v", "-map", "1:a", "-c:a", "aac") if made.sounding else ()
    film = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    return [*quiet, *picture, *with_sound, "-t", length, *film, target]

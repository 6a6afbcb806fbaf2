"""What a take is to become, and what it has become; plain data.

Not how (`picture.py`, `sound.py`, `parts.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.assets.parts import Made
from services.generation.request import Picture

TARGET_LUFS = -23.0
"""EBU R 128."""
PEAK_DBTP = -1.0


@dataclass(frozen=True, slots=True)
class Cue:
    """A sound and where it begins: `file` in the folder, `at_frame` of the picture; what lies before 0 is cut off.

    `demuxer`: ffmpeg's name of what the file is, found by its bytes and never guessed.
    """

    file: str
    at_frame: int = 0
    gain_db: float = 0.0
    demuxer: str = "wav"


@dataclass(frozen=True, slots=True)
class Recipe:
    """`look`: a .cube file in the folder, None leaves the colours. `steady`: the camera's tremor is taken out.

    `target_lufs`: None leaves the sound as loud as it is, as for a scene in which nobody speaks: its room would be
    lifted to the loudness of a voice.
    """

    picture: Picture
    frames: int
    look: str | None = None
    steady: bool = False
    target_lufs: float | None = TARGET_LUFS
    peak_dbtp: float = PEAK_DBTP

    @property
    def length_s(self) -> float:
        return self.frames * self.picture.rate[1] / self.picture.rate[0]


@dataclass(frozen=True, slots=True)
class Loudness:
    """As measured (EBU R 128). `on_target`: within 1 LU of what was wanted, and no true peak above its limit."""

    integrated_lufs: float
    true_peak_dbtp: float
    on_target: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """Files in the folder. `loudness`: None where the sound is too short or too quiet to have one.

    `parts`: `thumb`, `peaks`, `sprite`, `sprite_vtt`, `hls` and `hls_media`; no `peaks` without sound.
    """

    take: str
    loudness: Loudness | None
    parts: Mapping[str, Made]

"""Settings of a process as a whole; those of each door and of the stores are in their own packages.

Read once, in `main`; not a global.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import SettingMissing
from storage.settings import StoreSettings


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """`public_url` is the issuer of every token. `heartbeat_file` None: nobody watches from outside."""

    stores: StoreSettings
    public_url: str
    signing_keys_file: Path
    heartbeat_file: Path | None = None
    standstill_cpu_s: float | None = None
    """Of processor time in which the loop does not come round once, after which the process is ended; None: never."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "ProcessSettings":
        """Raises `SettingMissing`."""
        heartbeat = environ.get("STORYFORGE_HEARTBEAT_FILE")
        standstill = environ.get("STORYFORGE_STANDSTILL_CPU_S")
        return cls(
            stores=StoreSettings.from_env(environ),
            public_url=_required(environ, "STORYFORGE_PUBLIC_URL").rstrip("/"),
            signing_keys_file=Path(_required(environ, "STORYFORGE_SIGNING_KEYS_FILE")),
            heartbeat_file=Path(heartbeat) if heartbeat else None,
            standstill_cpu_s=float(standstill) if standstill else None,
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingMissing(f"{name} is not set. ./dev env prints the settings of a data folder.")
    return value

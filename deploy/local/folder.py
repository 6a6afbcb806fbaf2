"""The data folder of one machine: may it be written, is there space, files that only we read.

Knows nothing of what the servers keep in it.
"""

import os
import secrets
from pathlib import Path

from deploy.errors import DataUnwritable, DiskFull

FREE_BYTES_MIN = 512 * 1024 * 1024


def prepare(folder: Path, free_bytes_min: int = FREE_BYTES_MIN) -> None:
    """Makes it, 0700. Raises `DataUnwritable` or `DiskFull`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "logs").mkdir(exist_ok=True)
        probe = folder / ".write-test"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise DataUnwritable(
            f"{folder} cannot be written ({error.strerror}). Choose another folder with --data, or mend its rights."
        ) from error
    state = os.statvfs(folder)
    free = state.f_bavail * state.f_frsize
    if free < free_bytes_min:
        raise DiskFull(
            f"Only {free // 2**20} MiB are free on the disk of {folder}, {free_bytes_min // 2**20} MiB are needed. "
            "Free some space, or choose another folder with --data."
        )


def write_private(path: Path, text: str) -> None:
    """0600 from its first byte on, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

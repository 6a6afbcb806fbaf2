"""Where the stores are, read once from the environment.

Not a global: the door's `main` reads it and hands it to `open_stores`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from storage.errors import SettingMissing


@dataclass(frozen=True, slots=True)
class PineconeSettings:
    """`host`: of an index of 512 dimensions with the metric cosine."""

    host: str
    api_key: str = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "PineconeSettings | None":
        """None: the vectors are in PostgreSQL."""
        host, key = environ.get("STORYFORGE_PINECONE_HOST", ""), environ.get("STORYFORGE_PINECONE_API_KEY", "")
        return cls(host, key) if host and key else None


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Addresses; the keys of an `s3://` store may also come from the libraries' own chains (None).

    `announcements_folder`: on this machine, kept when the process ends; None: what ends a process stays unknown.
    """

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    objects_url: str
    aws_access_key_id: str | None = field(default=None, repr=False)
    aws_secret_access_key: str | None = field(default=None, repr=False)
    pool_connections_max: int = 16
    announcements_folder: Path | None = None
    pinecone: PineconeSettings | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "StoreSettings":
        """Raises `SettingMissing`."""
        announcements = environ.get("STORYFORGE_ANNOUNCEMENTS_DIR")
        return cls(
            database_url=_required(environ, "STORYFORGE_DATABASE_URL"),
            redis_url=_required(environ, "STORYFORGE_REDIS_URL"),
            objects_url=_required(environ, "STORYFORGE_OBJECTS_URL"),
            aws_access_key_id=environ.get("AWS_ACCESS_KEY_ID") or None,
            aws_secret_access_key=environ.get("AWS_SECRET_ACCESS_KEY") or None,
            announcements_folder=Path(announcements) if announcements else None,
            pinecone=PineconeSettings.from_env(environ),
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingMissing(f"{name} is not set")
    return value

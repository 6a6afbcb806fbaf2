"""What a worker is told from outside, read once.

Not the stores' addresses, except Redis, which arq connects to by itself.
"""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.generation.model import RENEW_S, SWEEP_S
from services.generation.providers.settings import ProviderSettings
from services.generation.shots.closer import AGAIN_S
from services.projects.purge import PURGE_AFTER_DAYS
from services.runs.model import LEASE_S
from storage.errors import SettingMissing
from storage.mail import SENDER

SLOTS_MAX = 64
SEGMENT_AFTER_DAYS = 30
COLLECT_AFTER_DAYS = 30
DAYS_MAX = 36_500
ARCHIVE_INTERVAL_S = 60.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`slots`: runs at once. `scratch`: where their folders are made.

    `segment_after_days`: how old rows of the log are when they may leave PostgreSQL for the object store.
    `purge_after_days`: for how long a deleted project or episode can be brought back.
    `mail_url`: where mail goes, as the API has it; empty: what waits is not looked at. `public_url`: where it leads.
    `collect_after_days`: for how long media stays that nothing refers to. `providers`: who makes pictures for money.
    `close_again_s`: how often a call that nobody follows is asked about.
    """

    redis_url: str = field(repr=False)
    node_id: str
    slots: int = 1
    scratch: Path = Path(tempfile.gettempdir())
    lease_s: float = LEASE_S
    renew_s: float = RENEW_S
    sweep_s: float = SWEEP_S
    segment_after_days: int = SEGMENT_AFTER_DAYS
    archive_interval_s: float = ARCHIVE_INTERVAL_S
    purge_after_days: int = PURGE_AFTER_DAYS
    collect_after_days: int = COLLECT_AFTER_DAYS
    public_url: str = "http://localhost"
    mail_url: str = field(default="", repr=False)
    mail_from: str = SENDER
    providers: ProviderSettings = field(default_factory=ProviderSettings)
    close_again_s: float = AGAIN_S

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "WorkerSettings":
        """Raises `SettingMissing`, `ProviderSettingsError`. A run uses about two cores at its busiest."""
        redis_url = environ.get("STORYFORGE_REDIS_URL", "")
        if not redis_url:
            raise SettingMissing("STORYFORGE_REDIS_URL is not set")
        slots = environ.get("STORYFORGE_WORKER_SLOTS", "") or str(max(1, (os.cpu_count() or 2) // 2))
        if not slots.isdecimal() or not 1 <= int(slots) <= SLOTS_MAX:
            raise SettingMissing(f"STORYFORGE_WORKER_SLOTS must be a number from 1 to {SLOTS_MAX}, not {slots!r}")
        return cls(
            redis_url=redis_url,
            node_id=environ.get("STORYFORGE_NODE_ID") or secrets.token_hex(8),
            slots=int(slots),
            scratch=Path(environ.get("STORYFORGE_SCRATCH_DIR") or tempfile.gettempdir()),
            segment_after_days=_days(environ, "STORYFORGE_SEGMENT_AFTER_DAYS", SEGMENT_AFTER_DAYS),
            purge_after_days=_days(environ, "STORYFORGE_PURGE_AFTER_DAYS", PURGE_AFTER_DAYS),
            collect_after_days=_days(environ, "STORYFORGE_COLLECT_AFTER_DAYS", COLLECT_AFTER_DAYS),
            public_url=environ.get("STORYFORGE_PUBLIC_URL", "").rstrip("/"),
            mail_url=environ.get("STORYFORGE_MAIL_URL", ""),
            mail_from=environ.get("STORYFORGE_MAIL_FROM", SENDER),
            providers=ProviderSettings.from_env(environ),
        )


def _days(environ: Mapping[str, str], name: str, default: int) -> int:
    """Raises `SettingMissing`."""
    days = environ.get(name, "") or str(default)
    if not days.isdecimal() or int(days) > DAYS_MAX:
        raise SettingMissing(f"{name} must be a number from 0 to {DAYS_MAX}, not {days!r}")
    return int(days)

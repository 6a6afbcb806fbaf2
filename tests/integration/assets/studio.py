"""Projects, files made by ffmpeg, and a worker that takes them in: what these tests play with."""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry

from jobs.intake import Intake
from jobs.metrics import WorkerMetrics
from jobs.settings import WorkerSettings
from services.assets.ffmpeg import program
from services.assets.ingest import Ingest
from services.assets.uploads import Arrivals
from services.projects.model import Project, ProjectKind
from services.projects.service import Projects
from services.users.model import Actor
from storage.events import read_events
from storage.log import DocumentLog
from storage.stores import Stores
from storage.tables import assets, users
from storage.tables.assets import AssetRow
from storage.tables.users import UserRow

NOW = 1_800_000_000.0


def ffmpeg(folder: Path, target: str, *arguments: str) -> bytes:
    """A file that ffmpeg makes, as bytes."""
    command = [program(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *arguments, target]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return (folder / target).read_bytes()


def film(folder: Path, target: str = "film.mp4", *more: str, seconds: int = 3, rate: str = "24000/1001") -> bytes:
    """Moving bars and a tone; no two are the same bytes."""
    bars = ("-f", "lavfi", "-i", f"testsrc2=s=320x180:r={rate}:d={seconds}")
    tone = ("-f", "lavfi", "-i", f"sine=f=440:d={seconds}:r=48000")
    codecs = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-c:a", "aac")
    return ffmpeg(folder, target, *bars, *tone, *codecs, "-metadata", f"comment={uuid4().hex}", *more)


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


@dataclass(frozen=True)
class Studio:
    """`scratch`: the worker's folder."""

    stores: Stores
    settings: WorkerSettings
    scratch: Path

    @property
    def arrivals(self) -> Arrivals:
        return Arrivals(self.stores.pool, self.stores.uploads, self.stores.bus)

    @property
    def ingest(self) -> Ingest:
        return Ingest(self.stores.pool, self.stores.objects, self.stores.uploads, self.stores.bus)

    @property
    def intake(self) -> Intake:
        return Intake(self.ingest, self.stores.bus, self.settings, WorkerMetrics(CollectorRegistry()))

    async def project(self) -> tuple[Actor, Project]:
        user = UserRow(uuid4(), f"{uuid4().hex}@studio.test", "Ada", "#aa33bb")
        await users.add_user(self.stores.pool, user)
        actor = Actor(user.id, user.name, user.colour, "person", "")
        log = DocumentLog(self.stores.pool, self.stores.objects)
        return actor, await Projects(self.stores.pool, log).create(actor, "Night train", ProjectKind.SHORT, NOW)

    async def uploaded(self, actor: Actor, project: Project, data: bytes, name: str = "file") -> UUID:
        """An asset that waits."""
        row = await self.arrivals.begin(actor, project.id, name, "", len(data), NOW)
        await self.arrivals.receive(actor, row.id, 0, once(data))
        return row.id

    async def taken_in(self, actor: Actor, project: Project, data: bytes) -> AssetRow:
        """An asset that a worker has ended with."""
        asset_id = await self.uploaded(actor, project, data)
        assert await self.intake.take()
        return await self.asset(asset_id)

    async def asset(self, asset_id: UUID) -> AssetRow:
        row = await assets.asset_of_id(self.stores.pool, asset_id)
        assert row is not None
        return row

    async def rights(self, project: Project) -> set[str]:
        rows = await self.stores.pool.fetch("select hash from project_media where project_id = $1", project.id)
        return {row["hash"] for row in rows}

    async def events(self, project: Project) -> list[dict[str, Any]]:
        found = await read_events(self.stores.pool, project.id, 0)
        return [event.payload for event in found if event.kind == "asset"]

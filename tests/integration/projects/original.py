"""A project worth copying: a season, episodes, scenes with shots, takes as rows and in documents, cuts, a character."""

import secrets
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from pycrdt import Doc

from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.documents.replica import Change
from services.projects.copying import Copying
from services.projects.duplication import Duplications
from services.projects.episodes import Episodes
from services.projects.model import Episode, Project, ProjectKind
from services.projects.service import Projects
from services.users.model import Actor
from storage.bus import Bus
from storage.log import DocumentLog
from storage.objects import Objects
from storage.snapshots import Snapshots
from storage.tables import characters, media
from storage.tables.characters import CharacterFields
from storage.tables.media import MediaRow
from sync import ids
from sync.storyboard import server
from sync.timeline import seed as timeline
from tests import scenery

SCENES_OF_EDIT = 20
"""A server edit is made under the lock of the head, so it has to be short."""
SHOTS = 3

ADD_RUNS = """
insert into runs (id, project_id, document_id, scene_id, requested_by, state, request)
select run.id, $2, $3, run.scene, $4, 'complete', '{}' from unnest($1::uuid[], $5::text[]) as run (id, scene)
"""
ADD_TAKES = """
insert into takes (id, project_id, document_id, scene_id, run_id, number, media_hash, thumb_hash,
                   frames, width, height, rate_num, rate_den, provenance)
select take.id, $1, $2, take.scene, take.run, take.number, $3, $3, 48, 1280, 720, 24, 1, '{"by": "test"}'
from unnest($4::uuid[], $5::text[], $6::uuid[], $7::integer[]) as take (id, scene, run, number)
"""
ADD_PARTS = """
insert into take_parts (take_id, project_id, name, media, facts)
select take.id, $1, 'sprite', $2, '{"tiles": 2}' from unnest($3::uuid[]) as take (id)
"""


@dataclass(frozen=True)
class House:
    """The services that make and copy projects, over one pool and one bus."""

    pool: asyncpg.Pool
    log: DocumentLog
    editor: DocumentEditor
    projector: Projector
    projects: Projects
    episodes: Episodes
    duplications: Duplications
    copying: Copying

    @classmethod
    def over(cls, pool: asyncpg.Pool, objects: Objects, bus: Bus) -> "House":
        log = DocumentLog(pool, objects)
        editor = DocumentEditor(log, Snapshots(pool, objects), bus, pool)
        projector = Projector(KeptDocuments(editor), pool, bus)
        return cls(
            pool,
            log,
            editor,
            projector,
            Projects(pool, log),
            Episodes(pool, log, bus),
            Duplications(pool, bus),
            Copying(pool, log, editor, projector, bus),
        )

    async def original(self, owner: Actor, *, scenes: int = 2, takes: int = 2) -> Project:
        """A series of a season with one episode, and an episode of no season; `takes` of each scene."""
        project = await self.projects.create(owner, "The line", ProjectKind.SERIES, time.time())
        season = await self.episodes.add_season(owner, project.id, "One", time.time())
        await self.episodes.add(owner, project.id, "Pilot", time.time(), season.id)
        picture = await self._media(project.id)
        for episode in (await self.episodes.outline(owner, project.id)).episodes:
            await self.fill(owner, project.id, episode, picture, scenes=scenes, takes=takes)
        fields = CharacterFields("Mara", [0.5] * 512, {"hair": "red"}, None, [picture])
        async with self.pool.acquire() as connection, connection.transaction():
            await characters.add_character(connection, project.id, uuid4(), fields)
        return project

    async def fill(
        self, owner: Actor, project_id: UUID, episode: Episode, picture: str, *, scenes: int, takes: int
    ) -> None:
        """Scenes, their takes and a cut that shows each scene by its newest take."""
        scene_ids = [ids.new("scn", secrets.token_bytes(16)) for _ in range(scenes)]
        for start in range(0, scenes, SCENES_OF_EDIT):
            chosen = scene_ids[start : start + SCENES_OF_EDIT]
            made = await self._takes(owner, project_id, episode.storyboard.id, chosen, picture, takes)

            def write(doc: Doc[Any], chosen: list[str] = chosen, made: list[server.TakeEntry] = made) -> None:
                for number, scene_id in enumerate(chosen):
                    scenery.add_scene(doc, _scene(scene_id, number))
                for take in made:
                    server.write_take(doc, take)

            await self._edit(episode.storyboard.id, write)

        def cut(doc: Doc[Any]) -> None:
            for number, scene_id in enumerate(scene_ids):
                clip_id = ids.new("clp", secrets.token_bytes(16))
                timeline.add_clip(doc, clip_id, ord=f"V{number:04d}V", frames=48, scene_id=scene_id)

        await self._edit(episode.timeline.id, cut)
        await self.projector.project(episode.storyboard.id)
        await self.projector.project(episode.timeline.id)

    async def _edit(self, document_id: UUID, change: Change) -> None:
        await self.editor.edit(document_id, change, origin="test", batch_id=uuid4())

    async def _media(self, project_id: UUID) -> str:
        hash = secrets.token_hex(32)
        await media.add_media(self.pool, project_id, MediaRow(hash, "image/jpeg", 1_000))
        return hash

    async def _takes(
        self, owner: Actor, project_id: UUID, document_id: UUID, scenes: list[str], picture: str, count: int
    ) -> list[server.TakeEntry]:
        """Their rows; and those that the document shows."""
        rows = [(uuid4(), scene, uuid4(), number) for scene in scenes for number in range(1, count + 1)]
        columns = [[row[place] for row in rows] for place in range(4)]
        await self.pool.execute(ADD_RUNS, columns[2], project_id, document_id, owner.user_id, columns[1])
        await self.pool.execute(ADD_TAKES, project_id, document_id, picture, *columns)
        await self.pool.execute(ADD_PARTS, project_id, picture, columns[0])
        return [
            server.TakeEntry(
                id=ids.to_text("tak", take),
                scene_id=scene,
                run=ids.to_text("run", run),
                number=number,
                media=picture,
                thumb=picture,
                rate=(24, 1),
                frames=48,
                width=1280,
                height=720,
            )
            for take, scene, run, number in rows
            if number > count - server.TAKES_PER_SCENE_MAX
        ]


def _scene(scene_id: str, number: int) -> scenery.NewScene:
    shots = [
        scenery.NewShot(
            id=ids.new("sht", secrets.token_bytes(16)),
            ord=f"V{place}V",
            size="MCU",
            angle="eye level",
            move="dolly in",
            lens_mm=35,
            dur_f=48,
            desc=f"MARA looks up from the timetable, {place}.",
        )
        for place in range(SHOTS)
    ]
    return scenery.NewScene(
        id=scene_id,
        ord=f"V{number:04d}V",
        num=str(number + 1),
        title=f"Platform {number + 1}",
        prompt="MARA waits on the platform in the rain; the last train does not stop.",
        slug={"ie": "EXT", "loc": "STATION", "tod": "NIGHT"},
        dlg=[{"c": "MARA", "txt": "It never stops here."}],
        est_f=144,
        shots=shots,
    )

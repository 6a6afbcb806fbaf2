"""What REST clients do with scenes: read the rows, and add or change one in the storyboard document.

Edits go through the same log as everybody's (consistency.md C12); the rows follow before the answer is given.
"""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
from pycrdt import Doc

from services.documents.editor import DocumentEditor
from services.documents.projector import Projector
from services.documents.replica import Change
from services.projects.errors import NoSuchEpisode
from services.scenes.errors import NoSuchScene, TooManyScenes
from services.scenes.model import SCENES_MAX, SCENES_PAGE_MAX, SceneChange, Unchanged
from services.users.access import access_document, access_project
from services.users.model import Actor, Need
from storage.postgres import Executor
from storage.tables import episodes, scenes, shown
from storage.tables.episodes import Episodes
from storage.tables.projections import ShotRow
from storage.tables.scenes import SceneOverview, ScenePlace, SceneRow
from storage.tables.shown import Shown
from sync import ids
from sync.errors import NoSuchEntity
from sync.storyboard.gestures import Storyboard
from sync.storyboard.resolve import Resolved

ORIGIN = "rest"
_KEYS = UUID("5f1b6a0e-4a87-4d5c-9f43-2f6b1c8c2f8e")
"""Namespace of the ids that follow from an idempotency key."""


class Scenes:
    """`entropy(n)` gives n random bytes."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        editor: DocumentEditor,
        projector: Projector,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._editor = editor
        self._projector = projector
        self._entropy = entropy

    async def of_project(
        self,
        actor: Actor,
        project_id: UUID,
        episode_id: UUID | None = None,
        behind: ScenePlace | None = None,
        limit: int = SCENES_PAGE_MAX,
    ) -> list[SceneRow]:
        """In story order, of one episode or of all, from `behind` on. Raises `NoSuchProject`."""
        seen = await self._seen(self._pool, actor, project_id)
        limit_rows = min(limit, SCENES_PAGE_MAX)
        return await scenes.scenes_of_project(self._pool, project_id, episode_id, behind, limit_rows, seen)

    async def get(self, actor: Actor, project_id: UUID, scene_id: str) -> SceneRow:
        """Raises `NoSuchProject`, `NoSuchScene`."""
        return await self._row(project_id, scene_id, await self._seen(self._pool, actor, project_id))

    async def newest(self, actor: Actor, project_id: UUID, scene_id: str) -> SceneRow:
        """`get` when the rows have caught up with what people have written in the document."""
        await self._projector.project(await self.storyboard_of(actor, project_id, scene_id, Need.VIEW))
        return await self.get(actor, project_id, scene_id)

    async def shots(self, actor: Actor, project_id: UUID, scene_id: str) -> tuple[UUID, Shown[ShotRow]]:
        """(the scene's storyboard; its shots in order). Raises `NoSuchProject`, `NoSuchScene`."""
        scene = await self.get(actor, project_id, scene_id)
        return scene.document_id, await shown.shots(self._pool, scene.document_id, scene_id)

    async def overview(
        self, actor: Actor, project_id: UUID, episode_id: UUID | None = None
    ) -> tuple[int, list[SceneOverview]]:
        """The event cursor and every scene with its newest run, take and preview, all at one moment."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            seen = await self._seen(connection, actor, project_id)
            return await scenes.overview(connection, project_id, episode_id, seen)

    async def add(
        self,
        actor: Actor,
        project_id: UUID,
        scene: SceneChange,
        key: str | None = None,
        episode_id: UUID | None = None,
    ) -> SceneRow:
        """At the end, unless `scene.after` says where. The same `key` of the same actor gives the same scene.

        `episode_id` None: in the first one. Raises `NoSuchProject`, `Forbidden`, `NoSuchEpisode`, `NoSuchScene` (of
        `after`), `TooManyScenes`.
        """
        seen = await self._seen(self._pool, actor, project_id)
        document_id = await self._storyboard(actor, project_id, episode_id, seen, Need.EDIT)
        batch_id = uuid4() if key is None else uuid5(_KEYS, f"{actor.user_id}|{document_id}|{key}")
        scene_id = ids.to_text("scn", UUID(bytes=self._entropy(16)) if key is None else uuid5(batch_id, "scene"))

        def change(doc: Doc[Any]) -> None:
            hand = Storyboard(doc, self._entropy, alone=True)
            present = hand.seen()
            if len(present.scenes()) >= SCENES_MAX:
                raise TooManyScenes(TooManyScenes.__doc__)
            parent, before = ("", None) if isinstance(scene.after, Unchanged) else _behind(present, scene.after)
            hand.add_scene({"slug": {}, **scene.registers()}, parent, before, scene_id)

        await self._edit(document_id, change, batch_id, actor)
        return await self._row(project_id, scene_id, seen)

    async def change(self, actor: Actor, project_id: UUID, scene_id: str, change: SceneChange) -> SceneRow:
        """Raises `NoSuchProject`, `Forbidden`, `NoSuchScene`, `SceneLocked`."""
        document_id = await self.storyboard_of(actor, project_id, scene_id)

        def write(doc: Doc[Any]) -> None:
            hand = Storyboard(doc, self._entropy, alone=True)
            hand.edit_scene(scene_id, change.registers())
            if not isinstance(change.after, Unchanged) and change.after != scene_id:
                hand.move_scene(scene_id, *_behind(hand.seen(), change.after, scene_id))

        await self._edit(document_id, write, uuid4(), actor)
        return await self.get(actor, project_id, scene_id)

    async def _edit(self, document_id: UUID, change: Change, batch_id: UUID, actor: Actor) -> None:
        try:
            await self._editor.edit(document_id, change, origin=ORIGIN, batch_id=batch_id, actor=actor.user_id)
        except NoSuchEntity as error:
            raise NoSuchScene(NoSuchScene.__doc__) from error
        await self._projector.project(document_id)

    async def storyboard_of(
        self,
        actor: Actor,
        project_id: UUID,
        scene_id: str,
        need: Need = Need.EDIT,
        *,
        episode_id: UUID | None = None,
    ) -> UUID:
        """The document of a scene: its episode's, where that is said; for one that has no row yet, the first one's.

        Raises `NoSuchProject`, `Forbidden`, `NoSuchEpisode`.
        """
        seen = await self._seen(self._pool, actor, project_id)
        row = None if episode_id else await scenes.scene_of_project(self._pool, project_id, scene_id, seen)
        if row is None:
            return await self._storyboard(actor, project_id, episode_id, seen, need)
        await access_document(self._pool, actor, row.document_id, need)
        return row.document_id

    async def storyboard(self, actor: Actor, project_id: UUID, episode_id: UUID | None) -> UUID:
        """The document of an episode; None: of the first one that is seen. Raises `NoSuchProject`, `NoSuchEpisode`."""
        seen = await self._seen(self._pool, actor, project_id)
        return await self._storyboard(actor, project_id, episode_id, seen, Need.VIEW)

    async def _seen(self, executor: Executor, actor: Actor, project_id: UUID) -> Episodes:
        """Raises `NoSuchProject`."""
        return (await access_project(executor, actor, project_id, Need.VIEW)).standing.episodes

    async def _storyboard(
        self, actor: Actor, project_id: UUID, episode_id: UUID | None, seen: Episodes, need: Need
    ) -> UUID:
        found = await episodes.storyboard(self._pool, project_id, episode_id, seen)
        if found is None:
            raise NoSuchEpisode(NoSuchEpisode.__doc__)
        await access_document(self._pool, actor, found, need)
        return found

    async def _row(self, project_id: UUID, scene_id: str, seen: Episodes) -> SceneRow:
        row = await scenes.scene_of_project(self._pool, project_id, scene_id, seen)
        if row is None:
            raise NoSuchScene(NoSuchScene.__doc__)
        return row


def _behind(present: Resolved, after: str | None, moving: str | None = None) -> tuple[str, str | None]:
    """Where a scene goes that is to follow another: (parent, before). None: before all. Raises `NoSuchScene`."""
    story = [node for node in present.story() if node.id != moving]
    if after is None:
        return "", story[0].id if story else None
    found = next((node for node in story if node.root == "scenes" and node.id == after), None)
    if found is None:
        raise NoSuchScene(f"There is no scene {after} to follow.")
    holder = present.tree.holder(found)
    siblings = [node for node in present.within("scenes", holder) if node.id != moving]
    following = siblings[siblings.index(found) + 1 :]
    return ("" if holder is None else holder.id), following[0].id if following else None

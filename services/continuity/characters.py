"""Characters as people and generations use them: made, changed, found again by their face."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import asyncpg

from services.continuity.errors import NoSuchCharacter, NotOfThisProject, TooManyCharacters
from services.continuity.model import (
    CHARACTERS_MAX,
    CHARACTERS_PAGE_MAX,
    NEAREST_MAX,
    CharacterChange,
    check_face,
    checked,
)
from services.projects.changes import changing
from services.projects.model import Entropy, time_ordered
from services.users.access import access_project
from services.users.model import Actor, Need
from storage.bus import Bus
from storage.events import ProjectFeed
from storage.postgres import Connection, Executor, Within
from storage.tables import characters as rows
from storage.tables.characters import CharacterFields, CharacterRow
from sync import ids


class Characters:
    """`entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(self, pool: asyncpg.Pool, bus: Bus, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._feed = ProjectFeed(bus)
        self._entropy = entropy

    async def of_project(
        self, actor: Actor, project_id: UUID, after: UUID | None, limit: int, *, deleted: bool = False
    ) -> list[CharacterRow]:
        """By name, those behind `after`. Raises `NoSuchCharacter` (of `after`)."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        behind = None
        if after is not None:
            last = await _row(self._pool, project_id, after, deleted=deleted)
            behind = (last.name, last.id)
        limit_rows = min(limit, CHARACTERS_PAGE_MAX)
        return await rows.characters(self._pool, project_id, behind, limit_rows, deleted=deleted)

    async def get(self, actor: Actor, project_id: UUID, character_id: UUID) -> CharacterRow:
        """Raises `NoSuchCharacter`."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        return await _row(self._pool, project_id, character_id)

    async def nearest(
        self, actor: Actor, project_id: UUID, face: Sequence[float], limit: int
    ) -> list[tuple[CharacterRow, float]]:
        """Whose face is most like this one: (character, 1 - cosine). Raises `CharacterUnfit`."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        check_face(face)
        return await rows.nearest(self._pool, project_id, face, min(limit, NEAREST_MAX))

    async def add(
        self,
        actor: Actor,
        project_id: UUID,
        change: CharacterChange,
        now: float,
        within: Within[CharacterRow] | None = None,
    ) -> CharacterRow:
        """`within` runs in the transaction that makes it.

        Raises `CharacterUnfit`, `NotOfThisProject`, `TooManyCharacters`.
        """
        character_id = time_ordered(now, self._entropy)
        async with self._changing(actor, project_id, character_id) as connection:
            if await rows.count_characters(connection, project_id) >= CHARACTERS_MAX:
                raise TooManyCharacters(TooManyCharacters.__doc__)
            fields = _changed(CharacterFields("", None, {}, None, ()), checked(change))
            await _check_media(connection, project_id, fields)
            await rows.add_character(connection, project_id, character_id, fields)
            made = await _row(connection, project_id, character_id)
            if within is not None:
                await within(connection, made)
        return made

    async def change(self, actor: Actor, project_id: UUID, character_id: UUID, change: CharacterChange) -> CharacterRow:
        """Raises `NoSuchCharacter`, `CharacterUnfit`, `NotOfThisProject`."""
        async with self._changing(actor, project_id, character_id) as connection:
            row = await rows.character(connection, project_id, character_id)
            if row is None:
                raise NoSuchCharacter(NoSuchCharacter.__doc__)
            present = CharacterFields(row.name, row.face, row.appearance, row.voice, row.images)
            fields = _changed(present, checked(change))
            await _check_media(connection, project_id, fields)
            await rows.change_character(connection, project_id, character_id, fields)
        return await _row(self._pool, project_id, character_id)

    async def delete(self, actor: Actor, project_id: UUID, character_id: UUID) -> None:
        """May be restored until it is purged. Raises `NoSuchCharacter`."""
        async with self._changing(actor, project_id, character_id) as connection:
            if await rows.character(connection, project_id, character_id) is None:
                raise NoSuchCharacter(NoSuchCharacter.__doc__)
            await rows.delete_character(connection, project_id, character_id)

    async def restore(self, actor: Actor, project_id: UUID, character_id: UUID) -> CharacterRow:
        """Raises `NoSuchCharacter`; nothing happens to one that was not deleted."""
        async with self._changing(actor, project_id, character_id) as connection:
            if await rows.character(connection, project_id, character_id, deleted=True) is None:
                await _row(self._pool, project_id, character_id)
            await rows.restore_character(connection, project_id, character_id)
        return await _row(self._pool, project_id, character_id)

    def _changing(self, actor: Actor, project_id: UUID, character_id: UUID) -> AbstractAsyncContextManager[Connection]:
        text = ids.to_text("chr", character_id)
        return changing(self._pool, self._feed, actor, project_id, "character", text)


async def _row(executor: Executor, project_id: UUID, character_id: UUID, *, deleted: bool = False) -> CharacterRow:
    found = await rows.character(executor, project_id, character_id, deleted=deleted)
    if found is None:
        raise NoSuchCharacter(NoSuchCharacter.__doc__)
    return found


def _changed(fields: CharacterFields, change: CharacterChange) -> CharacterFields:
    face = fields.face if change.face is None else change.face
    voice = fields.voice if change.voice is None else change.voice
    return CharacterFields(
        name=fields.name if change.name is None else change.name.strip(),
        face=None if "face" in change.cleared else face,
        appearance=fields.appearance if change.appearance is None else change.appearance,
        voice=None if "voice" in change.cleared else voice,
        images=fields.images if change.images is None else change.images,
    )


async def _check_media(connection: Connection, project_id: UUID, fields: CharacterFields) -> None:
    """Knowing a hash gives nothing: the project must have what it names."""
    voices = [] if fields.voice is None else [fields.voice]
    for field, hashes, content_type in (("images", fields.images, "image/"), ("voice", voices, "audio/")):
        if hashes and await rows.media_of_type(connection, project_id, hashes, content_type) != set(hashes):
            raise NotOfThisProject(field)

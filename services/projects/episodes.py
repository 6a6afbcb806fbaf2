"""Seasons and episodes of a project: what people do with them, and how an episode comes by its two documents.

Every change holds the project's row, so that order keys and counts are as they were read.
"""

import secrets
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

import asyncpg

from services.projects.changes import changing
from services.projects.errors import (
    LastEpisode,
    NoSuchEpisode,
    NoSuchSeason,
    NotASeries,
    SeasonInUse,
    TooManyEpisodes,
)
from services.projects.model import (
    AT_END,
    EPISODES_MAX,
    ORD_CHARS_MAX,
    SEASONS_MAX,
    Entropy,
    Episode,
    Outline,
    Place,
    ProjectKind,
    Season,
    checked_title,
    key_at,
    server_client,
    spread,
    time_ordered,
)
from services.projects.settings import ProjectSettings, from_json
from services.users.access import access_document, access_project
from services.users.model import Actor, Need
from storage.bus import Bus
from storage.events import ProjectFeed
from storage.log import DocumentLog
from storage.postgres import Connection, Executor, Within
from storage.tables import episodes as rows
from storage.tables import projects
from storage.tables.episodes import EpisodeRow, SeasonRow
from storage.tables.episodes import Episodes as Seen
from sync import ids
from sync.ids import DocumentId
from sync.names import DocumentName, Kind
from sync.timeline import seed as timeline


class Same:
    """The mark of a season that a change leaves alone: None would mean no season."""


SAME: Final = Same()


@dataclass(frozen=True, slots=True)
class NewEpisode:
    """What `create_episode` makes."""

    id: UUID
    project_id: UUID
    season_id: UUID | None
    ord: str
    title: str


async def create_episode(
    connection: Connection, log: DocumentLog, new: NewEpisode, settings: ProjectSettings, now: float, entropy: Entropy
) -> None:
    """The row and its two documents. Roots exist by name, so a storyboard starts empty; a timeline starts with its
    rate, its raster and its main track."""
    await rows.add_episode(connection, new.id, new.project_id, new.season_id, new.ord, new.title)
    for kind in (Kind.STORYBOARD, Kind.TIMELINE):
        client, seed = server_client(entropy), None
        if kind is Kind.TIMELINE:
            seed = timeline.seed(client, settings.rate, new.title[:200], (settings.width, settings.height))
        await log.create(connection, new.id, kind.value, time_ordered(now, entropy), client, seed)


class Episodes:
    """`entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(self, pool: asyncpg.Pool, log: DocumentLog, bus: Bus, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._log = log
        self._feed = ProjectFeed(bus)
        self._entropy = entropy

    async def outline(self, actor: Actor, project_id: UUID, *, deleted: bool = False) -> Outline:
        """All seasons, and the episodes: those that are there, or those that were deleted."""
        seen = (await access_project(self._pool, actor, project_id, Need.VIEW)).standing.episodes
        return await _outline(self._pool, project_id, deleted=deleted, seen=seen)

    async def add(
        self,
        actor: Actor,
        project_id: UUID,
        title: str,
        now: float,
        season_id: UUID | None = None,
        place: Place = AT_END,
        within: Within[Episode] | None = None,
    ) -> Episode:
        """With an empty storyboard and timeline. `within` runs in the transaction that makes it.

        Raises `NotASeries`, `TitleUnfit`, `NoSuchSeason`, `NoSuchEpisode` (of `place`), `TooManyEpisodes`.
        """
        episode_id = time_ordered(now, self._entropy)
        async with self._changing(actor, project_id, "episode", ids.to_text("epi", episode_id)) as connection:
            await _check_series(connection, actor, project_id)
            if await rows.count_episodes(connection, project_id) >= EPISODES_MAX:
                raise TooManyEpisodes(TooManyEpisodes.__doc__)
            await _check_season(connection, project_id, season_id)
            ord = await _episode_key(connection, place, await rows.episodes(connection, project_id), season_id)
            stored, _ = await projects.settings(connection, project_id)
            new = NewEpisode(episode_id, project_id, season_id, ord, checked_title(title))
            await create_episode(connection, self._log, new, from_json(stored), now, self._entropy)
            made = await _episode(connection, project_id, episode_id)
            if within is not None:
                await within(connection, made)
        return made

    async def change(
        self,
        actor: Actor,
        project_id: UUID,
        episode_id: UUID,
        title: str | None = None,
        place: Place | None = None,
        season_id: UUID | Same | None = SAME,
    ) -> Episode:
        """None and `SAME` leave it as it is; in another season it goes to the end, unless `place` says where.

        Raises `NoSuchEpisode` (also of `place`), `NoSuchSeason`, `TitleUnfit`, and `Forbidden` also for whose role is
        narrower there.
        """
        async with self._changing(actor, project_id, "episode", ids.to_text("epi", episode_id)) as connection:
            present = await rows.episodes(connection, project_id)
            episode = _found(present, episode_id)
            await access_document(connection, actor, episode.storyboard, Need.EDIT)
            season = episode.season_id if isinstance(season_id, Same) else season_id
            await _check_season(connection, project_id, season)
            ord = episode.ord
            if place is not None or season != episode.season_id:
                others = [each for each in present if each.id != episode_id]
                ord = await _episode_key(connection, place or AT_END, others, season)
            new_title = None if title is None else checked_title(title)
            await rows.change_episode(connection, project_id, episode_id, new_title, season, ord)
        return await _episode(self._pool, project_id, episode_id)

    async def delete(self, actor: Actor, project_id: UUID, episode_id: UUID) -> None:
        """Its sockets close; it may be restored until it is purged. Raises `NoSuchEpisode`, `LastEpisode`."""
        async with self._changing(actor, project_id, "episode", ids.to_text("epi", episode_id)) as connection:
            present = await rows.episodes(connection, project_id)
            await access_document(connection, actor, _found(present, episode_id).storyboard, Need.EDIT)
            if len(present) == 1:
                raise LastEpisode(LastEpisode.__doc__)
            await rows.delete_episode(connection, project_id, episode_id)
            await projects.bump_access(connection, project_id)

    async def restore(self, actor: Actor, project_id: UUID, episode_id: UUID) -> Episode:
        """Back to its place. Raises `NoSuchEpisode`; nothing happens to one that was not deleted."""
        async with self._changing(actor, project_id, "episode", ids.to_text("epi", episode_id)) as connection:
            deleted = await rows.episodes(connection, project_id, deleted=True)
            if all(each.id != episode_id for each in deleted):
                _found(await rows.episodes(connection, project_id), episode_id)
            await rows.restore_episode(connection, project_id, episode_id)
            await projects.bump_access(connection, project_id)
        return await _episode(self._pool, project_id, episode_id)

    # Seasons -----------------------------------------------------------------------------------

    async def add_season(
        self,
        actor: Actor,
        project_id: UUID,
        title: str,
        now: float,
        place: Place = AT_END,
        within: Within[Season] | None = None,
    ) -> Season:
        """`within` runs in the transaction that makes it.

        Raises `NotASeries`, `TitleUnfit`, `NoSuchSeason` (of `place`), `TooManyEpisodes`.
        """
        season_id = time_ordered(now, self._entropy)
        async with self._changing(actor, project_id, "season", ids.to_text("sea", season_id)) as connection:
            await _check_series(connection, actor, project_id)
            present = await rows.seasons(connection, project_id)
            if len(present) >= SEASONS_MAX:
                raise TooManyEpisodes(TooManyEpisodes.__doc__)
            ord = await _season_key(connection, project_id, place, present)
            await rows.add_season(connection, season_id, project_id, ord, checked_title(title))
            made = await _season(connection, project_id, season_id)
            if within is not None:
                await within(connection, made)
        return made

    async def change_season(
        self, actor: Actor, project_id: UUID, season_id: UUID, title: str | None, place: Place | None
    ) -> Season:
        """None leaves it as it is. Raises `NoSuchSeason`, `TitleUnfit`."""
        async with self._changing(actor, project_id, "season", ids.to_text("sea", season_id)) as connection:
            await _check_season(connection, project_id, season_id)
            others = [each for each in await rows.seasons(connection, project_id) if each.id != season_id]
            ord = None if place is None else await _season_key(connection, project_id, place, others)
            new_title = None if title is None else checked_title(title)
            await rows.change_season(connection, project_id, season_id, new_title, ord)
        return await _season(self._pool, project_id, season_id)

    async def remove_season(self, actor: Actor, project_id: UUID, season_id: UUID) -> None:
        """Only an empty one. Raises `NoSuchSeason`, `SeasonInUse`."""
        async with self._changing(actor, project_id, "season", ids.to_text("sea", season_id)) as connection:
            await _check_season(connection, project_id, season_id)
            for deleted in (False, True):
                present = await rows.episodes(connection, project_id, deleted=deleted)
                if any(each.season_id == season_id for each in present):
                    raise SeasonInUse(SeasonInUse.__doc__)
            await rows.remove_season(connection, project_id, season_id)

    # Others --------------------------------------------------------------------------------------

    def _changing(self, actor: Actor, project_id: UUID, kind: str, id: str) -> AbstractAsyncContextManager[Connection]:
        return changing(self._pool, self._feed, actor, project_id, kind, id)


async def _episode(executor: Executor, project_id: UUID, episode_id: UUID) -> Episode:
    outline = await _outline(executor, project_id, deleted=False)
    found = next((episode for episode in outline.episodes if episode.id == episode_id), None)
    if found is None:
        raise NoSuchEpisode(NoSuchEpisode.__doc__)
    return found


async def _season(executor: Executor, project_id: UUID, season_id: UUID) -> Season:
    found = next((row for row in await rows.seasons(executor, project_id) if row.id == season_id), None)
    if found is None:
        raise NoSuchSeason(NoSuchSeason.__doc__)
    return _shown_season(found)


async def _check_series(executor: Executor, actor: Actor, project_id: UUID) -> None:
    access = await access_project(executor, actor, project_id, Need.EDIT)
    if access.project.kind != ProjectKind.SERIES.value:
        raise NotASeries(NotASeries.__doc__)


async def _check_season(executor: Executor, project_id: UUID, season_id: UUID | None) -> None:
    if season_id is not None and all(row.id != season_id for row in await rows.seasons(executor, project_id)):
        raise NoSuchSeason(NoSuchSeason.__doc__)


def _found(present: Sequence[EpisodeRow], episode_id: UUID) -> EpisodeRow:
    found = next((row for row in present if row.id == episode_id), None)
    if found is None:
        raise NoSuchEpisode(NoSuchEpisode.__doc__)
    return found


async def _episode_key(
    connection: Connection, place: Place, present: Sequence[EpisodeRow], season_id: UUID | None
) -> str:
    siblings = [row for row in present if row.season_id == season_id]
    key = key_at(place, [(row.id, row.ord) for row in siblings])
    if key is None:
        raise NoSuchEpisode("There is no such episode in that season to follow.")
    if len(key) <= ORD_CHARS_MAX:
        return key
    fresh = spread(len(siblings))
    for row, ord in zip(siblings, fresh, strict=True):
        await rows.change_episode(connection, row.project_id, row.id, None, season_id, ord)
    return key_at(place, [(row.id, ord) for row, ord in zip(siblings, fresh, strict=True)]) or ""


async def _season_key(connection: Connection, project_id: UUID, place: Place, siblings: Sequence[SeasonRow]) -> str:
    key = key_at(place, [(row.id, row.ord) for row in siblings])
    if key is None:
        raise NoSuchSeason("There is no such season to follow.")
    if len(key) <= ORD_CHARS_MAX:
        return key
    fresh = spread(len(siblings))
    for row, ord in zip(siblings, fresh, strict=True):
        await rows.change_season(connection, project_id, row.id, None, ord)
    return key_at(place, [(row.id, ord) for row, ord in zip(siblings, fresh, strict=True)]) or ""


async def _outline(executor: Executor, project_id: UUID, *, deleted: bool, seen: Seen = None) -> Outline:
    """`seen`: the only ones that count, also in their numbers; None: all."""
    present = await rows.episodes(executor, project_id, deleted=deleted)
    found = [row for row in present if seen is None or row.id in seen]
    seasons = await rows.seasons(executor, project_id)
    episodes = [
        _shown(row, number)
        for _, of_season in groupby(found, key=lambda row: row.season_id)
        for number, row in enumerate(of_season, 1)
    ]
    return Outline([_shown_season(row) for row in seasons], episodes)


def _shown_season(row: SeasonRow) -> Season:
    return Season(row.id, row.title, row.created_at, row.updated_at)


def _shown(row: EpisodeRow, number: int) -> Episode:
    return Episode(
        id=row.id,
        season_id=row.season_id,
        number=number,
        title=row.title,
        created_at=row.created_at,
        updated_at=row.updated_at,
        storyboard=DocumentName(Kind.STORYBOARD, DocumentId(row.storyboard), row.storyboard_epoch),
        timeline=DocumentName(Kind.TIMELINE, DocumentId(row.timeline), row.timeline_epoch),
    )

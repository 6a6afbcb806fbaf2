"""The entities of the graph and how they hang together. Every one is looked up by its key alone, as a router does.

A field that leads to what somebody may not see is null, the same as if it were not there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, Self, TypeVar
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from api.graphql.context import PAGE_DEFAULT, Info, page_limit, uuid_of
from services.users.access import ProjectAccess
from storage.tables.entities import CharacterEntity, EpisodeEntity, SceneEntity, TakeEntity, UserEntity
from sync import ids

Node = TypeVar("Node")
Row = TypeVar("Row")


@strawberry.federation.type(shareable=True)
class PageInfo:
    """`endCursor` is where the next page begins."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Edge(Generic[Node]):
    """One of a list, and its place there."""

    cursor: str
    node: Node


@strawberry.type
class Connection(Generic[Node]):
    """A page of a list."""

    edges: list[Edge[Node]]
    page_info: PageInfo


def connected(
    info: Info, place: str, rows: Sequence[Row], first: int, node: Callable[[Row], Node], position: Callable[[Row], str]
) -> Connection[Node]:
    """`rows`: one more than `first`, where there are more."""
    edges = [Edge(cursor=info.context.cursor(place, position(row)), node=node(row)) for row in rows[:first]]
    page = PageInfo(has_next_page=len(rows) > first, end_cursor=edges[-1].cursor if edges else None)
    return Connection(edges=edges, page_info=page)


@strawberry.federation.type(keys=["id"])
class User:
    """Somebody: oneself, or who is in a project with oneself."""

    id: strawberry.ID
    name: str
    colour: str
    kind: str

    @classmethod
    def of(cls, row: UserEntity) -> Self:
        return cls(id=strawberry.ID(ids.to_text("usr", row.id)), name=row.name, colour=row.colour, kind=row.kind)

    @classmethod
    async def resolve_reference(cls, info: Info, id: object = None) -> Self | None:
        key = uuid_of("usr", id)
        row = None if key is None else await info.context.loaders.user.load(key)
        return None if row is None else cls.of(row)


@strawberry.type
class Member:
    """Who belongs to a project, and as what."""

    role: str
    user: User


@strawberry.federation.type(keys=["id"])
class Take:
    """An immutable result of a generation. `rate`: frames per second as a fraction; `media`, `thumb`: sha256."""

    row: strawberry.Private[TakeEntity]
    id: strawberry.ID
    number: int
    media: str
    thumb: str
    frames: int
    width: int
    height: int
    rate: list[int]
    created_at: datetime

    @strawberry.field
    async def scene(self, info: Info) -> "Scene | None":
        return Scene.maybe(await info.context.loaders.scene.load((self.row.episode_id, self.row.scene_id)))

    @classmethod
    def of(cls, row: TakeEntity) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(ids.to_text("tak", row.id)),
            number=row.number,
            media=row.media,
            thumb=row.thumb,
            frames=row.frames,
            width=row.width,
            height=row.height,
            rate=list(row.rate),
            created_at=row.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: object = None) -> Self | None:
        key = uuid_of("tak", id)
        row = None if key is None else await info.context.loaders.take.load(key)
        return None if row is None else cls.of(row)


@strawberry.federation.type(keys=["episodeId id"])
class Scene:
    """A scene as the rows show it. Its id is chosen by clients: it is one in its episode only."""

    row: strawberry.Private[SceneEntity]
    id: strawberry.ID
    episode_id: strawberry.ID
    number: str
    title: str
    slug: JSON
    prompt: str
    status: str
    est_frames: int | None

    @strawberry.field
    async def episode(self, info: Info) -> "Episode | None":
        return Episode.maybe(await info.context.loaders.episode.load(self.row.episode_id))

    @strawberry.field
    async def current_take(self, info: Info) -> Take | None:
        if self.row.current_take is None:
            return None
        row = await info.context.loaders.take.load(self.row.current_take)
        return None if row is None else Take.of(row)

    @strawberry.field
    async def takes(self, info: Info, first: int = PAGE_DEFAULT, after: str | None = None) -> Connection[Take]:
        """Newest first."""
        place = f"takes:{self.episode_id}:{self.id}"
        below, limit = info.context.position(place, after), page_limit(first) + 1
        asked = (self.row.document_id, self.row.id, None if below is None else int(below), limit)
        rows = await info.context.loaders.takes.load(asked)
        return connected(info, place, rows, first, Take.of, lambda row: str(row.number))

    @classmethod
    def of(cls, row: SceneEntity) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            episode_id=strawberry.ID(ids.to_text("epi", row.episode_id)),
            number=row.number,
            title=row.title,
            slug=JSON(row.slug),
            prompt=row.prompt,
            status=row.status,
            est_frames=row.est_frames,
        )

    @classmethod
    def maybe(cls, row: SceneEntity | None) -> Self | None:
        return None if row is None else cls.of(row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: object = None, episodeId: object = None) -> Self | None:
        key = uuid_of("epi", episodeId)
        return None if key is None else cls.maybe(await info.context.loaders.scene.load((key, str(id))))


@strawberry.federation.type(keys=["id"])
class Episode:
    """An episode; a movie or a short has one."""

    row: strawberry.Private[EpisodeEntity]
    id: strawberry.ID
    title: str
    created_at: datetime
    updated_at: datetime

    @strawberry.field
    async def project(self, info: Info) -> "Project | None":
        return Project.maybe(await info.context.loaders.project.load(self.row.project_id))

    @strawberry.field
    async def scenes(self, info: Info, first: int = PAGE_DEFAULT, after: str | None = None) -> Connection[Scene]:
        """In story order."""
        place = f"scenes:{self.id}"
        behind, limit = info.context.position(place, after), page_limit(first) + 1
        position, _, scene_id = (behind or "").partition(" ")
        asked = (self.row.id, int(position) if position else None, scene_id or None, limit)
        rows = await info.context.loaders.scenes.load(asked)
        return connected(info, place, rows, first, Scene.of, lambda row: f"{row.position} {row.id}")

    @classmethod
    def of(cls, row: EpisodeEntity) -> Self:
        id = strawberry.ID(ids.to_text("epi", row.id))
        return cls(row=row, id=id, title=row.title, created_at=row.created_at, updated_at=row.updated_at)

    @classmethod
    def maybe(cls, row: EpisodeEntity | None) -> Self | None:
        return None if row is None else cls.of(row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: object = None) -> Self | None:
        key = uuid_of("epi", id)
        return None if key is None else cls.maybe(await info.context.loaders.episode.load(key))


@strawberry.federation.type(keys=["id"])
class Character:
    """A character of a project. `voice` and `images`: sha256 of media."""

    row: strawberry.Private[CharacterEntity]
    id: strawberry.ID
    name: str
    appearance: JSON
    voice: str | None
    images: list[str]
    created_at: datetime
    updated_at: datetime

    @strawberry.field
    async def project(self, info: Info) -> "Project | None":
        return Project.maybe(await info.context.loaders.project.load(self.row.project_id))

    @classmethod
    def of(cls, row: CharacterEntity) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(ids.to_text("chr", row.id)),
            name=row.name,
            appearance=JSON(row.appearance),
            voice=row.voice,
            images=list(row.images),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: object = None) -> Self | None:
        key = uuid_of("chr", id)
        row = None if key is None else await info.context.loaders.character.load(key)
        return None if row is None else cls.of(row)


@strawberry.federation.type(keys=["id"])
class Project:
    """A project, and what its reader is in it (`role`)."""

    key: strawberry.Private[UUID]
    id: strawberry.ID
    title: str
    kind: str
    brain: str
    format: str
    role: str
    is_template: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @strawberry.field
    async def episodes(self, info: Info, first: int = PAGE_DEFAULT, after: str | None = None) -> Connection[Episode]:
        """In story order."""
        place = f"episodes:{self.id}"
        behind, limit = info.context.position(place, after), page_limit(first) + 1
        rows = await info.context.loaders.episodes.load((self.key, None if behind is None else UUID(behind), limit))
        return connected(info, place, rows, first, Episode.of, lambda row: str(row.id))

    @strawberry.field
    async def characters(
        self, info: Info, first: int = PAGE_DEFAULT, after: str | None = None
    ) -> Connection[Character]:
        """By name."""
        place = f"characters:{self.id}"
        behind, limit = info.context.position(place, after), page_limit(first) + 1
        id, _, name = (behind or "").partition(" ")
        asked = (self.key, name if id else None, UUID(id) if id else None, limit)
        rows = await info.context.loaders.characters.load(asked)
        return connected(info, place, rows, first, Character.of, lambda row: f"{row.id} {row.name}")

    @strawberry.field
    async def members(self, info: Info) -> list[Member]:
        """By name."""
        found = await info.context.loaders.members.load(self.key)
        users = await info.context.loaders.user.load_many([member.user_id for member in found])
        return [
            Member(role=member.role, user=User.of(user))
            for member, user in zip(found, users, strict=True)
            if user is not None
        ]

    @classmethod
    def of(cls, access: ProjectAccess) -> Self:
        row = access.project
        return cls(
            key=row.id,
            id=strawberry.ID(ids.to_text("prj", row.id)),
            title=row.title,
            kind=row.kind,
            brain=row.brain,
            format=row.format,
            role=access.role.value,
            is_template=row.is_template,
            created_at=row.created_at,
            updated_at=row.updated_at,
            archived_at=row.archived_at,
        )

    @classmethod
    def maybe(cls, access: ProjectAccess | None) -> Self | None:
        return None if access is None else cls.of(access)

    @classmethod
    async def resolve_reference(cls, info: Info, id: object = None) -> Self | None:
        key = uuid_of("prj", id)
        return None if key is None else cls.maybe(await info.context.loaders.project.load(key))

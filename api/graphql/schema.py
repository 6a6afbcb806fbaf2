"""The schema: where queries and subscriptions begin, and the rules that every operation keeps."""

import contextlib
import functools
from collections.abc import AsyncGenerator, Callable, Iterator
from types import MappingProxyType
from typing import Final, cast

import strawberry
from graphql import GraphQLError
from strawberry.extensions import DisableIntrospection, MaxTokensLimiter, SchemaExtension
from strawberry.federation.schema import FederationAny
from strawberry.scalars import JSON
from strawberry.types import ExecutionContext

from api.errors import FieldInvalid
from api.graphql.context import PAGE_DEFAULT, Context, Info, page_limit, uuid_of
from api.graphql.entities import Character, Connection, Episode, Project, Scene, Take, User, connected
from api.graphql.errors import told
from api.graphql.events import Following
from api.graphql.limits import ENTITIES_MAX, TOKENS_MAX, limits_of
from api.rates import RouteClass
from api.stream import source_of
from services.users.errors import NoSuchProject
from storage.postgres import store_away
from sync import ids

FEDERATION: Final = "2.5"
"""As old as any composition that is in use understands; no more of it is used than `@key` and `@shareable`."""


@strawberry.type
class Query:
    """What somebody may not see is null, as is what is not there."""

    @strawberry.field
    async def me(self, info: Info) -> User | None:
        row = await info.context.loaders.user.load(info.context.known_session.actor.user_id)
        return None if row is None else User.of(row)

    @strawberry.field
    async def project(self, info: Info, id: strawberry.ID) -> Project | None:
        return await Project.resolve_reference(info, id)

    @strawberry.field
    async def episode(self, info: Info, id: strawberry.ID) -> Episode | None:
        return await Episode.resolve_reference(info, id)

    @strawberry.field
    async def scene(self, info: Info, episode_id: strawberry.ID, id: strawberry.ID) -> Scene | None:
        return await Scene.resolve_reference(info, id, episode_id)

    @strawberry.field
    async def character(self, info: Info, id: strawberry.ID) -> Character | None:
        return await Character.resolve_reference(info, id)

    @strawberry.field
    async def take(self, info: Info, id: strawberry.ID) -> Take | None:
        return await Take.resolve_reference(info, id)

    @strawberry.field
    async def projects(self, info: Info, first: int = PAGE_DEFAULT, after: str | None = None) -> Connection[Project]:
        """Those that are neither archived nor templates, newest first."""
        context = info.context
        position, limit = context.position("projects", after), page_limit(first) + 1
        before = None if position is None else ids.from_text("prj", position)
        with store_away():
            found = await context.state.projects.of_actor(context.known_session.actor, before, limit)
        seen = await context.loaders.project.load_many([project.id for project in found])
        rows = [access for access in seen if access is not None]
        return connected(
            info, "projects", rows, first, Project.of, lambda access: ids.to_text("prj", access.project_id)
        )


@strawberry.type
class ProjectEvent:
    """One event; after a `reset`, which has no `payload`, read again what you show. Go on after `cursor`."""

    cursor: int
    kind: str
    payload: JSON | None


@strawberry.type
class Subscription:
    """What happens, as it happens."""

    @strawberry.subscription
    async def project_events(
        self, info: Info, project: strawberry.ID, cursor: int | None = None
    ) -> AsyncGenerator[ProjectEvent, None]:
        """After `cursor`; without it, from now on. Ends when rights end."""
        context = info.context
        state, session = context.state, context.known_session
        await state.limiter.take(RouteClass.READ, session.actor, None)
        project_id = uuid_of("prj", project)
        if project_id is None:
            raise NoSuchProject(NoSuchProject.__doc__)
        following = Following(source_of(state, session, project_id), state.audience, cursor)
        async with contextlib.aclosing(following.events()) as events:
            async for at, kind, row in events:
                yield ProjectEvent(cursor=at, kind=kind, payload=None if row is None else JSON(row.payload))


class Rules(SchemaExtension):
    """The limits, which depend on the variables of the request."""

    def on_operation(self) -> Iterator[None]:
        execution = self.execution_context
        context: Context = execution.context
        refused = context.state.queries.refusal_of(execution.query or "")
        rule = limits_of(execution.variables or {}, context.is_socket, refused)
        execution.validation_rules = (*execution.validation_rules, rule)
        yield


class Schema(strawberry.federation.Schema):
    """Errors are told as this door tells them, whatever they are sent by."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        assert execution_context is not None
        context: Context = execution_context.context
        for error in errors:
            said = told(error, context.request_id)
            error.message, error.extensions = said.message, said.extensions

    def entities_resolver(self, info: strawberry.Info, representations: list[FederationAny]) -> list[FederationAny]:
        """Raises `FieldInvalid`."""
        given = cast(list[object], representations)
        if len(given) > ENTITIES_MAX:
            raise FieldInvalid(f"At most {ENTITIES_MAX} at once.", field="representations", limit=ENTITIES_MAX)
        known = [isinstance(one, dict) and one.get("__typename") in _ENTITIES for one in given]
        if not all(known):
            raise FieldInvalid("Each names one of our entities in `__typename`.", field="representations")
        return super().entities_resolver(info, representations)


_ENTITIES = MappingProxyType({each.__name__: each for each in (User, Project, Episode, Scene, Character, Take)})


@functools.cache
def schema_of(introspection: bool) -> Schema:
    """`introspection`: whether `__schema` is answered; `_service` always is."""
    extensions: list[type[SchemaExtension] | Callable[[], SchemaExtension]]
    extensions = [Rules, lambda: MaxTokensLimiter(max_token_count=TOKENS_MAX)]
    if not introspection:
        extensions.append(DisableIntrospection)
    return Schema(
        query=Query,
        subscription=Subscription,
        types=list(_ENTITIES.values()),
        extensions=extensions,
        federation_version=FEDERATION,
    )

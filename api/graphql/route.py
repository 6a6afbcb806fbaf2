"""The route of the GraphQL subgraph: one POST for every query, counted and kept once like any other.

Refusals of the door itself (401, 422, 429) are problems as everywhere; what is wrong with a query stands in `errors`.
"""

from typing import Any, Literal

from pydantic import ConfigDict, Field
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError

from api.call import Call, reply
from api.errors import ApiError
from api.graphql.context import Context
from api.graphql.errors import QueryUnfit, told
from api.graphql.limits import QUERY_CHARS_MAX
from api.graphql.schema import schema_of
from api.operation import Operation
from api.rates import RouteClass
from api.schemas import In, Out

PATH = "/graphql"
NAME_CHARS_MAX = 200


class PersistedQuery(In):
    version: Literal[1]
    sha256Hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class QueryExtensions(In):
    """Others than `persistedQuery` mean nothing here."""

    model_config = ConfigDict(extra="ignore")

    persistedQuery: PersistedQuery | None = None


class GraphQLQuery(In):
    """`query` may be left out where `extensions.persistedQuery` says which one is meant."""

    query: str | None = Field(None, min_length=1, max_length=QUERY_CHARS_MAX, examples=["{ me { id name } }"])
    operationName: str | None = Field(None, max_length=NAME_CHARS_MAX, examples=[None])
    variables: dict[str, Any] | None = None
    extensions: QueryExtensions | None = None


class GraphQLAnswer(Out):
    """`errors`: each with `message`, and `extensions.code`."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] | None = None


async def query(call: Call) -> Response:
    body, state = await call.body(GraphQLQuery), call.state
    request_id: str = call.request.state.request_id
    persisted = None if body.extensions is None else body.extensions.persistedQuery
    context = Context(state, request_id, session=call.known_session)
    try:
        text = state.queries.text_of(body.query, None if persisted is None else persisted.sha256Hash)
        schema = schema_of(state.settings.graphql_introspection)
        result = await schema.execute(text, body.variables, context, operation_name=body.operationName)
    except CannotGetOperationTypeError:
        return _refused(QueryUnfit("The query has no operation of that name."), request_id)
    except ApiError as error:
        return _refused(error, request_id)
    errors = [dict(error.formatted) for error in result.errors or ()]
    return reply(GraphQLAnswer(data=result.data, errors=errors or None))


def _refused(error: ApiError, request_id: str) -> Response:
    return reply(GraphQLAnswer(data=None, errors=[dict(told(error, request_id).formatted)]))


OPERATIONS = (
    Operation(
        "POST",
        PATH,
        query,
        "graphql",
        "Read across entities, as the query says",
        body=GraphQLQuery,
        answer=GraphQLAnswer,
        costs=RouteClass.READ,
        resumes=True,
    ),
)

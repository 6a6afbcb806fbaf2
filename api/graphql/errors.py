"""What only the GraphQL route refuses, as codes in `extensions`.

ApiError
├── QueryTooDeep        `limit`
├── QueryTooCostly      `limit`
├── QueryUnlisted
├── QueryMissing
├── QueryNotKept        as automatic persisted queries want it
├── QueryHashWrong
├── QueryUnfit          what GraphQL's own rules say
└── OperationElsewhere
"""

import logging
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from api.errors import ApiError, described, status_of

log = logging.getLogger("storyforge.api")


SYNTAX = "graphql.syntax"


class QueryTooDeep(ApiError):
    """The query nests deeper than this door follows."""

    code = "graphql.depth"


class QueryTooCostly(ApiError):
    """The query may have more values in its answer than this door gives at once; ask for shorter pages."""

    code = "graphql.cost"


class QueryUnlisted(ApiError):
    """Only queries that this studio knows are answered here."""

    code = "graphql.unlisted"


class QueryMissing(ApiError):
    """Send a query, or the hash of one."""

    code = "graphql.missing"


class QueryNotKept(ApiError):
    """PersistedQueryNotFound"""

    code = "PERSISTED_QUERY_NOT_FOUND"


class QueryHashWrong(ApiError):
    """The hash is not the SHA-256 of this query."""

    code = "graphql.hash"


class QueryUnfit(ApiError):
    """The query is not one of this schema."""

    code = "graphql.invalid"


class OperationElsewhere(ApiError):
    """Queries are sent by POST, subscriptions over a socket, and changes by the other routes."""

    code = "graphql.operation"


def told(error: Exception, request_id: str) -> GraphQLError:
    """As it stands in an answer: a stable code, and nothing of what nobody expected."""
    original = error.original_error if isinstance(error, GraphQLError) else error
    if isinstance(original, GraphQLError):
        original = None
    if original is None:
        assert isinstance(error, GraphQLError)
        code = SYNTAX if isinstance(error, GraphQLSyntaxError) else QueryUnfit.code
        return _placed(error, error.message, {"code": code, "request_id": request_id, **(error.extensions or {})})
    if status_of(original) >= 500:
        log.error("graphql.failed", exc_info=original, extra={"request_id": request_id})
    body = described(original, request_id)
    return _placed(error, body["detail"], {key: body[key] for key in body if key not in ("title", "detail", "type")})


def _placed(error: Exception, message: str, extensions: dict[str, Any]) -> GraphQLError:
    """Where in the query it happened, if it did there."""
    if not isinstance(error, GraphQLError):
        return GraphQLError(message, extensions=extensions)
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def refusal(error: ApiError, node: Any) -> GraphQLError:
    """For a rule of validation."""
    return GraphQLError(str(error), node, original_error=error)

"""Counting queries before they are run, and keeping them by their hash."""

import json
from pathlib import Path

import pytest
from graphql import GraphQLError, parse, validate

from api.graphql.errors import QueryHashWrong, QueryMissing, QueryNotKept, QueryTooCostly, QueryTooDeep, QueryUnlisted
from api.graphql.limits import COST_MAX, DEPTH_MAX, limits_of
from api.graphql.queries import KEPT_MAX, Queries, hash_of, listed_in
from api.graphql.schema import schema_of

SCHEMA = schema_of(False)._schema
QUERY = "{ me { id } }"


def refused(query: str, variables: dict[str, object] | None = None, *, is_socket: bool = False) -> list[str]:
    """The codes."""
    rule = limits_of(variables or {}, is_socket, None)
    return [code_of(error) for error in validate(SCHEMA, parse(query), [rule])]


def code_of(error: GraphQLError) -> str:
    return str(getattr(error.original_error, "code", ""))


def nested(depth: int) -> str:
    """A take has a scene, which has a take: the query goes as deep as one likes."""
    inner = "id"
    for level in range(depth - 2, 0, -1):
        inner = f"{'scene' if level % 2 else 'currentTake'} {{ {inner} }}"
    return f'{{ take(id: "tak_x") {{ {inner} }} }}'


def test_a_query_as_deep_as_the_limit_is_answered_and_one_deeper_is_not() -> None:
    assert refused(nested(DEPTH_MAX)) == []
    assert refused(nested(DEPTH_MAX + 1)) == [QueryTooDeep.code]


def test_pages_within_pages_cost_what_they_may_hold() -> None:
    def query(first: int) -> str:
        scenes = f"scenes(first: {first}) {{ edges {{ node {{ id }} }} }}"
        episodes = f"episodes(first: {first}) {{ edges {{ node {{ id {scenes} }} }} }}"
        return f"{{ projects(first: {first}) {{ edges {{ node {{ {episodes} }} }} }} }}"

    assert refused(query(10)) == []
    assert refused(query(50)) == [QueryTooCostly.code]


def test_a_variable_says_how_long_a_page_is() -> None:
    query = "query ($n: Int!) { projects(first: $n) { edges { node { episodes(first: $n) { edges { node { id title"
    query += " scenes(first: $n) { edges { node { id } } } } } } } } } }"
    assert refused(query, {"n": 5}) == []
    assert refused(query, {"n": 50}) == refused(query) == [QueryTooCostly.code]


def test_entities_cost_as_many_as_there_are() -> None:
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Episode { scenes(first: 50)"
    query += " { edges { node { id title } } } } } }"
    key = {"__typename": "Episode", "id": "epi_x"}
    assert refused(query, {"r": [key] * 10}) == []
    assert refused(query, {"r": [key] * (COST_MAX // 100)}) == [QueryTooCostly.code]


def test_fragments_of_fragments_are_counted_without_being_written_out() -> None:
    """Forty that double would be a million million fields."""
    fragments = [f"fragment f{n} on User {{ ...f{n + 1} ...f{n + 1} }}" for n in range(40)]
    query = " ".join(["{ me { ...f0 } }", *fragments, "fragment f40 on User { id }"])
    assert refused(query) == [QueryTooCostly.code]


def test_a_fragment_within_itself_ends() -> None:
    assert refused("{ me { ...a } } fragment a on User { id ...b } fragment b on User { ...a }") == []


def test_sockets_are_for_subscriptions() -> None:
    assert refused(QUERY, is_socket=True) == ["graphql.operation"]
    assert refused('subscription { projectEvents(project: "p") { cursor } }') == ["graphql.operation"]
    assert refused('subscription { projectEvents(project: "p") { cursor } }', is_socket=True) == []


def test_a_query_is_kept_by_its_hash() -> None:
    queries = Queries()
    with pytest.raises(QueryNotKept, match="PersistedQueryNotFound"):
        queries.text_of(None, hash_of(QUERY))
    assert queries.text_of(QUERY, hash_of(QUERY)) == QUERY
    assert queries.text_of(None, hash_of(QUERY)) == QUERY


def test_a_hash_stands_for_its_own_query_only() -> None:
    with pytest.raises(QueryHashWrong):
        Queries().text_of(QUERY, hash_of("{ me { name } }"))
    with pytest.raises(QueryMissing):
        Queries().text_of(None, None)


def test_of_too_many_the_one_not_used_goes() -> None:
    queries = Queries()
    texts = [f"{{ me {{ a{n}: id }} }}" for n in range(KEPT_MAX + 1)]
    for text in texts[:KEPT_MAX]:
        queries.text_of(text, hash_of(text))
    queries.text_of(None, hash_of(texts[0]))
    queries.text_of(texts[-1], hash_of(texts[-1]))
    assert queries.text_of(None, hash_of(texts[0])) == texts[0]
    with pytest.raises(QueryNotKept):
        queries.text_of(None, hash_of(texts[1]))


def test_a_studio_that_lists_its_queries_answers_no_others(tmp_path: Path) -> None:
    manifest = tmp_path / "queries.json"
    manifest.write_text(json.dumps({"format": "apollo-persisted-query-manifest", "operations": [{"body": QUERY}]}))
    queries = Queries(listed_in(str(manifest)))
    assert queries.text_of(None, hash_of(QUERY)) == queries.text_of(QUERY, None) == QUERY
    for query, hash in [("{ me { name } }", None), (None, hash_of("{ me { name } }"))]:
        with pytest.raises(QueryUnlisted):
            queries.text_of(query, hash)


def test_an_unreadable_list_is_said_at_the_start(tmp_path: Path) -> None:
    assert listed_in("") is None
    with pytest.raises(ValueError, match="not a manifest"):
        listed_in(str(tmp_path / "none.json"))

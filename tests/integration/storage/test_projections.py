"""The rows of a document are compared by hash, also where PostgreSQL expects few of them."""

import json
import re

import asyncpg
import pytest

from storage.sql import load
from storage.tables import projections
from tests.integration.storage.conftest import NewDocument, plan_nodes

QUERIES = load(projections.__file__)


@pytest.mark.parametrize("query", sorted(name for name in QUERIES if name.startswith("put_") or name == "stale_texts"))
async def test_rows_are_not_compared_in_nested_loops(pool: asyncpg.Pool, new_document: NewDocument, query: str) -> None:
    """A plan that is made once for all arguments takes every array for ten rows."""
    head = await new_document()
    await pool.execute("update documents set seq = 1 where id = $1", head.document_id)
    async with pool.acquire() as connection, connection.transaction():
        assert await projections.begin(connection, head.document_id, head.epoch, 1) is not None
        nothing = ", ".join("null" for _ in set(re.findall(r"\$\d+", QUERIES[query])))
        await connection.execute(f"set local plan_cache_mode = force_generic_plan; prepare put as {QUERIES[query]}")
        plan = json.loads(await connection.fetchval(f"explain (format json) execute put ({nothing})"))[0]["Plan"]
        await connection.execute("deallocate put")
    assert "Nested Loop" not in [node["Node Type"] for node in plan_nodes(plan)], plan

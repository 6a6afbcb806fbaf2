"""The rows of a document are compared by hash, also where the statistics know nothing of it."""

import json

import asyncpg
import pytest

from storage.sql import load
from storage.tables import projections
from storage.tables.projections import ShotRow, TextRow
from tests.integration.storage.conftest import NewDocument, plan_nodes

ROWS = 3_000


@pytest.mark.parametrize("query", ["put_shots", "stale_texts"])
async def test_rows_of_a_document_that_the_statistics_do_not_know_are_hashed(
    pool: asyncpg.Pool, new_document: NewDocument, query: str
) -> None:
    await pool.execute("analyze shots, texts")
    head = await new_document()
    await pool.execute("update documents set seq = 2 where id = $1", head.document_id)
    shots = [ShotRow(f"sht_{n}", "scn", n, None, None, None, None, None, "") for n in range(ROWS)]
    texts = [TextRow("shot", f"sht_{n}", "scn", "", f"body {n}") for n in range(ROWS)]
    async with pool.acquire() as connection, connection.transaction():
        projection = await projections.begin(connection, head.document_id, head.epoch, 2)
        assert projection is not None
        assert (await projection.put(ShotRow, shots), await projection.put_texts(texts, str)) == (ROWS, ROWS)
        rows = [list(column) for column in zip(*(shots if query == "put_shots" else texts), strict=True)]
        arguments = (head.document_id, 2, *rows) if query == "put_shots" else (head.document_id, *rows)
        explained = f"explain (format json) {load(projections.__file__)[query]}"
        plan = json.loads(await connection.fetchval(explained, *arguments))[0]["Plan"]
        joins = [
            node["Node Type"] for node in plan_nodes(plan) if "Join" in node["Node Type"] or "Loop" in node["Node Type"]
        ]
        assert joins and set(joins) <= {"Hash Join", "Merge Join"}, joins
        assert (await projection.put(ShotRow, shots), await projection.put_texts(texts, str)) == (0, 0)

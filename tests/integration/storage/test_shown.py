"""Rows of one document are read by their index, in the order in which they are answered."""

import json
from typing import Any

import asyncpg
import pytest

from storage.sql import load
from storage.tables import shown
from storage.tables.shown import Place, Window
from tests.integration.storage.conftest import NewDocument, plan_nodes

ROWS = 3_000
INSERTS = (
    "insert into shots (document_id, id, seq, scene_id, position)"
    " select $1, 'sht_' || n, 1, 'scn_' || n / 5, n % 5 from generate_series(1, $2) as n",
    "insert into clips (document_id, id, seq, track_id, lane, start_frame, frames, in_frame, out_frame, media_frame)"
    " select $1, 'clp_' || n, 1, 'trk_main', 0, n * 24, 24, 0, 24, 0 from generate_series(1, $2) as n",
    "insert into markers (document_id, id, seq, frame) select $1, 'mrk_' || n, 1, n from generate_series(1, $2) as n",
)


@pytest.mark.parametrize(
    ("query", "asked", "index"),
    [
        ("shots", ("scn_7",), "shots_of_scene"),
        ("clips", (None, None, None, None, None, 100), "clips_in_order"),
        ("clips", ("trk_main", 0, 500, 24, "clp_1", 100), "clips_in_order"),
        ("markers", (None, None, 100), "markers_in_order"),
    ],
)
async def test_an_index_is_read(
    pool: asyncpg.Pool, new_document: NewDocument, query: str, asked: tuple[Any, ...], index: str
) -> None:
    head = await new_document()
    for document in (head, await new_document()):
        for insert in INSERTS:
            await pool.execute(insert, document.document_id, ROWS)
    await pool.execute("analyze shots, clips, markers")
    explained = f"explain (format json) {load(shown.__file__)[query]}"
    plan = json.loads(await pool.fetchval(explained, head.document_id, *asked))[0]["Plan"]
    assert index in [node.get("Index Name") for node in plan_nodes(plan)], plan


async def test_a_page_is_what_it_says(pool: asyncpg.Pool, new_document: NewDocument) -> None:
    head = await new_document()
    await pool.execute(INSERTS[1], head.document_id, 10)
    found = await shown.clips(pool, head.document_id, Window(None, 50, 120), 2, Place(48, "clp_2"))
    assert [(row.id, row.start_frame) for _, row in found.rows] == [("clp_3", 72), ("clp_4", 96)]
    assert (found.epoch, found.seq) == (1, 0)

"""Searches read the index of their project's words, and what people type becomes a query."""

import json
from unittest.mock import ANY

import asyncpg
import pytest

from storage.log import Head
from storage.sql import load
from storage.tables import texts
from tests.integration.storage.conftest import NewDocument, plan_nodes


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ("night train", "'night':* & 'train':*"),
        ('"night train"', "'night':* <-> 'train':*"),
        ("night or train", "'night':* | 'train':*"),
        ("night -train", "'night':* & !'train'"),
        ("-a -b c", "!'a' & !'b' & 'c':*"),
        ("it's", "'it':* <-> 's':*"),
        ("", ""),
    ],
)
async def test_every_word_may_go_on_but_an_excluded_one(pool: asyncpg.Pool, asked: str, query: str) -> None:
    assert await pool.fetchval("select words_beginning($1)::text", asked) == query


async def add_shots(pool: asyncpg.Pool, head: Head, count: int) -> None:
    await pool.execute(
        "insert into texts (document_id, kind, id, seq, project_id, title, body, body_words)"
        " select $1, 'shot', n::text, 1, $2, '', '', 'word' || n || repeat(' of many', 20)"
        " from generate_series(1, $3) as n",
        head.document_id,
        head.project_id,
        count,
    )


async def test_a_search_reads_the_words_of_its_project_from_the_index(
    pool: asyncpg.Pool, new_document: NewDocument
) -> None:
    other, mine = await new_document(), await new_document()
    await add_shots(pool, other, 10_000)
    await add_shots(pool, mine, 1_000)
    await pool.execute("analyze texts")
    assert [each.place for each in await texts.found(pool, mine.project_id, "word777", ["shot"], 5, None)] == [
        texts.Place(ANY, "shot", mine.document_id, "777")
    ]
    asked = (mine.project_id, "word777", ["shot"], 5, None, None, None, None, 100, None)
    plan = json.loads(await pool.fetchval(f"explain (format json) {load(texts.__file__)['found']}", *asked))
    scans = [node for node in plan_nodes(plan[0]["Plan"]) if node.get("Index Name") == "texts_of_project"]
    assert len(scans) == 1, plan
    assert "project_id =" in scans[0]["Index Cond"]
    assert "words @@" in scans[0]["Index Cond"]

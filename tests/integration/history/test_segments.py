"""The past reads the same whether its rows are rows or segments: content, times, differences, authors (C15)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio
from pycrdt import Doc, Map

from storage.mover import Mover
from storage.snapshots import Snapshots
from sync import ids
from tests.integration.api.studio import Person, Studio
from tests.integration.history.writers import Writer, new_scene, set_key

SCENE = ids.to_text("scn", uuid4())
EDITS = 17


async def move(studio: Studio, writer: Writer) -> int:
    """All rows but the newest few; how many."""
    stores = studio.state.stores
    await writer.catch_up()
    await Snapshots(stores.pool, stores.objects).put(writer.document_id, 1, writer.seq, writer.doc.get_update())
    mover, moved = Mover(stores.pool, stores.objects, timedelta(0), rows=5), 0
    while rows := await mover.move(writer.document_id):
        moved += rows
    return moved


def noting(number: int) -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get("ext", type=Map)["note"] = number

    return change


async def ok(person: Person, path: str, **query: Any) -> Any:
    answer = await person.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest_asyncio.fixture
async def writer(studio: Studio, ada: Person, bob: Person) -> Writer:
    """Row 1 makes a scene; Ada and Bob retitle it in turns, and some of Bob's edits Ada brought."""
    project = await studio.project(ada, editor=bob)
    ours, theirs = Writer(studio, ada, project), Writer(studio, bob, project)
    await ours.edit(new_scene(SCENE, "0", "A train."))
    for number in range(1, EDITS):
        one = theirs if number % 3 == 0 else ours
        await one.catch_up()
        relayed_by = ada.actor.user_id if number % 6 == 0 else None
        await one.edit(set_key("scenes", SCENE, "title", str(number)), relayed_by)
    await ours.catch_up()
    return ours


async def told(ada: Person, path: str, studio: Studio, writer: Writer) -> list[Any]:
    """All that history says about the first rows."""
    times = [row.created_at async for row in studio.log.tail(writer.document_id, 1, 0)]
    return [
        [await ok(ada, f"{path}/content", seq=seq) for seq in range(EDITS + 1)],
        [await ok(ada, f"{path}/content", at=moment.isoformat()) for moment in (times[0], times[6], times[-1])],
        await ok(ada, f"{path}/content", at=(times[0] - timedelta(seconds=1)).isoformat()),
        [await ok(ada, f"{path}/diff", **{"from": "3", "to": to}) for to in ("0", "4", "12", "17")],
        await ok(ada, f"{path}/activity"),
        await ok(ada, f"{path}/activity", after=4),
        await ok(ada, f"{path}/blame", entity=SCENE),
    ]


async def test_history_tells_the_same_across_the_seam(studio: Studio, ada: Person, writer: Writer) -> None:
    path = f"/v1/documents/{ids.encode(writer.document_id)}"
    before = await told(ada, path, studio, writer)
    assert [answer["content"]["scenes"].get(SCENE, {}).get("title") for answer in before[0]] == [
        None,
        *map(str, range(EDITS)),
    ]
    assert before[4]["works"][1]["author_name"] == "Bob" and before[4]["works"][1]["relayed"] == 2
    assert await move(studio, writer) == 15
    assert await told(ada, path, studio, writer) == before


async def test_a_restore_and_an_undo_reach_behind_the_seam(studio: Studio, ada: Person, writer: Writer) -> None:
    path = f"/v1/documents/{ids.encode(writer.document_id)}"
    then = await ok(ada, f"{path}/content", seq=3)
    assert await move(studio, writer) == 15
    headers = {"Idempotency-Key": "back"}
    restored = await ada.http.post(f"{path}/restore", json={"seq": 3}, headers=headers)
    assert (restored.status_code, restored.json()["changed"]) == (200, True)
    shown = (await ok(ada, f"{path}/content"))["content"]
    assert shown == then["content"] and shown["scenes"][SCENE]["title"] == "2"
    for number in range(5):
        await writer.catch_up()
        await writer.edit(noting(number))
    assert await move(studio, writer) == 5  # with the restore's own row
    await studio.lose_answers(ada)
    again = await ada.http.post(f"{path}/restore", json={"seq": 3}, headers=headers)
    assert again.json() | {"kept": []} == restored.json() | {"changed": False, "written": 0}
    undone = await ada.http.post(f"{path}/undo", json={"author": ids.to_text("usr", ada.actor.user_id), "since": "1"})
    assert undone.status_code == 200, undone.text
    assert (await ok(ada, f"{path}/content"))["content"]["ext"] == {}

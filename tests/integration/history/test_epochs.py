"""History goes on behind a re-base: by time and by name the old epoch is read, compared and restored (A9, C13)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.documents.editor import DocumentEditor
from services.documents.rebase import Rebaser
from storage.mover import Mover
from storage.snapshots import Snapshots
from sync import ids
from tests.integration.api.studio import Person, Studio
from tests.integration.history.writers import Writer, document, new_scene, set_key

SCENE = ids.to_text("scn", uuid4())
EDITS = 40


async def ok(person: Person, path: str, **query: Any) -> Any:
    answer = await person.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("moved", [False, True], ids=["rows", "segments"])
async def test_the_old_epoch_is_read_compared_and_restored(studio: Studio, ada: Person, moved: bool) -> None:
    project, stores = await studio.project(ada), studio.state.stores
    writer, path = Writer(studio, ada, project), document(project)
    await writer.edit(new_scene(SCENE, "0", "A train."))
    for number in range(1, EDITS):  # each time after the page was loaded again, under a client id of its own
        writer = Writer(studio, ada, project)
        await writer.catch_up()
        await writer.edit(set_key("scenes", SCENE, "title", str(number)))
    version = (await ada.http.post(f"{path}/versions", json={"label": "Tenth", "seq": 10})).json()
    times = [row.created_at async for row in studio.log.tail(writer.document_id, 1, 0)]
    newest, tenth = await ok(ada, f"{path}/content"), await ok(ada, f"{path}/content", seq=10)

    snapshots = Snapshots(stores.pool, stores.objects)
    editor = DocumentEditor(studio.log, snapshots, stores.bus, stores.pool)
    assert await Rebaser(stores.pool, studio.log, snapshots, editor).rebase(writer.document_id)
    mover = Mover(stores.pool, stores.objects, timedelta(0), rows=EDITS // 2)
    while moved and await mover.move(writer.document_id):
        pass

    begun = await ok(ada, f"{path}/content")
    assert (begun["epoch"], begun["seq"], begun["content"]) == (2, 1, newest["content"])
    assert await ok(ada, f"{path}/content", version=version["id"]) == tenth
    for seq in (1, 10, EDITS):
        at = await ok(ada, f"{path}/content", at=times[seq - 1].isoformat())
        assert (at["epoch"], at["seq"], at["content"]["scenes"][SCENE]["title"]) == (1, seq, str(seq - 1))
    before = await ok(ada, f"{path}/content", at=(times[0] - timedelta(seconds=1)).isoformat())
    assert before["seq"] == 0 and before["content"]["scenes"] == {}
    assert await ok(ada, f"{path}/content", at=datetime.now(UTC).isoformat()) == begun

    same = await ok(ada, f"{path}/diff", **{"from": times[-1].isoformat()})
    assert (same["start"], same["end"], same["changes"]) == (
        {"epoch": 1, "seq": EDITS},
        {"epoch": 2, "seq": 1},
        [],
    )
    (changed,) = (await ok(ada, f"{path}/diff", **{"from": version["id"]}))["changes"]
    assert [(key["key"], key["before"], key["after"]) for key in changed["keys"]] == [("title", "9", str(EDITS - 1))]
    (work,) = (await ok(ada, f"{path}/activity"))["works"]
    assert (work["author"], work["origins"]) == (None, ["rebase"])

    author = ids.to_text("usr", ada.actor.user_id)
    undone = await ada.http.post(f"{path}/undo", json={"author": author, "since": version["id"]})
    assert (undone.status_code, undone.json()["code"]) == (422, "history.point")
    restored = await ada.http.post(f"{path}/restore", json={"version": version["id"]})
    assert restored.status_code == 200 and restored.json()["seq"] == 2, restored.text
    assert (await ok(ada, f"{path}/content"))["content"] == tenth["content"]

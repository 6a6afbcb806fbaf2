"""One author's work is taken back where nobody built on it; what stays says why."""

import random
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pycrdt import Map

from services.history.content import same
from services.history.errors import HistoryTooLong
from services.history.model import Sequence, difference
from services.history.reader import Limits
from services.history.service import History
from services.projects.model import Project
from storage.snapshots import Snapshots
from sync import ids
from tests.integration.api.studio import Person, Studio
from tests.integration.history.writers import Writer, document, new_scene, random_edit, set_key, type_in, writable

SCENE = ids.to_text("scn", uuid4())


class Pair:
    """Ada and Bob, each up to date before every edit."""

    def __init__(self, studio: Studio, ada: Person, bob: Person, project: Project) -> None:
        self.path = document(project)
        self.ada, self.bob = Writer(studio, ada, project), Writer(studio, bob, project)
        self._people = {self.ada: ada, self.bob: bob}

    async def edit(self, writer: Writer, change: Any) -> int:
        await writer.catch_up()
        return await writer.edit(change)

    async def undo(self, author: Writer, since: int) -> Any:
        """By Ada."""
        body = {"author": ids.to_text("usr", self._people[author].actor.user_id), "since": str(since)}
        answer = await self._people[self.ada].http.post(f"{self.path}/undo", json=body)
        assert answer.status_code == 200, answer.text
        await self.ada.catch_up()
        return answer.json()


@pytest_asyncio.fixture
async def pair(studio: Studio, ada: Person, bob: Person) -> Pair:
    return Pair(studio, ada, bob, await studio.project(ada, editor=bob))


async def test_everything_of_somebody_who_worked_alone(pair: Pair) -> None:
    await pair.edit(pair.ada, new_scene(SCENE, "Opening", "A train."))
    since = await pair.edit(pair.ada, lambda doc: doc.get("ext", type=Map).update({"note": 1, "old": 2}))
    before = pair.ada.shown
    await pair.edit(pair.bob, set_key("scenes", SCENE, "title", "Bob's"))
    await pair.edit(pair.bob, set_key("scenes", SCENE, "title", "Bob's again"))
    await pair.edit(pair.bob, set_key("scenes", SCENE, "want", "tak_x"))
    await pair.edit(pair.bob, type_in(SCENE, " Rain. \U0001f327"))
    await pair.edit(pair.bob, new_scene("scn_bob"))
    await pair.edit(pair.bob, lambda doc: doc.get("ext", type=Map).update({"note": 3, "new": 4}))
    await pair.edit(pair.bob, lambda doc: doc.get("ext", type=Map).pop("old"))
    done = await pair.undo(pair.bob, since)
    assert done["kept"] == [] and done["changed"]
    assert {(each["entity"], each["key"]) for each in done["undone"]} == {
        (SCENE, "title"),
        (SCENE, "want"),
        (SCENE, "prompt"),
        ("scn_bob", None),
        ("note", None),
        ("new", None),
        ("old", None),
    }
    assert same(writable(pair.ada.shown), writable(before))
    assert (await pair.undo(pair.bob, since))["changed"] is False


async def test_what_others_built_on_stays(pair: Pair) -> None:
    since = await pair.edit(pair.ada, new_scene(SCENE, "Opening", "A train."))
    await pair.edit(pair.bob, set_key("scenes", SCENE, "title", "Bob's"))
    await pair.edit(pair.ada, set_key("scenes", SCENE, "title", "Ada's"))
    await pair.edit(pair.bob, type_in(SCENE, " Rain."))
    await pair.edit(pair.ada, type_in(SCENE, " Wind."))
    await pair.edit(pair.bob, new_scene("scn_bob"))
    await pair.edit(pair.ada, set_key("scenes", "scn_bob", "title", "Ada likes it"))
    shown = pair.ada.shown
    done = await pair.undo(pair.bob, since)
    assert done["undone"] == [] and done["changed"] is False
    assert {(each["entity"], each["key"], each["why"]) for each in done["kept"]} == {
        (SCENE, "title", "undo.overwritten"),
        (SCENE, "prompt", "undo.shared"),
        ("scn_bob", None, "undo.shared"),
    }
    assert same(pair.ada.shown, shown)


async def test_back_to_what_another_wrote_just_before(pair: Pair) -> None:
    """Not to the value at the point: Ada's edit in between is not Bob's work."""
    since = await pair.edit(pair.ada, new_scene(SCENE, "Opening"))
    await pair.edit(pair.ada, set_key("scenes", SCENE, "title", "Ada's"))
    await pair.edit(pair.bob, set_key("scenes", SCENE, "title", "Bob's"))
    await pair.undo(pair.bob, since)
    assert pair.ada.shown["scenes"][SCENE]["title"] == "Ada's"


async def test_locked_scenes_and_the_servers_keys_stay(pair: Pair) -> None:
    since = await pair.edit(pair.ada, new_scene(SCENE, "Opening"))
    await pair.edit(pair.bob, set_key("scenes", SCENE, "title", "Bob's"))
    await pair.edit(pair.bob, set_key("scenes", SCENE, "lock", {"run": "r"}))
    done = await pair.undo(pair.bob, since)
    assert [(each["key"], each["why"]) for each in done["kept"]] == [("title", "scene.locked")]
    assert pair.ada.shown["scenes"][SCENE]["lock"] == {"run": "r"}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_one_did_alone_can_be_taken_back(pair: Pair, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(12):
        await pair.edit(pair.ada, lambda doc: random_edit(doc, rng))
    await pair.bob.catch_up()
    before, since = pair.bob.shown, pair.bob.seq
    for _ in range(25):
        await pair.edit(pair.bob, lambda doc: random_edit(doc, rng))
    done = await pair.undo(pair.bob, since)
    assert done["kept"] == [] and difference(writable(before), writable(pair.ada.shown)) == []


async def test_more_rows_than_one_undo_may_read(studio: Studio, ada: Person, pair: Pair) -> None:
    since = await pair.edit(pair.ada, new_scene(SCENE))
    for number in range(11):
        await pair.edit(pair.ada, set_key("scenes", SCENE, "title", str(number)))
    state = studio.state
    pool, log = state.stores.pool, studio.log
    editor, snapshots = state.history._editor, Snapshots(pool, state.stores.objects)
    small = History(pool, log, snapshots, editor, state.history._projector, state.history._kept, Limits(rows=10))
    now = datetime.now(UTC)
    with pytest.raises(HistoryTooLong):
        await small.undo(ada.actor, pair.ada.document_id, ada.actor.user_id, Sequence(since), now)
    done = await small.undo(ada.actor, pair.ada.document_id, ada.actor.user_id, Sequence(since + 1), now)
    assert done.written == [("scenes", SCENE, "title")]

"""People who edit with pycrdt replicas of their own; what they do becomes rows of the log, as a hub writes them."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from pycrdt import Array, Doc, Map, Text, TransactionEvent

from services.history import content
from services.history.content import Content, SharedMap, is_deleted
from services.projects.model import Project
from storage.log import Batch, DocumentKey
from sync import ids
from sync.names import Kind
from sync.schema import OWNERSHIP
from tests.integration.api.studio import Person, Studio

OWNED = OWNERSHIP[Kind.STORYBOARD]


class Writer:
    """One person's open storyboard. `catch_up` before an edit, or the edit is concurrent with what others did."""

    def __init__(self, studio: Studio, person: Person, project: Project) -> None:
        self.doc: Doc[Any] = Doc()
        self.document_id: UUID = project.storyboard.id
        self.seq = 0
        self._person = person
        self._log = studio.log

    async def catch_up(self) -> None:
        head = await self._log.head(self.document_id)
        async for row in self._log.tail(self.document_id, head.epoch, self.seq):
            self.doc.apply_update(row.bytes)
            self.seq = row.seq

    async def edit(self, change: Callable[[Doc[Any]], None], relayed_by: UUID | None = None) -> int:
        """The sequence of the row."""
        updates: list[bytes] = []

        def note(event: TransactionEvent) -> None:
            updates.append(event.update)

        subscription = self.doc.observe(note)
        with self.doc.transaction():
            change(self.doc)
        self.doc.unobserve(subscription)
        assert len(updates) == 1
        return await self.write(updates[0], relayed_by)

    async def write(self, update: bytes, relayed_by: UUID | None = None) -> int:
        """The sequence of the row."""
        key = DocumentKey(self.document_id, 1)
        batch = Batch(uuid4(), self._person.actor.user_id, "edit", update, relayed_by, (self.doc.client_id,))
        result = await self._log.append({key: [batch]})
        assert result.committed, result
        return result.committed[0].head_seq

    @property
    def shown(self) -> Content:
        return content.read(self.doc, OWNED.roots)


def document(project: Project) -> str:
    """`/v1/documents/...` of the storyboard."""
    return f"/v1/documents/{ids.encode(project.storyboard.id)}"


def new_scene(scene_id: str, title: str = "", prompt: str = "") -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get("scenes", type=Map)[scene_id] = Map(
            {"ord": "a", "title": title, "prompt": Text(prompt), "dlg": [], "del": None}
        )

    return change


def set_key(root: str, entity: str, key: str, value: object) -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get(root, type=Map)[entity][key] = value

    return change


def type_in(scene_id: str, words: str) -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        text = doc.get("scenes", type=Map)[scene_id]["prompt"]
        text += words

    return change


def writable(shown: Content) -> Content:
    """What clients may write, without what is marked as deleted."""
    return {
        root: SharedMap(
            (name, _writable(root, value)) for name, value in entities.items() if root == "ext" or not is_deleted(value)
        )
        for root, entities in shown.items()
        if root not in OWNED.server_roots
    }


def _writable(root: str, value: Any) -> Any:
    if not isinstance(value, SharedMap):
        return value
    return SharedMap((key, item) for key, item in value.items() if not OWNED.is_servers(root, key))


def random_edit(doc: Doc[Any], rng: random.Random) -> None:
    """Always changes something."""
    root = doc.get(rng.choice(["scenes", "shots"]), type=Map)
    ext = doc.get("ext", type=Map)
    name = f"e{rng.randrange(4)}"
    entity = root.get(name)
    action = rng.randrange(8)
    if action == 0 or not isinstance(entity, Map):
        if isinstance(entity, Map):
            ext[f"k{rng.randrange(4)}"] = random_value(rng)
        else:
            nested = {"prompt": Text("It rains. \U0001f327"), "list": Array([1, Text("x")]), "del": None}
            root[name] = Map({"ord": str(rng.random()), **nested})
    elif action == 1:
        entity["del"] = {"by": "somebody", "n": rng.random()}
    elif action == 2:
        entity["del"] = None if rng.random() < 0.5 else {"by": "somebody else"}
    elif action == 3:
        del root[name]
    elif action == 4 and "prompt" in entity:
        text = entity["prompt"]
        if len(str(text)) > 6 and rng.random() < 0.4:
            del text[0 : len(str(text)[:4].encode())]  # whole characters; the hub refuses halves
        text.insert(0, f"{rng.randrange(99)} é\U0001f600 ")
    elif action == 5 and "list" in entity:
        entity["list"].append(random_value(rng))
    elif action == 6:
        for key in list(ext.keys())[:1]:
            del ext[key]
        ext[f"k{rng.randrange(4)}"] = random_value(rng)
    else:
        entity[f"r{rng.randrange(3)}"] = random_value(rng)


def random_value(rng: random.Random) -> Any:
    return rng.choice(
        [rng.randrange(9), rng.random(), True, None, "text", [1, {"a": 1}], {"b": [True, 1.5]}, b"\x00\xff"]
    )

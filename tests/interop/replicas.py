"""Replicas of other Yjs libraries behind one small interface, and the y-websocket client that keeps one in step.

Both libraries are the published wheels; only the socket is ours.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from pycrdt import Doc, Map, Text

from deploy.local.demo.replicas import whole
from sync.schema import STORYBOARD_ROOTS
from tests.interop.wire import TIMEOUT_S, Said, SyncSocket, sync_socket

Content = dict[str, Any]
y_py: Any = importlib.import_module("y_py")
"""Its type stubs describe context managers and iterators that nothing can use."""


class Replica(Protocol):
    """What the client needs of a library, and the edits of these tests."""

    def state_vector(self) -> bytes: ...

    def since(self, state_vector: bytes) -> bytes: ...

    def apply(self, update: bytes) -> None: ...

    def content(self) -> Content: ...

    def type(self, scene: str, at: int, text: str) -> None: ...

    def erase(self, scene: str, at: int, length: int) -> None: ...

    def set(self, scene: str, key: str, value: str) -> None: ...

    def note(self, key: str, value: str) -> None: ...

    def forget(self, key: str) -> None: ...


class PycrdtReplica:
    """pycrdt. It counts text in UTF-8 bytes, so the tests type ASCII through it."""

    def __init__(self, client_id: int) -> None:
        self.doc: Doc[Any] = Doc(client_id=client_id)

    def state_vector(self) -> bytes:
        return self.doc.get_state()

    def since(self, state_vector: bytes) -> bytes:
        return self.doc.get_update(state_vector)

    def apply(self, update: bytes) -> None:
        self.doc.apply_update(update)

    def content(self) -> Content:
        return {root: whole(self.doc.get(root, type=Map).to_py()) for root in STORYBOARD_ROOTS}

    def _prompt(self, scene: str) -> Text:
        prompt = self.doc.get("scenes", type=Map)[scene]["prompt"]
        assert isinstance(prompt, Text)
        return prompt

    def type(self, scene: str, at: int, text: str) -> None:
        self._prompt(scene).insert(at, text)

    def erase(self, scene: str, at: int, length: int) -> None:
        del self._prompt(scene)[at : at + length]

    def set(self, scene: str, key: str, value: str) -> None:
        self.doc.get("scenes", type=Map)[scene][key] = value

    def note(self, key: str, value: str) -> None:
        self.doc.get("ext", type=Map)[key] = value

    def forget(self, key: str) -> None:
        del self.doc.get("ext", type=Map)[key]


class Bulk:
    """Edits of about 200 kB each, over the same few keys: a value of `ext` has at most 1 KiB."""

    def __init__(self, client: int) -> None:
        self._doc: Doc[Any] = Doc(client_id=client)

    def edit(self, key: str) -> bytes:
        """Sets `key` too, so that the edit can be told from others."""
        before = self._doc.get_state()
        ext = self._doc.get("ext", type=Map)
        with self._doc.transaction():
            ext[key] = "v"
            for number in range(200):
                ext[f"bulk{number}"] = "x" * 1_000
        return bytes(self._doc.get_update(before))


class YpyReplica:
    """y-py 0.6, which keeps 32 bits of every client id (W33)."""

    def __init__(self, client_id: int) -> None:
        self.doc: Any = y_py.YDoc(client_id)

    def state_vector(self) -> bytes:
        return bytes(y_py.encode_state_vector(self.doc))

    def since(self, state_vector: bytes) -> bytes:
        return bytes(y_py.encode_state_as_update(self.doc, state_vector))

    def apply(self, update: bytes) -> None:
        y_py.apply_update(self.doc, update)

    def content(self) -> Content:
        return {root: plain(self.doc.get_map(root)) for root in STORYBOARD_ROOTS}

    def _scene(self, scene: str) -> Any:
        return self.doc.get_map("scenes")[scene]

    def type(self, scene: str, at: int, text: str) -> None:
        prompt = self._scene(scene)["prompt"]
        with self.doc.begin_transaction() as transaction:
            prompt.insert(transaction, at, text)

    def erase(self, scene: str, at: int, length: int) -> None:
        prompt = self._scene(scene)["prompt"]
        with self.doc.begin_transaction() as transaction:
            prompt.delete_range(transaction, at, length)

    def set(self, scene: str, key: str, value: str) -> None:
        entity = self._scene(scene)
        with self.doc.begin_transaction() as transaction:
            entity.set(transaction, key, value)

    def note(self, key: str, value: str) -> None:
        root = self.doc.get_map("ext")
        with self.doc.begin_transaction() as transaction:
            root.set(transaction, key, value)

    def forget(self, key: str) -> None:
        root = self.doc.get_map("ext")
        with self.doc.begin_transaction() as transaction:
            root.pop(transaction, key)


def plain(value: Any) -> Any:
    """A y-py value as plain Python."""
    if isinstance(value, y_py.YMap):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, y_py.YText):
        return str(value)
    if isinstance(value, y_py.YArray):
        return [plain(inner) for inner in value]
    return whole(value)


class SyncClient:
    """Speaks `/sync` for a replica: answers Step1, applies what comes, sends what is edited."""

    def __init__(self, replica: Replica, socket: SyncSocket) -> None:
        self.replica = replica
        self.socket = socket
        self._changed = asyncio.Condition()

    async def edit(self, change: Callable[[Replica], None]) -> None:
        before = self.replica.state_vector()
        change(self.replica)
        await self.socket.update(self.replica.since(before))

    async def until(self, accepts: Callable[[Content], bool]) -> Content:
        """Waits for updates until the content is accepted."""
        async with asyncio.timeout(TIMEOUT_S), self._changed:
            while not accepts(content := self.replica.content()):
                await self._changed.wait()
            return content

    async def listen(self) -> None:
        await self.socket.step1(self.replica.state_vector())
        while True:
            await self._take(self.socket.read(await self._frame()))

    async def _frame(self) -> bytes:
        frame = await self.socket.connection.recv()
        assert isinstance(frame, bytes)
        return frame

    async def _take(self, said: Said) -> None:
        if said.kind == "step1":
            await self.socket.step2(self.replica.since(said.payload))
        elif said.kind in ("step2", "update"):
            self.replica.apply(said.payload)
            async with self._changed:
                self._changed.notify_all()


@asynccontextmanager
async def sync_client(replica: Replica, base: str, document: str, token: str) -> AsyncIterator[SyncClient]:
    async with sync_socket(base, document, token) as socket:
        client = SyncClient(replica, socket)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(client.listen())
            yield client
            listening.cancel()

"""Stock Yjs clients from npm in processes of their own, driven by JSON lines (client-protocol/interop/client.mjs).

Knows nothing of what is edited: that is in `performance.py`.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from deploy.local.demo.errors import EditorFailed

Dialect = Literal["hocuspocus", "y-websocket"]
Message = dict[str, Any]
T = TypeVar("T")
INTEROP = Path(__file__).resolve().parents[3] / "client-protocol" / "interop"
LINE_BYTES_MAX = 32 * 1024 * 1024
REPLY_TIMEOUT_S = 20.0
EVENT_TIMEOUT_S = 30.0


class Editor:
    """One client. Every event that it has shown is kept, so that nothing is missed by waiting late."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.events: list[Message] = []
        self._process = process
        self._replies: dict[int, asyncio.Future[Message]] = {}
        self._changed = asyncio.Condition()
        self._commands = 0
        self._ended = False

    @property
    def pid(self) -> int:
        return self._process.pid

    async def command(self, command: str, **parameters: Any) -> Message:
        """Raises `EditorFailed`."""
        if self._ended or self._process.stdin is None:
            raise EditorFailed(f"{self.name} has ended")
        self._commands += 1
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._replies[self._commands] = reply
        line = json.dumps({"id": self._commands, "command": command, **parameters})
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        async with asyncio.timeout(REPLY_TIMEOUT_S):
            message = await reply
        if not message["ok"]:
            raise EditorFailed(f"{self.name}: {command}: {message['error']}")
        return message

    async def edit(self, *operations: Mapping[str, Any], number: int | None = None) -> None:
        """One transaction. `number`: 1, 2, ...: the edit's own, to know later whether it was acknowledged."""
        await self.command("edit", operations=operations, **({} if number is None else {"number": number}))

    async def state(self) -> Message:
        """The replica (describe() of document.mjs) and `unsynced synced acknowledged statuses refused`."""
        return await self.command("state")

    async def event(self, name: str, since: int = 0, timeout_s: float = EVENT_TIMEOUT_S, **fields: Any) -> Message:
        """The first event from number `since` on that has these fields, waiting for it. Raises `EditorFailed`."""

        def found() -> Message | None:
            wanted = {"event": name, **fields}
            return next((e for e in self.events[since:] if all(e.get(k) == v for k, v in wanted.items())), None)

        return await self.until(found, f"{name} {fields}", timeout_s)

    async def until(self, found: Callable[[], T | None], what: str, timeout_s: float = EVENT_TIMEOUT_S) -> T:
        """Waits for events until `found` gives something."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                while (result := found()) is None:
                    if self._ended:
                        raise EditorFailed(f"{self.name} ended before {what}")
                    await self._changed.wait()
                return result
        except TimeoutError:
            latest = self.events[-5:]
            raise EditorFailed(f"{self.name}: no {what} within {timeout_s:g} s; latest events: {latest}") from None

    async def until_state(self, accepts: Callable[[Message], bool], what: str, timeout_s: float = 30.0) -> Message:
        """Asks for the state after every event until it is accepted."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    seen = len(self.events)
                    state = await self.state()
                    if accepts(state):
                        return state
                    await self._more_than(seen)
        except TimeoutError:
            raise EditorFailed(f"{self.name}: no {what} within {timeout_s:g} s") from None

    async def _more_than(self, seen: int) -> None:
        async with self._changed:
            while len(self.events) <= seen and not self._ended:
                await self._changed.wait()

    async def listen(self) -> None:
        """Reads what the client says until it ends."""
        assert self._process.stdout is not None
        try:
            while line := await self._process.stdout.readline():
                await self._take(json.loads(line))
        finally:
            self._ended = True
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(EditorFailed(f"{self.name} has ended"))
            async with self._changed:
                self._changed.notify_all()

    async def _take(self, message: Message) -> None:
        if "id" in message:
            self._replies.pop(message["id"]).set_result(message)
            return
        self.events.append(message)
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def open_editor(
    node: str, dialect: Dialect, url: str, document: str, token: str, *, name: str = "", **options: Any
) -> AsyncIterator[Editor]:
    """`url`: `ws://host:port/collab` or `ws://host:port/sync`. `options`: client (id), idle_ms."""
    settings = {"dialect": dialect, "url": url, "name": document, "token": token, **options}
    process = await asyncio.create_subprocess_exec(
        *(node, "client.mjs"),
        cwd=INTEROP,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES_MAX,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(settings).encode() + b"\n")  # not an argument: it holds a token
    editor = Editor(name or dialect, process)
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(editor.listen())
        try:
            yield editor
        finally:
            process.stdin.close()
            if process.returncode is None:
                process.kill()
            await process.wait()
            listening.cancel()


async def describe_replay(node: str, updates: Sequence[bytes]) -> Message:
    """The replica that real yjs makes of these updates: {content, snapshot_hash, content_hash, pending}."""
    process = await asyncio.create_subprocess_exec(
        *(node, "replay.mjs"), cwd=INTEROP, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate("\n".join(update.hex() for update in updates).encode())
    if process.returncode != 0:
        raise EditorFailed(f"the replay ended with {process.returncode}")
    description: Message = json.loads(output)
    return description

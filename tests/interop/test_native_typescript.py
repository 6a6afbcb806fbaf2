"""The TypeScript client of the native dialect on a real hub: its own tests, given an address and two people."""

import asyncio
import os
import shutil
from pathlib import Path

from services.users.model import Role
from tests.interop.conftest import Board, Hub

TYPESCRIPT = Path(__file__).resolve().parents[2] / "client-protocol" / "typescript"
TIMEOUT_S = 60.0


async def test_the_typescript_client_holds_the_rules_of_the_native_dialect(hub_a: Hub, board: Board) -> None:
    node = shutil.which("node")
    assert node is not None, "Node.js is not on PATH; ./dev test brings it"
    environ = {
        **os.environ,
        "STORYFORGE_LIVE": "1",
        "STORYFORGE_HUB": hub_a.websocket,
        "STORYFORGE_DOCUMENT": board.name,
        "STORYFORGE_TOKEN": board.token(),
        "STORYFORGE_OTHER_TOKEN": board.token(Role.OWNER),
    }
    process = await asyncio.create_subprocess_exec(
        node,
        "node_modules/vitest/vitest.mjs",
        "run",
        cwd=TYPESCRIPT,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(TIMEOUT_S):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert "7 passed" in said.decode()

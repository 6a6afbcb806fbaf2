"""An S3 server of its own for the contract of the object stores."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from nanio.app import build_app
from nanio.auth.credentials import StaticCredentialResolver
from nanio.config import Settings as NanioSettings

from storage.s3 import Bucket


@pytest_asyncio.fixture(scope="session")
async def s3_bucket(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bucket]:
    """A bucket that does not exist yet, on a server that checks signatures."""
    keys = ("contract", "contract-secret-0000")
    app = build_app(
        NanioSettings(data_dir=tmp_path_factory.mktemp("s3"), credentials=StaticCredentialResolver({keys[0]: keys[1]}))
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", ws="none"))
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listener]))
            endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
            yield Bucket("contract", endpoint, "us-east-1", *keys)
            server.should_exit = True
            await serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"

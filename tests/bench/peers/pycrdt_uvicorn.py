"""pycrdt-websocket under uvicorn as its documentation shows it, without a store: `pycrdt_uvicorn.py PORT`.

Runs in a venv of its own, never in ours.
"""

import asyncio
import sys

import uvicorn
from pycrdt.websocket import ASGIServer, WebsocketServer  # type: ignore[import-not-found]


async def serve(port: int) -> None:
    rooms = WebsocketServer()
    async with rooms:
        app = ASGIServer(rooms)
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws_per_message_deflate=False)
        await uvicorn.Server(config).serve()


asyncio.run(serve(int(sys.argv[1])))

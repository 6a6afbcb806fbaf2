"""What goes on in a document while yload measures it: somebody who pastes, or people who do not read.

A program of its own (`python -P -m tests.bench.beside KIND URL DOCUMENT TOKEN`), ready when it has written a line.
"""

import sys
import time
from contextlib import ExitStack
from itertools import count
from random import Random
from typing import Any

from pycrdt import Doc, Map, TransactionEvent
from websockets.sync.client import ClientConnection, connect

from sync.dialects import hocuspocus
from sync.dialects.hocuspocus import Token
from sync.messages import Step1, Update
from sync.storyboard.gestures import Storyboard

DEAF = 100
PASTED_SCENES = 60
PASTED_CHARS = 1_900
PASTES_PER_S = 4
"""Of 60 x 1,900 characters, 114 KB in one update: about what a person's budget allows."""


def main(kind: str, url: str, document: str, token: str) -> None:
    with ExitStack() as stack:
        sockets = [_joined(stack, url, document, token) for _ in range(DEAF if kind == "deaf" else 1)]
        print("ready", flush=True)
        while True:  # until the process is ended
            if kind == "deaf":
                time.sleep(1)
            else:
                _paste(sockets[0], document)


def _joined(stack: ExitStack, url: str, document: str, token: str) -> ClientConnection:
    """`max_queue`: so many messages are read that nobody takes, then no more."""
    socket = stack.enter_context(connect(url, compression=None, ping_interval=None, max_size=None, max_queue=1))
    socket.send(hocuspocus.encode_client(document, Token(token)))
    socket.send(hocuspocus.encode(document, Step1(b"\0")))
    return socket


def _paste(socket: ClientConnection, document: str) -> None:
    """Makes scenes, then writes the same long text into all of them at once, again and again."""
    doc: Doc[Any] = Doc()
    hand = Storyboard(doc, Random().randbytes, "usr_bench", 1)

    def send(event: TransactionEvent) -> None:
        socket.send(hocuspocus.encode(document, Update(event.update)))

    doc.observe(send)
    scenes = [hand.add_scene({"title": str(number)}) for number in range(PASTED_SCENES)]
    texts = doc.get("scenes", type=Map)
    for number in count():
        begun = time.monotonic()
        with doc.transaction():
            for scene in scenes:
                texts[scene]["neg"] = f"{number:09}".ljust(PASTED_CHARS, "x")
        _drop_all(socket)
        time.sleep(max(0.0, begun + 1 / PASTES_PER_S - time.monotonic()))


def _drop_all(socket: ClientConnection) -> None:
    """What came meanwhile, so that this is nobody who does not read."""
    try:
        while True:
            socket.recv(timeout=0)
    except TimeoutError:
        return


if __name__ == "__main__":
    main(*sys.argv[1:])

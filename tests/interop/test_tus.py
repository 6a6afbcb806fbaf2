"""The stock tus-js-client sends a file, and the process that takes it is killed in the middle."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from storage.uploads import PART_BYTES
from tests.integration.deploy.studio import Studio, start

PROGRAM = Path(__file__).resolve().parents[2] / "client-protocol" / "interop" / "upload.mjs"
PARTS = 8


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start(tmp_path_factory.mktemp("tus") / "data")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def browser(studio: Studio) -> Iterator[httpx.Client]:
    """Ana's."""
    with httpx.Client(base_url=studio.url, trust_env=False, follow_redirects=False, timeout=20.0) as client:
        client.get(studio.ready["links"]["Ana Duarte, owner"])
        yield client


def test_an_upload_goes_on_behind_a_kill_of_its_server(
    studio: Studio, browser: httpx.Client, node: str, tmp_path: Path
) -> None:
    file = tmp_path / "rushes.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(PARTS * PART_BYTES + 12_345))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    order = {
        "endpoint": f"{studio.url}/v1/projects/{studio.ready['project']}/uploads",
        "file": str(file),
        "name": file.name,
        "headers": {"Cookie": cookies, "Origin": studio.url},
    }
    said = list(sent(studio, node, order))
    resumed = [line["resumed"] for line in said if "resumed" in line]
    assert [line for line in said if "interrupted" in line], said[-5:]
    assert resumed and PART_BYTES <= resumed[-1] < PARTS * PART_BYTES
    assert "done" in said[-1], said[-5:]
    found = browser.get("/v1/assets/ast_" + said[-1]["done"].rpartition("upl_")[2]).json()
    assert (found["name"], found["kind"], found["bytes"]) == ("rushes.png", "picture", file.stat().st_size)


def sent(studio: Studio, node: str, order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the client says. Kills the hub when three parts must have come to it."""
    killed = False
    with subprocess.Popen([node, str(PROGRAM), json.dumps(order)], stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        for line in client.stdout:
            told = json.loads(line)
            if told.get("sent", 0) >= 4 * PART_BYTES and not killed:
                killed = True
                hub = studio.child("hub")
                assert hub is not None
                os.kill(hub, signal.SIGKILL)
            yield told
    assert killed and client.returncode == 0

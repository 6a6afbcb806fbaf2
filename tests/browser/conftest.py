"""The browser tests' world: the whole studio as `./dev up` starts it, pages built from today's sources, and Chromium.

One studio for all of them; each visitor is a browser context of their own, and what its console says counts.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from deploy.local.ports import free_port
from tests.browser.visitors import Visits

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "client-protocol" / "typescript"
STOP_TIMEOUT_S = 20
NOWHERE = "http://127.0.0.1:9"
ACCOUNTS = {
    f"STORYFORGE_{name}_{what}": value
    for name in ("RUNWAY", "KLING", "SORA")
    for what, value in (("KEY", "a-key-of-nobody"), ("URL", NOWHERE))
}
"""Whose prices are shown. Nothing is made there: no browser test begins a final."""


@dataclass(frozen=True, slots=True)
class Studio:
    """A running studio. `links`: the printed sign-in links by first name; `mail`: where mail is written."""

    url: str
    project: str
    links: dict[str, str]
    process: subprocess.Popen[str]
    mail: Path

    def page(self, kind: str) -> str:
        """`studio`, `review` or `tv`."""
        return f"{self.url}/{kind}/{self.project}"

    def kill_hub(self) -> None:
        """What a crash of the hub is: SIGKILL. The studio starts another by itself."""
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                parent = re.search(r"^PPid:\s+(\d+)$", status.read_text(), re.MULTILINE)
                command = (status.parent / "cmdline").read_text().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent is not None and int(parent[1]) == self.process.pid and "hub" in command:
                os.kill(int(status.parent.name), signal.SIGKILL)
                return
        raise LookupError("the studio has no hub")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as Vite builds them from the sources of now."""
    folder = tmp_path_factory.mktemp("pages")
    command = ["npm", "run", "--silent", "build", "--", "--outDir", str(folder), "--emptyOutDir", "--logLevel", "error"]
    subprocess.run(command, cwd=CLIENT, check=True)
    return folder


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory, pages: Path) -> Iterator[Studio]:
    port = free_port()
    data = tmp_path_factory.mktemp("studio") / "data"
    command = [sys.executable, "-P", "-m", "deploy.local", "up", "--data", str(data), "--port", str(port)]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("STORYFORGE_")}
    environ = outside | {"STORYFORGE_PAGES_DIR": str(pages)} | ACCOUNTS
    with subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _started(process, f"http://127.0.0.1:{port}", data / "mail")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_TIMEOUT_S)


def _started(process: subprocess.Popen[str], url: str, mail: Path) -> Studio:
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if "Ctrl-C stops everything" in line:
            break
    printed = "".join(said)
    links = {link[1]: link[2] for link in re.finditer(r"^  (\w+) .*\n\s+(http\S+/signin\S+)$", printed, re.MULTILINE)}
    assert set(links) == {"Ana", "Ben", "Rita"}, printed
    threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop the studio
    return Studio(url, re.findall(r"prj_[0-9a-z]{26}", printed)[0], links, process, mail)


@pytest_asyncio.fixture
async def visits(chromium: Browser, studio: Studio) -> AsyncIterator[Visits]:
    """Opens pages as somebody; afterwards no console may have complained and no request may have failed."""
    visits = Visits(chromium, studio.links)
    yield visits
    await visits.close()
    assert visits.complaints == []


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """docs/screenshots when they are to be renewed, else this test's own folder."""
    return ROOT / "docs" / "screenshots" if os.environ.get("STORYFORGE_WRITE_SCREENSHOTS") == "1" else tmp_path

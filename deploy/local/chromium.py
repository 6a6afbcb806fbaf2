"""Brings a Chromium for the browser tests: the system's, else apt's (as root), else Playwright's own download.

Drives nothing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.errors import ChromiumMissing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "STORYFORGE_CHROMIUM"
"""The program that the tests start; not set: Playwright's own."""


def bring() -> dict[str, str]:
    """Variables for the tests. Raises `ChromiumMissing` when none of the three ways works."""
    found = os.environ.get(VARIABLE) or _of_system()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update"], env=apt, stdout=sys.stderr, check=False)
        subprocess.run(["apt-get", "install", "-y", "chromium"], env=apt, stdout=sys.stderr, check=False)
        found = _of_system()
    driver = _driver()
    if found is not None:
        return {VARIABLE: found, **driver}
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(playwright, env={**os.environ, **driver}, stdout=sys.stderr, check=False).returncode == 0:
        return driver
    raise ChromiumMissing(
        "The browser tests need Chromium, and neither apt nor Playwright could bring it. Install it (on Debian: "
        f"sudo apt-get install chromium), or set {VARIABLE} to its program."
    )


def _driver() -> dict[str, str]:
    """Playwright brings a Node of its own that wants a library which a bare Debian has not; ours runs everywhere."""
    node = shutil.which("node")
    return {"PLAYWRIGHT_NODEJS_PATH": node} if node else {}


def _of_system() -> str | None:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return str(Path(found)) if found else None

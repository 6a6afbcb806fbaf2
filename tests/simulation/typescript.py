"""The TypeScript `resolve` in a process of its own, asked by lines."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

TYPESCRIPT = Path(__file__).resolve().parents[2] / "client-protocol" / "typescript"
ENTRY = "tests/lines/resolve-lines.ts"


def node() -> str:
    """Raises AssertionError where Node.js is missing."""
    program = shutil.which("node")
    assert program is not None, "Node.js is not on PATH; ./dev brings it"
    return program


@contextmanager
def built() -> Iterator[Path]:
    """The program as one file of JavaScript."""
    with TemporaryDirectory() as folder:
        arguments = [
            "node_modules/vite/bin/vite.js",
            "build",
            "--ssr",
            ENTRY,
            "--outDir",
            folder,
            "--logLevel",
            "error",
        ]
        subprocess.run([node(), *arguments], cwd=TYPESCRIPT, check=True)
        (made,) = Path(folder).glob("*.*js")
        yield made


class Asked:
    """One running process."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [node(), str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def resolve(self, kind: str, content: dict[str, Any]) -> str:
        """View and repairs in their one form. `kind`: timeline or storyboard."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"kind": kind, "content": content}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the TypeScript process has ended"
        return answer.rstrip("\n")

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@contextmanager
def asked(program: Path) -> Iterator[Asked]:
    running = Asked(program)
    try:
        yield running
    finally:
        running.close()

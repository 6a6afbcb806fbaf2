"""Which form of the core a process runs: its hot modules compiled, if a build of exactly these sources is there.

Needs only the standard library and no installed package: `./dev` asks it too. Building is `compile.py`.
"""

import hashlib
import importlib
import importlib.util
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILDS = ROOT / "build" / "compiled"
PURE = "STORYFORGE_PURE"
GROUP = "sync"
LIBRARY = f"{GROUP}__mypyc"
"""The one shared library; every compiled module is a small file that points into it."""
MODULES = (
    "realtime.budget",
    "realtime.fanout",
    "realtime.frames",
    "sync.acknowledgements",
    "sync.admission",
    "sync.awareness",
    "sync.catching_up",
    "sync.dialects.hocuspocus",
    "sync.dialects.native",
    "sync.dialects.ywebsocket",
    "sync.dismissal",
    "sync.effects",
    "sync.index",
    "sync.intake",
    "sync.judge",
    "sync.layer",
    "sync.lib0",
    "sync.locks",
    "sync.messages",
    "sync.order",
    "sync.parking",
    "sync.paths",
    "sync.presence",
    "sync.ranges",
    "sync.relay",
    "sync.remote.judging",
    "sync.room",
    "sync.rules",
    "sync.schema",
    "sync.schema_storyboard",
    "sync.schema_timeline",
    "sync.session",
    "sync.showing",
    "sync.state_vector",
    "sync.strict_json",
    "sync.touch",
    "sync.update",
)
"""What an edit passes on its way; of `realtime` what needs nothing but `sync`. docs/decisions/0009-compiled-core.md and
0040-fewer-steps-an-edit.md say why not the others."""


def source_of(module: str, root: Path = ROOT) -> Path:
    return root.joinpath(*module.split(".")).with_suffix(".py")


def sources(root: Path = ROOT) -> list[Path]:
    """All of `sync/`, compiled or not, and what is compiled besides it."""
    return sorted({*(root / "sync").rglob("*.py"), *(source_of(module, root) for module in MODULES)})


def fingerprint(root: Path = ROOT) -> str:
    """Of the `sources`, of this page, and of the Python that would load the result."""
    digest = hashlib.sha256(f"{sysconfig.get_config_var('EXT_SUFFIX')}\0".encode())
    for path in (Path(__file__), *sources(root)):
        digest.update(f"{path.name if path == Path(__file__) else path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


def build_of(root: Path = ROOT, builds: Path = BUILDS) -> Path:
    """Where the build of the sources as they are now is, or would be. One folder a fingerprint, never changed."""
    return builds / fingerprint(root)


def failure_of(build: Path) -> Path:
    """What the compiler said, if it could not make `build`."""
    return build.with_name(f"{build.name}.log")


def compiler() -> str | None:
    """The C compiler, if one is installed and Python's headers are."""
    named = (sysconfig.get_config_var("CC") or "cc").split()[0]
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    return next(filter(None, map(shutil.which, (named, "cc", "gcc"))), None) if headers.exists() else None


def is_wanted(environ: Mapping[str, str]) -> bool:
    """`STORYFORGE_PURE=1` forces the Python sources."""
    return environ.get(PURE, "") in ("", "0")


def is_in_use() -> bool:
    """Whether this process runs the compiled form."""
    return LIBRARY in sys.modules


def use(environ: Mapping[str, str], build: Path | None = None) -> bool:
    """Called by a program before it imports anything of `sync`; whether it now runs the compiled form.

    A build of other sources has another name and is never found, so a changed `.py` cannot be shadowed. What is
    compiled is imported at once, all of it or nothing: a process never mixes two states of the sources.
    """
    if is_in_use():
        return True
    folder = build or build_of()
    if not is_wanted(environ) or not folder.is_dir() or any(module in sys.modules for module in MODULES):
        return False
    sys.path.append(str(folder))  # of what is in it, only the library is found this way
    for package in sorted({module.rpartition(".")[0] for module in MODULES}):
        importlib.import_module(package).__path__.insert(0, str(folder.joinpath(*package.split("."))))
    for module in MODULES:
        importlib.import_module(module)
    return True

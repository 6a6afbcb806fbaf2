"""`python -m deploy.local.compile`: makes C of the modules that an edit passes, with mypyc, where `compiled` finds it.

The sources stay as they are; without a compiler nothing is lost but speed.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local import compiled

STALE_AFTER_S = 24 * 3600
"""Builds of other sources may still be in use by a process that runs; later nobody misses them."""
CANNOT_COMPILE = 2


def main(arguments: list[str]) -> int:
    if arguments:  # the compiler's own process, see `_compile`
        return _mypyc(Path(arguments[0]))
    if compiled.compiler() is None:
        print("no C compiler with Python.h: sync/ runs as pure Python", file=sys.stderr)
        return CANNOT_COMPILE
    builds = compiled.BUILDS
    builds.mkdir(parents=True, exist_ok=True)
    _forget_stale(builds)
    with TemporaryDirectory(prefix=".new-", dir=builds) as folder:
        scratch = Path(folder)
        _copy_sources(scratch)
        build = compiled.build_of(scratch, builds)  # of the copy: the sources may be edited meanwhile
        if build.is_dir():
            return 0
        said = _compile(scratch)
        failure = compiled.failure_of(build)
        if said is not None:
            failure.write_text(said)
            print(f"sync/ could not be compiled and runs as pure Python; why is in {failure}", file=sys.stderr)
            return CANNOT_COMPILE
        (scratch / "out").replace(build)
        failure.unlink(missing_ok=True)
    return 0


def _copy_sources(scratch: Path) -> None:
    for source in compiled.sources():
        copy = scratch / source.relative_to(compiled.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        package = source.with_name("__init__.py")
        if package.exists():
            shutil.copyfile(package, copy.with_name("__init__.py"))


def _compile(scratch: Path) -> str | None:
    """None when `scratch/out` is whole; otherwise what mypyc and the compiler said."""
    argv = [sys.executable, "-P", "-m", "deploy.local.compile", str(scratch)]
    ended = subprocess.run(
        argv, cwd=compiled.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    wanted = [f"{module.replace('.', '/')}{suffix}" for module in (compiled.LIBRARY, *compiled.MODULES)]
    missing = [name for name in wanted if not (scratch / "out" / name).is_file()]
    if ended.returncode == 0 and not missing:
        return None
    return f"{ended.stdout}\nexit code {ended.returncode}, missing: {', '.join(missing) or 'nothing'}\n"


def _mypyc(scratch: Path) -> int:
    """Ends by an exception or SystemExit when something is wrong."""
    from mypyc.build import mypycify
    from setuptools import setup  # type: ignore[import-untyped]

    os.chdir(scratch)  # the names of the sources in tracebacks begin with sync/, and nobody reads our pyproject.toml
    sources = [str(compiled.source_of(module, Path())) for module in compiled.MODULES]
    options = ["--config-file=", "--strict", f"--cache-dir={scratch / 'cache'}"]
    extensions = mypycify([*options, *sources], target_dir=str(scratch / "c"), group_name=compiled.GROUP)
    folders = ["--build-lib", str(scratch / "out"), "--build-temp", str(scratch / "objects")]
    setup(name=compiled.LIBRARY, packages=[], ext_modules=extensions, script_args=["build_ext", *folders])
    return 0


def _forget_stale(builds: Path) -> None:
    for path in builds.glob("*"):
        if time.time() - path.stat().st_mtime > STALE_AFTER_S:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

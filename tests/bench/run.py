"""Carries benches out: every repeat starts each server afresh, one after the other (A B C A B C).

Starts and reads; what the numbers mean is in `figures.py`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from tests.bench import nodes, ours, programs, servers
from tests.bench.catalogue import OURS, Bench, options_of
from tests.bench.errors import PeerMissing
from tests.bench.figures import Outcome, Result, of_output
from tests.bench.ours import ROOT, Stores
from tests.bench.servers import LOAD_CORE, Reached, Say, pinned

WARM_S = 0.5
RUN_TIMEOUT_S = 300
BESIDE_PREFIX = "beside-"


def measured(bench: Bench, repeats: int, small: bool, running: Stores, say: Say) -> Outcome:
    """Never raises for a server that failed: its runs say why."""
    options = options_of(bench, small)
    runs: dict[str, list[Result]] = {name: [] for name in bench.servers}
    for repeat in range(repeats):
        for name in bench.servers:
            say(f"{bench.name}: {name}, run {repeat + 1} of {repeats}")
            runs[name].append(_one(bench, options, name, running, say))
    return Outcome(bench, options, runs)


def _one(bench: Bench, options: tuple[str, ...], name: str, running: Stores, say: Say) -> Result:
    if not bench.options:
        return nodes.measured(running, bench.documents)
    content = programs.big_document(say) if bench.document_file else None
    yload = programs.compiled("yload")
    try:
        with _server(bench, name, running, content, say) as server:
            time.sleep(WARM_S)
            argv = [str(yload), *options, *server.options, "--server-pid", str(server.pid)]
            if content is not None and name != OURS:
                argv += ["--update-file", str(content)]
            with _beside(bench, argv):
                result = _load(argv)
    except PeerMissing as error:
        result = {"ok": False, "error": str(error)}
    if not result.get("ok"):
        say(f"{name}: {result.get('error')}")
    return result


@contextmanager
def _server(bench: Bench, name: str, running: Stores, content: Path | None, say: Say) -> Iterator[Reached]:
    if name == OURS:
        with ours.server(running, bench, content) as reached:
            yield reached
    else:
        with servers.peer(name, running.folder, say) as reached:
            yield reached


@contextmanager
def _beside(bench: Bench, argv: list[str]) -> Iterator[None]:
    """What else goes on while yload runs with `argv`. Raises `PeerMissing` if it ended before."""
    if not bench.beside:
        yield
        return
    given = dict(pairwise(argv))
    if "--docs-file" in given:
        name, token = Path(given["--docs-file"]).read_text().split("\n")[0].split("\t")
    else:
        name, token = f"{BESIDE_PREFIX}0", "t"
        argv += ["--doc-prefix", BESIDE_PREFIX]
    command = (sys.executable, "-P", "-m", "tests.bench.beside", bench.beside, given["--url"], name, token)
    with subprocess.Popen(pinned(LOAD_CORE, command), cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None, "it was asked for"
            process.stdout.readline()
            yield
            if process.poll() is not None:
                raise PeerMissing(f"What goes on beside the load ended too early, with {process.returncode}.")
        finally:
            process.kill()


def _load(argv: list[str]) -> Result:
    try:
        ended = subprocess.run(
            pinned(LOAD_CORE, argv), capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return {"ok": False, "error": f"not done in {RUN_TIMEOUT_S} s"}
    return of_output(ended.stdout, ended.stderr, ended.returncode)

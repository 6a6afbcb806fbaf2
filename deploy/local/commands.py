"""Runs a parsed command and turns what went wrong into one sentence and an exit code.

The commands themselves are in the modules beside this one.
"""

import argparse
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from api.settings import ApiSettingsError
from deploy.errors import DeployError
from deploy.local import environment
from deploy.local.cli import DATA
from services.generation.providers.errors import ProviderSettingsError
from services.users.errors import KeysUnusable, ProvidersUnusable
from storage.errors import StorageError

CANNOT_RUN = 2


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    command: Callable[[argparse.Namespace], int] = COMMANDS[options.command]
    try:
        with sigterm_as_interrupt():
            return command(options)
    except KeyboardInterrupt:
        return 0  # Ctrl-C and SIGTERM are the ordinary end of everything that runs until it is stopped
    except (
        DeployError,
        KeysUnusable,
        ProvidersUnusable,
        ProviderSettingsError,
        StorageError,
        ApiSettingsError,
    ) as error:
        return _cannot(str(error))
    except BaseExceptionGroup as group:
        only = _only(group)
        if isinstance(only, DeployError):
            return _cannot(str(only))
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _cannot("The disk is full. Free some space and start again.")
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return _cannot(f"{error.filename} cannot be used: {error.strerror}.")
        raise


def _only(error: BaseException) -> BaseException:
    """What a task group wrapped."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _cannot(sentence: str) -> int:
    print(f"storyforge: {sentence}", file=sys.stderr)
    return CANNOT_RUN


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """So that `finally` and `with` also clean up when we are asked to stop before any event loop runs."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _up(options: argparse.Namespace) -> int:
    from deploy.local import up

    wanted = up.Wanted(options.data or DATA, options.host, options.port, options.json)
    return up.run(wanted, os.environ)


def _demo(options: argparse.Namespace) -> int:
    from deploy.local.demo import main as editing
    from deploy.local.demo.finals import main as finals

    code: int = (editing if options.what == "editing" else finals).run(options)
    return code


def _serve(options: argparse.Namespace) -> int:
    from deploy.local import serve

    if options.what == "stores":
        return serve.stores(options.data or DATA, options.host, options.port, os.environ)
    if options.what == "issuer":
        return serve.issuer(os.environ, options.port)
    if options.what == "stubs":
        return serve.stubs(options.port)
    environ = environment.of_process(os.environ, options.data, DATA)
    if options.what == "worker":
        return serve.worker(environ, options.host, options.port)
    if options.raise_budgets:
        environ = {**environ, "STORYFORGE_RAISE_BUDGETS": "1"}
    if options.what == "api":
        return serve.web(environ, options.host, options.port, with_hub=False, with_api=True)
    return serve.web(environ, options.host, options.port, with_hub=True, with_api=not options.without_api)


def _env(options: argparse.Namespace) -> int:
    folder: Path = options.data or DATA
    sys.stdout.write(environment.exports(environment.recall(folder)))
    return 0


def _documents(options: argparse.Namespace) -> int:
    from deploy.local import documents

    environ = environment.of_process(os.environ, options.data, DATA)
    wanted = documents.Wanted(options.count, options.role, options.out, options.update, options.json)
    return documents.run(wanted, environ)


def _forgive(options: argparse.Namespace) -> int:
    from deploy.local import forgive

    return forgive.run(options.document, environment.of_process(os.environ, options.data, DATA))


def _bench(options: argparse.Namespace) -> int:
    from deploy.local import bench

    wanted = bench.Wanted(options.names, options.repeats, options.json, options.report, options.small)
    return bench.run(wanted)


def _sim(options: argparse.Namespace) -> int:
    name = "sim" if options.what == "hub" else f"sim {options.what}"
    return _proof(name, "--seeds", str(options.seeds), "--from", str(options.first), file=options.json)


def _fuzz(options: argparse.Namespace) -> int:
    return _proof("fuzz", "--minutes", str(options.minutes), "--seed", str(options.seed), file=options.json)


def _chaos(options: argparse.Namespace) -> int:
    return _proof("chaos", "--minutes", str(options.minutes), "--seed", str(options.seed), file=options.json)


def _soak(options: argparse.Namespace) -> int:
    plot = [] if options.plot is None else ["--plot", str(options.plot.resolve())]
    arguments = ("--minutes", str(options.minutes), "--seed", str(options.seed), *plot)
    return _proof("soak", *arguments, file=options.json)


def _calibrate(options: argparse.Namespace) -> int:
    return _proof("calibrate", *(["--write"] if options.write else []), file=options.json)


def _proof(name: str, *arguments: str, file: Path | None) -> int:
    from deploy.local import proofs

    return proofs.run(name, [*arguments, *([] if file is None else ["--json", str(file.resolve())])])


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "up": _up,
    "demo": _demo,
    "serve": _serve,
    "env": _env,
    "documents": _documents,
    "forgive": _forgive,
    "bench": _bench,
    "sim": _sim,
    "fuzz": _fuzz,
    "chaos": _chaos,
    "soak": _soak,
    "calibrate": _calibrate,
}

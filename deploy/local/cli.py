"""The command line: `./dev COMMAND` in a checkout, `storyforge COMMAND` where it is installed.

Only parses. Each command is a module that is imported when it is asked for, so that --help needs nothing installed.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local import compiled

DATA = Path(".storyforge")
PORT = 8420
ISSUER_PORT = 8421
STUBS_PORT = 8422
BENCHES = ("fanout", "crowd", "awareness", "join", "idle", "storm", "acks", "pairs", "pasted", "deaf", "nodes")
BENCHES_APART = ("documents", "jobs", "api", "cache")
"""Programs of their own, without peers: named alone."""
BENCH_NAMES = f"of: {', '.join(BENCHES)} (default: all of these); or {', '.join(BENCHES_APART)}, alone"
EPILOG = """\
environment:
  STORYFORGE_DATABASE_URL, STORYFORGE_REDIS_URL, STORYFORGE_OBJECTS_URL
      use these servers instead of embedded ones (set all three)
  STORYFORGE_SIGNING_KEYS_FILE
      use these keys instead of the data folder's
  STORYFORGE_OPENID_FILE
      sign people in through these providers instead of the demo's
  STORYFORGE_PUBLIC_URL
      the address under which people reach the studio
  STORYFORGE_PURE=1
      run sync/ as Python even where it was compiled

exit codes: 0 all is well, 1 something that was tested failed, 2 it could not run; one sentence on stderr says why
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Ends the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["test"] and not {"-h", "--help"}.intersection(given[1:2]):
        sys.exit(_test(given[1:]))  # everything after `test` is pytest's
    options = parser().parse_args(given)
    compiled.use(os.environ)
    from deploy.local.commands import run

    sys.exit(run(options))


def _test(given: list[str]) -> int:
    from deploy.local.checks import main as test

    return test(given)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="./dev",
        description="StoryForge: one command for everything. The first start installs what is needed into .venv.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _up(commands.add_parser("up", help="start the studio: servers, hub with API and pages, worker, demo project"))
    test = commands.add_parser("test", help="pass all checks and tests; `test ARGS`: pytest; `test live`: paid calls")
    test.add_argument("--json", type=Path, metavar="FILE", help="write the stages and their seconds there")
    test.add_argument("pytest", nargs="*", metavar="ARGS", help="only run pytest, with these arguments")
    _demo(commands.add_parser("demo", help="the studio's main job, headless, with stock clients and a killed hub"))
    _serve(commands.add_parser("serve", help="run one of: stores, hub, api, worker, issuer, stubs in the foreground"))
    env = commands.add_parser("env", help='print export lines to reach the stores: eval "$(./dev env --data DIR)"')
    _data(env)
    _documents(commands.add_parser("documents", help="make fresh storyboards and write their names and tokens"))
    _forgive(commands.add_parser("forgive", help="let a document be edited again at which processes had ended"))
    _proofs(commands)
    _bench(commands.add_parser("bench", help="measure the hub beside its peers: time, memory, tables, a page"))
    return top


def _data(command: argparse.ArgumentParser) -> None:
    text = "folder with the data (default: .storyforge)"
    command.add_argument("--data", type=Path, default=None, metavar="DIR", help=text)


def _up(up: argparse.ArgumentParser) -> None:
    _data(up)
    up.add_argument("--port", type=int, default=PORT, metavar="N", help=f"of the studio (default: {PORT})")
    up.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    up.add_argument(
        "--json", type=Path, metavar="FILE", help="when all is ready, write links, addresses and seconds there"
    )


def _demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument(
        "what",
        nargs="?",
        choices=("editing", "generation"),
        default="editing",
        help="what is shown: two people editing while a scene is made (default), or six finals with failing providers",
    )
    demo.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    demo.add_argument("--report", type=Path, default=Path("demo-report"), metavar="DIR", help="default: demo-report")


def _serve(serve: argparse.ArgumentParser) -> None:
    what = serve.add_subparsers(dest="what", metavar="WHAT", required=True)
    helps = {
        "stores": "PostgreSQL, Valkey and objects only",
        "hub": "the WebSocket door, and the API and pages unless --without-api",
        "api": "the HTTP door and the pages only",
        "worker": "the generation worker",
        "issuer": "a sign-in provider for this machine: whoever reaches it may be anybody of the demo",
        "stubs": "generation providers that cost nothing, for this machine; prints how a studio finds them",
    }
    for name, text in helps.items():
        one = what.add_parser(name, help=text)
        _data(one)
        default = {"hub": PORT, "api": PORT, "issuer": ISSUER_PORT, "stubs": STUBS_PORT}.get(name, "a free one")
        one.add_argument("--port", type=int, default=None, metavar="N", help=f"default: {default}")
        if name not in ("issuer", "stubs"):
            one.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        if name == "hub":
            one.add_argument("--without-api", action="store_true", help="only /sync, /collab and health")
        if name in ("hub", "api"):
            one.add_argument("--raise-budgets", action="store_true", help="lift rate limits, for load tests")


def _documents(documents: argparse.ArgumentParser) -> None:
    _data(documents)
    documents.add_argument(
        "--count", type=int, required=True, metavar="N", help="how many storyboards, each in a project"
    )
    roles = ("owner", "editor", "commenter", "viewer")
    documents.add_argument("--role", choices=roles, default="editor", help="of the tokens (default: editor)")
    documents.add_argument("--out", type=Path, required=True, metavar="FILE", help="gets lines of name<TAB>token")
    documents.add_argument(
        "--import", dest="update", type=Path, metavar="FILE", help="fill each from this Yjs update (v1), unchecked"
    )
    documents.add_argument("--json", type=Path, metavar="FILE", help="write the count and seconds there")


def _forgive(forgive: argparse.ArgumentParser) -> None:
    _data(forgive)
    forgive.add_argument("document", metavar="DOCUMENT", help="its name, as in a log line: sb:...~1")


def _proofs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    sim = commands.add_parser("sim", help="play seeded histories of nodes, clients and faults, and judge each")
    sim.add_argument(
        "what",
        nargs="?",
        choices=("hub", "documents", "generation"),
        default="hub",
        help="what is simulated (default: hub)",
    )
    sim.add_argument("--seeds", type=_count, default=1000, metavar="N", help="how many (default: 1000)")
    sim.add_argument("--from", dest="first", type=int, default=0, metavar="SEED", help="the first one (default: 0)")
    fuzz = commands.add_parser("fuzz", help="send mutated updates and frames to a live hub that others work with")
    chaos = commands.add_parser("chaos", help="kill and stop real processes at random under load")
    soak = commands.add_parser("soak", help="let people come and go for minutes, and see that a hub keeps nothing")
    soak.add_argument("--plot", type=Path, metavar="FILE", help="draw memory, descriptors, tasks and rooms as SVG")
    for timed, minutes in ((fuzz, 2.0), (chaos, 3.0), (soak, 5.0)):
        timed.add_argument("--minutes", type=float, default=minutes, metavar="M", help=f"default: {minutes:g}")
        timed.add_argument("--seed", type=int, default=1, metavar="N", help="of every random choice (default: 1)")
    calibrate = commands.add_parser("calibrate", help="measure clips that are right and broken, and print the table")
    calibrate.add_argument("--write", action="store_true", help="put the table into docs/quality.md")
    for one in (sim, fuzz, chaos, soak, calibrate):
        one.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")


def _bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("names", nargs="*", type=_bench_name, metavar="NAME", help=BENCH_NAMES)
    bench.add_argument("--repeats", type=_count, default=3, metavar="N", help="medians of N runs (default: 3)")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write every run's numbers and the targets there")
    bench.add_argument("--report", action="store_true", help="write docs/performance.md and its plots")
    bench.add_argument("--small", action="store_true", help="fewer connections where thousands are asked for")


def _count(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def _bench_name(text: str) -> str:
    if text not in (*BENCHES, *BENCHES_APART):
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join((*BENCHES, *BENCHES_APART))}")
    return text

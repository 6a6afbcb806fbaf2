"""PostgreSQL with pgvector and Valkey from their wheels, on 127.0.0.1, with passwords, in one data folder.

Our own launcher: the wheels' helpers are never imported. Knows nothing of StoryForge's schema.
"""

import asyncio
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from deploy.errors import DataTooNew, DeployError, DiskFull, ServerFailed
from deploy.local import binaries, children
from deploy.local.folder import prepare, write_private
from deploy.local.ports import free_port, port_free
from storage import wall

DATABASE = "storyforge"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 2.0
LEFTOVER_TIMEOUT_S = 5.0
POLL_S = 0.01
POSTGRES_OPTIONS = (
    "max_connections=200",
    "shared_buffers=256MB",
    "jit=off",
    "max_wal_size=1GB",
    "timezone=UTC",
    "log_timezone=UTC",
    "password_encryption=scram-sha-256",
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """How to reach the stores; values of the environment variables of the same names."""

    database_url: str
    redis_url: str
    objects_url: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """`postgres` is the superuser's, `storyforge` the application role's."""

    postgres: str
    storyforge: str
    valkey: str


class EmbeddedStores:
    """`with EmbeddedStores(folder) as stores: stores.endpoints`. `durable=False` (tests) does not wait for the disk."""

    def __init__(self, folder: Path, durable: bool = True, say: Callable[[str], None] = lambda text: None) -> None:
        self.folder = folder.resolve()
        self.durable = durable
        self._say = say
        self._user = "nobody" if os.geteuid() == 0 else ""
        self._fds: list[int] = []
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Returns when both answer. Raises `DeployError`."""
        prepare(self.folder)
        self._binaries = binaries.find(readable_by_others=bool(self._user))
        self._secrets = self._load_secrets()
        self._ports = self._load_ports()
        made = self.folder / "postgres.made"
        if not made.exists():
            self._init_postgres()
        self.start_valkey()
        self.start_postgres()
        if not made.exists():
            self._say("creating the database")
            run_apart(self._create_database())
            made.touch()
        run_apart(self._create_wall())

    def stop(self) -> None:
        """Both at once, within about `STOP_TIMEOUT_S` each."""
        for name, ask in (("postgres", signal.SIGINT), ("valkey", signal.SIGTERM)):
            process = self._processes.get(name)
            if process is not None and process.poll() is None:
                process.send_signal(ask)
        for name in ("postgres", "valkey"):
            if name in self._processes:
                children.stop(self._processes.pop(name), signal.SIGTERM, STOP_TIMEOUT_S)
        while self._fds:
            os.close(self._fds.pop())

    @property
    def endpoints(self) -> Endpoints:
        postgres, valkey = self._ports["postgres"], self._ports["valkey"]
        return Endpoints(
            f"postgresql://{DATABASE}:{self._secrets.storyforge}@127.0.0.1:{postgres}/{DATABASE}",
            f"redis://:{self._secrets.valkey}@127.0.0.1:{valkey}/0",
            self._home("objects", ours=True).as_uri(),
        )

    # PostgreSQL ------------------------------------------------------------------------------------

    def _init_postgres(self) -> None:
        self._say("preparing PostgreSQL's data folder")
        shutil.rmtree(self.folder / "postgres", ignore_errors=True)  # of a first start that was killed
        data, run = self._home("postgres"), self._home("run")
        password = run / "password"
        password.touch(mode=0o600)
        password.write_text(self._secrets.postgres)
        self._own(password)
        options = ("-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale-provider=builtin")
        path = (f"--pwfile={self._seen(run)}/password", "-D", self._seen(data))
        waits = () if self.durable else ("--no-sync",)
        argv = (str(self._binaries.postgres / "initdb"), *path, *options, "--builtin-locale=C.UTF-8", *waits)
        try:
            process = self._spawn("initdb", argv, signal.SIGTERM)
            if process.wait(START_TIMEOUT_S) != 0:
                raise self._failed("PostgreSQL's data folder could not be made", "initdb")
        finally:
            password.unlink(missing_ok=True)

    def running(self, name: str) -> subprocess.Popen[bytes]:
        """The server's process, started again when it has ended: for a supervisor."""
        if self._processes[name].poll() is not None:
            if name == "postgres":
                self.start_postgres()
            else:
                self.start_valkey()
        return self._processes[name]

    def start_postgres(self) -> None:
        data = self._home("postgres")
        self._await_leftover(data / "postmaster.pid")
        options = list(POSTGRES_OPTIONS) + ([] if self.durable else ["fsync=off", "full_page_writes=off"])
        argv = [str(self._binaries.postgres / "postgres"), "-D", self._seen(data)]
        argv += ["-h", "127.0.0.1", "-k", "", "-p", str(self._ports["postgres"])]
        argv += [part for option in options for part in ("-c", option)]
        process = self._processes["postgres"] = self._spawn("postgres", argv, signal.SIGINT)
        self._until(lambda: _postgres_ready(data, process.pid), process, "PostgreSQL")

    def _await_leftover(self, pid_file: Path) -> None:
        """The server of a parent that was killed is being ended by the kernel's signal: let it finish."""
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        children.wait_gone(pid, LEFTOVER_TIMEOUT_S)

    async def _create_database(self) -> None:
        port = self._ports["postgres"]
        address = f"postgresql://postgres:{self._secrets.postgres}@127.0.0.1:{port}"
        admin = await asyncpg.connect(f"{address}/postgres")
        try:
            await admin.execute(f"create role {DATABASE} login password '{self._secrets.storyforge}'")
            await admin.execute(f"create database {DATABASE} owner {DATABASE}")
        finally:
            await admin.close()
        admin = await asyncpg.connect(f"{address}/{DATABASE}")
        try:
            await admin.execute("create extension vector")
        finally:
            await admin.close()

    async def _create_wall(self) -> None:
        """The role behind the second wall (decision 22), also for data that are older than it."""
        address = f"postgresql://postgres:{self._secrets.postgres}@127.0.0.1:{self._ports['postgres']}"
        admin = await asyncpg.connect(f"{address}/postgres")
        try:
            if not await admin.fetchval("select exists (select from pg_roles where rolname = $1)", wall.ROLE):
                await admin.execute(f"create role {wall.ROLE} nologin; grant {wall.ROLE} to {DATABASE}")
        finally:
            await admin.close()

    # Valkey ----------------------------------------------------------------------------------------

    def start_valkey(self) -> None:
        data, port = self._home("valkey"), self._ports["valkey"]
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": self._seen(data),
            "requirepass": self._secrets.valkey,
            "appendonly": "yes",
            "appendfsync": "everysec" if self.durable else "no",
            "save": '""',
            "client-output-buffer-limit": "pubsub 64mb 16mb 60",
        }
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        process = self._spawn("valkey", (str(self._binaries.valkey), "-"), signal.SIGTERM, text.encode())
        self._processes["valkey"] = process
        self._until(lambda: _valkey_ready(port, self._secrets.valkey), process, "Valkey")

    # The folder ------------------------------------------------------------------------------------

    def _home(self, name: str, ours: bool = False) -> Path:
        """A folder of the data, 0700, of the user that the servers run as."""
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        if not ours:
            self._own(path)
        return path

    def _own(self, path: Path) -> None:
        if self._user:
            user = pwd.getpwnam(self._user)
            os.chown(path, user.pw_uid, user.pw_gid)

    def _seen(self, path: Path) -> str:
        """The folder's name for a server that dropped root: it may not be able to walk there (a 0700 home), but
        may use a folder that we opened for it."""
        if not self._user or not Path("/proc/self/fd").exists():
            return str(path)
        for fd in self._fds:
            if os.path.samestat(os.fstat(fd), path.stat()):
                return f"/proc/self/fd/{fd}"
        self._fds.append(os.open(path, os.O_RDONLY | os.O_DIRECTORY))
        return f"/proc/self/fd/{self._fds[-1]}"

    def _load_secrets(self) -> Secrets:
        path = self.folder / "passwords.json"
        if not path.exists():
            fresh = {name: secrets.token_hex(24) for name in Secrets.__dataclass_fields__}
            write_private(path, json.dumps(fresh))
        return Secrets(**json.loads(path.read_text()))

    def _load_ports(self) -> dict[str, int]:
        """The ports of the last start where they are free, so that addresses stay true."""
        path = self.folder / "ports.json"
        known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        ports = {
            name: port if (port := known.get(name)) and port_free(port) else free_port()
            for name in ("postgres", "valkey")
        }
        if ports != known:
            write_private(path, json.dumps(ports))
        return ports

    # Processes -------------------------------------------------------------------------------------

    def _spawn(
        self, name: str, argv: tuple[str, ...] | list[str], death: signal.Signals, stdin: bytes | None = None
    ) -> subprocess.Popen[bytes]:
        environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}
        log = self.folder / "logs" / f"{name}.log"
        folder = Path("/") if self._user else self.folder
        program = children.Program(name, argv, environ, folder, log, death, self._user, tuple(self._fds))
        return children.start(program, stdin)

    def _until(self, ready: Callable[[], bool], process: subprocess.Popen[bytes], name: str) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                raise self._failed(f"{name} did not start", name.lower().replace("postgresql", "postgres"))
            time.sleep(POLL_S)

    def _failed(self, what: str, log: str) -> DeployError:
        text = children.tail(self.folder / "logs" / f"{log}.log")
        if "No space left on device" in text:
            return DiskFull(f"{what}: the disk of {self.folder} is full. Free some space and start again.")
        if "are incompatible with server" in text:
            return DataTooNew(
                f"{what}: another major version of PostgreSQL wrote {self.folder}. Start that StoryForge."
            )
        return ServerFailed(f"{what}. The end of its log says:\n{text}")


def run_apart(work: Coroutine[object, object, None]) -> None:
    """Runs a coroutine on a loop and thread of its own and waits: the caller may have a running loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()


def _postgres_ready(data: Path, pid: int) -> bool:
    """The server writes its state into the eighth line of its pid file, for exactly this question."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _valkey_ready(port: int, password: str) -> bool:
    """PONG: the append-only file is loaded."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                piece = connection.recv(4096)
                if not piece:
                    return False
                answer += piece
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"

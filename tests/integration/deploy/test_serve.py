"""`serve`, `env` and `documents`: the processes one by one, as load tools and operators run them."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pycrdt
import pytest

from deploy.local.ports import free_port
from services.generation.providers.settings import URLS, ProviderSettings
from tests.integration.deploy.studio import command, descendants, until

STOP_S_MAX = 5.0


class Served:
    """One `serve` process. `url`: of its health."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self._log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(command("serve", *arguments), stdout=output, stderr=subprocess.STDOUT)
        self.url = until("its address", self._address, 30.0)

    def _address(self) -> str | None:
        assert self.process.poll() is None, self._log.read_text()
        found = re.search(r"^\w+: (http://\S+)/readyz$", self._log.read_text(), flags=re.MULTILINE)
        return found.group(1) if found else None

    def answer(self, path: str) -> httpx.Response | None:
        try:
            return httpx.get(f"{self.url}{path}", timeout=2.0, trust_env=False)
        except httpx.HTTPError:
            return None

    def ready(self) -> bool:
        answer = self.answer("/readyz")
        return answer is not None and answer.status_code == 200

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOP_S_MAX) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def stores_process(folder: Path) -> Iterator[Served]:
    served = Served(folder / "stores.log", "stores", "--data", str(folder / "data"))
    try:
        until("readiness", served.ready)
        yield served
    finally:
        served.stop()


def output_of(*arguments: str) -> str:
    ended = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize(
    ("arguments", "answered", "missing"),
    [
        (("hub",), "/openapi.json", "/nothing"),
        (("hub",), "/livez", "/ops"),
        (("hub", "--without-api"), "/livez", "/openapi.json"),
        (("api",), "/.well-known/jwks.json", "/nothing"),
        (("worker",), "/livez", "/openapi.json"),
    ],
)
def test_each_process_serves_its_own(
    stores_process: Served, folder: Path, arguments: tuple[str, ...], answered: str, missing: str
) -> None:
    served = Served(folder / "one.log", *arguments, "--data", str(folder / "data"), "--port", "0")
    try:
        until("readiness", served.ready)
        for path, status in (("/livez", 200), ("/metrics", 200), (answered, 200), (missing, 404)):
            answer = served.answer(path)
            assert answer is not None
            assert answer.status_code == status, path
    finally:
        served.stop()


def test_readiness_names_the_store_that_is_away(stores_process: Served, folder: Path) -> None:
    served = Served(folder / "away.log", "api", "--data", str(folder / "data"), "--port", "0")
    valkey = next(pid for pid, line in descendants(stores_process.process.pid).items() if "valkey-server" in line)
    try:
        until("readiness", served.ready)
        os.kill(valkey, signal.SIGSTOP)
        until("the failure", lambda: (answer := served.answer("/readyz")) and answer.json()["stores"]["redis"] != "ok")
        assert (answer := served.answer("/livez")) is not None and answer.status_code == 200
    finally:
        os.kill(valkey, signal.SIGCONT)
        served.stop()


def test_stubs_say_how_a_studio_finds_them_and_do_what_is_planned(folder: Path) -> None:
    port = free_port()
    served = Served(folder / "stubs.log", "stubs", "--port", str(port))
    try:
        until("readiness", served.ready)
        lines = re.findall(r"^export (\w+)=(.*)$", (folder / "stubs.log").read_text(), flags=re.MULTILINE)
        found = ProviderSettings.from_env(dict(lines))
        assert set(found.accounts) == set(URLS) and found.inside == {served.url}
        planned = {"provider": "elevenlabs", "scenarios": ["out_of_credit"]}
        assert httpx.post(f"{served.url}/control/plan", json=planned, trust_env=False).status_code == 204
        account = found.accounts["elevenlabs"]
        call = {"text": "Rain", "model_id": "eleven_flash_v2_5"}
        url = f"{account.url}/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/with-timestamps?output_format=mp3_44100_128"
        answer = httpx.post(url, json=call, headers={"xi-api-key": account.key}, trust_env=False)
        assert answer.json()["detail"]["status"] == "quota_exceeded"
        unknown = {"provider": "elevenlabs", "scenarios": ["fire"]}
        assert httpx.post(f"{served.url}/control/plan", json=unknown, trust_env=False).status_code == 400
    finally:
        served.stop()


def test_env_prints_lines_that_a_shell_takes(stores_process: Served, folder: Path) -> None:
    lines = output_of("env", "--data", str(folder / "data"))
    script = f'{lines}\n"{sys.executable}" -c "import json, os; print(json.dumps(dict(os.environ)))"'
    environ = json.loads(subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout)
    assert environ["STORYFORGE_DATABASE_URL"].startswith("postgresql://storyforge:")
    assert Path(environ["STORYFORGE_SIGNING_KEYS_FILE"]).exists()


def test_documents_come_with_tokens_and_content(stores_process: Served, folder: Path, tmp_path: Path) -> None:
    source: pycrdt.Doc[pycrdt.Map[str]] = pycrdt.Doc(client_id=7)
    source.get("ext", type=pycrdt.Map)["filled"] = "yes"
    update, out, report = tmp_path / "update.bin", tmp_path / "out.tsv", tmp_path / "report.json"
    update.write_bytes(source.get_update())
    where = ("--data", str(folder / "data"))
    output_of(
        "documents",
        *where,
        "--count",
        "3",
        "--role",
        "viewer",
        "--out",
        str(out),
        "--import",
        str(update),
        "--json",
        str(report),
    )
    lines = [line.split("\t") for line in out.read_text().splitlines()]
    assert len({name for name, _ in lines}) == 3
    assert all(re.fullmatch(r"sb:[0-9a-z]{26}~1", name) and token.count(".") == 2 for name, token in lines)
    assert json.loads(report.read_text())["count"] == 3

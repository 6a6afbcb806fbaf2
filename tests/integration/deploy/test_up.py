"""`./dev up` as a person meets it: starts, restarts, what is killed and frozen, and every sentence it refuses with."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local import children
from deploy.local.ports import free_port
from tests.integration.deploy.studio import Studio, command, descendants, start, until

FIRST_START_S_MAX = 60.0
LATER_START_S_MAX = 5.0
STOP_S_MAX = 5.0
REPLACED_S_MAX = 20.0


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start(tmp_path_factory.mktemp("up") / "data")
    try:
        yield running
    finally:
        running.stop()


def refused(*arguments: str, **environ: str) -> str:
    """The one sentence on stderr of a command that could not run."""
    ended = subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environ}
    )
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr.splitlines()[-1]


def ready(studio: Studio) -> bool:
    try:
        return httpx.get(f"{studio.url}/readyz", timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_the_first_start_is_quick_and_says_the_way_in(studio: Studio) -> None:
    assert studio.ready["ready_s"] < FIRST_START_S_MAX
    assert [who.partition(",")[0] for who in studio.ready["links"]] == ["Ana Duarte", "Ben Okafor", "Rita Lindqvist"]
    assert studio.ready["tv"] == f"{studio.url}/tv/{studio.ready['project']}"


def test_every_link_signs_its_person_in(studio: Studio) -> None:
    for who, link in studio.ready["links"].items():
        with httpx.Client(trust_env=False, follow_redirects=False) as browser:
            answer = browser.get(link)
            assert answer.status_code == 303
            page = "review" if who.startswith("Rita") else "studio"
            assert answer.headers["location"].endswith(f"/{page}/{studio.ready['project']}")
            assert browser.get(f"{studio.url}/v1/me").json()["name"] == who.partition(",")[0]


def test_the_demo_project_is_a_short_of_eight_scenes(studio: Studio) -> None:
    with httpx.Client(trust_env=False, follow_redirects=False) as browser:
        browser.get(studio.ready["links"]["Ana Duarte, owner"])
        snapshot = browser.get(f"{studio.url}/v1/projects/{studio.ready['project']}/snapshot").json()
    assert [scene["num"] for scene in snapshot["scenes"]] == [str(number) for number in range(1, 9)]
    assert all(len(scene["prompt"]) > 100 for scene in snapshot["scenes"])


def test_health_and_metrics_are_there(studio: Studio) -> None:
    with httpx.Client(base_url=studio.url, trust_env=False) as client:
        assert client.get("/livez").text == "ok\n"
        assert client.get("/readyz").json()["stores"] == {"postgres": "ok", "redis": "ok"}
        assert "storyforge_loop_lateness_seconds" in client.get("/metrics").text


def test_a_second_up_of_the_folder_is_told_who_has_it(studio: Studio) -> None:
    sentence = refused("up", "--data", str(studio.data), "--port", str(free_port()))
    assert f"process {studio.process.pid}" in sentence


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("up", "--data", str(tmp_path / "data"), "--port", str(port)).startswith(
            f"storyforge: Port {port}"
        )


def test_data_of_a_newer_version_are_one_sentence(tmp_path: Path) -> None:
    tmp_path.joinpath("version.json").write_text(
        json.dumps({"layout": 1, "migrations": ["9999_pre_future"], "storyforge": "9.0.0"})
    )
    assert "StoryForge 9.0.0" in refused("up", "--data", str(tmp_path), "--port", "0")


def test_half_of_the_outside_servers_is_one_sentence(tmp_path: Path) -> None:
    sentence = refused("up", "--data", str(tmp_path), "--port", "0", STORYFORGE_REDIS_URL="redis://127.0.0.1:1")
    assert "STORYFORGE_DATABASE_URL" in sentence


def test_outside_servers_that_do_not_answer_are_one_sentence(tmp_path: Path) -> None:
    away = {
        "STORYFORGE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "STORYFORGE_REDIS_URL": "redis://127.0.0.1:1",
        "STORYFORGE_OBJECTS_URL": tmp_path.as_uri(),
    }
    assert "PostgreSQL cannot be reached" in refused("up", "--data", str(tmp_path), "--port", "0", **away)


def test_a_crashed_hub_is_started_again(studio: Studio) -> None:
    before = until("a hub", lambda: studio.child("hub"))
    os.kill(before, signal.SIGKILL)
    until("another hub", lambda: studio.child("hub") not in (None, before))
    until("readiness", lambda: ready(studio))


def test_a_crashed_worker_is_started_again(studio: Studio) -> None:
    before = until("a worker", lambda: studio.child("worker"))
    os.kill(before, signal.SIGKILL)
    until("another worker", lambda: studio.child("worker") not in (None, before))


def test_a_frozen_hub_is_replaced_from_outside(studio: Studio) -> None:
    before = until("a hub", lambda: studio.child("hub"))
    until("its heartbeat", lambda: (studio.data / "hub.heartbeat").exists())
    os.kill(before, signal.SIGSTOP)  # as native code that holds the loop for ever
    until("another hub", lambda: studio.child("hub") not in (None, before), REPLACED_S_MAX)
    assert not children.alive(before)
    until("readiness", lambda: ready(studio))


def test_a_crashed_postgresql_comes_back(studio: Studio) -> None:
    lines = descendants(studio.process.pid)
    before = next(pid for pid, line in lines.items() if "/postgres " in line and " -D " in line)
    os.kill(before, signal.SIGKILL)
    until("its end", lambda: not children.alive(before))
    until("readiness", lambda: ready(studio))


def test_ctrl_c_stops_everything_and_the_next_start_finds_the_same_studio(studio: Studio) -> None:
    started = descendants(studio.process.pid)
    assert studio.stop(signal.SIGINT) < STOP_S_MAX
    assert studio.process.returncode == 0
    assert [line for pid, line in started.items() if children.alive(pid)] == []
    again = start(studio.data, studio.port)
    try:
        assert again.ready["project"] == studio.ready["project"]
        assert again.ready["ready_s"] < LATER_START_S_MAX
    finally:
        assert again.stop(signal.SIGTERM) < STOP_S_MAX


def test_kill_9_leaves_no_child(tmp_path: Path) -> None:
    studio = start(tmp_path / "data")
    started = descendants(studio.process.pid)
    assert len(started) >= 4
    studio.process.kill()
    studio.process.wait()
    until("the end of all", lambda: not any(children.alive(pid) for pid in started), 10.0)

"""The command line: what is asked becomes what the commands are handed, and help needs nothing installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.cli import DATA, PORT, STUBS_PORT, parser
from deploy.local.commands import COMMANDS
from deploy.stubs import serving

ROOT = Path(__file__).resolve().parents[3]


def test_every_command_that_is_parsed_can_be_run() -> None:
    actions = [action for action in parser()._actions if action.dest == "command"]
    assert set(actions[0].choices or ()) == {*COMMANDS, "test"}


def test_up_has_the_defaults_of_the_readme() -> None:
    options = parser().parse_args(["up"])
    assert (options.data, options.port, options.host) == (None, PORT, "127.0.0.1")
    assert (str(DATA), PORT) == (".storyforge", 8420)


def test_stubs_have_the_port_that_help_says() -> None:
    assert parser().parse_args(["serve", "stubs"]).port is None
    assert STUBS_PORT == serving.PORT


def test_import_is_a_file_of_the_documents() -> None:
    options = parser().parse_args(["documents", "--count", "2", "--out", "names.tsv", "--import", "update.bin"])
    assert options.update == Path("update.bin")


@pytest.mark.parametrize("arguments", [["serve"], ["serve", "nothing"], ["documents", "--count", "2"], ["fly"]])
def test_what_makes_no_sense_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_help_needs_only_the_standard_library() -> None:
    ended = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "dev"), "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for command in COMMANDS:
        assert f"\n    {command}" in ended.stdout

"""What is written down is true where a machine can tell: links resolve, commands exist, no machine is named."""

import re
import shlex
from pathlib import Path

import pytest

from deploy.local.cli import parser
from tests.tidy.tree import ROOT, files, name

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"^\s*(?:eval \"\$\()?(\./dev [^#\n|&>)]*)", flags=re.MULTILINE)
FENCE = re.compile(r"```[a-z]*\n(.*?)```", flags=re.DOTALL)
TEXT = (".md", ".py", ".ts", ".mjs", ".js", ".json", ".toml", ".txt", ".html", ".css", ".sql", ".yml", ".yaml", "")
FOREIGN = [
    "/work" + "/main",
    "/work" + "/shared",
    "/ro" + "ot/",
    "/Us" + "ers/",
    "pypi" + ".org",
    "files.pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "deb.debian" + ".org",
    '"resol' + 'ved": "http',
]


@pytest.mark.parametrize("page", list(files(".md")), ids=name)
def test_links_resolve(page: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [target for target in targets if target and not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("foreign", FOREIGN)
def test_no_machine_and_no_registry_is_named(foreign: str) -> None:
    found = [name(path) for path in files(*TEXT) if foreign in path.read_text(errors="replace")]
    assert found == []


def commands() -> list[str]:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    blocks = [block for page in pages for block in FENCE.findall(page.read_text())]
    return sorted({command.strip() for block in blocks for command in COMMAND.findall(block)})


@pytest.mark.parametrize("command", commands())
def test_commands_on_the_pages_exist(command: str) -> None:
    words = shlex.split(command)[1:]
    known = words[:1] if words[0] == "test" else words  # what follows `test` is pytest's
    if "--help" not in known:
        parser().parse_args(known)

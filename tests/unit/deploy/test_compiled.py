"""A compiled form is used only for exactly these sources, and a machine without one runs the same sources as Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import compile, compiled

ROOT = Path(__file__).resolve().parents[3]
TOLD = """\
import os
from deploy.local import compiled
print(compiled.use(os.environ))
import sync.lib0
print(sync.lib0.__file__)
"""


def ask(**environ: str) -> list[str]:
    """[whether the compiled form is in use, where `sync.lib0` came from] in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD], cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for module in compiled.MODULES:
        copy = compiled.source_of(module, tmp_path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(compiled.source_of(module).read_bytes())
    return tmp_path


def test_every_module_that_is_compiled_is_there() -> None:
    assert [module for module in compiled.MODULES if not compiled.source_of(module).is_file()] == []


@pytest.mark.parametrize("module", ["sync.update", "sync.errors"])
def test_a_changed_source_has_another_build(sources: Path, module: str) -> None:
    before = compiled.build_of(sources)
    with compiled.source_of(module, sources).open("a") as file:
        file.write("\n")
    assert compiled.build_of(sources) != before


def test_the_same_sources_elsewhere_have_the_same_build(sources: Path) -> None:
    before = compiled.fingerprint(sources)
    assert compiled.fingerprint(sources.rename(sources.with_name("moved"))) == before


def test_pure_python_can_be_forced() -> None:
    assert ask(STORYFORGE_PURE="1") == ["False", str(compiled.source_of("sync.lib0"))]


def test_what_is_used_is_the_build_of_these_sources_or_python() -> None:
    used, place = ask(STORYFORGE_PURE="")
    assert place.startswith(str(compiled.build_of())) if used == "True" else place.endswith("sync/lib0.py")


def test_it_is_too_late_once_the_sources_are_imported() -> None:
    import sync.update  # as whoever asks late has done

    assert compiled.use({}, ROOT) is compiled.is_in_use()
    assert sync.update.parse(b"\0\0").structs == []


def test_without_a_compiler_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiled, "compiler", lambda: None)
    assert compile.main([]) == compile.CANNOT_COMPILE
    assert capsys.readouterr().err == "no C compiler with Python.h: sync/ runs as pure Python\n"


def test_a_compiler_that_fails_leaves_its_words_and_no_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = compiled.build_of(builds=tmp_path)
    monkeypatch.setattr(compiled, "compiler", lambda: "/usr/bin/cc")
    monkeypatch.setattr(compiled, "BUILDS", tmp_path)
    monkeypatch.setattr(compile, "_compile", lambda scratch: "cc: the ink is dry\n")
    assert compile.main([]) == compile.CANNOT_COMPILE
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [compiled.failure_of(build)]
    assert compiled.failure_of(build).read_text() == "cc: the ink is dry\n"

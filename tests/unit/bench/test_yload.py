"""The load generator builds here and now, and what it sends is what pycrdt understands; no load is run.

Without a C compiler the command says so, and that is what is tested then.
"""

import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Array, Awareness, Doc, Map, Text

from tests.bench import programs
from tests.bench.errors import CompilerMissing

WRITERS, EDITS = 3, 300
FIRST_CLIENT = 4_000_000_000


@pytest.fixture(scope="module")
def yload(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    folder = tmp_path_factory.mktemp("bench")
    if shutil.which("cc") or shutil.which("gcc"):
        programs.compiled("nullserver", folder)
        return programs.compiled("yload", folder)
    with pytest.raises(CompilerMissing, match="install one"):
        programs.compiled("yload", folder)
    return None


def generated(yload: Path, op: str, folder: Path) -> list[bytes]:
    file = folder / op
    options = ["--op", op, "--writers", str(WRITERS), "--count", str(EDITS), "--client-id", str(FIRST_CLIENT)]
    subprocess.run([str(yload), "gen", *options, "--dump", str(file)], check=True)
    data, at, updates = file.read_bytes(), 0, []
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        updates.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return updates


def mark(number: int) -> str:
    return f"@@{number:08x}"


def applied(updates: list[bytes]) -> Doc[Any]:
    doc: Doc[Any] = Doc()
    seen: list[bytes] = []
    watching = doc.observe(lambda event: seen.append(event.update))
    for update in updates:
        doc.apply_update(update)
    doc.unobserve(watching)
    assert len(seen) == EDITS, "every update changes something by itself"
    assert all(mark(number + 1).encode() in update for number, update in enumerate(seen))
    return doc


def test_map_edits_leave_the_last_value_of_each_writer(yload: Path | None, tmp_path: Path) -> None:
    if yload is None:
        return
    doc = applied(generated(yload, "map", tmp_path))
    root = doc.get("m", type=Map[str])
    assert {key: value[:10] for key, value in root.to_py().items()} == {
        f"k{writer}": mark(EDITS - WRITERS + writer + 1) for writer in range(WRITERS)
    }


def test_text_edits_are_unbroken_runs(yload: Path | None, tmp_path: Path) -> None:
    if yload is None:
        return
    text = str(applied(generated(yload, "text", tmp_path)).get("t", type=Text))
    assert all("".join(mark(at + 1) for at in range(writer, EDITS, WRITERS)) in text for writer in range(WRITERS))


def test_array_edits_keep_each_writers_order(yload: Path | None, tmp_path: Path) -> None:
    if yload is None:
        return
    root = applied(generated(yload, "array", tmp_path)).get("a", type=Array[str])
    items = [item[:10] for item in root.to_py() or ()]
    assert len(items) == EDITS
    for writer in range(WRITERS):
        own = [mark(at + 1) for at in range(writer, EDITS, WRITERS)]
        assert [item for item in items if item in own] == own


def test_awareness_states_carry_the_mark(yload: Path | None, tmp_path: Path) -> None:
    if yload is None:
        return
    awareness = Awareness(Doc())
    for update in generated(yload, "awareness", tmp_path):
        awareness.apply_awareness_update(update, "remote")
    for writer in range(WRITERS):
        state = awareness.states[FIRST_CLIENT + writer]
        assert state is not None and state["m"] == mark(EDITS - WRITERS + writer + 1)


def test_without_a_compiler_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CompilerMissing, match="install one"):
        programs.compiled("yload", tmp_path)

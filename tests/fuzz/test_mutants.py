"""A bounded run of mutants and forgeries in a process of its own; longer ones: `python -m tests.fuzz.mutants`."""

import json
import subprocess
import sys
from pathlib import Path

from deploy.local import compiled

COUNT = 6_000
ROOT = Path(__file__).parents[2]


def test_whatever_is_accepted_is_harmless_in_native_hands(tmp_path: Path) -> None:
    announced = tmp_path / "announced"
    form = ["tests.compiled"] if compiled.is_in_use() else []
    command = [sys.executable, "-m", *form, "tests.fuzz.mutants", "4711", str(COUNT), str(announced)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (done.stderr[-2_000:], announced.read_text())
    tally = json.loads(done.stdout)
    assert sum(tally.values()) == COUNT
    assert min(tally["refused"], tally["parked"], tally["applied"]) > COUNT // 100

"""`resolve` gives what the shared vectors say, byte for byte; vitest asks the same of TypeScript."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.timeline.resolve import resolve
from sync.timeline.view import canonical, to_json
from tests.vectors.make_timeline_vectors import vectors

FILE = Path(__file__).resolve().parents[4] / "client-protocol" / "vectors" / "timeline-resolve.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_resolved_as_the_vector_says(vector: dict[str, Any]) -> None:
    assert canonical(to_json(resolve(vector["content"]))) == vector["resolved"]


def test_the_file_holds_every_case() -> None:
    assert json.loads(json.dumps(vectors())) == VECTORS

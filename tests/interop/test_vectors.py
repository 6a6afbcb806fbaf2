"""The vectors in client-protocol/vectors are what lib0, yjs and the stock provider write today."""

import subprocess
from pathlib import Path

from deploy.local.demo.editors import INTEROP

VECTORS = INTEROP.parent / "vectors"


def test_w4_w5_w6_vectors_are_made_by_the_stock_clients(node: str, tmp_path: Path) -> None:
    subprocess.run([node, "vectors.mjs", str(tmp_path)], cwd=INTEROP, check=True)
    made = {path.name: path.read_text() for path in tmp_path.glob("*.json")}
    assert made == {name: (VECTORS / name).read_text() for name in ("lib0.json", "y-websocket.json", "hocuspocus.json")}

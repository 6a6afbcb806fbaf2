"""Compares replicas: by what they hold, and by a hash of their snapshot, in which deletions show (documents.md A8).

The same canonical form is made by client-protocol/interop/document.mjs from a yjs document.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map

from sync.schema import STORYBOARD_ROOTS
from sync.update import parse


@dataclass(frozen=True, slots=True)
class Replica:
    """`snapshot_hash`: of state vector and delete set; `content_hash`: of the roots as JSON. Both sha256 in hex."""

    name: str
    content: dict[str, Any]
    snapshot_hash: str
    content_hash: str
    pending: bool

    @classmethod
    def described(cls, name: str, message: dict[str, Any]) -> "Replica":
        """From what a driven client says of itself."""
        return cls(name, message["content"], message["snapshot_hash"], message["content_hash"], message["pending"])


def replayed(name: str, updates: Iterable[bytes]) -> Replica:
    """The replica that pycrdt makes of these updates."""
    doc: Doc[Any] = Doc()
    for update in updates:
        doc.apply_update(update)
    content = {root: whole(doc.get(root, type=Map).to_py()) for root in STORYBOARD_ROOTS}
    snapshot = snapshot_of(doc.get_update())
    hashes = _sha256(snapshot, sort_keys=False), _sha256(content, sort_keys=True)
    return Replica(name, content, *hashes, pending=False)


def snapshot_of(update: bytes) -> dict[str, list[Any]]:
    """State vector and delete set of a whole document's update: [[client, clock]], [[client, [[clock, length]]]]."""
    parsed = parse(update)
    clocks: dict[int, int] = {}
    for struct in parsed.structs:
        clocks[struct.client] = max(clocks.get(struct.client, 0), struct.clock + struct.length)
    deleted: dict[int, list[list[int]]] = {}
    for client, clock, length in sorted(parsed.deletes):
        ranges = deleted.setdefault(client, [])
        if ranges and sum(ranges[-1]) >= clock:
            ranges[-1][1] = max(ranges[-1][1], clock + length - ranges[-1][0])
        else:
            ranges.append([clock, length])
    return {"sv": [list(item) for item in sorted(clocks.items())], "ds": [list(item) for item in deleted.items()]}


def whole(value: Any) -> Any:
    """pycrdt hands every number back as float (documents.md A6); JavaScript writes a whole one without a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    return value


def _sha256(value: dict[str, Any], *, sort_keys: bool) -> str:
    """Of compact JSON, as document.mjs writes it: content sorted by key, a snapshot as it is."""
    text = json.dumps(value, sort_keys=sort_keys, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

"""The storyboard document read strictly: its entities as nodes of a tree, and their registers as plain JSON.

Total: a client may have written anything, and every replica must read it alike, in Python and in TypeScript. What the
tree is, with everything that people did at once, is `tree`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pycrdt import Doc, Map

from sync.registers import WHOLE_MAX, Content, Raw, entities, id_or_none, is_deleted, is_id, order_key
from sync.rules import Rule
from sync.schema_storyboard import STORYBOARD
from sync.update import TYPE_TEXT

Key = tuple[str, str]
"""Root and id: ids are chosen by clients, so two roots may hold the same one."""

ROOTS: Final = ("acts", "seqs", "scenes", "shots", "beats", "env", "props", "looks")
"""Those that people write."""
OUTLINE: Final = ("acts", "seqs", "scenes")
"""They stand among each other in one order; entities of every other root stand among their own."""
PARENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "acts": (),
    "seqs": ("acts",),
    "scenes": ("seqs", "acts"),
    "shots": ("scenes",),
    "beats": ("scenes", "seqs"),
    "env": (),
    "props": (),
    "looks": (),
}
"""What `par` may name, always further up, so that no circle can be made."""
STRUCTURE: Final = frozenset(("ord", "par", "del", "into"))
"""Where an entity stands, and whether."""


def _rules(root: str) -> Mapping[str, Rule]:
    entity = STORYBOARD.keys[root].others
    assert entity is not None
    return entity.keys


REGISTERS: Final = {root: tuple(key for key in _rules(root) if key not in STRUCTURE) for root in ROOTS}
"""What an entity says, without where it stands."""
AUTHORS: Final = {root: tuple(key for key in REGISTERS[root] if not _rules(root)[key].is_servers) for root in ROOTS}
"""Of those, what people write."""
TEXTS: Final = {
    root: next((key for key in REGISTERS[root] if _rules(root)[key].shared == TYPE_TEXT), None) for root in ROOTS
}
"""The register that is a shared text, made with its entity (documents.md A7)."""


@dataclass(frozen=True, slots=True)
class Node:
    """One entity as it stands. `par`: the id of its parent, empty for none. `into`: what a scene was merged into."""

    root: str
    id: str
    ord: str
    par: str
    is_deleted: bool
    into: str | None

    @property
    def key(self) -> Key:
        return self.root, self.id


def content_of(doc: Doc[Any]) -> dict[str, Any]:
    """What `resolve` reads. The library's own JSON is five times as fast as its Python values."""
    return {root: json.loads(str(doc.get(root, type=Map))) for root in (*ROOTS, "takes")}


def read_nodes(content: Content) -> dict[Key, Node]:
    """All of them, deleted ones too: they can be restored, and what stands in them stays."""
    return {(root, key): read_node(root, key, raw) for root in ROOTS for key, raw in entities(content, root).items()}


def read_node(root: str, entity_id: str, raw: Raw) -> Node:
    return Node(
        root=root,
        id=entity_id,
        ord=order_key(raw.get("ord")),
        par=(id_or_none(raw.get("par")) or "") if PARENTS[root] else "",
        is_deleted=is_deleted(raw),
        into=id_or_none(raw.get("into")) if root == "scenes" else None,
    )


def said(root: str, raw: Raw) -> dict[str, Any]:
    """The registers of an entity that hold something, as JSON of which there is one form."""
    values = ((key, plain(raw.get(key))) for key in REGISTERS[root])
    return {key: value for key, value in values if value is not None}


def plain(value: Any) -> Any:
    """JSON with whole numbers; what is none becomes null, and keys that are no ids go."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        is_whole = -WHOLE_MAX <= value <= WHOLE_MAX and value == int(value)
        return int(value) if is_whole else None
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items() if is_id(key)}
    return None

"""What may be written where in a document, and which of it only the server writes (documents.md, A1, A11).

Derived from client-protocol/schema/ by way of `schema_storyboard` and `schema_timeline`; decision 0017.
"""

from dataclasses import dataclass
from typing import Final

from sync.errors import ForbiddenRoot, SchemaRefused, SchemaTooLong, SchemaType, ServerOnly
from sync.index import Judgement, Touch
from sync.names import Kind
from sync.paths import Path
from sync.rules import Rule
from sync.schema_storyboard import STORYBOARD
from sync.schema_timeline import TIMELINE
from sync.update import BREATH_MASK, TYPE, TYPE_MAP, Breathe, Update

STORYBOARD_ROOTS = tuple(STORYBOARD.keys)
TIMELINE_ROOTS = tuple(TIMELINE.keys)
_SHOWN_CHARS_MAX: Final = 128
"""Of a place in the message of a refusal."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """`roots`: all there are; `server_roots`: clients never write below them; `server_keys`: of entities, per root."""

    roots: frozenset[str]
    server_roots: frozenset[str]
    server_keys: dict[str, frozenset[str]]

    def is_servers(self, root: str, key: str | None) -> bool:
        """Whether only the server may write `key` of an entity of `root`."""
        return root in self.server_roots or (key is not None and key in self.server_keys.get(root, ()))


def _ownership(schema: Rule) -> Ownership:
    server_keys: dict[str, frozenset[str]] = {}
    for name, root in schema.keys.items():
        entity = root.others
        keys = frozenset(key for key, rule in entity.keys.items() if rule.is_servers) if entity is not None else None
        if keys and not root.is_servers:
            server_keys[name] = keys
    return Ownership(
        roots=frozenset(schema.keys),
        server_roots=frozenset(name for name, root in schema.keys.items() if root.is_servers),
        server_keys=server_keys,
    )


class Schema:
    """The rules of one kind of document, as a client's update is judged by them."""

    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def check(self, judgement: Judgement, breathe: Breathe | None = None) -> None:
        """Raises a `Refused` for the first place that no client may write so."""
        made: set[tuple[str, str | None]] = set()
        looked = 0
        for touch in judgement.touches:
            looked += 1
            if breathe is not None and looked & BREATH_MASK == 0:
                breathe()
            try:
                self._check(touch, judgement.update, made)
            except SchemaRefused as refused:
                raise type(refused)(f"{_place(touch)}: {refused}") from None
        for root, names in judgement.names().items():
            if names > self.rule.keys[root].size_max:
                raise SchemaTooLong(f"{root} has at most {self.rule.keys[root].size_max} names")
        for path, units in judgement.growth.items():
            if units > 0 and path.units + units > self._units_max(path):
                raise SchemaTooLong(f"{path.root}.{path.entity}.{path.key}"[:_SHOWN_CHARS_MAX])

    def _units_max(self, path: Path) -> int:
        """Of the text at `path`, which the touches have shown to be one."""
        rule = self.rule.keys[path.root]
        for name in (path.entity, path.key, *path.deeper):
            if name is None:
                break
            rule = rule.child(name)
        return rule.size_max

    def _check(self, touch: Touch, update: Update, made: set[tuple[str, str | None]]) -> None:
        rule = self.rule.keys.get(touch.root)
        if rule is None:
            raise ForbiddenRoot(f"no root {touch.root[:64]!r}")
        above, name, depth = rule, touch.entity, touch.depth
        if rule.is_servers:
            raise ServerOnly(_place(touch))
        for level in range(depth):
            name = touch.entity if level == 0 else touch.key if level == 1 else touch.deeper[level - 2]
            if name is None:
                break
            if rule.shared != TYPE_MAP:
                raise SchemaType("a key of what is no map")
            above, rule = rule, rule.child(name)
            if rule.is_servers:
                raise ServerOnly(_place(touch))
        struct = touch.struct
        if struct is None:
            if name is not None:
                rule.check_delete()
        elif name is None:
            rule.check_element(struct)
        else:
            above.check_name(name)
            is_entity = depth == 1
            rule.check_struct(struct, update, is_entity or (touch.root, touch.entity) in made)
            if is_entity and struct.kind == TYPE:
                made.add((touch.root, touch.entity))


def _place(touch: Touch) -> str:
    names = [name for name in (touch.entity, touch.key) if name is not None]
    return ".".join((touch.root, *names))[:_SHOWN_CHARS_MAX]


SCHEMAS: Final = {Kind.STORYBOARD: Schema(STORYBOARD), Kind.TIMELINE: Schema(TIMELINE)}
OWNERSHIP: Final = {kind: _ownership(schema.rule) for kind, schema in SCHEMAS.items()}

"""What may stand at one place of a document, and the judgement of what is written there (decision 0017).

The rules themselves are data: `schema_storyboard`, `schema_timeline`, generated from client-protocol/schema/.
"""

import re
from typing import Final

from sync.errors import (
    NestedAlone,
    SchemaChoice,
    SchemaDeletion,
    SchemaForm,
    SchemaKey,
    SchemaRange,
    SchemaTooLong,
    SchemaType,
)
from sync.lib0 import AnyValue
from sync.strict_json import parse as parse_json
from sync.update import ANY, DELETED, JSON, NO_TYPE, STRING, TYPE, TYPE_TEXT, Struct, Update

NULL: Final = 1
BOOLEAN: Final = 2
INTEGER: Final = 4
STRINGS: Final = 8
LIST: Final = 16
OBJECT: Final = 32
ANYTHING: Final = 0
"""Any JSON: only its size is judged."""
NO_LIMIT: Final = 2**53

KIND_NAMES: Final = {
    NULL: "null", BOOLEAN: "boolean", INTEGER: "integer", STRINGS: "string", LIST: "array", OBJECT: "object"
}  # fmt: skip


class Rule:
    """One place. `shared`: the shared type that stands there, NO_TYPE for a plain value of one of `types` (bits above).

    `size_max`: characters of a string (of a text UTF-16 units), elements of a list, keys of a map; `bytes_max`: as
    encoded. `keys` have rules of their own, `others` is that of every other key; `names`: how those are written.
    """

    __slots__ = (
        "bytes_max", "choices", "high", "is_servers", "items", "keys", "low", "names", "names_max", "others", "shared",
        "size_max", "size_min", "types",
    )  # fmt: skip

    def __init__(
        self,
        types: int = ANYTHING,
        *,
        shared: int = NO_TYPE,
        is_servers: bool = False,
        low: int = -NO_LIMIT,
        high: int = NO_LIMIT,
        size_min: int = 0,
        size_max: int = NO_LIMIT,
        bytes_max: int = NO_LIMIT,
        choices: tuple[str, ...] = (),
        names: str = "",
        names_max: int = NO_LIMIT,
        items: "Rule | None" = None,
        keys: "dict[str, Rule] | None" = None,
        others: "Rule | None" = None,
    ) -> None:
        self.types = types
        self.shared = shared
        self.is_servers = is_servers
        self.low = low
        self.high = high
        self.size_min = size_min
        self.size_max = size_max
        self.bytes_max = bytes_max
        self.choices = choices
        self.names = re.compile(names) if names else None
        """How a string is written, or the names of the `others`."""
        self.names_max = names_max
        self.items = items
        self.keys: dict[str, Rule] = keys or {}
        self.others = others

    def child(self, name: str) -> "Rule":
        """The rule of a key. Raises `SchemaKey`."""
        found = self.keys.get(name)
        if found is None:
            found = self.others
            if found is None:
                raise SchemaKey("no such key")
        return found

    def check_name(self, name: str) -> None:
        """Of a key that is written. Raises `SchemaForm`, `SchemaTooLong`."""
        if name in self.keys:
            return
        if self.names is not None and self.names.fullmatch(name) is None:
            raise SchemaForm("a name is not written so")
        if len(name) > self.names_max:
            raise SchemaTooLong(f"a name has at most {self.names_max} characters")

    def check(self, value: AnyValue) -> None:
        """Of a plain value. Raises a `SchemaRefused`."""
        types = self.types
        if types == ANYTHING:
            return
        if isinstance(value, str):
            self._expect(STRINGS)
            self._check_size(len(value))
            if self.choices and value not in self.choices:
                raise SchemaChoice("not one of: " + " ".join(self.choices))
            if self.names is not None and self.names.fullmatch(value) is None:
                raise SchemaForm("not written as it should be")
        elif value is None:
            self._expect(NULL)
        elif isinstance(value, bool):
            self._expect(BOOLEAN)
        elif isinstance(value, int | float):
            if isinstance(value, float) and not value.is_integer():
                raise SchemaType("numbers are integers")
            self._expect(INTEGER)
            if not self.low <= value <= self.high:
                raise SchemaRange(f"from {self.low} to {self.high}")
        elif isinstance(value, list):
            self._expect(LIST)
            self._check_list(value)
        elif isinstance(value, dict):
            self._expect(OBJECT)
            self._check_object(value)
        else:
            raise SchemaType("bytes are no JSON")

    def _expect(self, kind: int) -> None:
        if not self.types & kind:
            allowed = " or ".join(name for bit, name in KIND_NAMES.items() if bit & self.types)
            raise SchemaType(f"{KIND_NAMES[kind]} where {allowed or 'a shared type'} belongs")

    def _check_size(self, size: int) -> None:
        if size > self.size_max:
            raise SchemaTooLong(f"at most {self.size_max}")
        if size < self.size_min:
            raise SchemaRange(f"at least {self.size_min}")

    def _check_list(self, value: list[AnyValue]) -> None:
        self._check_size(len(value))
        if self.items is not None:
            for item in value:
                self.items.check(item)

    def _check_object(self, value: dict[str, AnyValue]) -> None:
        if len(value) > self.size_max:
            raise SchemaTooLong(f"at most {self.size_max} keys")
        for name, inner in value.items():
            self.child(name).check(inner)
            self.check_name(name)

    def check_struct(self, struct: Struct, update: Update, made_with: bool) -> None:
        """What is put at this place. `made_with`: in one update with its entity (documents.md A7)."""
        kind = struct.kind
        if kind == ANY:
            if self.shared != NO_TYPE:
                raise SchemaType("a plain value where a shared type belongs")
            if struct.content_bytes > self.bytes_max:
                raise SchemaTooLong(f"at most {self.bytes_max} bytes")
            if self.types != ANYTHING:
                for value in update.values(struct):
                    self.check(value)
        elif kind == TYPE:
            if struct.type_ref != self.shared:
                raise SchemaType("not the shared type that belongs here")
            if struct.origin is not None:
                raise SchemaDeletion("what was there would be lost: an id is used once")
            if not made_with:
                raise NestedAlone("a shared type comes together with its entity")
        elif kind == JSON:  # what clients before yjs 13 wrote
            if self.shared != NO_TYPE:
                raise SchemaType("a plain value where a shared type belongs")
            if struct.content_bytes > self.bytes_max:
                raise SchemaTooLong(f"at most {self.bytes_max} bytes")
            for text in update.json(struct):
                self.check(None if text == "undefined" else parse_json(text))
        elif kind != DELETED:
            raise SchemaType("binary content where JSON belongs")

    def check_element(self, struct: Struct) -> None:
        """What is put into the text at this place."""
        if self.shared != TYPE_TEXT or (struct.kind != STRING and struct.kind != DELETED):
            raise SchemaType("a text holds characters alone")
        if struct.length > self.size_max:
            raise SchemaTooLong(f"at most {self.size_max} characters")

    def check_delete(self) -> None:
        """That a key goes: an entity and what it holds are shared types, which only `del` hides (C20)."""
        if self.shared != NO_TYPE:
            raise SchemaDeletion("an entity is deleted by its key del")

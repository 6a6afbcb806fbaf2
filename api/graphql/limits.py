"""How deep a query may nest, and how many values its answer may have at most; counted before anything is read.

Every field counts once for each time that it may be in the answer: below a list, as often as the list may be long.
Fragments are counted once and remembered, so that counting never takes longer than the query is long.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from api.errors import ApiError
from api.graphql.context import PAGE_MAX
from api.graphql.errors import OperationElsewhere, QueryTooCostly, QueryTooDeep, refusal
from services.projects.model import MEMBERS_MAX

DEPTH_MAX = 16
"""Fields within fields; a list takes two of them, `edges` and `node`."""
COST_MAX = 20_000
"""Values in an answer."""
TOKENS_MAX = 4_000
QUERY_CHARS_MAX = 32_000
ENTITIES_MAX = 200
"""Representations of one `_entities`."""
UNPAGED_MAX: Mapping[str, int] = MappingProxyType({"members": MEMBERS_MAX})
"""How long lists without pages may be."""

Size = tuple[int, int]
"""(depth, cost)"""


def limits_of(variables: Mapping[str, Any], is_socket: bool, refused: ApiError | None) -> type[ValidationRule]:
    """The rule for one request. `refused`: what is wrong with it whatever it costs."""

    class Limits(ValidationRule):
        def enter_document(self, node: DocumentNode, *_: Any) -> None:
            count = _Count(self.context, variables)
            for definition in node.definitions:
                if isinstance(definition, OperationDefinitionNode):
                    error = refused or _checked(definition, count, is_socket)
                    if error is not None:
                        self.report_error(refusal(error, definition))

    return Limits


def _checked(operation: OperationDefinitionNode, count: "_Count", is_socket: bool) -> ApiError | None:
    if operation.operation is not (OperationType.SUBSCRIPTION if is_socket else OperationType.QUERY):
        return OperationElsewhere()
    root = count.context.schema.get_root_type(operation.operation)
    depth, cost = (0, 0) if root is None else count.selected(operation.selection_set, root)
    if depth > DEPTH_MAX:
        return QueryTooDeep(f"The query nests {depth} deep, and at most {DEPTH_MAX} are followed.", limit=DEPTH_MAX)
    if cost > COST_MAX:
        return QueryTooCostly(f"The answer may have {cost} values, and at most {COST_MAX} are given.", limit=COST_MAX)
    return None


class _Count:
    """Of one document. A fragment that contains itself counts nothing there: another rule refuses it."""

    def __init__(self, context: ValidationContext, variables: Mapping[str, Any]) -> None:
        self.context = context
        self._variables = variables
        self._fragments: dict[str, Size] = {}

    def selected(self, selected: SelectionSetNode, parent: GraphQLCompositeType) -> Size:
        depth = cost = 0
        for each in selected.selections:
            if isinstance(each, FieldNode):
                found = self._field(each, parent)
            elif isinstance(each, FragmentSpreadNode):
                found = self._fragment(self.context.get_fragment(each.name.value))
            else:
                assert isinstance(each, InlineFragmentNode)
                found = self._narrowed(each.type_condition, each.selection_set, parent)
            depth, cost = max(depth, found[0]), cost + found[1]
        return depth, cost

    def _fragment(self, fragment: FragmentDefinitionNode | None) -> Size:
        if fragment is None:
            return 0, 0
        name = fragment.name.value
        if name not in self._fragments:
            self._fragments[name] = (0, 0)
            self._fragments[name] = self._narrowed(fragment.type_condition, fragment.selection_set, None)
        return self._fragments[name]

    def _narrowed(self, condition: Any, selected: SelectionSetNode, parent: GraphQLCompositeType | None) -> Size:
        named = parent if condition is None else self.context.schema.get_type(condition.name.value)
        if not is_composite_type(named):
            return 0, 0
        return self.selected(selected, named)

    def _field(self, node: FieldNode, parent: GraphQLCompositeType) -> Size:
        """Of introspection nothing: it is switched, not counted."""
        field: GraphQLField | None = getattr(parent, "fields", {}).get(node.name.value)
        if field is None:
            return 1, 1
        named = get_named_type(field.type)
        if node.selection_set is None or not is_composite_type(named):
            return 1, 1
        depth, cost = self.selected(node.selection_set, named)
        return depth + 1, 1 + cost * self._times(node, field)

    def _times(self, node: FieldNode, field: GraphQLField) -> int:
        """How often what is below it may be there."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if "representations" in field.args:
            return self._length(given.get("representations"))
        if "first" not in field.args:
            return UNPAGED_MAX.get(node.name.value, 1)
        value = given.get("first")
        if isinstance(value, VariableNode):
            named = self._variables.get(value.name.value, PAGE_MAX)
            return max(1, named) if isinstance(named, int) else PAGE_MAX
        if isinstance(value, IntValueNode):
            return max(1, int(value.value))
        return int(field.args["first"].default_value)

    def _length(self, value: Any) -> int:
        if isinstance(value, VariableNode):
            value = self._variables.get(value.name.value)
            return len(value) if isinstance(value, list) else ENTITIES_MAX
        return len(value.values) if isinstance(value, ListValueNode) else 1

"""Takes out of a proposal what the document's schema does not allow: to accept it must not be a way round (W57).

Works on content, as what was refused may be a value, while everything beside it is wanted.
"""

from typing import Any

from services.history.content import Content, SharedArray, SharedMap, SharedText, same
from services.history.restore import Kept
from sync.errors import SchemaRefused, SchemaTooLong, SchemaType, ServerOnly
from sync.lib0 import write_any
from sync.rules import Rule
from sync.schema import Schema
from sync.update import NO_TYPE, TYPE_MAP, TYPE_TEXT


def fit(before: Content, target: Content, schema: Schema) -> list[Kept]:
    """Puts back in `target` what may not change so. What `before` holds already is not judged."""
    kept: list[Kept] = []
    for root, entities in target.items():
        rule, old = schema.rule.keys[root], before.get(root, SharedMap())
        if rule.is_servers:
            continue
        for entity in sorted(entities):
            if entity in old and same(old[entity], entities[entity]):
                continue
            value = entities[entity]
            if isinstance(value, SharedMap) and rule.others is not None and rule.others.shared == TYPE_MAP:
                code = _code_of_name(rule, entity)
                if code is None:
                    kept += _fit_entity(root, entity, old.get(entity), value, rule.others)
                    continue
            else:
                code = _code(rule, entity, value)
            if code is not None:
                kept.append(Kept(root, entity, None, code))
                _put_back(entities, old, entity)
    return kept


def _fit_entity(root: str, entity: str, old: Any, value: SharedMap, rule: Rule) -> list[Kept]:
    known = old if isinstance(old, SharedMap) else SharedMap()
    kept: list[Kept] = []
    for key in sorted(value):
        if key in known and same(known[key], value[key]):
            continue
        code = _code(rule, key, value[key])
        if code is not None and code != ServerOnly.code:  # the server's are told apart by their owner
            kept.append(Kept(root, entity, key, code))
            _put_back(value, known, key)
    return kept


def _put_back(here: SharedMap, old: SharedMap, key: str) -> None:
    if key in old:
        here[key] = old[key]
    else:
        del here[key]


def _code_of_name(rule: Rule, name: str) -> str | None:
    try:
        rule.check_name(name)
    except SchemaRefused as refused:
        return refused.code
    return None


def _code(above: Rule, key: str, value: Any) -> str | None:
    """Of the refusal of `value` under `key`; None: it may stand there."""
    try:
        rule = above.child(key)
        above.check_name(key)
        if rule.is_servers:
            return ServerOnly.code
        _check(rule, value)
    except SchemaRefused as refused:
        return refused.code
    return None


def _check(rule: Rule, value: Any) -> None:
    if isinstance(value, SharedText):
        if rule.shared != TYPE_TEXT:
            raise SchemaType(SchemaType.__doc__)
        if len(value.encode("utf-16-le")) // 2 > rule.size_max:
            raise SchemaTooLong(SchemaTooLong.__doc__)
        return
    if rule.shared != NO_TYPE or isinstance(value, SharedMap | SharedArray):
        raise SchemaType(SchemaType.__doc__)
    rule.check(value)
    out = bytearray()
    write_any(out, value)
    if len(out) > rule.bytes_max:
        raise SchemaTooLong(SchemaTooLong.__doc__)

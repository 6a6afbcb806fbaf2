"""Named queries from `.sql` files: `-- name: heads` starts one, and it runs to the next.

No templates and no building of SQL: parameters are `$1`, `$2`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)


def load(module_file: str) -> Mapping[str, str]:
    """The queries of the `.sql` file beside a module: `QUERIES = load(__file__)`."""
    return parse(Path(module_file).with_suffix(".sql").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, str]:
    """name -> statement. A name given twice, or an empty statement, is an error of ours and asserts."""
    pieces = _NAME.split(text)
    queries: dict[str, str] = {}
    for name, statement in zip(pieces[1::2], pieces[2::2], strict=True):
        assert name not in queries, f"the query {name} is there twice"
        assert statement.strip(), f"the query {name} is empty"
        queries[name] = statement.strip().rstrip(";")
    return MappingProxyType(queries)

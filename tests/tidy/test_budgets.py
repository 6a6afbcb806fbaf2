"""No source file is longer than its budget without a reason, and every module says what it is."""

import ast

from tests.tidy.budgets import LINES_MAX, REASONS
from tests.tidy.tree import PACKAGES, ROOT, files, name


def test_long_files_have_a_reason() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in files(".py", ".ts", ".mjs")}
    long = {path for path, lines in lengths.items() if lines > LINES_MAX}
    assert long - set(REASONS) == set(), f"over {LINES_MAX} lines: split, or give the reason in budgets.py"
    assert set(REASONS) - long == set(), "short again: take it out of budgets.py"


def test_every_module_says_what_it_is() -> None:
    sources = [path for path in files(".py") if path.relative_to(ROOT).parts[0] in (*PACKAGES, "tests")]
    silent = [name(path) for path in sources if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []

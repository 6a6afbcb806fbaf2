"""Every numbered rule of PROTOCOL.md has a test that quotes it: `test_w7_...`, or W7 in a docstring or title."""

import re

from tests.tidy.tree import ROOT, files

RULE = re.compile(r"^\*\*W(\d+)\*\*", flags=re.MULTILINE)
QUOTED = re.compile(r"\bW(\d+)\b|(?<=_)w(\d+)(?=_)")


def test_every_number_is_given_once_and_none_is_missing() -> None:
    numbers = [int(number) for number in RULE.findall((ROOT / "client-protocol" / "PROTOCOL.md").read_text())]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_every_rule_is_quoted_by_a_test() -> None:
    rules = set(RULE.findall((ROOT / "client-protocol" / "PROTOCOL.md").read_text()))
    quoted: set[str] = set()
    for path in files(".py", ".ts"):
        if "tests" in path.relative_to(ROOT).parts and "tidy" not in path.parts:
            quoted |= {upper or lower for upper, lower in QUOTED.findall(path.read_text())}
    assert sorted(rules - quoted, key=int) == []

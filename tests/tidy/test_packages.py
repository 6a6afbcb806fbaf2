"""Our top-level packages have short names: nothing that we install may claim one of them, and all of it is pinned."""

import re
import tomllib
from importlib.metadata import packages_distributions

from tests.tidy.tree import PACKAGES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).lower()


def test_no_other_distribution_claims_our_package_names() -> None:
    claimed = packages_distributions()
    others = {package: set(claimed.get(package, ())) - {"storyforge"} for package in PACKAGES}
    assert others == {package: set() for package in PACKAGES}


def test_every_dependency_is_pinned() -> None:
    pinned = {normal(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    wanted = [
        *PROJECT["dependencies"],
        *(name for extra in PROJECT["optional-dependencies"].values() for name in extra),
    ]
    assert {normal(requirement) for requirement in wanted} - pinned == set()


def test_every_dependency_is_on_the_page_of_decisions() -> None:
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text()
    named = {normal(found) for found in re.findall(r"^\| `([^`]+)`", page, flags=re.MULTILINE)}
    wanted = [
        *PROJECT["dependencies"],
        *(name for extra in PROJECT["optional-dependencies"].values() for name in extra),
    ]
    assert {normal(requirement) for requirement in wanted} - named == set()

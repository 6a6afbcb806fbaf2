"""The page about the API: every route and every shape is on it, and nothing from elsewhere."""

import re
from html import escape
from html.parser import HTMLParser

from api.main import operations
from api.openapi import describe
from api.reference import POLICY, STYLE, render

DESCRIPTION = describe(operations(), "http://studio.test")
PAGE = render(DESCRIPTION)


class Tags(HTMLParser):
    """Ids, what is linked to, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.targets |= {value for name, value in attrs if name == "href" and value}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_route_and_every_shape_is_on_it() -> None:
    tags = Tags()
    tags.feed(PAGE)
    assert not tags.open
    assert {each.name for each in operations()} <= set(tags.ids)
    assert {f"shape-{name}" for name in DESCRIPTION["components"]["schemas"]} <= set(tags.ids)
    assert len(tags.ids) == len(set(tags.ids))
    assert {target[1:] for target in tags.targets if target.startswith("#")} <= set(tags.ids)


def test_it_needs_nothing_from_elsewhere() -> None:
    tags = Tags()
    tags.feed(PAGE)
    assert {target for target in tags.targets if not target.startswith("#")} == {"/openapi.json"}
    assert not re.search(r"<script|<link|<img|<iframe|@import|url[(]| style=| on[a-z]+=", PAGE)
    assert "script-src" not in POLICY and "unsafe" not in POLICY and STYLE in PAGE


def test_what_the_description_says_is_text_on_it() -> None:
    changed = DESCRIPTION | {"info": {"title": "<b>Studio</b>", "version": "1"}}
    assert escape("<b>Studio</b>") in render(changed) and "<b>Studio" not in render(changed)

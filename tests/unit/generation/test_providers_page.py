"""docs/providers.md shows the registry and the table of dialects as they are.

`STORYFORGE_UPDATE_DOCS=1 ./dev test tests/unit/generation/test_providers_page.py` writes its tables anew.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.generation.providers.adapters.dialects import DIALECTS, Row
from services.generation.providers.capabilities import Model, Standing
from services.generation.providers.prices import MICRO, Flat, PerSecond, PerThousandCharacters, PerToken, Price
from services.generation.providers.registry import MODELS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "providers.md"
UPDATE = "STORYFORGE_UPDATE_DOCS"


def models() -> Iterator[str]:
    yield "| provider | model | makes | sizes | seconds | takes | prompt | list price, credits | notes |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for model in MODELS:
        takes = [f"{count} x {role.value}" for role, count in model.references.items()]
        takes += ["seed"] if model.takes_seed else []
        takes += ["a voice"] if model.needs_voice else []
        cells = (
            model.provider,
            f"`{model.name}`",
            model.kind.value + (", with sound" if model.sounding else ""),
            ", ".join(f"{shape.width}x{shape.height}" for shape in model.shapes) or "-",
            seconds(model),
            ", ".join(takes) or "-",
            f"{model.prompt_max} {model.prompt_unit.value}",
            price(model.price),
            notes(model),
        )
        yield f"| {' | '.join(cells)} |"


def seconds(model: Model) -> str:
    lengths = model.durations_s
    if not lengths:
        return "-"
    whole = list(lengths) == list(range(lengths[0], lengths[-1] + 1))
    return f"{lengths[0]} to {lengths[-1]}" if whole and len(lengths) > 2 else ", ".join(map(str, lengths))


def price(price: Price) -> str:
    match price:
        case Flat():
            return f"{price.microcredits / MICRO:g}"
        case PerSecond():
            silent = " to ".join(f"{rate / MICRO:g}" for rate in sorted(set(price.silent.values())))
            sounding = " to ".join(f"{rate / MICRO:g}" for rate in sorted(set(price.sounding.values())))
            return f"{silent} a second" + (f", {sounding} with sound" if sounding else "")
        case PerThousandCharacters():
            return f"{price.microcredits / MICRO:g} a thousand characters"
        case PerToken():
            return f"{price.input:g} and {price.output:g} a million tokens in and out"
    raise AssertionError(price)


def notes(model: Model) -> str:
    terms = model.terms
    said = [
        f"{model.standing.value} since {model.since}" if model.standing is not Standing.ACTIVE else "",
        f"needs {', '.join(sorted(model.required))}" if model.required else "",
        f"{', '.join(map(str, terms.tiers))} at once by tier" if terms.tiers else "",
        f"results live {terms.result_ttl_s // 3600} h" if terms.result_ttl_s else "answers at once",
        "found by our id" if terms.finds else "",
        "can be cancelled" if terms.cancels else "",
        "charges what it moderates" if terms.charges_moderated else "",
    ]
    return "; ".join(filter(None, said))


def dialects() -> Iterator[str]:
    yield "| provider | status | code | says | kind | certain |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, dialect in DIALECTS.items():
        if name == "kling-legacy":
            continue  # speaks as kling does
        for row in dialect.rows:
            yield f"| {name} | {' | '.join(cells(row))} |"


def cells(row: Row) -> Iterator[str]:
    yield "any" if row.status is None else str(row.status)
    yield f"`{row.code}`"
    yield f"`{row.says}`"
    yield row.kind.value
    yield "yes" if row.certain else "no"


TABLES = {"models": models, "dialects": dialects}


@pytest.mark.parametrize("name", TABLES)
def test_the_page_shows_what_the_code_says(name: str) -> None:
    lines = "\n".join(TABLES[name]())
    found = re.search(rf"(<!-- {name} -->\n)(.*?)(<!-- /{name} -->)", PAGE.read_text(), re.DOTALL)
    assert found is not None
    if os.environ.get(UPDATE):
        PAGE.write_text(PAGE.read_text().replace(found[0], f"{found[1]}{lines}\n{found[3]}"))
    else:
        assert found[2].rstrip("\n") == lines

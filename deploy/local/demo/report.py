"""The page that the demo leaves behind: the table and the pictures, readable without a server.

A snapshot of one run, not a page of the product.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import count
from pathlib import Path

from deploy.local.demo.proof import Line, Seen

PAGE = Path(__file__).with_name("page.html")


def write(folder: Path, table: Sequence[Line], seen: Seen, previews: Sequence[Path], take: Path) -> Path:
    """`previews` and `take` lie in `folder`. Returns the page."""
    ok = all(line.ok for line in table)
    pictures = [path.relative_to(folder).as_posix() for path in seen.film.pictures]
    values = {
        "verdict": "everything held" if ok else "something failed",
        "verdict_class": "good" if ok else "bad",
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "rows": "".join(_row(line) for line in table),
        "previews": _strip((path.relative_to(folder).as_posix() for path in previews), "step"),
        "poster": escape(pictures[len(pictures) // 2] if pictures else ""),
        "take": escape(take.relative_to(folder).as_posix()),
        "take_caption": escape(_caption(seen)),
        "frames": _strip(pictures, "frame", [int(path.stem.partition("-")[2]) for path in seen.film.pictures]),
        "steps": "".join(f'<span><i style="height:{pct}%"></i></span>' for _, pct in seen.ticks),
        "stages": escape(" → ".join(dict.fromkeys(stage for stage, _ in seen.ticks))),
    }
    page = folder / "index.html"
    page.write_text(fill(PAGE.read_text("utf-8"), values), "utf-8")
    return page


def fill(template: str, values: Mapping[str, str]) -> str:
    """Every `{{name}}` is replaced once, so a value that looks like a name stays as it is."""
    head, *parts = template.split("{{")
    filled = [head]
    for part in parts:
        name, _, rest = part.partition("}}")
        filled += [values[name], rest]
    return "".join(filled)


def _row(line: Line) -> str:
    mark = (
        '<span class="good" title="as it must be">✓</span>' if line.ok else '<span class="bad" title="failed">✗</span>'
    )
    return f"<tr><td>{mark}</td><td>{escape(line.what)}</td><td>{escape(line.value)}</td></tr>"


def _strip(pictures: Iterable[str], word: str, numbers: Iterable[int] | None = None) -> str:
    return "".join(
        f'<figure><img src="{escape(path)}" alt="{word} {number}"><figcaption>{word} {number}</figcaption></figure>'
        for number, path in zip(count(1) if numbers is None else numbers, pictures, strict=False)
    )


def _caption(seen: Seen) -> str:
    take = seen.take
    size = f"{take.get('width', '?')} × {take.get('height', '?')}" if "width" in take else ""
    return f"{seen.film.frames} frames {size} at {_rate(take)} a second, media {take['media'][:12]}…"


def _rate(take: Mapping[str, object]) -> str:
    rate = take.get("rate")
    return str(rate[0]) if isinstance(rate, list) and rate else "?"

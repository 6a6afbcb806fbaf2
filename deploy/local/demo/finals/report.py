"""The page that this demo leaves behind: the table, and of every scene its picture, its routes and its costs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from deploy.local.demo.finals.play import Made
from deploy.local.demo.proof import Line
from deploy.local.demo.report import fill
from services.billing.model import MICRO
from storage.tables.intents import IntentRow

PAGE = Path(__file__).with_name("page.html")


def write(folder: Path, table: Sequence[Line], scenes: Sequence[Made]) -> Path:
    """The media lie in `folder`. Returns the page."""
    ok = all(line.ok for line in table)
    values = {
        "verdict": "everything held" if ok else "something failed",
        "verdict_class": "good" if ok else "bad",
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "rows": "".join(_row(line) for line in table),
        "scenes": "".join(_scene(scene, folder) for scene in scenes),
    }
    page = folder / "index.html"
    page.write_text(fill(PAGE.read_text("utf-8"), values), "utf-8")
    return page


def _row(line: Line) -> str:
    mark, kind = ("✓", "good") if line.ok else ("✗", "bad")
    cells = f"<td>{escape(line.what)}</td><td>{escape(line.value)}</td>"
    return f'<tr><td><span class="{kind}">{mark}</span></td>{cells}</tr>'


def _scene(scene: Made, folder: Path) -> str:
    head = f"<h3>{escape(scene.title)}</h3>"
    cost = f"{scene.paid_microcredits / MICRO:.2f} credits"
    calls = "".join(_call(call) for call in scene.calls)
    routes = "".join(_route(route) for route in scene.routes)
    body = f"<p>{cost}</p><h4>Routes</h4><ol>{routes}</ol><h4>Paid calls</h4><ul>{calls}</ul>"
    return f"<article>{_picture(scene, folder)}<div>{head}{body}</div></article>"


def _picture(scene: Made, folder: Path) -> str:
    if "take" not in scene.media:
        said = (scene.run["error"] or {}).get("msg", scene.run["state"])
        return f'<figure class="none"><figcaption>{escape(said)}</figcaption></figure>'
    take, thumb = (escape(scene.media[name].relative_to(folder).as_posix()) for name in ("take", "thumb"))
    return f'<figure><video controls playsinline preload="metadata" poster="{thumb}" src="{take}"></video></figure>'


def _route(route: Mapping[str, Any]) -> str:
    where = escape(str(route["step"]))
    return f"<li><code>{where}</code> {escape(str(route['sentence']))}</li>"


def _call(call: IntentRow) -> str:
    said = f": {escape(str(call.failure['message']))}" if call.failure else ""
    cost = "" if call.cost_microcredits is None else f", {call.cost_microcredits / MICRO:.2f} credits"
    by = f"<code>{escape(call.step)}</code> {escape(call.provider)} {escape(call.model)}"
    return f"<li>{by}: {call.state}{cost}{said}</li>"

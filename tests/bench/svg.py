"""Horizontal bars, and lines over time, as a small SVG that reads on light and dark pages.

No dependency and no script; not a chart library.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, LABEL, VALUE, BAR, GAP, TOP = 720, 150, 110, 22, 10, 44
OURS_COLOUR, OTHER_COLOUR, INK = "#c2410c", "#94a3b8", "#64748b"


@dataclass(frozen=True, slots=True)
class Bar:
    """`ours` is drawn in the colour of attention."""

    label: str
    value: float
    text: str
    ours: bool = False


def bars(title: str, unit: str, given: Sequence[Bar]) -> str:
    """The longest bar has the greatest value; nought is at the left edge."""
    most = max((bar.value for bar in given), default=0) or 1
    room = WIDTH - LABEL - VALUE
    height = TOP + len(given) * (BAR + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f'<text x="0" y="18" font-weight="600">{escape(title)}</text>',
        f'<text x="{WIDTH}" y="18" text-anchor="end">{escape(unit)}</text>',
    ]
    for number, bar in enumerate(given):
        y = TOP + number * (BAR + GAP)
        length = max(room * bar.value / most, 1)
        colour = OURS_COLOUR if bar.ours else OTHER_COLOUR
        middle = y + BAR * 0.72
        parts += [
            f'<text x="{LABEL - 10}" y="{middle:.1f}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" rx="3" fill="{colour}"/>',
            f'<text x="{LABEL + length + 8:.1f}" y="{middle:.1f}">{escape(bar.text)}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def write(file: Path, title: str, unit: str, given: Sequence[Bar]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(bars(title, unit, given), encoding="utf-8")


PANEL, INSET = 90, 60


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over time, in a panel of its own."""

    label: str
    values: Sequence[float]


def lines(title: str, seconds: Sequence[float], given: Sequence[Line]) -> str:
    """Panels one below the other with the same time axis; each begins at nought and ends at its greatest value."""
    height = TOP + len(given) * (PANEL + GAP) + TOP
    longest = max(seconds, default=0) or 1
    room = WIDTH - INSET
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f'<text x="0" y="18" font-weight="600">{escape(title)}</text>',
    ]
    for number, line in enumerate(given):
        bottom = TOP + number * (PANEL + GAP) + PANEL
        most = max(line.values, default=0) or 1
        points = " ".join(
            f"{INSET + room * at / longest:.1f},{bottom - (PANEL - 22) * value / most:.1f}"
            for at, value in zip(seconds, line.values, strict=True)
        )
        parts += [
            f'<text x="{INSET}" y="{bottom - PANEL + 14}">{escape(line.label)}</text>',
            f'<text x="{INSET - 8}" y="{bottom - PANEL + 26}" text-anchor="end">{most:.0f}</text>',
            f'<text x="{INSET - 8}" y="{bottom}" text-anchor="end">0</text>',
            f'<path d="M{INSET} {bottom}H{WIDTH}" stroke="{OTHER_COLOUR}"/>',
            f'<polyline points="{points}" fill="none" stroke="{OURS_COLOUR}" stroke-width="2"/>',
        ]
    parts.append(f'<text x="{WIDTH}" y="{height - GAP}" text-anchor="end">{longest:.0f} s</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"

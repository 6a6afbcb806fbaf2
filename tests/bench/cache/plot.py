"""Two pictures: where the labelled pairs lie on the line of similarity, and what answered the requests of a studio."""

import random
from collections.abc import Sequence
from html import escape

from tests.bench.cache.judge import SEED_THRESHOLD, Judged
from tests.bench.svg import INK, OTHER_COLOUR, OURS_COLOUR

WIDTH, LEFT, TOP, ROW = 720, 120, 64, 78
LEAST = 0.70
WRONG_COLOUR = "#0369a1"


def similarities(all_pairs: Sequence[Judged], threshold: float) -> str:
    """A dot for each pair: filled where the gate is open."""
    rows = [
        ("rewordings", [one for one in all_pairs if one.pair.kind == "rewording"], OURS_COLOUR),
        ("reorderings", [one for one in all_pairs if one.pair.kind == "reordering"], OURS_COLOUR),
        ("near-misses", [one for one in all_pairs if not one.pair.same], WRONG_COLOUR),
    ]
    title = "Similarity does not tell what may be reused; the gate does"
    height = TOP + len(rows) * ROW + 40
    rng = random.Random(1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f'<text x="0" y="18" font-weight="600">{escape(title)}</text>',
        '<text x="0" y="40" font-size="12">each dot a pair of prompts by its cosine; filled: the gate is open</text>',
    ]
    for value, text in ((threshold, "looked at from"), (SEED_THRESHOLD, "the plan's")):
        x = _x(value)
        parts.append(f'<path d="M{x:.1f} {TOP - 8}V{height - 30}" stroke="{OTHER_COLOUR}" stroke-dasharray="4 4"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle">{escape(text)} {value:.2f}</text>')
    for number, (label, pairs, colour) in enumerate(rows):
        middle = TOP + number * ROW + ROW / 2
        parts.append(f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{label}</text>')
        text = f"{sum(one.is_open for one in pairs)} of {len(pairs)}"
        parts.append(f'<text x="{LEFT - 12}" y="{middle + 18:.0f}" text-anchor="end" font-size="12">{text}</text>')
        for one in pairs:
            y = middle + rng.uniform(-0.38, 0.38) * ROW
            fill = colour if one.is_open else "none"
            parts.append(f'<circle cx="{_x(one.score):.1f}" cy="{y:.1f}" r="2.4" fill="{fill}" stroke="{colour}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(score: float) -> float:
    return LEFT + (WIDTH - LEFT - 10) * (max(score, LEAST) - LEAST) / (1 - LEAST)

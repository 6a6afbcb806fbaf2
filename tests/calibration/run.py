"""`./dev calibrate`: measures the clips of `clips.py` and prints how far the good and the broken ones lie apart.

Ends with 1 when a good clip fails, or a broken one is not found; `--write` puts the table into docs/quality.md.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.generation.quality.examine import examine
from services.generation.quality.limits import VERSION
from services.generation.quality.model import Limit, Measure, Report, Verdict
from tests.calibration.clips import Case, broken, encode, good

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quality.md"
BEGIN, END = "<!-- calibration -->", "<!-- /calibration -->"


@dataclass(frozen=True, slots=True)
class Found:
    case: Case
    report: Report

    @property
    def right(self) -> bool:
        """A good clip has no failure; a broken one has the verdict on the measure that it breaks."""
        if self.case.broken is None:
            return self.report.verdict is not Verdict.FAIL
        return self.report.named(self.case.broken).verdict is (Verdict.FAIL if self.case.fails else Verdict.WARN)


async def measure(case: Case) -> Found:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        clip = await encode(case.make(), folder, "clip.mp4")
        return Found(case, await examine(folder, clip, case.wanted(folder)))


def table(found: Sequence[Found]) -> str:
    """One row a measure: what good clips have at worst, what the broken ones have, and the limits between."""
    rows = ["| measure | unit | good clips | warn | fail | broken clips |", "| --- | --- | --- | --- | --- | --- |"]
    whole = [one for one in found if one.case.broken is None]
    for name in dict.fromkeys(measure.name for one in whole for measure in one.report.measures):
        fine = [measure for one in whole for measure in one.report.measures if measure.name == name]
        values = [measure.value for measure in fine if measure.value is not None]
        bad = [one for one in found if one.case.broken == name]
        shown = "; ".join(f"{one.case.name}: {_number(one.report.named(name).value)}" for one in bad)
        spread = "" if not values else f"{_number(min(values))} to {_number(max(values))}"
        judged = [*(one.report.named(name) for one in bad), *fine]
        limit = next((measure.limit for measure in judged if measure.limit is not None), None)
        unit = fine[0].unit
        rows.append(f"| `{name}` | {unit} | {spread} | {_edge(limit, 'warn')} | {_edge(limit, 'fail')} | {shown} |")
    return "\n".join(rows)


def _edge(limit: Limit | None, name: str) -> str:
    edge = None if limit is None else getattr(limit, name)
    if limit is None or edge is None:
        return ""
    return f"{'<' if limit.floor else '>'} {_number(edge)}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


async def main(options: argparse.Namespace) -> int:
    found = [await measure(case) for case in (*good(), *broken())]
    text = table(found)
    print(text)
    wrong = [one for one in found if not one.right]
    for one in wrong:
        print(f"\n{one.case.name}: {_worst(one.report.measures)}")
    if options.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    if options.json is not None:
        options.json.write_text(json.dumps({"limits": VERSION, "clips": len(found), "wrong": len(wrong)}))
    good_count = sum(one.case.broken is None for one in found)
    print(f"\n{good_count} good clips and {len(found) - good_count} broken ones, {len(wrong)} judged wrongly.")
    return 1 if wrong else 0


def _worst(measures: Sequence[Measure]) -> str:
    said = [f"{one.name} {one.value} {one.verdict}" for one in measures if one.verdict not in (None, Verdict.PASS)]
    return ", ".join(said) or "all pass"


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parser().parse_args())))

"""From yload's words to the verdict of a target: parsing, medians, ratios, the page and its plots."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from deploy.local import cli
from tests.bench import figures, report, svg
from tests.bench.catalogue import BENCHES, HOCUSPOCUS, OURS, PYCRDT, RELAY, YWEBSOCKET, options_of
from tests.bench.figures import Outcome, Result, number_at, of_output
from tests.bench.nodes import Times, percentile

US = "server_us_per_delivery"


def outcome(us: Mapping[str, list[float]]) -> Outcome:
    bench = BENCHES["fanout"]
    runs: dict[str, list[Result]] = {name: [{"ok": True, US: value} for value in us[name]] for name in bench.servers}
    return Outcome(bench, bench.options, runs)


FAST = {OURS: [1.5, 1.0, 9.0], HOCUSPOCUS: [4.5], YWEBSOCKET: [6.0], PYCRDT: [15.0], RELAY: [0.75]}


def test_the_last_line_of_json_is_the_result() -> None:
    text = 'warming up\n{"ok": false}\n{"ok": true, "ack_ms": {"p99": 12.5}}\n'
    assert number_at(of_output(text), "ack_ms.p99") == 12.5


@pytest.mark.parametrize("text", ["", "no json", '{"ok": true, "cut'])
def test_no_result_says_why(text: str) -> None:
    result = of_output(text, "yload: cannot connect\n", 2)
    assert result == {"ok": False, "error": "no result (exit code 2): yload: cannot connect"}


def test_numbers_of_a_failed_run_and_of_null_do_not_count() -> None:
    assert number_at({"ok": False, "s": 1.0}, "s") is None
    assert number_at({"ok": True, "s": None, "t": "x", "u": True}, "s") is None
    assert number_at({"ok": True, "u": True}, "u") is None
    assert number_at({"ok": True, "s": 1}, "s.deeper") is None


def test_the_median_ignores_failed_runs() -> None:
    bench = BENCHES["fanout"]
    runs: dict[str, list[Result]] = {
        OURS: [{"ok": True, US: 1.0}, {"ok": False, "error": "gone"}, {"ok": True, US: 3.0}]
    }
    seen = Outcome(bench, bench.options, runs)
    assert seen.middle(OURS, US) == 2.0
    assert seen.errors() == ["ours: gone"]


def test_a_ratio_above_one_means_that_ours_is_better_whichever_way_the_row_counts() -> None:
    bench = BENCHES["fanout"]
    less = next(row for row in bench.rows if row.path == US)
    more = next(row for row in bench.rows if row.better == "more")
    runs: dict[str, list[Result]] = {
        OURS: [{"ok": True, less.path: 2.0, more.path: 30.0}],
        HOCUSPOCUS: [{"ok": True, less.path: 5.0, more.path: 10.0}],
    }
    seen = Outcome(bench, bench.options, runs)
    assert seen.times_better(less, HOCUSPOCUS) == 2.5
    assert seen.times_better(more, HOCUSPOCUS) == 3.0
    assert seen.times_better(less, YWEBSOCKET) is None


def test_targets_are_met_or_missed_by_the_median() -> None:
    assert [verdict.met for verdict in outcome(FAST).verdicts()] == [True, True, False]  # 3x, 4x, 10x of 15x
    assert not outcome(FAST).met
    assert outcome(FAST | {PYCRDT: [30.0]}).met


def test_a_target_without_numbers_is_missed() -> None:
    bench = BENCHES["acks"]
    assert not Outcome(bench, bench.options, {OURS: [{"ok": False}]}).met
    kept = Outcome(bench, bench.options, {OURS: [{"ok": True, "ack_ms": {"p95": 15.0, "p99": 50.1}}]})
    assert [verdict.met for verdict in kept.verdicts()] == [True, False]


def test_the_crowd_may_cost_more_than_the_relay_by_its_factor_only() -> None:
    bench = BENCHES["crowd"]
    runs: dict[str, list[Result]] = {OURS: [{"ok": True, US: 1.6}], RELAY: [{"ok": True, US: 1.0}]}
    within = Outcome(bench, bench.options, runs)
    assert within.verdicts()[0].met
    said = figures.sentence(within, within.verdicts()[0])
    assert said == "server us/delivery: at most 1.60x of null wanted, 1.60x measured"
    assert not Outcome(bench, bench.options, runs | {OURS: [{"ok": True, US: 1.7}]}).verdicts()[0].met


def test_every_target_and_plot_is_a_row_of_its_bench() -> None:
    for bench in BENCHES.values():
        paths = {row.path for row in bench.rows}
        assert {target.path for target in bench.targets} <= paths, bench.name
        assert {target.peer for target in bench.targets} - {""} <= set(bench.servers), bench.name
        assert report.PLOTS.get(bench.name, US if US in paths else next(iter(paths))) in paths, bench.name


def test_the_command_line_knows_every_bench() -> None:
    assert tuple(BENCHES) == cli.BENCHES


def test_a_small_run_replaces_only_its_own_options() -> None:
    full, small = options_of(BENCHES["idle"], small=False), options_of(BENCHES["idle"], small=True)
    assert [(a, b) for a, b in zip(full, small, strict=True) if a != b] == [("8000", "2000")]


def test_the_page_says_what_was_run_and_what_was_missed(tmp_path: Path) -> None:
    command = "./dev bench fanout --repeats 3 --report"
    under = report.Circumstances(command, 3, datetime(2026, 1, 2, tzinfo=UTC), "pure Python")
    page = report.write(tmp_path, [outcome(FAST)], under)
    text = page.read_text()
    assert "02 January 2026" in text and command in text
    assert "| server us/delivery | 1.50 | 4.50 (3x) | 6 (4x) | 15 (10x) | 0.75 (0.50x) |" in text
    assert "at least 15x pycrdt-uvicorn wanted, 10x measured | **missed** |" in text
    assert "## Not measured here" in text and "`crowd`" in text
    assert (tmp_path / "performance" / "fanout.svg").exists()


@pytest.mark.parametrize(("other", "doubt"), [(3.0, False), (90.0, True)])
def test_a_page_of_a_loud_machine_says_so(tmp_path: Path, other: float, doubt: bool) -> None:
    bench = BENCHES["acks"]
    loud = Outcome(bench, bench.options, {OURS: [{"ok": True, "other_cpu_pct": other}]})
    under = report.Circumstances("./dev bench acks", 1, datetime(2026, 1, 2, tzinfo=UTC), "pure Python")
    assert ("not quiet" in report.write(tmp_path, [loud], under).read_text()) is doubt


def test_bars_are_well_formed_and_in_proportion() -> None:
    text = svg.bars("a < b", "ms", [svg.Bar("ours & co", 1.0, "1", ours=True), svg.Bar("peer", 4.0, "4")])
    rects = [element for element in ElementTree.fromstring(text).iter() if element.tag.endswith("rect")]
    short, long = (float(rect.attrib["width"]) for rect in rects)
    assert long == 4 * short
    assert svg.bars("none", "", [])


def test_percentiles_are_values_that_occurred() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.99) == 4.0
    assert percentile([], 0.99) == 0.0


def test_edits_that_did_not_arrive_and_the_warm_up_are_told_apart() -> None:
    times = Times(sent=[0.0, 1.0, 2.0], counted={1, 2}, same={0: 0.5, 1: 1.001, 2: 2.001}, cross={1: 1.007})
    summary = times.summary(commit_ms=2.0)
    assert summary["missing"] == 1
    assert summary["cross_over_allowed"] == pytest.approx(7 / (2 * 1 + 2 + 5))


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.0, "0"), (12345.0, "12,345"), (1234.5, "1,234"), (0.642, "0.64"), (123.46, "123.5")],
)
def test_numbers_are_shown_with_the_digits_that_matter(value: float | None, text: str) -> None:
    assert figures.shown(value) == text

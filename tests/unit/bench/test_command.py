"""`./dev bench` hands its options on as they were given, and says at once when a name is none of the benches."""

from pathlib import Path

import pytest

from deploy.errors import SettingMissing
from deploy.local import bench
from deploy.local.cli import BENCHES_APART, parser


def test_every_option_is_handed_on(tmp_path: Path) -> None:
    wanted = bench.Wanted(["fanout", "acks"], 1, tmp_path / "out.json", report=True, small=True)
    expected = ["-m", "tests.bench", "fanout", "acks", "--repeats", "1", "--json", str(tmp_path / "out.json")]
    assert bench.arguments(wanted)[1:] == [*expected, "--report", "--small"]


def test_a_bench_without_peers_is_a_program_of_its_own(tmp_path: Path) -> None:
    wanted = bench.Wanted(["documents"], 3, tmp_path / "out.json")
    assert bench.arguments(wanted)[1:] == ["-m", "tests.bench.documents", "--json", str(tmp_path / "out.json")]
    assert set(bench.APART) == set(BENCHES_APART)
    with pytest.raises(SettingMissing, match="alone"):
        bench.arguments(bench.Wanted(["documents", "fanout"], 3))


def test_all_benches_and_medians_of_three_are_the_default() -> None:
    options = parser().parse_args(["bench"])
    assert (options.names, options.repeats, options.report) == ([], 3, False)


@pytest.mark.parametrize("arguments", [["bench", "fanuot"], ["bench", "--repeats", "0"], ["bench", "--repeats", "x"]])
def test_a_slip_is_told_before_anything_starts(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert arguments[-1] in said or "at least 1" in said


def test_outside_a_checkout_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    with pytest.raises(SettingMissing, match="checkout"):
        bench.run(bench.Wanted([], 3))

"""Logs of children rotate by size, at a start."""

from pathlib import Path

from deploy.local.children import rotate, tail


def test_a_small_log_is_continued(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    log.write_text("small")
    rotate(log, bytes_max=6)
    assert log.exists()


def test_a_large_log_moves_and_the_oldest_goes(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    for number in range(5):
        log.write_text(f"start {number}")
        rotate(log, bytes_max=1, kept=2)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "hub.log.1": "start 4",
        "hub.log.2": "start 3",
    }


def test_the_end_of_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "none.log") == ""

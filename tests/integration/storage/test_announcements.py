"""What a process leaves behind of the work in which it ended."""

import signal
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from storage.announcements import DATA_BYTES_MAX, THREADS_MAX, Suspect, announcing, deaths

DOCUMENT = UUID(int=7)
LIFE = """
import ctypes, faulthandler, os, signal, sys
from pathlib import Path
from uuid import UUID
from storage.announcements import announcing
with announcing(Path(sys.argv[1])) as announcements:
    faulthandler.enable(announcements.fault_file)
    work = announcements.of(UUID(int=7))
    work.begin(b"before", False)
    work.end()
    {work}
"""


def life(folder: Path, work: str) -> int:
    """The exit code of a process that does this work."""
    return subprocess.run([sys.executable, "-P", "-c", LIFE.format(work=work), str(folder)], check=False).returncode


def test_an_ordered_end_leaves_nothing(tmp_path: Path) -> None:
    assert life(tmp_path, "pass") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_process_killed_at_work_leaves_what_it_worked_on(tmp_path: Path) -> None:
    assert life(tmp_path, 'work.begin(b"bytes", False); os.kill(os.getpid(), signal.SIGKILL)') == -signal.SIGKILL
    (death,) = deaths(tmp_path)
    assert death.suspects == (Suspect(DOCUMENT, b"bytes", sha256(b"bytes").digest(), False),)
    assert death.fault == ""
    death.forget()
    assert list(tmp_path.iterdir()) == []


def test_of_one_child_only_its_own_is_read(tmp_path: Path) -> None:
    dies = 'work.begin(b"bytes", False); print(os.getpid(), flush=True); os.kill(os.getpid(), signal.SIGKILL)'
    command = [sys.executable, "-P", "-c", LIFE.format(work=dies), str(tmp_path)]
    first, second = (int(subprocess.run(command, check=False, capture_output=True).stdout) for _ in range(2))
    (death,) = deaths(tmp_path, second)
    assert death.file.name.startswith(f"{second}-") and deaths(tmp_path, second * 10) == []
    assert {found.file.name.partition("-")[0] for found in deaths(tmp_path)} == {str(first), str(second)}


def test_a_crash_also_leaves_where_it_happened(tmp_path: Path) -> None:
    assert life(tmp_path, 'work.begin(b"", True); ctypes.string_at(0)') == -signal.SIGSEGV
    (death,) = deaths(tmp_path)
    assert death.suspects == (Suspect(DOCUMENT, b"", sha256(b"").digest(), True),)
    assert "Segmentation fault" in death.fault


def test_killed_between_two_pieces_of_work_nothing_is_suspected(tmp_path: Path) -> None:
    assert life(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
    assert deaths(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_of_large_work_the_digest_is_left(tmp_path: Path) -> None:
    data = b"x" * (DATA_BYTES_MAX + 1)
    life(tmp_path, f'work.begin(b"x" * {len(data)}, False); os.kill(os.getpid(), signal.SIGKILL)')
    (death,) = deaths(tmp_path)
    assert death.suspects == (Suspect(DOCUMENT, None, sha256(data).digest(), False),)


def test_the_living_are_left_alone(tmp_path: Path) -> None:
    with announcing(tmp_path) as announcements:
        announcements.of(DOCUMENT).begin(b"still at it", False)
        assert deaths(tmp_path) == []
        assert list(tmp_path.glob("*.announced"))


def test_an_error_within_announced_work_is_no_death(tmp_path: Path) -> None:
    with announcing(tmp_path) as announcements:
        work = announcements.of(DOCUMENT)
        with pytest.raises(ValueError, match="no"), work.reading(), work.reading():
            raise ValueError("no")
        assert not work.is_busy


def test_threads_have_places_of_their_own_and_wait_for_one(tmp_path: Path) -> None:
    together = threading.Barrier(THREADS_MAX)
    done: list[UUID] = []

    def work(document_id: UUID) -> None:
        announcement = announcements.of(document_id)
        with announcements.apart(announcement), announcement.reading():
            together.wait(10)
            done.append(document_id)

    with announcing(tmp_path) as announcements:
        documents = [uuid4() for _ in range(2 * THREADS_MAX)]
        threads = [threading.Thread(target=work, args=(document_id,)) for document_id in documents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert sorted(done) == sorted(documents)

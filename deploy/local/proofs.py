"""`sim`, `fuzz`, `chaos`, `soak`, `calibrate`: the long proofs. Their drivers are with the tests, run from a checkout.

Each is a process of its own: `deploy` imports nothing of `tests`, which is not installed.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.errors import SettingMissing

ROOT = Path(__file__).resolve().parents[2]
DRIVERS = {
    "sim": "tests.simulation.run",
    "sim documents": "tests.simulation.run_documents",
    "sim generation": "tests.simulation.run_generation",
    "fuzz": "tests.fuzz.live",
    "chaos": "tests.chaos.run",
    "soak": "tests.soak.run",
    "calibrate": "tests.calibration.run",
}


def run(name: str, arguments: Sequence[str]) -> int:
    """The driver's exit code. Raises `SettingMissing` where there is no checkout."""
    if not (ROOT / "tests").is_dir():
        raise SettingMissing(f"./dev {name} needs a checkout: the tests are not part of the installed package.")
    with subprocess.Popen([sys.executable, "-m", DRIVERS[name], *arguments], cwd=ROOT) as driver:
        try:
            return driver.wait()
        except KeyboardInterrupt:
            driver.terminate()
            raise

"""Runs things on the compiled form of `sync/`: a plugin for pytest, `-p tests.compiled`, and a runner for programs,
`python -m tests.compiled MODULE ARGS`.

Ends at once when that form is not there: nothing may pass by running on the other one.
"""

import runpy
import sys

import pytest

from deploy.local import compiled

if not compiled.use({}):
    raise pytest.UsageError("sync/ as it is now was not compiled: python -P -m deploy.local.compile says why")
_COUNT = sum(str(sys.modules[name].__file__).startswith(str(compiled.build_of())) for name in compiled.MODULES)
assert len(compiled.MODULES) == _COUNT


def pytest_report_header() -> str:
    return f"sync: {_COUNT} modules compiled, {compiled.build_of()}"


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)

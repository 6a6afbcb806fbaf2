"""What ends a bench with one sentence instead of numbers.

BenchError
├── CompilerMissing     the load generator is C
└── PeerMissing         a peer could not be installed or started
"""

from deploy.errors import DeployError


class BenchError(DeployError):
    """A bench could not run."""

    code = "bench"


class CompilerMissing(BenchError):
    """There is no C compiler."""

    code = "bench.compiler_missing"


class PeerMissing(BenchError):
    """A server did not come up, or could not be installed."""

    code = "bench.peer_missing"

"""Settings of the WebSocket door, read once at start."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from services.users.operators import operators_of
from sync.limits import KIB, MIB, Limits

POLL_INTERVAL_S = 0.5
PRESENCE_INTERVAL_S = 1 / 30
UNLOAD_AFTER_S = 5.0
PING_INTERVAL_S = 25.0
SNAPSHOT_ROWS = 500
REST_AFTER_S = 60.0
IN_PROCESS_BYTES_MAX = 256 * KIB
REPLICA_PROCESSES_MAX = 2
REPLICA_ANSWER_TIMEOUT_S = 60.0

DEFAULT_LIMITS = Limits()

RAISED = {
    "updates_per_s_max": 1_000_000,
    "update_bytes_per_s_max": 1024 * MIB,
    "awareness_per_s_max": 1_000_000,
}
"""What `--raise-budgets` sets for load tests. Only rates: sizes, the accounting and the checks stay."""


@dataclass(frozen=True, slots=True)
class HubSettings:
    """`node`: this process among those that share documents. `allowed_origins`: besides the server's own host."""

    node: UUID
    allowed_origins: frozenset[str] = frozenset()
    operators: frozenset[UUID] = frozenset()
    """Users who may look into the hub (`/ops`)."""
    limits: Limits = DEFAULT_LIMITS
    poll_interval_s: float = POLL_INTERVAL_S
    presence_interval_s: float = PRESENCE_INTERVAL_S
    unload_after_s: float = UNLOAD_AFTER_S
    ping_interval_s: float = PING_INTERVAL_S
    snapshot_rows: int = SNAPSHOT_ROWS
    """Committed rows behind the newest snapshot that make another worth its while."""

    rest_after_s: float = REST_AFTER_S
    """Without an edit; then an open document is kept as its bytes."""
    in_process_bytes_max: int = IN_PROCESS_BYTES_MAX
    """Of a document, encoded; the content of a larger one lives in a replica process (consistency.md C21)."""
    replica_processes_max: int = REPLICA_PROCESSES_MAX
    """Each takes one question at a time, so documents in one wait for each other."""
    replica_answer_timeout_s: float = REPLICA_ANSWER_TIMEOUT_S
    """By the clock, of one question; the process is replaced then."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "HubSettings":
        """A malformed id of an operator raises `MalformedId`, anything else that is malformed ValueError."""
        node = environ.get("STORYFORGE_NODE_ID")
        origins = environ.get("STORYFORGE_ALLOWED_ORIGINS", "")
        limits = DEFAULT_LIMITS
        if environ.get("STORYFORGE_RAISE_BUDGETS") == "1":
            limits = replace(limits, **RAISED)
        return cls(
            node=UUID(node) if node else uuid4(),
            allowed_origins=frozenset(origin for origin in origins.split(",") if origin),
            operators=operators_of(environ),
            limits=limits,
            replica_processes_max=_count(environ, "STORYFORGE_REPLICA_PROCESSES_MAX", REPLICA_PROCESSES_MAX),
        )


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    count = int(environ.get(name) or default)
    if count < 1:
        raise ValueError(f"{name} is at least 1, not {count}")
    return count

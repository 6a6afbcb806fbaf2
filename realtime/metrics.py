"""What the hub counts; `docs/operations.md` says what each figure is for. The registry is handed in: nothing is global.

What is only a state is asked of the hub when somebody scrapes; what happens is counted when it happens, and nothing is
counted per delivery.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
TICK_SECONDS = (0.0001, 0.0002, 0.0005, *SECONDS)


class HubMetrics:
    """Gauges of what is open, counters of what happened, histograms of what takes time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self.sockets = Gauge("storyforge_ws_connections", "Open sockets", registry=registry)
        self.rooms = Gauge("storyforge_doc_open", "Documents in memory", registry=registry)
        self.edits = Counter("storyforge_edits_total", "Updates admitted", registry=registry)
        acks = Counter("storyforge_acks_total", "SyncStatus messages sent", ["saved"], registry=registry)
        self.acks, self.denials = acks.labels("true"), acks.labels("false")
        self.commits = Histogram(
            "storyforge_ack_seconds", "From an update's arrival to its commit", buckets=SECONDS, registry=registry
        )
        self.fanout = Histogram(
            "storyforge_fanout_seconds",
            "From the first message of a tick that others hear to the last write of it; one sample a tick",
            buckets=TICK_SECONDS,
            registry=registry,
        )
        self.refusals = Counter(
            "storyforge_refusals_total",
            "Sessions that the hub ended or did not let in",
            ["code", "reason"],
            registry=registry,
        )
        self.gaps = Counter("storyforge_bus_gap_total", "Gaps read from the log", registry=registry)
        self.breaks = Counter("storyforge_bus_breaks_total", "Times the bus may have lost messages", registry=registry)
        self.dropped = Counter(
            "storyforge_bus_dropped_total", "Messages to other nodes that found the queue full", registry=registry
        )
        self.bus_lag = Histogram(
            "storyforge_bus_lag_seconds",
            "From a publication to our own hearing of it",
            buckets=SECONDS,
            registry=registry,
        )
        self.broken = Counter("storyforge_native_panic_total", "Replicas dropped after a panic", registry=registry)
        self.resyncs = Counter("storyforge_resync_total", "Slow readers brought up to date", registry=registry)
        self.loads = Histogram(
            "storyforge_doc_load_seconds", "From the first joiner to a room", buckets=SECONDS, registry=registry
        )
        self.overtaken = Counter(
            "storyforge_overtaken_edits_total", "Edits that a lock has overtaken", registry=registry
        )
        self.proposals = Counter("storyforge_proposals_total", "Refused edits kept as proposals", registry=registry)
        self.proposals_lost = Counter(
            "storyforge_proposals_lost_total", "Refused edits that could not be kept", registry=registry
        )
        self.moves = Counter(
            "storyforge_replica_moves_total", "Documents that grew and moved to a replica process", registry=registry
        )
        self.replica_ends = Counter(
            "storyforge_replica_ends_total",
            "Replica processes that ended before the hub did",
            ["how"],
            registry=registry,
        )
        self.snapshots = Counter("storyforge_snapshots_total", "Snapshots written", registry=registry)

    def ask(self, name: str, help_text: str, answer: Callable[[], float]) -> None:
        """A gauge whose value is asked for at each scrape."""
        Gauge(name, help_text, registry=self._registry).set_function(answer)

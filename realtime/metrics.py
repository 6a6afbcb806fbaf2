"""What the hub counts. The registry is handed in: nothing is global."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class HubMetrics:
    """Gauges of what is open, counters of what happened, histograms of what takes time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.sockets = Gauge("storyforge_ws_connections", "Open sockets", registry=registry)
        self.rooms = Gauge("storyforge_doc_open", "Documents in memory", registry=registry)
        self.edits = Counter("storyforge_edits_total", "Updates admitted", registry=registry)
        self.commits = Histogram(
            "storyforge_ack_seconds", "From an update's arrival to its commit", buckets=SECONDS, registry=registry
        )
        self.ends = Counter(
            "storyforge_ws_disconnects_total", "Sessions ended by the hub", ["code", "reason"], registry=registry
        )
        self.gaps = Counter("storyforge_bus_gap_total", "Gaps read from the log", registry=registry)
        self.broken = Counter("storyforge_native_panic_total", "Replicas dropped after a panic", registry=registry)
        self.resyncs = Counter("storyforge_resync_total", "Slow readers brought up to date", registry=registry)
        self.loads = Histogram(
            "storyforge_doc_load_seconds", "From the first joiner to a room", buckets=SECONDS, registry=registry
        )
        self.snapshots = Counter("storyforge_snapshots_total", "Snapshots written", registry=registry)

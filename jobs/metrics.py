"""What the worker counts. The registry is handed in: nothing is global."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)


class WorkerMetrics:
    """Gauges of what is at work, counters of how it ended, histograms of what takes time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.active = Gauge("storyforge_runs_active", "Runs held by this worker", registry=registry)
        self.ends = Counter(
            "storyforge_runs_ended_total", "How this worker's hold of a run ended", ["verdict"], registry=registry
        )
        self.taken_over = Counter(
            "storyforge_runs_taken_over_total", "Runs that another worker had begun", registry=registry
        )
        self.stages = Histogram(
            "storyforge_stage_seconds", "Time a stage took", ["stage"], buckets=SECONDS, registry=registry
        )
        self.reused = Counter(
            "storyforge_stages_reused_total", "Stages whose output was there already", ["stage"], registry=registry
        )
        self.swept = Counter("storyforge_runs_swept_total", "Runs woken by the sweeper", registry=registry)
        self.rows_moved = Counter(
            "storyforge_log_rows_moved_total", "Old rows of document logs moved to the object store", registry=registry
        )
        self.rebased = Counter(
            "storyforge_documents_rebased_total", "Fat documents that began a new epoch", registry=registry
        )
        self.shown = Counter(
            "storyforge_documents_shown_total", "Documents that nobody had shown since they changed", registry=registry
        )
        self.copies = Counter(
            "storyforge_copies_total",
            "How this worker's hold of a copy of a project ended",
            ["verdict"],
            registry=registry,
        )
        self.purged = Counter(
            "storyforge_purged_total", "Projects and episodes removed for good", ["kind"], registry=registry
        )
        self.assets = Counter(
            "storyforge_assets_taken_in_total", "How this worker's hold of a file ended", ["verdict"], registry=registry
        )
        self.bell_breaks = Counter("storyforge_bell_breaks_total", "Times arq had to be restarted", registry=registry)

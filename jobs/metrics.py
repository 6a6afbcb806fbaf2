"""What the worker counts. The registry is handed in: nothing is global."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)


class WorkerMetrics:
    """Gauges of what is at work, counters of how it ended, histograms of what takes time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.active = Gauge("storyforge_steps_active", "Steps in this worker's hands", registry=registry)
        self.ends = Counter(
            "storyforge_steps_ended_total", "How this worker's hold of a step ended", ["verdict"], registry=registry
        )
        self.taken_over = Counter(
            "storyforge_steps_taken_over_total", "Steps that somebody had begun before", registry=registry
        )
        self.stages = Histogram(
            "storyforge_step_seconds", "Time a step took", ["step"], buckets=SECONDS, registry=registry
        )
        self.reused = Counter(
            "storyforge_steps_reused_total",
            "Steps of finished runs whose output was there already, by the cache that it came from",
            ["step", "layer"],
            registry=registry,
        )
        self.ahead = Counter(
            "storyforge_scenes_ahead_total",
            "Looks at a scene that comes next: prepared, or why not",
            ["verdict"],
            registry=registry,
        )
        self.saved = Counter(
            "storyforge_credits_saved_total",
            "What runs did not cost because something was there already, in credits",
            ["layer"],
            registry=registry,
        )
        self.swept = Counter("storyforge_steps_swept_total", "Steps rung for by the sweeper", registry=registry)
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
        self.collected = Counter(
            "storyforge_media_collected_bytes_total", "Media removed because nothing referred to it", registry=registry
        )
        self.mail = Counter("storyforge_mail_total", "What became of mail that waited", ["verdict"], registry=registry)
        self.closed = Counter(
            "storyforge_intents_closed_total",
            "Paid calls accounted for after their run had ended otherwise",
            registry=registry,
        )
        self.holds_expired = Counter(
            "storyforge_holds_expired_total", "Holds of credits that nobody settled in their time", registry=registry
        )
        self.ledger_credits = Gauge(
            "storyforge_ledger_credits",
            "Balances of a kind of account together, in credits",
            ["account"],
            registry=registry,
        )
        self.ledger_wrong = Gauge(
            "storyforge_ledger_wrong",
            "What should be zero: the sum of balances, what is held beside open holds (micro-credits), wrong accounts",
            ["what"],
            registry=registry,
        )
        self.bell_breaks = Counter("storyforge_bell_breaks_total", "Times arq had to be restarted", registry=registry)

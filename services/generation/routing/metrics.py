"""What the router counts. The registry is handed in: nothing is global."""

from prometheus_client import CollectorRegistry, Counter


class RoutingMetrics:
    """Named in docs/operations.md."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.decisions = Counter(
            "storyforge_routes_total", "Decisions of the router", ["provider", "model", "reason"], registry=registry
        )
        self.breakers = Counter(
            "storyforge_breaker_changes_total",
            "Times a model was left alone, tried again or trusted again",
            ["provider", "model", "fault", "state"],
            registry=registry,
        )
        self.throttles = Counter(
            "storyforge_lane_throttles_total", "Calls that a provider put off", ["provider", "model"], registry=registry
        )

"""Figures of the service for Prometheus, of all its processes together."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the processes of one service keep their figures; set before any of them starts."""


class Metrics:
    """The figures of one app; nothing in a label comes from a request."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        if SHARED not in os.environ:
            ProcessCollector(registry=self._registry)
            PlatformCollector(registry=self._registry)
        self.requests = Counter(
            "linkage_graphql_requests",
            "GraphQL requests by the code of their first error, or OK",
            ["code"],
            registry=self._registry,
        )
        self.seconds = Histogram("linkage_graphql_seconds", "Seconds a GraphQL request took", registry=self._registry)
        self.points = Counter("linkage_graphql_points", "Points that requests cost", registry=self._registry)
        self.refused = Counter(
            "linkage_http_refused",
            "Requests of somebody who was not let in, by code: UNAUTHENTICATED or FORBIDDEN",
            ["code"],
            registry=self._registry,
        )
        self.kept = Counter(
            "linkage_graphql_kept_replies",
            "Replies that were given again: fresh, not modified, or stale while the store was away",
            ["how"],
            registry=self._registry,
        )
        self.in_flight = Gauge(
            "linkage_graphql_in_flight",
            "GraphQL requests being worked on",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self.subscriptions = Gauge(
            "linkage_graphql_subscriptions",
            "Subscriptions that are open",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self.answered = 0

    def count(self, code: str) -> None:
        """Counts an answered request."""
        self.answered += 1
        self.requests.labels(code=code).inc()

    def text(self) -> bytes:
        """Returns all figures in Prometheus' text format."""
        return generate_latest(_together() if SHARED in os.environ else self._registry)


def _together() -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it has no types
    return registry


def answered_together() -> int:
    """Returns how many requests the processes of a service answered, as the folder of their figures has it."""
    for metric in _together().collect():
        if metric.name == "linkage_graphql_requests":
            return int(sum(sample.value for sample in metric.samples if sample.name.endswith("_total")))
    return 0

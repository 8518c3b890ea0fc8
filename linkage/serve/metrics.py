"""Figures of the service for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector


class Metrics:
    """The figures of one app; nothing in a label comes from a request."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self.requests = Counter(
            "linkage_graphql_requests",
            "GraphQL requests by the code of their first error, or OK",
            ["code"],
            registry=self._registry,
        )
        self.seconds = Histogram("linkage_graphql_seconds", "Seconds a GraphQL request took", registry=self._registry)
        self.in_flight = Gauge("linkage_graphql_in_flight", "GraphQL requests being worked on", registry=self._registry)
        self.answered = 0

    def count(self, code: str) -> None:
        """Counts an answered request."""
        self.answered += 1
        self.requests.labels(code=code).inc()

    def text(self) -> bytes:
        """Returns all figures in Prometheus' text format."""
        return generate_latest(self._registry)

"""Spans of requests and of their reads for OpenTelemetry, where that is installed and asked for.

`pip install 'linkage[otel]'` and LINKAGE_TRACES=1; where spans go is said by OpenTelemetry's own OTEL_* variables.
A span holds no literal: operation, root fields, points, code and how many reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from linkage.errors import SettingsError


class Span(Protocol):
    """What is said about a piece of work."""

    def set_attribute(self, key: str, value: Any) -> None:  # OpenTelemetry's own attribute types
        """Says one thing about it."""


class _Nothing:
    def set_attribute(self, key: str, value: Any) -> None:  # noqa: ARG002 - the same face as OpenTelemetry's
        return None


NOTHING = _Nothing()


class Tracing:
    """Makes spans with a tracer of OpenTelemetry, none without one."""

    def __init__(self, tracer: Any = None) -> None:  # the extra may not be installed
        self._tracer = tracer

    def request(self, headers: Mapping[str, str]) -> AbstractContextManager[Span]:
        """Returns the span of a request, inside that of its sender."""
        return nullcontext(NOTHING) if self._tracer is None else self._request(headers)

    def read(self) -> AbstractContextManager[Span]:
        """Returns the span of a read of the store."""
        if self._tracer is None:
            return nullcontext(NOTHING)
        span: AbstractContextManager[Span] = self._tracer.start_as_current_span("store.read")
        return span

    @contextmanager
    def _request(self, headers: Mapping[str, str]) -> Iterator[Span]:
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        context = extract({name: headers[name] for name in ("traceparent", "tracestate") if name in headers})
        with self._tracer.start_as_current_span("graphql", context=context, kind=SpanKind.SERVER) as span:
            yield span


def exporting() -> Tracing:
    """Returns tracing to where OTEL_EXPORTER_OTLP_ENDPOINT says; SettingsError without the extra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError("LINKAGE_TRACES is set: pip install 'linkage[otel]'") from None
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "linkage"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider.get_tracer("linkage.serve"))

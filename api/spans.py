"""Spans by OTLP: request → attempt → turn. The one file that imports OpenTelemetry.

The ids of an attempt's trace follow from the attempt's id, so that a turn finds its attempt, and an attempt the request
that started it, whichever replica saw them. Spans are made when they end, with the times they had. They name no tenant
and no person, and hold nothing that was said.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from api.events import Event
from api.moments import utc_now
from api.telemetry import Caused

REMEMBERED = 10_000  # attempts whose beginning is known
LATENCIES = ("wait_ms", "turn_model_ms", "text_ms", "brain_ms", "model_ahead_ms", "first_sound_ms", "wire_ms")


class _Ids(RandomIdGenerator):
    """Random ids, but for a span whose ids are settled."""

    def __init__(self) -> None:
        self.settled: SpanContext | None = None

    def generate_trace_id(self) -> int:
        return super().generate_trace_id() if self.settled is None else self.settled.trace_id

    def generate_span_id(self) -> int:
        return super().generate_span_id() if self.settled is None else self.settled.span_id


class OtlpSpans:
    """Sends to OTEL_EXPORTER_OTLP_ENDPOINT, with the other settings of OpenTelemetry's exporters."""

    def __init__(self) -> None:
        self._ids = _Ids()
        made_of = Resource.create({"service.name": "vivavoce", "service.version": version("vivavoce")})
        self._provider = TracerProvider(resource=made_of, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("vivavoce")
        self._began: dict[str, datetime] = {}

    def requested(self, method: str, route: str, status: int, seconds: float, caused: Caused) -> None:
        """Tell of an answered request; one that started a bot begins the trace of its attempt."""
        end = utc_now()
        begin = end - timedelta(seconds=seconds)
        settled = None if caused.attempt_id is None else _context(caused.attempt_id, "request")
        if caused.attempt_id is not None:
            self._remember(caused.attempt_id, begin)
        facts: dict[str, str | int | float]
        facts = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        self._span(f"{method} {route}", begin, end, facts, settled=settled, kind=SpanKind.SERVER, failed=status >= 500)

    def happened(self, event: Event) -> None:
        """Tell of a turn when the bot accounts for its answer, of an attempt when it has ended."""
        if event.attempt_id is None:
            return
        self._remember(event.attempt_id, event.at)
        names: dict[str, str | int | float]
        names = {"vivavoce.interview": event.interview_id, "vivavoce.attempt": event.attempt_id}
        if event.type == "latency" and isinstance(total_ms := event.data.get("total_ms"), int | float):
            parts = {name: event.data[name] for name in LATENCIES if isinstance(event.data.get(name), int | float)}
            facts = names | {f"vivavoce.{name}": float(value) for name, value in parts.items()}
            begin = event.at - timedelta(milliseconds=max(0.0, total_ms))
            self._span("turn", begin, event.at, facts, parent=_context(event.attempt_id, "attempt"))
        elif event.type == "ended":
            reason = str(event.data.get("reason"))
            begin = self._began.pop(event.attempt_id)
            settled, parent = _context(event.attempt_id, "attempt"), _context(event.attempt_id, "request")
            facts = names | {"vivavoce.reason": reason}
            self._span(
                "attempt", begin, event.at, facts, settled=settled, parent=parent, failed=reason == "bot_crashed"
            )

    def close(self) -> None:
        """Send what is left; may block for some seconds."""
        self._provider.shutdown()

    def _remember(self, attempt_id: str, begin: datetime) -> None:
        self._began.setdefault(attempt_id, begin)
        while len(self._began) > REMEMBERED:
            del self._began[next(iter(self._began))]

    def _span(
        self,
        name: str,
        begin: datetime,
        end: datetime,
        facts: Mapping[str, str | int | float],
        *,
        settled: SpanContext | None = None,
        parent: SpanContext | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        failed: bool = False,
    ) -> None:
        self._ids.settled = settled
        above = set_span_in_context(NonRecordingSpan(parent)) if parent is not None else None
        span = self._tracer.start_span(name, above, kind, dict(facts), start_time=_ns(begin))
        self._ids.settled = None
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(_ns(max(begin, end)))


def _context(attempt_id: str, what: str) -> SpanContext:
    def number(of: str, size: int) -> int:
        return int.from_bytes(hashlib.sha256(f"{of}/{attempt_id}".encode()).digest()[:size], "big")

    return SpanContext(number("trace", 16), number(what, 8), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _ns(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000) * 1000

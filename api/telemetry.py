"""Traces, for those who want them: nothing of OpenTelemetry is imported unless an endpoint is set (`api/spans.py`)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from api.errors import BadSettings
from api.events import Event
from api.settings import Settings


@dataclass(slots=True)
class Caused:
    """What a request set in motion. attempt_id: of the bot that it started."""

    attempt_id: str | None = None


_caused: ContextVar[Caused | None] = ContextVar("caused", default=None)


@contextmanager
def one_request() -> Iterator[Caused]:
    """Yield what is noted, in this block and what it calls, of what one request caused."""
    token = _caused.set(caused := Caused())
    try:
        yield caused
    finally:
        _caused.reset(token)


def note_start(attempt_id: str) -> None:
    """Note that the request that is being answered, if any is, starts a bot."""
    if (caused := _caused.get()) is not None:
        caused.attempt_id = attempt_id


class Spans(Protocol):
    """What is told of requests, attempts and turns."""

    def requested(self, method: str, route: str, status: int, seconds: float, caused: Caused) -> None:
        """Tell of an answered request."""
        ...

    def happened(self, event: Event) -> None:
        """Tell of what ends with this event: a turn with its latency, an attempt."""
        ...

    def close(self) -> None:
        """Send what is left; may block for some seconds."""
        ...


def open_spans(settings: Settings) -> Spans | None:
    """Return where spans go, None where nobody asked for them; raises `BadSettings` when the extra is missing."""
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    try:
        from api.spans import OtlpSpans
    except ImportError as error:
        raise BadSettings(
            ["OTEL_EXPORTER_OTLP_ENDPOINT: OpenTelemetry is not installed; pip install 'vivavoce[telemetry]'"]
        ) from error
    return OtlpSpans()


def both(count: Callable[[Event], None], spans: Spans | None) -> Callable[[Event], None]:
    """Return what tells an event to the figures and to the spans."""
    if spans is None:
        return count

    def told(event: Event) -> None:
        count(event)
        spans.happened(event)

    return told

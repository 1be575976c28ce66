"""Logs of the long-running parts: names with fields, to standard error, for a person or for a machine."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

import structlog

from orchestrator import LaunchHandle


def names_of(handle: LaunchHandle) -> dict[str, Any]:
    """Return what every line about a bot says of it: interview, attempt and epoch, as its own log does."""
    return {"interview": handle.interview_id, "attempt": handle.attempt_id, "epoch": handle.epoch}


@contextmanager
def named(handle: LaunchHandle) -> Iterator[None]:
    """Have each line that is logged in this block say which bot it is about."""
    with structlog.contextvars.bound_contextvars(**names_of(handle)):
        yield


def configure_logs(form: str = "console", level: str = "info") -> None:
    """Set up structlog for this process. form: `console` (coloured on a terminal) or `json`; level: as in `logging`."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lenient(sys.stderr))),
        cache_logger_on_first_use=False,
    )


class _Lenient:
    """Standard error, which may be a file on a full disk: what does not fit is lost, and nobody fails for it."""

    def __init__(self, sink: TextIO) -> None:
        self._sink = sink

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._sink.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._sink.flush()

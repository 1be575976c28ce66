"""The figures for Prometheus: what happened in this process, and how the fleet stands when they are asked for.

Names and units as Prometheus wants them (base units, `_total` for what only grows). No label names a tenant, a
person or an interview.
"""

from collections import Counter as Tally

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from sqlalchemy import func, select

from api.database import Database
from api.events import Event
from api.fleet.schemas import Whereabouts
from api.fleet.survey import Survey
from api.interviews.states import TERMINAL, Status
from api.interviews.tables import InterviewRow

LATENCIES_S = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0)  # around the promised 0.6 and 0.9
REQUESTS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_OPEN = tuple(status for status in Status if status not in TERMINAL)
_KNOWN = frozenset(
    {"turn.final", "question.asked", "question.closed", "consent", "recording", "barge_in", "ended", "state"}
)


class Meters:
    """The figures of one control plane."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Histogram(
            "vivavoce_request_seconds",
            "Time to answer a request, by route",
            ("method", "route", "status"),
            buckets=REQUESTS_S,
            registry=registry,
        )
        self._response = Histogram(
            "vivavoce_response_seconds",
            "From a candidate's last word to the bot's first sound, as the bot accounts for it",
            buckets=LATENCIES_S,
            registry=registry,
        )
        self._events = Counter("vivavoce_events", "What bots told, by kind", ("type",), registry=registry)
        self._incidents = Counter("vivavoce_incidents", "What went wrong in calls", ("code",), registry=registry)
        self._ended = Counter("vivavoce_calls_ended", "Calls that ended, by reason", ("reason",), registry=registry)
        self._bots = Gauge("vivavoce_bots", "Bots at work, by how they stand", ("state",), registry=registry)
        self._places = Gauge("vivavoce_bot_places", "How many bots fit here", registry=registry)
        self._free = Gauge("vivavoce_bot_places_free", "How many more bots fit here", registry=registry)
        self._draining = Gauge(
            "vivavoce_bot_places_draining", "1 while no more bots start here, before a shutdown", registry=registry
        )
        self._open = Gauge(
            "vivavoce_interviews_open", "Interviews that are not over, by status", ("status",), registry=registry
        )

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. route: the path as it was declared, not as it was asked for."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def happened(self, event: Event) -> None:
        """Count one event. What a bot may name freely is counted under its own name only where it is one we know."""
        if event.seq is None:
            return
        match event.type:
            case "latency":
                if isinstance(total_ms := event.data.get("total_ms"), int | float):
                    self._response.observe(total_ms / 1000)
            case "incident":
                self._incidents.labels(_word(event.data.get("code"))).inc()
            case "ended":
                self._ended.labels(_word(event.data.get("reason"))).inc()
        self._events.labels(event.type if event.type in _KNOWN else "other").inc()

    async def told(self, survey: Survey, database: Database) -> bytes:
        """Return all of them in Prometheus' text format, with the fleet as it is now."""
        fleet = await survey.fleet()
        states = Tally(bot.state for bot in fleet.bots)
        for state in Whereabouts:
            self._bots.labels(state.value).set(states[state])
        self._places.set(_or_unknown(fleet.capacity.total))
        self._free.set(_or_unknown(fleet.capacity.free))
        self._draining.set(fleet.capacity.draining)
        count = select(InterviewRow.status, func.count()).where(
            InterviewRow.status.in_([status.value for status in _OPEN]), InterviewRow.deleted_at.is_(None)
        )
        async with database.read() as tx:
            standing = {row.status: row[1] for row in await tx.session.execute(count.group_by(InterviewRow.status))}
        for status in _OPEN:
            self._open.labels(status.value).set(standing.get(status.value, 0))
        return generate_latest(self._registry)


def _or_unknown(number: int | None) -> float:
    return float("nan") if number is None else number


def _word(value: object) -> str:
    """Return a label's value: bots send it, so it is held to what a code looks like."""
    return value if isinstance(value, str) and len(value) <= 64 and value.replace("_", "a").isalnum() else "other"

"""The summary of a call, phase 1: rows of the database as the evaluation reads them."""

from collections.abc import Sequence
from typing import Any

from api.evaluation.facts import facts
from api.interviews import views
from api.interviews.tables import AttemptRow, EventRow, InterviewRow, TurnRow
from bot.plan import Plan


def summarise(
    interview: InterviewRow, attempt: AttemptRow, turns: Sequence[TurnRow], events: Sequence[EventRow]
) -> dict[str, Any]:
    """Return the facts of one attempt as plain values. events: those that tell of its questions."""
    return facts(
        Plan.model_validate(interview.plan),
        [views.turn(row).model_dump(mode="json") for row in turns],
        attempt.report,
        [{"type": event.type, "at_ms": event.at_ms, "data": event.data} for event in events],
    )

"""The summary of a call, phase 1: facts alone, no judgement."""

from collections.abc import Sequence
from typing import Any

from api.interviews.tables import AttemptRow, InterviewRow, TurnRow


def summarise(interview: InterviewRow, attempt: AttemptRow, turns: Sequence[TurnRow]) -> dict[str, Any]:
    """Return the facts of one attempt."""
    report = attempt.report or {}
    return {"questions": report.get("questions", [])}

"""Where the time went: what was spent on each criterion of the plan beside what the plan gives it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from api.coaching.schemas import Pace
from bot.plan import Plan

MINUTE_MS = 60_000


def paces(plan: Plan, events: Sequence[Mapping[str, Any]], end_ms: int) -> list[Pace]:
    """Return the time of each criterion.

    events: `question.asked` and `question.closed` in order, each with type, data and at_ms. end_ms: of the call. A
    question has the time from when it was put until it was settled, or another was put.
    """
    spent: Counter[str] = Counter()
    known = [event for event in events if event["at_ms"] is not None]
    ends = [(one["type"], one["data"].get("question_id"), int(one["at_ms"])) for one in known]
    for (type_, question_id, at_ms), (_, _, until_ms) in pairwise([*ends, ("end", None, end_ms)]):
        if type_ == "question.asked" and isinstance(question_id, str):
            spent[question_id] += max(0, until_ms - at_ms)
    return [
        Pace(
            criterion_id=criterion.id,
            name=criterion.name,
            planned_ms=round(sum(one.minutes * MINUTE_MS / len(one.criteria) for one in about)),
            spent_ms=round(sum(spent[one.id] / len(one.criteria) for one in about)),
        )
        for criterion in plan.criteria
        for about in [[one for one in plan.questions if criterion.id in one.criteria]]
    ]

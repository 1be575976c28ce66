"""Lira's words for ours: statuses, errors, relations, recommendations. Tables, and the functions that read them."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from api.candidates.errors import FLAWS
from api.dialects.words import inside
from api.evaluation.scoring import Recommendation
from api.interviews.schemas import Relation
from api.interviews.states import Status
from api.problems import Problem


class LiraStatus(StrEnum):
    """Where an interview stands, in Lira's words."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    BOT_DEPLOYED = "bot_deployed"
    IN_PROGRESS = "in_progress"
    EVALUATING = "evaluating"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class LiraRecommendation(StrEnum):
    """What an evaluation recommends, where it recommends anything."""

    HIRE = "hire"
    NO_HIRE = "no_hire"


class LiraRelation(StrEnum):
    """What two interviews can have in common."""

    CANDIDATE = "candidate"
    ROLE = "role"
    ROUND = "round"


STATUSES: Mapping[Status, LiraStatus] = {
    Status.DRAFT: LiraStatus.DRAFT,
    Status.INFO_NEEDED: LiraStatus.DRAFT,
    Status.PLANNING: LiraStatus.DRAFT,
    Status.PLAN_REVIEW: LiraStatus.DRAFT,
    Status.READY: LiraStatus.DRAFT,
    Status.SCHEDULED: LiraStatus.SCHEDULED,
    Status.JOINING: LiraStatus.BOT_DEPLOYED,
    Status.IN_PROGRESS: LiraStatus.IN_PROGRESS,
    Status.RECONNECTING: LiraStatus.IN_PROGRESS,
    Status.EVALUATING: LiraStatus.EVALUATING,
    Status.IN_REVIEW: LiraStatus.COMPLETED,
    Status.COMPLETED: LiraStatus.COMPLETED,
    Status.CANCELLED: LiraStatus.CANCELLED,
    Status.FAILED: LiraStatus.CANCELLED,
    Status.NO_SHOW: LiraStatus.CANCELLED,
    Status.REJECTED: LiraStatus.CANCELLED,
    Status.EXPIRED: LiraStatus.CANCELLED,
}
CANCELLATIONS: Mapping[str, str] = {
    "no_show": "candidate_no_show",
    "candidate_left": "candidate_left_early",
}
RECOMMENDATIONS: Mapping[str, LiraRecommendation] = {
    Recommendation.STRONG_YES: LiraRecommendation.HIRE,
    Recommendation.YES: LiraRecommendation.HIRE,
    Recommendation.NO: LiraRecommendation.NO_HIRE,
    Recommendation.STRONG_NO: LiraRecommendation.NO_HIRE,
}
RELATIONS: Mapping[Relation, LiraRelation] = {
    Relation.CANDIDATE: LiraRelation.CANDIDATE,
    Relation.JOB: LiraRelation.ROLE,
    Relation.ROUND_CHAIN: LiraRelation.ROUND,
}
CATEGORIES: Mapping[str, str] = {"behavioural": "behavioral"}
STANDS_OTHERWISE = (
    "conflict",
    "illegal_transition",
    "session_not_ended",
    "cannot_rejoin",
    "being_started",
    "being_stopped",
    "being_written_up",
    "ended_by_candidate",
)
# Our code → Lira's code and status. What is not here has no word of Lira's: it is our code in capitals.
ERRORS: Mapping[str, tuple[str, int]] = {
    "not_found": ("INTERVIEW_NOT_FOUND", 404),
    **dict.fromkeys(STANDS_OTHERWISE, ("INTERVIEW_WRONG_STATUS", 409)),
    "forbidden": ("INSUFFICIENT_ROLE", 403),
    "re_evaluation_limit": ("RE_EVALUATION_LIMIT", 429),
    "no_evaluation": ("NO_EVALUATION", 404),
    "no_answers": ("NO_ANSWERS", 422),
    "launch_failed": ("BOT_DEPLOY_FAILED", 500),
    **dict.fromkeys(FLAWS, ("RESUME_PARSE_FAILED", 422)),
}
UNKNOWN_PATH = "Not Found"  # what is said of a path that no call has
_NAMED = re.compile(f"'({'|'.join(Status)})'")  # a status in a message
OURS = frozenset({"brief", "start"})  # what holds a field of Lira's in a request of ours


def statuses_of(word: LiraStatus) -> tuple[Status, ...]:
    """Return our statuses that Lira calls `word`."""
    return tuple(status for status, theirs in STATUSES.items() if theirs is word)


def cancellation(status: Status, reason: str | None) -> str | None:
    """Return why an interview ended without being completed; None for one that did not."""
    if STATUSES[status] is not LiraStatus.CANCELLED:
        return None
    told = reason or status.value
    return CANCELLATIONS.get(told, told)


def refuse(problem: Problem) -> tuple[int, dict[str, Any]]:
    """Return a problem as Lira tells it: its status and its body."""
    code, status = ERRORS.get(problem.code, (problem.code.upper(), problem.status))
    if problem.status == 401:
        code = "UNAUTHORIZED"
    elif problem.detail == UNKNOWN_PATH:
        code = "NOT_FOUND"
    message = _NAMED.sub(lambda named: f"'{STATUSES[Status(named[1])]}'", problem.detail)
    error = {"code": code, "message": message, "details": _details(problem)}
    return status, {"success": False, "error": error}


def _details(problem: Problem) -> dict[str, Any]:
    found = {
        "reason": problem.code,
        "request_id": problem.request_id,
        "fields": [{"field": _field(each.loc), "message": each.what, "todo": each.todo} for each in problem.errors],
        "current_status": _status(problem.current_status),
        "available_from_status": _status(problem.available_from_status),
        "required_permission": problem.required_permission,
        "existing_id": problem.existing_id,
        "retry_after_s": problem.retry_after_s,
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _status(ours: str | None) -> str | None:
    return None if ours is None else STATUSES[Status(ours)].value


def _field(loc: Sequence[str | int]) -> str:
    """Where something is, from the place it was sent in on: skills.0, scheduled_at; the body itself is body."""
    inner = [str(part) for part in inside(loc) if part not in OURS]
    return ".".join(inner) or str(loc[0])

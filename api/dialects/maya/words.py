"""Maya's words for ours: states, recommendations, how questions are grouped, and what went wrong."""

import re
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from api.dialects.words import inside
from api.interviews.states import Status
from api.problems import FieldProblem, Problem
from prompts import Bank


class State(StrEnum):
    """Where an interview stands, in Maya's words."""

    RECEIVED = "RECEIVED"
    INFO_NEEDED = "INFO_NEEDED"
    VALIDATING_SKILLS = "VALIDATING_SKILLS"
    GENERATING_PLAN = "GENERATING_PLAN"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    ASSESSMENT_PENDING = "ASSESSMENT_PENDING"
    ASSESSMENT_APPROVED = "ASSESSMENT_APPROVED"
    CANCELLED = "CANCELLED"


_S = Status
STATES: Mapping[Status, State] = {
    _S.DRAFT: State.RECEIVED,
    _S.INFO_NEEDED: State.INFO_NEEDED,
    _S.PLANNING: State.GENERATING_PLAN,
    _S.PLAN_REVIEW: State.PENDING,
    _S.READY: State.APPROVED,
    _S.SCHEDULED: State.SCHEDULED,
    _S.JOINING: State.SCHEDULED,
    _S.IN_PROGRESS: State.IN_PROGRESS,
    _S.RECONNECTING: State.IN_PROGRESS,
    _S.EVALUATING: State.COMPLETED,
    _S.IN_REVIEW: State.ASSESSMENT_PENDING,
    _S.COMPLETED: State.ASSESSMENT_APPROVED,
    _S.CANCELLED: State.CANCELLED,
    _S.FAILED: State.CANCELLED,
    _S.NO_SHOW: State.CANCELLED,
    _S.EXPIRED: State.CANCELLED,
    _S.REJECTED: State.REJECTED,
}
_ALSO: Mapping[State, Status] = {State.VALIDATING_SKILLS: _S.PLANNING}  # what is one step here and two there
BEFORE_ITS_PLAN = frozenset({_S.DRAFT, _S.INFO_NEEDED, _S.PLANNING})
ASSESSED = frozenset({_S.EVALUATING, _S.IN_REVIEW, _S.COMPLETED})

RECOMMENDATIONS: Mapping[str | None, str | None] = {
    "strong_yes": "STRONG_HIRE",
    "yes": "HIRE",
    "mixed": "MAYBE",
    "no": "NO_HIRE",
    "strong_no": "NO_HIRE",
    "insufficient_evidence": None,
    None: None,
}
OTHER = "other"  # the group of criteria that are none of the question bank's
NOT_FOUND = "Interview not found"
FIELDS: Mapping[str, str] = {  # where our complaints may lie → what Maya calls that place
    "start.scheduled_at": "scheduledAt",
    "brief": "position",
}
MESSAGES: Mapping[str, str] = {  # by the code of a problem whose detail names what Maya does not have
    "assessment_not_available": "Nothing of this interview is rated: either nothing was said that could be, or it is "
    "one that is rated on demand, by POST /v1/interviews/{id}/evaluate and /generate-score.",
}
_STATUS = re.compile("|".join(f"'{status.value}'" for status in Status))


def statuses(state: State) -> tuple[Status, ...]:
    """Return which of our statuses somebody means who asks for `state`."""
    also = _ALSO.get(state)
    return (*(ours for ours, theirs in STATES.items() if theirs is state), *([also] if also else []))


def group(criterion_id: str, bank: Bank) -> str:
    """Return what a criterion is scored among: the category of its skill in the question bank, else `OTHER`."""
    if criterion_id in bank.by_id:
        return bank.skill_of(criterion_id).category
    return next((skill.category for skill in bank.skills if skill.skill == criterion_id), OTHER)


def snake(name: str) -> str:
    """Return an id the way Maya writes the names of dimensions: `system-design.queue` is `system_design_queue`."""
    return re.sub(r"[^a-z0-9]+", "_", name)


def refuse(problem: Problem) -> tuple[int, dict[str, Any]]:
    """Return a problem in NestJS's shape; `error` goes with what is wrong with single fields, as there."""
    body: dict[str, Any] = {"statusCode": problem.status, "message": _message(problem)}
    return problem.status, body | ({"error": problem.title} if problem.errors else {})


def _message(problem: Problem) -> str | list[str]:
    if problem.errors:
        return [_complaint(each) for each in problem.errors]
    no_such_path = problem.detail == HTTPStatus.NOT_FOUND.phrase
    if problem.status == HTTPStatus.NOT_FOUND and not no_such_path:
        return NOT_FOUND
    said = MESSAGES.get(problem.code, problem.detail)
    return _STATUS.sub(lambda found: STATES[Status(found[0].strip("'"))], said)


def _complaint(each: FieldProblem) -> str:
    place = ".".join(str(part) for part in inside(each.loc))
    return f"{FIELDS.get(place, place) or each.loc[0]}: {each.what}; {each.todo}"

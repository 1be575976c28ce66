"""InstaView's words as tables, and how it says that something went wrong."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from api.dialects.words import inside
from api.interviews.states import Status
from api.jobs import ExperienceBand, Seniority
from api.moments import rfc3339, utc_now
from api.problems import Problem
from bot.state import EndReason

OWN = "instaview"  # where, in an interview's metadata, what only InstaView shows is kept


class InstaViewStatus(StrEnum):
    """Where an interview stands, or one try at it."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


_I = InstaViewStatus
STATUSES: Mapping[Status, InstaViewStatus] = {
    Status.DRAFT: _I.SCHEDULED,
    Status.INFO_NEEDED: _I.SCHEDULED,
    Status.PLANNING: _I.SCHEDULED,
    Status.PLAN_REVIEW: _I.SCHEDULED,
    Status.READY: _I.SCHEDULED,
    Status.SCHEDULED: _I.SCHEDULED,
    Status.JOINING: _I.IN_PROGRESS,
    Status.IN_PROGRESS: _I.IN_PROGRESS,
    Status.RECONNECTING: _I.IN_PROGRESS,
    Status.EVALUATING: _I.COMPLETED,
    Status.IN_REVIEW: _I.COMPLETED,
    Status.COMPLETED: _I.COMPLETED,
    Status.CANCELLED: _I.CANCELLED,
    Status.REJECTED: _I.CANCELLED,
    Status.FAILED: _I.FAILED,
    Status.NO_SHOW: _I.FAILED,
    Status.EXPIRED: _I.FAILED,
}
# A try that another one followed. Of the newest the interview itself tells how it ended.
ATTEMPTS: Mapping[EndReason, InstaViewStatus] = {
    EndReason.COMPLETED: _I.COMPLETED,
    EndReason.MAX_DURATION: _I.COMPLETED,
    EndReason.STOPPED_BY_CANDIDATE: _I.COMPLETED,
    EndReason.HUMAN_REQUESTED: _I.COMPLETED,
    EndReason.CANDIDATE_LEFT: _I.COMPLETED,
    EndReason.NO_INTERVIEWER: _I.CANCELLED,
    EndReason.CANDIDATE_SILENT: _I.COMPLETED,
    EndReason.CONSENT_DECLINED: _I.CANCELLED,
    EndReason.CANCELLED: _I.CANCELLED,
    EndReason.NO_SHOW: _I.FAILED,
    EndReason.MEDIA_FAILED: _I.FAILED,
    EndReason.SPEECH_UNAVAILABLE: _I.FAILED,
    EndReason.CONNECTION_LOST: _I.FAILED,
    EndReason.BOT_CRASHED: _I.FAILED,
    EndReason.NO_CAPACITY: _I.FAILED,
    EndReason.MEETING_UNREACHABLE: _I.FAILED,
    EndReason.MEETING_NOT_FOUND: _I.FAILED,
    EndReason.MEETING_LOCKED: _I.FAILED,
    EndReason.MEETING_FULL: _I.FAILED,
    EndReason.SIGN_IN_REQUIRED: _I.FAILED,
    EndReason.BROWSER_MISSING: _I.FAILED,
    EndReason.BROWSER_CRASHED: _I.FAILED,
    EndReason.LOBBY_TIMEOUT: _I.CANCELLED,
    EndReason.ADMISSION_DENIED: _I.CANCELLED,
    EndReason.REMOVED_FROM_MEETING: _I.COMPLETED,
    EndReason.MEETING_ENDED: _I.COMPLETED,
}


class Direction(StrEnum):
    """Who called whom. Bots wait for the candidate they were sent to."""

    OUTBOUND = "OUTBOUND"


class Fit(StrEnum):
    """How well somebody fits the company."""

    UNDEFINED = "UNDEFINED"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


FIT = "fit"  # the criterion it is read from, where a rubric has one
FITS: Mapping[int, Fit] = {1: Fit.LOW, 2: Fit.LOW, 3: Fit.MEDIUM, 4: Fit.HIGH, 5: Fit.HIGH}


class Education(StrEnum):
    """How far somebody went to school."""

    UNDEFINED = "UNDEFINED"
    PRIMARY_EDUCATION = "PRIMARY_EDUCATION"
    SECONDARY_SCHOOL_STUDENT = "SECONDARY_SCHOOL_STUDENT"
    SECONDARY_WITHOUT_DIPLOMA = "SECONDARY_WITHOUT_DIPLOMA"
    SECONDARY_WITH_DIPLOMA = "SECONDARY_WITH_DIPLOMA"
    POST_SECONDARY_VOCATIONAL = "POST_SECONDARY_VOCATIONAL"
    UNIVERSITY_STUDENT = "UNIVERSITY_STUDENT"
    BACHELOR_LEVEL = "BACHELOR_LEVEL"
    MASTER_LEVEL = "MASTER_LEVEL"
    POSTGRADUATE = "POSTGRADUATE"


class Experience(StrEnum):
    """How long somebody worked."""

    UNDEFINED = "UNDEFINED"
    NO_EXPERIENCE = "NO_EXPERIENCE"
    LESS_THAN_1_YEAR = "LESS_THAN_1_YEAR"
    ONE_TO_3_YEARS = "ONE_TO_3_YEARS"
    THREE_TO_5_YEARS = "THREE_TO_5_YEARS"
    FIVE_TO_10_YEARS = "FIVE_TO_10_YEARS"
    TEN_TO_15_YEARS = "TEN_TO_15_YEARS"
    MORE_THAN_15_YEARS = "MORE_THAN_15_YEARS"


# A job's experience is said in years or as a seniority, in one field.
JOB_EXPERIENCES: Mapping[str, ExperienceBand | Seniority | None] = {
    "UNDEFINED": None,
    **{band.upper(): band for band in ExperienceBand},
    **{level.upper(): level for level in Seniority},
}
PENDING, PROCESSING, COMPLETED, FAILED = 1, 2, 3, 4  # where an analysis stands

SCOPES: Mapping[str, str] = {
    "interview:read": "read:interviews",
    "interview:create": "write:interviews",
    "interview:update": "write:interviews",
    "interview:conduct": "write:interviews",
    "interview:delete": "delete:interviews",
    "recording:read": "read:interviews",
    "candidate:read": "read:candidates",
    "candidate:create": "write:candidates",
    "agent:read": "read:agents",
    "job:create": "write:jobs",
}
CODES: Mapping[int, str] = {401: "INVALID_API_KEY", 403: "INSUFFICIENT_PERMISSIONS", 404: "RESOURCE_NOT_FOUND"}
INVALID = "VALIDATION_ERROR"
# Our names for what has another name here; whatever is not among them is called alike.
FIELDS: Mapping[str, str] = {
    "new_candidate": "candidate",
    "new_job": "job",
    "candidate_id": "candidateId",
    "agent_id": "agentId",
    "job_id": "jobId",
    "job_ids": "jobId",
    "data_expires_on": "gdprExpiryDate",
    "scheduled_at": "scheduleTime",
    "external_ref": "metadata.externalInterviewId",
}
_NAMED = re.compile(rf"(?<!candidate's )\b({'|'.join(FIELDS)})\b")  # a candidate's own job_ids are called so there too
_STANDS = re.compile(rf"'({'|'.join(Status)})'")
_OUTER = {"start"}  # what a field lies in with us alone
_FROM_AGENT = {("body", "language"), ("body", "brief")}  # what is not sent is the agent's


def field_of(place: Sequence[str | int]) -> str:
    """Return where something is wrong, in InstaView's names: `job.salary.min`."""
    if tuple(place[:2]) in _FROM_AGENT:
        return FIELDS["agent_id"]
    return ".".join(FIELDS.get(str(part), str(part)) for part in inside(place) if part not in _OUTER) or str(place[0])


def in_their_names(text: str) -> str:
    """Return a sentence of ours with InstaView's names for the fields and statuses it speaks of."""
    named = _NAMED.sub(lambda found: FIELDS[found[0]], text)
    return _STANDS.sub(lambda found: STATUSES[Status(found[1])], named)


def refuse(problem: Problem) -> tuple[int, dict[str, Any]]:
    """Return a problem as InstaView answers it."""
    if problem.status == 429:
        return 429, _too_many(problem)
    error = {"code": _code(problem), "message": _message(problem), "details": _details(problem)}
    return problem.status, {"success": False, "data": None, "error": error, "timestamp": rfc3339(utc_now())}


def _too_many(problem: Problem) -> dict[str, Any]:
    wait_s = problem.retry_after_s or 0
    return {
        "statusCode": 429,
        "message": f"Rate limit exceeded. {problem.detail}",
        "error": problem.title,
        "retryAfter": wait_s,
        "limit": problem.limit,
        "remaining": 0,
        "reset": int(utc_now().timestamp()) + wait_s,
    }


def _code(problem: Problem) -> str:
    own = INVALID if problem.code == "invalid" else problem.code.upper()
    return CODES.get(problem.status, own)


def _message(problem: Problem) -> str:
    if problem.required_permission is not None:
        scope = SCOPES.get(problem.required_permission, problem.required_permission)
        return f"This API key does not have the required scope: {scope}"
    wrong = [f"{field_of(each.loc)}: {in_their_names(each.what)}" for each in problem.errors]
    return "; ".join(wrong) or in_their_names(problem.detail)


def _details(problem: Problem) -> dict[str, Any]:
    stands = problem.current_status
    known = {
        "currentStatus": STATUSES[Status(stands)] if stands in set(Status) else stands,
        "requiredScope": SCOPES.get(problem.required_permission or "", problem.required_permission),
        "existingId": problem.existing_id,
        "retryAfter": problem.retry_after_s,
        "errors": [
            {"field": field_of(each.loc), "message": in_their_names(each.what), "remedy": in_their_names(each.todo)}
            for each in problem.errors
        ],
    }
    return {"requestId": problem.request_id} | {name: value for name, value in known.items() if value}

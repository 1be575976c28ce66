"""What Maya's requests mean here. Pure functions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.booking.schemas import BookInterview
from api.candidates.kind import CandidateRecordIn
from api.dialects.maya.schemas import Level, MayaChange, MayaCreate
from api.dialects.maya.views import NAME
from api.dialects.words import start_at
from api.interviews.schemas import Brief, CandidateIn, StartPolicy
from api.jobs import JobIn, Seniority, Skills
from api.moments import rfc3339


@dataclass(frozen=True, slots=True)
class Changes:
    """Merge patches (RFC 7396) for an interview and for the job made with it; None where nothing of it changes."""

    interview: dict[str, Any]
    job: dict[str, Any] | None


def booking(
    wanted: MayaCreate, candidate_id: str | None, new_candidate: CandidateRecordIn | None, now: datetime
) -> BookInterview:
    """Return a new interview as `/v1` books one: its questions made from its job, then looked at by a person."""
    job = JobIn(
        title=wanted.position,
        description=wanted.job_description or "",
        skills=Skills(required=wanted.skills),
        seniority=_seniority(wanted.level),
    )
    at, passed = wanted.scheduled_at, _passed(wanted.scheduled_at, now)
    return BookInterview(
        candidate=CandidateIn(name=wanted.candidate_name),
        candidate_id=candidate_id,
        new_candidate=new_candidate,
        new_job=job,
        title=wanted.position,
        brief=Brief(),
        review_plan=True,
        evaluate_at_end=True,
        start=start_at(None if passed else at, now, StartPolicy.ON_JOIN),
        metadata={NAME: passed} if passed else None,
        callback_url=wanted.callback_url,
    )


def changes(wanted: MayaChange, now: datetime) -> Changes:
    """Return what is to change; the candidate's address is not among it, since it says who is interviewed."""
    sent = wanted.model_fields_set
    interview: dict[str, Any] = {}
    job: dict[str, Any] = {}
    if "candidate_name" in sent:
        interview["candidate"] = {"name": wanted.candidate_name}
    if "callback_url" in sent:
        interview["callback_url"] = wanted.callback_url
    if "scheduled_at" in sent:
        at, passed = wanted.scheduled_at, _passed(wanted.scheduled_at, now)
        start = start_at(None if passed else at, now, StartPolicy.ON_JOIN)
        interview["start"] = start.model_dump(mode="json", exclude_none=True)
        interview["metadata"] = {NAME: passed or None}
    if "position" in sent:
        job["title"] = interview["title"] = wanted.position
    if "level" in sent:
        job["seniority"] = _seniority(wanted.level)
    if "skills" in sent:
        job["skills"] = {"required": list(wanted.skills or ())}
    if "job_description" in sent:
        job["description"] = wanted.job_description
    return Changes(interview | ({"brief": {}} if job else {}), job or None)


def _seniority(level: Level | None) -> Seniority | None:
    return None if level is None else Seniority(level.lower())


def _passed(at: datetime | None, now: datetime) -> dict[str, str]:
    """What is kept of a time that has passed: it is shown, and no bot is sent then."""
    return {"scheduledAt": rfc3339(at)} if at is not None and at <= now else {}

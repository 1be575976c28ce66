"""From InstaView's requests to ours."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from api.booking.schemas import BookInterview
from api.dialects.instaview.schemas import EXTERNAL_ID, InstaViewCandidate, InstaViewCreate, InstaViewJob
from api.dialects.instaview.words import JOB_EXPERIENCES, OWN
from api.errors import Invalid
from api.interviews.schemas import StartIn, StartPolicy
from api.jobs import Seniority
from api.moments import rfc3339
from api.problems import complaints_of

MOST_ATTEMPTS = 20  # InstaView sets no limit; this is ours


def booking(wanted: InstaViewCreate, now: datetime) -> BookInterview:
    """Return the booking that a new interview of InstaView's is; raise `Invalid`."""
    metadata = dict(wanted.metadata)
    external_ref = metadata.pop(EXTERNAL_ID, None)
    at = wanted.schedule_time
    if at is not None and at <= now:
        metadata[OWN] = {"scheduleTime": rfc3339(at)}  # shown, though it is not waited for
    booked = {
        "agent_id": wanted.agent_id,
        "candidate_id": wanted.candidate_id,
        "new_candidate": wanted.candidate and _candidate(wanted.candidate, at, now),
        "job_id": wanted.job_id,
        "new_job": wanted.job and _job(wanted.job),
        "start": start(at, now),
        "brief": {},  # the job says what to ask, or else the agent
        "external_ref": external_ref,
        "metadata": metadata,
        "max_attempts": MOST_ATTEMPTS,
        "evaluate_at_end": True,
    }
    try:
        return BookInterview.model_validate(booked)
    except ValidationError as error:
        raise Invalid(*complaints_of(error, "body")) from None


def start(at: datetime | None, now: datetime) -> StartIn:
    """Return when a bot is sent: at once where no time is named, or one that has passed."""
    if at is None or at <= now:
        return StartIn(policy=StartPolicy.NOW)
    return StartIn(policy=StartPolicy.AT, scheduled_at=at)


def _candidate(wanted: InstaViewCandidate, at: datetime | None, now: datetime) -> dict[str, Any]:
    """A new candidate. Data that should be gone already go as soon after the interview as can be."""
    expires = wanted.gdpr_expiry_date
    if expires <= now.date():
        expires = max(at or now, now).astimezone(UTC).date() + timedelta(days=1)
    return {
        "first_name": wanted.first_name,
        "last_name": wanted.last_name,
        "email": wanted.email,
        "phone_e164": wanted.phone_number,
        "data_expires_on": expires,
        "job_ids": () if wanted.job_id is None else (wanted.job_id,),
    }


def _job(wanted: InstaViewJob) -> dict[str, Any]:
    experience = JOB_EXPERIENCES[wanted.experience] if wanted.experience else None
    said = "seniority" if isinstance(experience, Seniority) else "experience_band"
    return {
        "title": wanted.job_title,
        "description": wanted.job_description,
        "skills": {"required": wanted.required_skills, "nice": wanted.nice_to_have_skills},
        "language_requirements": [{"language": language} for language in wanted.languages],
        "education": [level.lower() for level in wanted.education],
        said: experience,
        "contract_type": wanted.contract_type and wanted.contract_type.lower(),
        "location": wanted.location and _lowered(wanted.location.model_dump(exclude_none=True), "work_mode"),
        "salary": wanted.salary and _lowered(wanted.salary.model_dump(exclude_none=True), "period"),
    }


def _lowered(found: dict[str, Any], name: str) -> dict[str, Any]:
    return found | {name: found[name].lower()} if name in found else found

"""From Lira's requests to ours."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from api.booking.schemas import BookInterview
from api.candidates.kind import CandidateRecordOut
from api.dialects.lira.schemas import LiraCreate, LiraUpdate
from api.dialects.words import candidate_at, start_at
from api.errors import Complaint, Invalid
from api.interviews.schemas import Brief, CandidateIn, InterviewOut, StartPolicy
from api.jobs import JOBS, JobIn, Skills
from api.moments import rfc3339
from api.services import Services

OWN = "lira"  # where, in an interview's metadata, what only Lira shows is kept


async def booking(services: Services, tenant: str, wanted: LiraCreate) -> BookInterview:
    """Return the booking that a new interview of Lira's is."""
    now = services.clock()
    named = wanted.candidate_name
    candidate_id, new_candidate = await candidate_at(services, tenant, wanted.candidate_email, named, now)
    job = await role(services, tenant, wanted.role_title, wanted.skills)
    return BookInterview(
        title=wanted.role_title,
        candidate=CandidateIn(name=named) if named else None,
        candidate_id=candidate_id,
        new_candidate=new_candidate,
        new_job=job,
        without_job=job is None,
        brief=Brief(
            title=wanted.role_title,
            required_skills=wanted.skills,
            question_count=wanted.question_count,
            criteria=wanted.evaluation_criteria,
        ),
        meeting_url=wanted.meeting_url,
        start=start_at(wanted.scheduled_at, now, StartPolicy.MANUAL),
        metadata={OWN: passed} if (passed := _passed(wanted.scheduled_at, now)) else None,
        mode=wanted.mode,
        evaluate_at_end=True,
    )


async def role(services: Services, tenant: str, title: str, skills: Sequence[str]) -> JobIn | None:
    """Return the job that a title and its skills are, as it is kept by now; None where they don't fit a job."""
    same = json.dumps([title.casefold(), sorted(skill.casefold() for skill in skills)])
    ref = f"lira:{hashlib.sha256(same.encode()).hexdigest()[:32]}"
    known = await services.records.of(JOBS).page(tenant, {"external_ref": ref}, 1, 1)
    if known.data:
        return JobIn.model_validate(known.data[0].model_dump(include=set(JobIn.model_fields)))
    try:
        return JobIn(title=title, skills=Skills(required=tuple(skills)), external_ref=ref)
    except ValidationError:
        return None


async def patch(
    services: Services, tenant: str, interview: InterviewOut, candidate: CandidateRecordOut | None, wanted: LiraUpdate
) -> dict[str, Any]:
    """Return the merge patch that a change of Lira's is. It creates the job of another role."""
    if wanted.candidate_email is not None and wanted.candidate_email != (candidate.email if candidate else None):
        what = "is another address than the candidate's"
        raise Invalid(Complaint(("body", "candidate_email"), what, "leave it out, or create another interview"))
    found: dict[str, Any] = _brief(interview, wanted) | await _job(services, tenant, interview, wanted)
    if wanted.candidate_name is not None:
        found["candidate"] = {"name": wanted.candidate_name}
    if wanted.mode is not None:
        found["mode"] = wanted.mode.value
    if "meeting_url" in wanted.model_fields_set:
        found["meeting_url"] = wanted.meeting_url
    if "scheduled_at" in wanted.model_fields_set:
        now = services.clock()
        found["start"] = start_at(wanted.scheduled_at, now, StartPolicy.MANUAL).model_dump(mode="json")
        found["metadata"] = {OWN: _passed(wanted.scheduled_at, now) or None}
    return found


def _brief(interview: InterviewOut, wanted: LiraUpdate) -> dict[str, Any]:
    sent = {
        "title": wanted.role_title,
        "required_skills": wanted.skills,
        "question_count": wanted.question_count,
        "criteria": wanted.evaluation_criteria,
    }
    changes = {name: value for name, value in sent.items() if value is not None}
    if not changes:
        return {}
    titled = {} if wanted.role_title is None else {"title": wanted.role_title}
    return titled | {"brief": {"title": interview.title} | changes}


async def _job(services: Services, tenant: str, interview: InterviewOut, wanted: LiraUpdate) -> dict[str, Any]:
    before = (interview.title, (interview.brief and interview.brief.required_skills) or ())
    after = (wanted.role_title or before[0], before[1] if wanted.skills is None else wanted.skills)
    if after == before:
        return {}
    job = await role(services, tenant, *after)
    return {"job_id": None if job is None else (await services.records.of(JOBS).create(tenant, job)).body.id}


def _passed(at: datetime | None, now: datetime) -> dict[str, Any]:
    """A time that has passed, which no interview of ours waits for."""
    return {"scheduled_at": rfc3339(at)} if at is not None and at <= now else {}

"""Our interviews, assessments and runs as Maya shows them. Pure functions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from api.dialects.maya.schemas import (
    Level,
    MayaAssessment,
    MayaCreate,
    MayaCreated,
    MayaInList,
    MayaInterview,
    MayaList,
    MayaMeta,
    MayaRun,
)
from api.dialects.maya.words import BEFORE_ITS_PLAN, RECOMMENDATIONS, STATES, State, group, snake
from api.evaluation.schemas import EvaluationOut
from api.interviews.schemas import Brief, InterviewInList, InterviewOut, Page, StartPolicy
from api.jobs import JobOut
from api.moments import moment
from api.runs import RunOut
from prompts import Bank

NAME = "maya"  # under which an interview's metadata hold what only Maya asks for


def created(wanted: MayaCreate, interview: InterviewOut, tenant: str) -> MayaCreated:
    """Return a new interview as it was received."""
    return MayaCreated(
        id=interview.id,
        candidate_name=wanted.candidate_name,
        candidate_email=wanted.candidate_email,
        position=wanted.position,
        level=wanted.level,
        skills=list(wanted.skills),
        workflow_state=State.RECEIVED,
        tenant_id=tenant,
        created_at=interview.created_at,
    )


def page(found: Page[InterviewInList]) -> MayaList:
    """Return one page of a list."""
    data = [
        MayaInList(
            id=one.id,
            candidate_name=one.candidate.name,
            position=one.title,
            workflow_state=STATES[one.status],
            created_at=one.created_at,
        )
        for one in found.data
    ]
    meta = found.meta
    return MayaList(
        data=data, meta=MayaMeta(total=meta.total, page=meta.page, limit=meta.limit, total_pages=meta.pages)
    )


def whole(interview: InterviewOut, tenant: str, email: str | None, job: JobOut | None, plan_id: str) -> MayaInterview:
    """Return an interview. What its brief says of the job goes before the job itself."""
    brief = interview.brief or Brief()
    skills, description = brief.required_skills, brief.description
    if job is not None:
        skills = job.skills.required if skills is None else skills
        description = job.description if description is None else description
    return MayaInterview(
        id=interview.id,
        tenant_id=tenant,
        candidate_name=interview.candidate.name,
        candidate_email=email,
        position=interview.title,
        level=_level(brief.seniority or (job.seniority if job else None)),
        skills=list(skills or ()),
        job_description=description or None,
        workflow_state=STATES[interview.status],
        run_id=interview.run_id,
        plan_id=None if interview.status in BEFORE_ITS_PLAN else plan_id,
        callback_url=interview.callback_url,
        scheduled_at=_scheduled_at(interview),
        created_at=interview.created_at,
        updated_at=interview.updated_at,
    )


def assessment(
    interview: InterviewOut, evaluation: EvaluationOut, bank: Bank, transcript: str | None
) -> MayaAssessment:
    """Return what an interview was rated. transcript: what this caller may read of it."""
    result = evaluation.result or {}
    overall = result.get("overall")
    return MayaAssessment(
        id=evaluation.id,
        interview_id=interview.id,
        overall_score=None if overall is None else round(overall),
        recommendation=RECOMMENDATIONS[result.get("recommendation")],
        summary=(interview.summary or {}).get("text_summary"),
        scores=scores(result.get("criteria", ()), bank),
        transcript=transcript,
        created_at=evaluation.created_at,
    )


def scores(criteria: Iterable[Mapping[str, Any]], bank: Bank) -> dict[str, dict[str, int]]:
    """Return the levels 1-5 by group and dimension. What was not scored is left out: null adds up like a zero there."""
    found: dict[str, dict[str, int]] = {}
    for one in criteria:
        if one["level"] is not None:
            dimensions = found.setdefault(group(one["criterion_id"], bank), {})
            name = snake(one["criterion_id"])
            dimensions[one["criterion_id"] if name in dimensions else name] = one["level"]
    return found


def run(found: RunOut) -> MayaRun:
    """Return where a run stands."""
    return MayaRun(
        run_id=found.run_id,
        interview_id=found.interview_id,
        workflow_state=STATES[found.status],
        reason=found.status_reason,
    )


def _level(seniority: str | None) -> Level | None:
    word = (seniority or "").upper()
    return Level(word) if word in set(Level) else None


def _scheduled_at(interview: InterviewOut) -> datetime | None:
    """When a bot is sent, or the time that had passed when it was asked for."""
    if interview.start.policy is StartPolicy.AT:
        return interview.start.scheduled_at
    kept = interview.metadata.get(NAME)
    try:
        return moment(kept["scheduledAt"]) if isinstance(kept, dict) else None
    except (KeyError, TypeError, ValueError):  # metadata are the callers' own: anything may stand there
        return None

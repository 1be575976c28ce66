"""What an interview refers to, and when it is to start: looked at before it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import Complaint, Invalid, NotFound, ScheduleTooFar
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import CreateInterview, StartIn, StartPolicy
from api.records.repository import Records
from api.records.tables import Record

MOST_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Referred:
    """What an interview's references lead to: the content of job, template, agent; the résumé's text for a brief.

    facts: what a candidate who asks may be told, from the job and the agent (its template's where none is named).
    """

    candidate_name: str
    job: Mapping[str, Any] | None
    template: Mapping[str, Any] | None
    agent: Mapping[str, Any] | None
    resume: str
    facts: tuple[str, ...] = ()


async def check_references(session: AsyncSession, tenant: str, wanted: CreateInterview) -> Referred:
    """Return what the references of a request lead to; raise `Invalid` for every id that is none of this tenant's."""
    complaints: list[Complaint] = []
    found: dict[str, Record] = {}
    for field, (table, what) in _tables().items():
        id_ = getattr(wanted, field)
        if id_ is None:
            continue
        try:
            records = Records(session, tenant, table, what)
            # A candidate is not held: their erasure holds them first and their interviews second, a change the reverse.
            found[field] = await (records.get(id_) if field == "candidate_id" else records.hold(id_))
        except NotFound as error:
            complaints.append(_unknown(field, str(error)))
    if wanted.root_interview_id is not None:
        try:
            await InterviewRepository(session, tenant).get(wanted.root_interview_id)
        except NotFound as error:
            complaints.append(_unknown("root_interview_id", str(error)))
    if complaints:
        raise Invalid(*complaints)
    job, template, agent = (
        found[field].body if field in found else None for field in ("job_id", "template_id", "agent_id")
    )
    name = wanted.candidate.name if wanted.candidate else _name_of(found["candidate_id"].body)
    resume = await _resume(session, tenant, wanted.candidate_id) if wanted.brief is not None else ""
    facts = await facts_of(session, tenant, wanted.job_id, wanted.template_id, wanted.agent_id)
    return Referred(name, job, template, agent, resume, facts)


async def facts_of(
    session: AsyncSession, tenant: str, job_id: str | None, template_id: str | None, agent_id: str | None
) -> tuple[str, ...]:
    """Return what a candidate who asks may be told: facts of the job, and of the agent or else the template's agent."""
    from api.agents import AgentRow
    from api.jobs import JobRow
    from api.templates import TemplateRow

    async def body(table: type[Record], id_: str | None) -> Mapping[str, Any]:
        mine = select(table).where(table.id == id_, table.tenant == tenant, table.deleted_at.is_(None))
        row = None if id_ is None else await session.scalar(mine)
        return {} if row is None else row.body

    job = await body(JobRow, job_id)
    agent = await body(AgentRow, agent_id or (await body(TemplateRow, template_id)).get("agent_id"))
    return (*job.get("facts", ()), *agent.get("facts", ()))


async def _resume(session: AsyncSession, tenant: str, candidate_id: str | None) -> str:
    from api.candidates.tables import ResumeRow

    if candidate_id is None:
        return ""
    mine = select(ResumeRow.pages).where(ResumeRow.candidate_id == candidate_id, ResumeRow.tenant == tenant)
    return "\n".join(str(page["text"]) for page in await session.scalar(mine) or ())


def start_time(start: StartIn, now: datetime) -> datetime | None:
    """Return when the bot is to be sent, None where no clock says so; raise `Invalid` or `ScheduleTooFar`."""
    if start.policy is StartPolicy.NOW:
        return now
    at = start.scheduled_at
    where = ("body", "start", "scheduled_at")
    if at is not None and at <= now:
        raise Invalid(Complaint(where, "is not in the future", "name a later time, or send policy 'now'"))
    if at is not None and at - now > MOST_AHEAD:
        raise ScheduleTooFar(
            Complaint(where, f"is more than {MOST_AHEAD.days} days ahead", f"name a time in the next {MOST_AHEAD.days}")
        )
    return at


def _tables() -> dict[str, tuple[type[Record], str]]:
    from api.agents import AgentRow  # late: these slices build on this one
    from api.candidates.tables import CandidateRow
    from api.jobs import JobRow
    from api.templates import TemplateRow

    return {
        "candidate_id": (CandidateRow, "candidate"),
        "job_id": (JobRow, "job"),
        "template_id": (TemplateRow, "template"),
        "agent_id": (AgentRow, "agent"),
    }


def _unknown(field: str, what: str) -> Complaint:
    return Complaint(("body", field), what, "name one of yours, or leave it out")


def _name_of(candidate: dict[str, Any]) -> str:
    both = " ".join(part for part in (candidate.get("first_name"), candidate.get("last_name")) if part)
    return str(candidate.get("display_name") or both or candidate.get("candidate_ref") or "")[:200]

"""Maya's eight calls: each reads the request, asks the services of `/v1`, and tells what they say in Maya's words."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.auth import Caller
from api.callers import Creator, Editor, Reader, Remover
from api.candidates.kind import CANDIDATES
from api.dialects.dialect import refusals
from api.dialects.maya import plans, requests, views
from api.dialects.maya.schemas import (
    MayaAssessment,
    MayaChange,
    MayaCreate,
    MayaCreated,
    MayaError,
    MayaInterview,
    MayaList,
    MayaPlan,
    MayaRun,
)
from api.dialects.maya.words import ASSESSED, BEFORE_ITS_PLAN, State, statuses
from api.dialects.words import candidate_at
from api.errors import Complaint, Invalid, NotFound, NotYet
from api.interviews.endpoints import PageNumber, PageSize
from api.interviews.plans import PlanVerdict
from api.interviews.repository import Filter
from api.interviews.schemas import InterviewOut
from api.interviews.transcripts import as_text
from api.jobs import JOBS, JobOut
from api.records.service import Match
from api.runs import status as run_status
from api.services import Services, TheServices

ROOT = "/api/v1/interviews"
router = APIRouter(prefix=ROOT, tags=["Maya"])


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return refusals(MayaError, *sorted({401, 403, 422, 429, *statuses}))


@router.post("", status_code=201, responses=_refusals(400, 409, 413), operation_id="maya_create_interview")
async def create(wanted: MayaCreate, caller: Creator, services: TheServices) -> MayaCreated:
    """Create an interview with its job; its questions are made from that and wait for approval."""
    now = services.clock()
    person = await candidate_at(services, caller.tenant, wanted.candidate_email, wanted.candidate_name, now)
    booked = await services.booking.book(caller.tenant, requests.booking(wanted, *person, now))
    return views.created(wanted, booked, caller.tenant)


@router.get("", responses=_refusals(), operation_id="maya_list_interviews")
async def list_(
    caller: Reader,
    services: TheServices,
    page: PageNumber = 1,
    limit: PageSize = 20,
    state: Annotated[State | None, Query(description="Only those that stand here")] = None,
) -> MayaList:
    """List interviews, newest first."""
    wanted = Filter(statuses(state) if state else ())
    return views.page(await services.interviews.page(caller.tenant, wanted, page, limit))


@router.get("/{interview_id}", responses=_refusals(404), operation_id="maya_get_interview")
async def get(interview_id: str, caller: Reader, services: TheServices) -> MayaInterview:
    """Return an interview."""
    return await _shown(services, caller.tenant, await services.interviews.get(caller.tenant, interview_id))


@router.put("/{interview_id}", responses=_refusals(400, 404, 409, 413), operation_id="maya_update_interview")
async def update(interview_id: str, wanted: MayaChange, caller: Editor, services: TheServices) -> MayaInterview:
    """Change an interview before its call, or move it: approve or reject its plan, call it off.

    A move needs `plan:approve` or `interview:conduct` as well. Another job makes other questions, which wait again.
    """
    if wanted.workflow_state is not None:
        await _move(services, caller, interview_id, wanted.workflow_state)
    elif wanted.model_fields_set:
        await _change(services, caller.tenant, interview_id, wanted)
    return await _shown(services, caller.tenant, await services.interviews.get(caller.tenant, interview_id))


@router.delete(
    "/{interview_id}",
    status_code=204,
    response_class=Response,
    responses=_refusals(404, 409),
    operation_id="maya_delete_interview",
)
async def delete(interview_id: str, caller: Remover, services: TheServices) -> Response:
    """Delete an interview that is not in its call."""
    await services.interviews.delete(caller.tenant, interview_id, Match())
    return Response(status_code=204)


@router.get("/{interview_id}/plan", responses=_refusals(404, 409), operation_id="maya_get_plan")
async def plan(interview_id: str, caller: Reader, services: TheServices) -> MayaPlan:
    """Return the plan of an interview, from PENDING on."""
    interview = await services.interviews.get(caller.tenant, interview_id)
    if interview.status in BEFORE_ITS_PLAN:
        raise NotYet(_too_early("plan", interview, State.PENDING), current_status=interview.status)
    return plans.plan(await services.plans.get(caller.tenant, interview_id))


@router.get("/{interview_id}/assessment", responses=_refusals(404, 409), operation_id="maya_get_assessment")
async def assessment(interview_id: str, caller: Reader, services: TheServices) -> MayaAssessment:
    """Return what an interview was rated, once it is COMPLETED; with its transcript for those who may read that."""
    interview = await services.interviews.get(caller.tenant, interview_id)
    if interview.status not in ASSESSED:
        raise NotYet(_too_early("assessment", interview, State.COMPLETED), current_status=interview.status)
    found = await services.evaluations.assessment(caller, interview_id)
    transcript = None
    if "transcript:read" in caller.scopes:
        transcript = as_text((await services.interviews.transcript(caller.tenant, interview_id)).data)
    bank = await asyncio.to_thread(lambda: services.library.bank)  # its files may have to be read
    return views.assessment(interview, found, bank, transcript)


@router.get("/{run_id}/status", responses=_refusals(404), operation_id="maya_get_run_status")
async def status(run_id: str, caller: Reader, services: TheServices) -> MayaRun:
    """Tell where an interview stands, by its runId."""
    return views.run(await run_status(run_id, caller, services))


async def _move(services: Services, caller: Caller, interview_id: str, to: State) -> None:
    match to:
        case State.APPROVED:
            caller.require("plan:approve")
            await services.plans.approve(caller, interview_id, PlanVerdict(), Match())
        case State.REJECTED:
            caller.require("plan:approve")
            await services.plans.reject(caller, interview_id, PlanVerdict(), Match())
        case State.CANCELLED:
            caller.require("interview:conduct")
            await services.interviews.cancel(caller.tenant, interview_id)
        case _:
            where = ("body", "workflowState")
            raise Invalid(Complaint(where, f"can't be set to {to}", "send APPROVED, REJECTED or CANCELLED"))


async def _change(services: Services, tenant: str, interview_id: str, wanted: MayaChange) -> None:
    now = services.clock()
    changes, candidate = requests.changes(wanted, now), None
    if wanted.candidate_email is not None:
        name = wanted.candidate_name or (await services.interviews.get(tenant, interview_id)).candidate.name
        known, candidate = await candidate_at(services, tenant, wanted.candidate_email, name, now)
        changes.interview["candidate_id"] = known
    await services.booking.change(tenant, interview_id, changes.interview, changes.job, candidate)


async def _shown(services: Services, tenant: str, interview: InterviewOut) -> MayaInterview:
    plan = await services.plans.get(tenant, interview.id)
    job, email = await _job(services, tenant, interview), await _email(services, tenant, interview)
    return views.whole(interview, tenant, email, job, plan.id)


async def _job(services: Services, tenant: str, interview: InterviewOut) -> JobOut | None:
    if interview.job_id is None:
        return None
    try:
        return (await services.records.of(JOBS).get(tenant, interview.job_id)).body
    except NotFound:  # deleted since
        return None


async def _email(services: Services, tenant: str, interview: InterviewOut) -> str | None:
    if interview.candidate_id is None:
        return None
    try:
        return (await services.records.of(CANDIDATES).get(tenant, interview.candidate_id)).body.email
    except NotFound:  # deleted since
        return None


def _too_early(what: str, interview: InterviewOut, since: State) -> str:
    return f"The {what} is available once workflowState is {since}; the interview is {interview.status.value!r}."

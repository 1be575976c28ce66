"""InstaView's calls. Each reads the request, asks the services of `/v1`, and says the answer in InstaView's words."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query

from api.auth import Caller
from api.callers import needs
from api.dialects.dialect import refusals
from api.dialects.instaview import requests, views
from api.dialects.instaview.schemas import (
    InstaViewAnswer,
    InstaViewCreate,
    InstaViewInterview,
    InstaViewInvoke,
    InstaViewInvoked,
    InstaViewPage,
    InstaViewRefusal,
    InstaViewTooMany,
)
from api.dialects.instaview.words import OWN
from api.interviews.references import start_time
from api.interviews.repository import Filter
from api.interviews.schemas import Id, InterviewInList, StartPolicy
from api.interviews.states import REPEATABLE
from api.records.service import Match
from api.services import Services, TheServices

ROOT = "/interviews"

router = APIRouter(prefix=ROOT, tags=["InstaView"])

InterviewId = Annotated[str, Path(alias="id")]
Lister = Annotated[Caller, Depends(needs("interview:read", "candidate:read", "agent:read"))]
Reader = Annotated[Caller, Depends(needs("interview:read"))]
Creator = Annotated[Caller, Depends(needs("interview:create", "candidate:read", "agent:read"))]
Conductor = Annotated[Caller, Depends(needs("interview:conduct", "interview:update"))]
Remover = Annotated[Caller, Depends(needs("interview:delete"))]

READ: dict[int | str, dict[str, Any]] = refusals(InstaViewRefusal, 401, 403, 404, 422) | refusals(InstaViewTooMany, 429)
SENT = READ | refusals(InstaViewRefusal, 400, 409, 413)


@router.post("", status_code=201, responses=SENT, operation_id="instaview_create")
async def create(
    wanted: InstaViewCreate, caller: Creator, services: TheServices
) -> InstaViewAnswer[InstaViewInterview]:
    """Create an interview, and with it the candidate and the job where they are given inline, in one transaction.

    It starts at once unless scheduleTime lies ahead. What is created along with it needs write:candidates and
    write:jobs. The questions come from the job; without a job they are those one asks everybody.
    """
    if wanted.candidate is not None:
        caller.require("candidate:create")
    if wanted.job is not None:
        caller.require("job:create")
    booked = await services.booking.book(caller.tenant, requests.booking(wanted, services.clock()))
    return await _answer(services, caller, booked)


@router.get("", responses=READ, operation_id="instaview_list")
async def list_(
    caller: Lister,
    services: TheServices,
    candidate_id: Annotated[Id | None, Query(alias="candidateId", description="Only this candidate's")] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> InstaViewPage:
    """List interviews, newest first."""
    found = await services.interviews.page(caller.tenant, Filter(candidate_id=candidate_id), page, limit)
    return InstaViewPage(
        data=await _shown(services, caller, found.data),
        pagination=views.pagination(found.meta),
        timestamp=services.clock(),
    )


@router.get("/{id}", responses=READ, operation_id="instaview_get")
async def get(interview_id: InterviewId, caller: Reader, services: TheServices) -> InstaViewAnswer[InstaViewInterview]:
    """Return an interview with its calls and, once it was rated, its analysis."""
    return await _answer(services, caller, await services.interviews.get(caller.tenant, interview_id))


@router.delete("/{id}", responses=READ | refusals(InstaViewRefusal, 409), operation_id="instaview_delete")
async def delete(interview_id: InterviewId, caller: Remover, services: TheServices) -> InstaViewAnswer[Literal[True]]:
    """Delete an interview that is not in its call; one that was still to come is cancelled."""
    await services.interviews.delete(caller.tenant, interview_id, Match())
    return InstaViewAnswer(data=True, timestamp=services.clock())


@router.post(
    "/{id}/call-attempts",
    status_code=201,
    responses=SENT | refusals(InstaViewRefusal, 503),
    operation_id="instaview_invoke_call_attempt",
)
async def invoke_call_attempt(
    interview_id: InterviewId, caller: Conductor, services: TheServices, wanted: InstaViewInvoke | None = None
) -> InstaViewAnswer[InstaViewInvoked]:
    """Try another call, now or at a time, in place of one that was still to come."""
    tenant, now = caller.tenant, services.clock()
    start = requests.start(wanted.scheduled_at if wanted else None, now)
    start_time(start, now)  # refused before anything is changed
    interview = await services.interviews.get(tenant, interview_id)
    if interview.status in REPEATABLE:
        await services.attempts.again(tenant, interview_id)
    if start.policy is StartPolicy.NOW:
        await services.interviews.start(tenant, interview_id)
        message = "The call is being made."
    else:
        planned = {"start": start.model_dump(mode="json"), "metadata": {OWN: None}}
        await services.interviews.change(tenant, interview_id, planned, Match())
        message = "The call is planned."
    return InstaViewAnswer(data=InstaViewInvoked(message=message), timestamp=services.clock())


async def _answer(
    services: Services, caller: Caller, interview: InterviewInList
) -> InstaViewAnswer[InstaViewInterview]:
    (shown,) = await _shown(services, caller, [interview])
    return InstaViewAnswer(data=shown, timestamp=services.clock())


async def _shown(services: Services, caller: Caller, interviews: Sequence[InterviewInList]) -> list[InstaViewInterview]:
    ids = [interview.id for interview in interviews]
    attempts = await services.attempts.of(caller.tenant, ids)
    evaluations = await services.evaluations.that_count(caller, ids)
    public_url = services.settings.public
    return [views.interview(each, attempts[each.id], evaluations[each.id], public_url) for each in interviews]

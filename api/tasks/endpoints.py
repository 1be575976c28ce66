"""Tasks over HTTP. They quote the candidate, so they are for those who may read what was said."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth import Caller
from api.callers import TranscriptReader, needs
from api.interviews.schemas import Page
from api.problems import responses
from api.services import TheServices
from api.tasks.schemas import TaskOut, TaskState

router = APIRouter(prefix="/v1/interviews/{interview_id}/tasks", tags=["tasks"])

Doer = Annotated[Caller, Depends(needs("interview:update", "transcript:read"))]


@router.get("", responses=responses(401, 403, 404, 422), operation_id="list_tasks")
async def list_(
    interview_id: str,
    caller: TranscriptReader,
    services: TheServices,
    state: Annotated[TaskState | None, Query(description="Only those that are open, or done")] = None,
) -> Page[TaskOut]:
    """List what a call left for people to do, in the order it came up: questions to answer, a person asked for."""
    return Page.all_of(await services.tasks.all_of(caller.tenant, interview_id, state))


@router.post("/{task_id}/done", responses=responses(401, 403, 404), operation_id="finish_task")
async def done(interview_id: str, task_id: str, caller: Doer, services: TheServices) -> TaskOut:
    """Note that somebody has done it; who says so first is kept."""
    return await services.tasks.done(caller, interview_id, task_id)

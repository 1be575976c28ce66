"""Booking over HTTP: new interviews, and the résumé that belongs to one."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Depends, File, Response, UploadFile

from api.auth import Caller
from api.booking.schemas import Booked, BookInterview, ResumeTaken
from api.callers import Creator, needs
from api.candidates.errors import MOST_BYTES
from api.interviews.endpoints import tagged
from api.planning.lint import lint
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1", tags=["interviews"])

RESUME_PATH = re.compile(r"/v1/interviews/[^/]+/resume")

ResumeTaker = Annotated[Caller, Depends(needs("interview:update", "candidate:update"))]


@router.post("/interviews", status_code=201, responses=responses(400, 401, 403, 404, 409, 413, 422))
async def create(wanted: BookInterview, caller: Creator, services: TheServices, response: Response) -> Booked:
    """Create an interview, ready to start unless it says otherwise, and with it a job and a candidate where it asks.

    The same `external_ref` with the same body again returns the interview there is. What is created along with it needs
    `job:create` and `candidate:create`. What its plan is warned of stops nothing.
    """
    if wanted.new_job is not None:
        caller.require("job:create")
    if wanted.new_candidate is not None:
        caller.require("candidate:create")
    made = tagged(await services.booking.book(caller.tenant, wanted), caller, response)
    return Booked(**dict(made), warnings=list(await asyncio.to_thread(lint, made.plan)))


@router.post(
    "/interviews/{interview_id}/resume", status_code=201, responses=responses(400, 401, 403, 404, 409, 413, 422)
)
async def take_resume(
    interview_id: str,
    file: Annotated[UploadFile, File(description=f"A PDF with text, at most {MOST_BYTES} bytes and 30 pages")],
    caller: ResumeTaker,
    services: TheServices,
) -> ResumeTaken:
    """Read the résumé of an interview's candidate; questions made from a brief are chosen anew with it before the call.

    What can't be read is told by `code`, as at POST /v1/candidates/{id}/resume.
    """
    return await services.booking.take_resume(caller.tenant, interview_id, await file.read(MOST_BYTES + 1))

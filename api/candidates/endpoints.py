"""Résumés and erasures in `/v1`; candidates themselves are records (`api/records/endpoints.py`)."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile

from api.auth import Caller
from api.callers import needs
from api.candidates.erasure import EraseCandidate, ErasureOut
from api.candidates.errors import MOST_BYTES
from api.candidates.resumes import ResumeKept, ResumeOut
from api.interviews.schemas import Page
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1")

RESUME_PATH = re.compile(r"/v1/candidates/[^/]+/resume")
RESUME_BODY = MOST_BYTES + 100_000  # the file and what multipart puts around it

Reader = Annotated[Caller, Depends(needs("candidate:read"))]
Editor = Annotated[Caller, Depends(needs("candidate:update"))]
Eraser = Annotated[Caller, Depends(needs("privacy:erase"))]


@router.post(
    "/candidates/{id}/resume",
    status_code=201,
    responses=responses(400, 401, 403, 404, 413, 422),
    tags=["candidates"],
)
async def put_resume(
    id: str,
    file: Annotated[UploadFile, File(description=f"A PDF with text, at most {MOST_BYTES} bytes and 30 pages")],
    caller: Editor,
    services: TheServices,
) -> ResumeKept:
    """Read a résumé and keep it in place of an earlier one.

    What can't be read is told by `code`: resume_not_pdf, resume_encrypted, resume_without_text (a scan),
    resume_too_many_pages, resume_too_complex, resume_timed_out or resume_damaged.
    """
    return await services.resumes.put(caller.tenant, id, await file.read(MOST_BYTES + 1))


@router.get("/candidates/{id}/resume", responses=responses(401, 403, 404), tags=["candidates"])
async def get_resume(id: str, caller: Reader, services: TheServices) -> ResumeOut:
    """Return what a candidate's résumé says, page by page."""
    return await services.resumes.get(caller.tenant, id)


@router.delete(
    "/candidates/{id}/resume",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404),
    tags=["candidates"],
)
async def delete_resume(id: str, caller: Editor, services: TheServices) -> Response:
    """Remove a candidate's résumé, the file and its text."""
    await services.resumes.delete(caller.tenant, id)
    return Response(status_code=204)


@router.post("/privacy/erasures", status_code=201, responses=responses(401, 403, 404, 413, 422), tags=["privacy"])
async def erase(wanted: EraseCandidate, caller: Eraser, services: TheServices) -> ErasureOut:
    """Erase a candidate for good, deleted or not. Erasing it again returns the receipt there is."""
    return await services.erasures.erase(caller, wanted)


@router.get("/privacy/erasures", responses=responses(401, 403, 422), tags=["privacy"])
async def list_erasures(
    caller: Eraser,
    services: TheServices,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[ErasureOut]:
    """List the receipts of erasures, newest first; those of expired data have the reason data_expired."""
    return await services.erasures.page(caller.tenant, page, limit)

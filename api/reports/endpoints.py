"""Reports over HTTP."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.auth import Caller
from api.callers import needs
from api.problems import responses
from api.reports.schemas import ReportOut
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}", tags=["report"])

QuoteReader = Annotated[Caller, Depends(needs("interview:read", "transcript:read"))]
PDF = "application/pdf"


@router.get("/report", responses=responses(401, 403, 404))
async def report(interview_id: str, caller: QuoteReader, services: TheServices) -> ReportOut:
    """Return all that people read before they decide: facts, levels, quotes, who spoke when, what was said of it."""
    return await services.reports.of(caller, interview_id)


@router.get(
    "/report.pdf",
    response_class=Response,
    responses={
        **responses(401, 403, 404),
        200: {"description": "The same on paper", "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
    },
    operation_id="report_pdf",
)
async def report_pdf(interview_id: str, caller: QuoteReader, services: TheServices) -> Response:
    """Return the report as a PDF with its text as text; quotes carry their times in the recording."""
    told = await services.reports.of(caller, interview_id)
    body = await asyncio.to_thread(_on_paper, told, services.clock())
    named = {"Content-Disposition": f'inline; filename="report-{told.interview_id}.pdf"'}
    return Response(body, media_type=PDF, headers=named)


def _on_paper(told: ReportOut, at: datetime) -> bytes:
    from api.reports.pdf import rendered  # brings fonts and an imaging library, which nothing else here needs

    return rendered(told, at)

"""Receipts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.callers import Asker, candidate_or
from api.interviews.schemas import Page
from api.problems import responses
from api.receipts.schemas import ReceiptOut
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}/receipts", tags=["consents"])

ReceiptReader = Annotated[Asker, Depends(candidate_or("interview:read"))]


@router.get("", responses=responses(401, 403, 404), operation_id="list_receipts")
async def list_(interview_id: str, asker: ReceiptReader, services: TheServices) -> Page[ReceiptOut]:
    """List what was thrown away because somebody objected or took a consent back: who, when, in which words, and what.

    The audit trail names each receipt (`interview.purged`). The candidate's own join link opens it in place of a token,
    for what they said themselves.
    """
    return Page.all_of(await services.receipts.of(asker.caller.tenant, interview_id, asker.subject))

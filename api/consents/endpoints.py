"""Consents over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.callers import Asker, candidate_or
from api.consents.schemas import ConsentOut
from api.interviews.schemas import Page
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}/consents", tags=["consents"])

ConsentReader = Annotated[Asker, Depends(candidate_or("interview:read"))]
Withdrawer = Annotated[Asker, Depends(candidate_or("interview:update"))]


@router.get("", responses=responses(401, 403, 404), operation_id="list_consents")
async def list_(interview_id: str, asker: ConsentReader, services: TheServices) -> Page[ConsentOut]:
    """List what the people of a call agreed to or refused, newest answers first.

    The candidate's own join link opens it in place of a token, for what they answered themselves.
    """
    return Page.all_of(await services.consents.all_of(asker.caller.tenant, interview_id, asker.subject))


@router.post("/withdraw", responses=responses(401, 403, 404), operation_id="withdraw_consents")
async def withdraw_all(interview_id: str, asker: Withdrawer, services: TheServices) -> Page[ConsentOut]:
    """Take back all that the candidate agreed to, by a token or by their own link, and throw away what rested on it.

    As their button in the room does; a call ends, and is thrown away then. Who had not answered has refused.
    """
    await services.consents.take_back(asker.caller, interview_id)
    return Page.all_of(await services.consents.all_of(asker.caller.tenant, interview_id, asker.subject))


@router.post("/{consent_id}/withdraw", responses=responses(401, 403, 404, 409), operation_id="withdraw_consent")
async def withdraw(interview_id: str, consent_id: str, asker: Withdrawer, services: TheServices) -> ConsentOut:
    """Take back what a person agreed to, by a token or by the candidate's own link, and throw away what rested on it.

    Without `record` the sound goes, and a call ends; without `ai_evaluation` what the AI made of the interview goes,
    and nothing is evaluated any more; without both, every word goes. `…/receipts` tells what that was.
    """
    return await services.consents.withdraw(asker.caller, interview_id, consent_id, asker.subject)

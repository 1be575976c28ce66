"""Consents over HTTP."""

from fastapi import APIRouter

from api.callers import Editor, Reader
from api.consents.schemas import ConsentOut
from api.interviews.schemas import Page
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}/consents", tags=["consents"])


@router.get("", responses=responses(401, 403, 404), operation_id="list_consents")
async def list_(interview_id: str, caller: Reader, services: TheServices) -> Page[ConsentOut]:
    """List what the people of a call agreed to or refused, newest answers first."""
    return Page.all_of(await services.consents.all_of(caller.tenant, interview_id))


@router.post("/{consent_id}/withdraw", responses=responses(401, 403, 404, 409), operation_id="withdraw_consent")
async def withdraw(interview_id: str, consent_id: str, caller: Editor, services: TheServices) -> ConsentOut:
    """Note that a person takes back what they agreed to. Without `ai_evaluation` nothing is evaluated any more."""
    return await services.consents.withdraw(caller, interview_id, consent_id)

"""The part of `/v1` about who leads a call. An endpoint reads the request, asks the service, and does nothing else."""

from fastapi import APIRouter

from api.callers import Interviewer, Leading
from api.leading.schemas import FloorIn, LeadOut, ModeIn
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}", tags=["live"])
_REFUSALS = responses(401, 403, 404, 409, 413, 422)


@router.post("/floor", status_code=202, responses=_REFUSALS)
async def floor(interview_id: str, wanted: FloorIn, caller: Interviewer, services: TheServices) -> LeadOut:
    """Lend the bot the floor in a call of mode copilot, or take it back; the event floor.changed says when it has.

    For named interviewers who have the copilot: by their join link, or by a token with `copilot:use`.
    """
    return await services.leading.floor(caller, interview_id, wanted)


@router.post("/mode", status_code=202, responses=_REFUSALS)
async def mode(interview_id: str, wanted: ModeIn, caller: Leading, services: TheServices) -> LeadOut:
    """Change who leads, before or during the call; the bot says so, and the event mode.changed says when it has.

    For callers with `interview:conduct`, and for named interviewers who have the copilot, by link or token.
    """
    return await services.leading.mode(caller, interview_id, wanted)

"""The copilot over HTTP: what opens its panel's socket."""

from fastapi import APIRouter

from api.callers import Interviewer
from api.idempotency import SHOWN_ONCE
from api.problems import responses
from api.services import TheServices
from api.tickets import TicketOut

router = APIRouter(prefix="/v1/interviews/{interview_id}/copilot", tags=["copilot"])


@router.post(
    "/tickets",
    status_code=201,
    responses=responses(401, 403, 404, 409, 422),
    operation_id="create_copilot_ticket",
    dependencies=[SHOWN_ONCE],
)
async def create_ticket(interview_id: str, caller: Interviewer, services: TheServices) -> TicketOut:
    """Get a ticket that opens the copilot's socket once, within a minute.

    The bearer is the token of a named interviewer's join link (what comes after its #), or a token of the API with
    `copilot:use` of somebody who is named on the interview or is the tenant's admin.
    """
    return await services.tickets.issue(caller, interview_id)

"""The copilot over HTTP: what opens its panel's socket, cards read aloud, and what became of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.auth import Caller
from api.callers import Interviewer, needs
from api.copilot.figures import MUTED_DAYS, CopilotSummaryOut
from api.idempotency import SHOWN_ONCE
from api.problems import responses
from api.services import TheServices
from api.tickets import TicketOut
from api.usage.endpoints import CountedDay

router = APIRouter(prefix="/v1/interviews/{interview_id}/copilot", tags=["copilot"])
figures_router = APIRouter(prefix="/v1/copilot", tags=["copilot"])

CopilotUser = Annotated[Caller, Depends(needs("copilot:use"))]


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


@router.get(
    "/cards/{suggestion_id}/speech",
    response_class=Response,
    responses=responses(401, 403, 404, 503)
    | {200: {"description": "The card, spoken: mono, 24 kHz", "content": {"audio/wav": {}}}},
    operation_id="get_copilot_card_speech",
)
async def speech(interview_id: str, suggestion_id: str, caller: Interviewer, services: TheServices) -> Response:
    """Have a card read aloud, to whoever asks and to nobody in the room; the bearer is as for tickets."""
    sound = await services.whisper.read(caller, interview_id, suggestion_id)
    return Response(sound, media_type="audio/wav", headers={"Cache-Control": "no-store"})


@router.get("/summary", responses=responses(401, 403, 404), operation_id="get_copilot_summary")
async def summary(interview_id: str, caller: Interviewer, services: TheServices) -> CopilotSummaryOut:
    """Tell what became of an interview's cards, kind by kind; the bearer is as for tickets."""
    return await services.copilot_figures.of_interview(caller.tenant, interview_id)


@figures_router.get("/summary", responses=responses(401, 403, 422), operation_id="get_copilot_figures")
async def figures(
    caller: CopilotUser,
    services: TheServices,
    since: Annotated[
        CountedDay | None, Query(alias="from", description=f"First day (UTC); {MUTED_DAYS} days where it is left out")
    ] = None,
    until: Annotated[CountedDay | None, Query(alias="to", description="Last day, counted in; else today")] = None,
) -> CopilotSummaryOut:
    """Tell what became of all cards, kind by kind, and which kinds are muted: bots make none of them for now."""
    return await services.copilot_figures.of_tenant(caller.tenant, since, until)

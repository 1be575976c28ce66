"""Those of an interview, over HTTP. Links are made at POST /v1/interviews/{id}/links."""

from fastapi import APIRouter, Response

from api.callers import Conductor, Reader
from api.interviews.schemas import Id, Page
from api.participants.service import ParticipantOut
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}/participants", tags=["participants"])


@router.get("", responses=responses(401, 403, 404), operation_id="list_participants")
async def list_(interview_id: str, caller: Reader, services: TheServices) -> Page[ParticipantOut]:
    """List who was given a link to an interview, or named its interviewer. Links are not shown again."""
    return Page.all_of(await services.participants.all_of(caller.tenant, interview_id))


@router.delete(
    "/{participant_id}",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 409, 422),
    operation_id="remove_participant",
)
async def remove(interview_id: str, participant_id: Id, caller: Conductor, services: TheServices) -> Response:
    """Take back every link of an interviewer or observer. Whoever is in a call in our own room is put out of it."""
    await services.participants.remove(caller, interview_id, participant_id)
    return Response(status_code=204)

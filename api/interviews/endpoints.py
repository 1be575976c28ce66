"""The interview part of `/v1`. An endpoint reads the request, asks the service, and does nothing else."""

import asyncio
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from api.callers import Conductor, Creator, Reader, RecordingReader, TranscriptReader
from api.interviews.schemas import (
    BankQuestionOut,
    CreateInterview,
    CreateLink,
    HealthOut,
    InterviewInList,
    InterviewOut,
    LinkOut,
    Page,
    TranscriptOut,
)
from api.interviews.states import Status
from api.links import GuestRole
from api.problems import responses
from api.services import TheServices
from orchestrator.errors import LaunchError

router = APIRouter(prefix="/v1")

LAUNCHER_ANSWERS_S = 2.0


@router.post("/interviews", status_code=201, responses=responses(401, 403, 413, 422), tags=["interviews"])
async def create(wanted: CreateInterview, caller: Creator, services: TheServices) -> InterviewOut:
    """Create an interview, ready to start."""
    return await services.interviews.create(caller.tenant, wanted)


@router.get("/interviews", responses=responses(401, 403, 422), tags=["interviews"])
async def list_(
    caller: Reader,
    services: TheServices,
    status: Annotated[Status | None, Query(description="Only those that stand here")] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[InterviewInList]:
    """List interviews, newest first."""
    return await services.interviews.page(caller.tenant, status, page, limit)


@router.get("/interviews/{interview_id}", responses=responses(401, 403, 404), tags=["interviews"])
async def get(interview_id: str, caller: Reader, services: TheServices) -> InterviewOut:
    """Return an interview with its coverage, figures and, once it is over, its summary."""
    return await services.interviews.get(caller.tenant, interview_id)


@router.post(
    "/interviews/{interview_id}/start",
    status_code=202,
    responses=responses(401, 403, 404, 409, 503),
    tags=["interviews"],
)
async def start(interview_id: str, caller: Conductor, services: TheServices) -> InterviewOut:
    """Send a bot into the interview's room."""
    return await services.interviews.start(caller.tenant, interview_id)


@router.post(
    "/interviews/{interview_id}/cancel", status_code=202, responses=responses(401, 403, 404, 409), tags=["interviews"]
)
async def cancel(interview_id: str, caller: Conductor, services: TheServices) -> InterviewOut:
    """Call an interview off. A bot in the call says good-bye first; the status changes when it has left."""
    return await services.interviews.cancel(caller.tenant, interview_id)


@router.post(
    "/interviews/{interview_id}/links",
    status_code=201,
    responses=responses(401, 403, 404, 409, 413, 422),
    tags=["interviews"],
)
async def create_link(interview_id: str, wanted: CreateLink, caller: Conductor, services: TheServices) -> LinkOut:
    """Make a join link for one person. The same participant_id again is the same person."""
    link = await services.interviews.link(caller.tenant, interview_id, wanted)
    return LinkOut(
        url=link.url,
        role=GuestRole(link.seat.role.value),
        name=link.seat.name,
        participant_id=link.seat.participant_id,
        expires_at=link.expires_at,
    )


@router.get("/interviews/{interview_id}/transcript", responses=responses(401, 403, 404), tags=["interviews"])
async def transcript(interview_id: str, caller: TranscriptReader, services: TheServices) -> TranscriptOut:
    """Return every final turn so far."""
    return await services.interviews.transcript(caller.tenant, interview_id)


@router.get(
    "/interviews/{interview_id}/recording",
    response_class=FileResponse,
    responses=responses(401, 403, 404, 409)
    | {
        200: {"description": "The whole recording, Opus in Ogg, a lane per speaker", "content": {"audio/ogg": {}}},
        206: {"description": "The range asked for", "content": {"audio/ogg": {}}},
        416: {"description": "The recording is shorter than that"},
    },
    tags=["interviews"],
)
async def recording(interview_id: str, caller: RecordingReader, services: TheServices) -> FileResponse:
    """Return the recording; byte ranges are served."""
    path = await services.interviews.recording(caller.tenant, interview_id)
    return FileResponse(path, media_type="audio/ogg", filename=f"{interview_id}.ogg")


@router.get("/question-bank", responses=responses(401, 403), tags=["plans"])
async def question_bank(caller: Reader, services: TheServices) -> Page[BankQuestionOut]:
    """List every question that a plan can be made of."""
    questions = await asyncio.to_thread(services.library.questions)
    return Page.all_of(questions)


@router.get(
    "/health", responses={503: {"model": HealthOut, "description": "The database can't be reached"}}, tags=["server"]
)
async def health(services: TheServices) -> JSONResponse:
    """Tell how the parts are, to anybody. Without its launcher the control plane still serves all but new bots."""
    database = launcher = "ok"
    free = None
    try:
        await services.database.ping()
    except SQLAlchemyError:
        database = "unreachable"
    try:
        async with asyncio.timeout(LAUNCHER_ANSWERS_S):
            free = (await services.launcher.capacity()).free
    except (LaunchError, TimeoutError):
        launcher = "unreachable"
    body = HealthOut.model_validate(
        {
            "status": "ok" if database == launcher == "ok" else "degraded",
            "version": version("vivavoce"),
            "database": database,
            "launcher": launcher,
            "free_bots": free,
        }
    )
    return JSONResponse(body.model_dump(), 200 if database == "ok" else 503)

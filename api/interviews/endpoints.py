"""The interview part of `/v1`. An endpoint reads the request, asks the service, and does nothing else."""

import asyncio
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from api.auth import Caller
from api.callers import Conductor, Editor, PlanApprover, Reader, RecordingReader, Remover, TranscriptReader
from api.errors import AttemptsExhausted
from api.idempotency import SHOWN_ONCE
from api.interviews.plans import PlanOut, PlanVerdict
from api.interviews.repository import Filter
from api.interviews.schemas import (
    PLAN_SOURCES,
    AttemptInList,
    BankQuestionOut,
    CreateInterview,
    CreateLink,
    HealthOut,
    Id,
    Instant,
    InterviewInList,
    InterviewOut,
    LinkOut,
    Name,
    Page,
    RelatedOut,
    Relation,
    StartInterview,
    TranscriptOut,
)
from api.interviews.states import Status
from api.interviews.transcripts import TranscriptFormat, accepted, as_text, as_vtt
from api.links import GuestRole
from api.problems import responses
from api.records.endpoints import Matching, etag, patch_of
from api.records.fields import Reference
from api.services import Services, TheServices
from bot.interview import Role
from bot.spec import Mode
from orchestrator.errors import LaunchError

router = APIRouter(prefix="/v1")

LAUNCHER_ANSWERS_S = 2.0
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
PageSize = Annotated[int, Query(ge=1, le=100)]
Patch: Any = patch_of(CreateInterview)
Revision: Any = patch_of(CreateInterview, *PLAN_SOURCES, "minutes", called="PlanRevision")


@router.get("/interviews", responses=responses(401, 403, 422), tags=["interviews"])
async def list_(
    caller: Reader,
    services: TheServices,
    status: Annotated[list[Status] | None, Query(description="Only those that stand here; may be repeated")] = None,
    candidate_id: Annotated[Id | None, Query()] = None,
    job_id: Annotated[Id | None, Query()] = None,
    template_id: Annotated[Id | None, Query()] = None,
    external_ref: Annotated[Reference | None, Query()] = None,
    created_after: Annotated[Instant | None, Query(description="Created then or later")] = None,
    created_before: Annotated[Instant | None, Query(description="Created earlier than that")] = None,
    mode: Annotated[Mode | None, Query()] = None,
    q: Annotated[Name | None, Query(description="Stands in the candidate's name or in the title")] = None,
    page: PageNumber = 1,
    limit: PageSize = 20,
) -> Page[InterviewInList]:
    """List interviews, newest first. Beyond 10,000 of them the total may be some seconds old."""
    wanted = Filter(
        tuple(status or ()),
        candidate_id,
        job_id,
        template_id,
        external_ref,
        created_after,
        created_before,
        mode=mode,
        words=q,
    )
    return await services.interviews.page(caller.tenant, wanted, page, limit)


@router.get("/interviews/{interview_id}", responses=responses(401, 403, 404), tags=["interviews"])
async def get(interview_id: str, caller: Reader, services: TheServices, response: Response) -> InterviewOut:
    """Return an interview with its coverage, figures and, once it is over, its summary; its ETag is its version.

    The summary quotes what was said; it is null without `transcript:read`.
    """
    return tagged(await services.interviews.get(caller.tenant, interview_id), caller, response)


CHANGING = responses(400, 401, 403, 404, 409, 412, 413, 422)


@router.put("/interviews/{interview_id}", responses=CHANGING, tags=["interviews"], operation_id="put_interview")
@router.patch("/interviews/{interview_id}", responses=CHANGING, tags=["interviews"], operation_id="patch_interview")
async def change(
    interview_id: str, wanted: Patch, caller: Editor, services: TheServices, match: Matching, response: Response
) -> InterviewOut:
    """Change an interview before its call by a JSON merge patch (RFC 7396)."""
    return tagged(await services.interviews.change(caller.tenant, interview_id, _sent(wanted), match), caller, response)


@router.delete(
    "/interviews/{interview_id}",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 409, 412, 422),
    tags=["interviews"],
)
async def delete(interview_id: str, caller: Remover, services: TheServices, match: Matching) -> Response:
    """Delete an interview that is not in its call."""
    await services.interviews.delete(caller.tenant, interview_id, match)
    return Response(status_code=204)


@router.get("/interviews/{interview_id}/related", responses=responses(401, 403, 404, 422), tags=["interviews"])
async def related(
    interview_id: str,
    caller: Reader,
    services: TheServices,
    by: Annotated[list[Relation] | None, Query(description="What they have in common; may be repeated")] = None,
    page: PageNumber = 1,
    limit: PageSize = 20,
) -> Page[RelatedOut]:
    """List other interviews of the same candidate, for the same job, or in the same chain of rounds, newest first."""
    return await services.interviews.related(caller.tenant, interview_id, by or list(Relation), page, limit)


@router.get("/interviews/{interview_id}/plan", responses=responses(401, 403, 404, 422), tags=["plans"])
async def plan(
    interview_id: str,
    caller: Reader,
    services: TheServices,
    response: Response,
    version: Annotated[int | None, Query(ge=1, le=100_000, description="The newest where left out")] = None,
) -> PlanOut:
    """Return one version of an interview's plan, who made it, and who decided about it; its ETag is the version."""
    found = await services.plans.get(caller.tenant, interview_id, version)
    response.headers["ETag"] = etag(found.version)
    return found


@router.post(
    "/interviews/{interview_id}/plan/approve", responses=responses(401, 403, 404, 409, 412, 413, 422), tags=["plans"]
)
async def approve_plan(
    interview_id: str, caller: PlanApprover, services: TheServices, match: Matching, verdict: PlanVerdict | None = None
) -> PlanOut:
    """Have an interview in plan_review go by its plan: it is ready, or waits for its time.

    `If-Match` with the plan's ETag decides about that version alone.
    """
    return await services.plans.approve(caller, interview_id, verdict or PlanVerdict(), match)


@router.post(
    "/interviews/{interview_id}/plan/reject", responses=responses(401, 403, 404, 409, 412, 413, 422), tags=["plans"]
)
async def reject_plan(
    interview_id: str, caller: PlanApprover, services: TheServices, match: Matching, verdict: PlanVerdict | None = None
) -> PlanOut:
    """Refuse the plan of an interview in plan_review, and with it the interview; to have another plan, revise it."""
    return await services.plans.reject(caller, interview_id, verdict or PlanVerdict(), match)


@router.post(
    "/interviews/{interview_id}/plan/revise",
    status_code=201,
    responses=responses(400, 401, 403, 404, 409, 413, 422),
    tags=["plans"],
)
async def revise_plan(interview_id: str, wanted: Revision, caller: Editor, services: TheServices) -> PlanOut:
    """Give an interview before its call another version of its plan, which waits for approval."""
    return await services.plans.revise(caller.tenant, interview_id, _sent(wanted))


@router.post(
    "/interviews/{interview_id}/start",
    status_code=202,
    responses=responses(401, 403, 404, 409, 413, 422, 503),
    tags=["interviews"],
)
async def start(
    interview_id: str, caller: Conductor, services: TheServices, wanted: StartInterview | None = None
) -> InterviewOut:
    """Send a bot into the interview's room."""
    return seen_by(caller, await services.interviews.start(caller.tenant, interview_id, wanted))


@router.get("/interviews/{interview_id}/attempts", responses=responses(401, 403, 404), tags=["attempts"])
async def attempts(interview_id: str, caller: Reader, services: TheServices) -> Page[AttemptInList]:
    """List every try at an interview, newest first, each with the incarnations of its bot.

    A summary quotes what was said; it is null without `transcript:read`.
    """
    page = await services.attempts.list(caller.tenant, interview_id)
    if caller.may("transcript:read"):
        return page
    return page.model_copy(update={"data": [each.model_copy(update={"summary": None}) for each in page.data]})


@router.post(
    "/interviews/{interview_id}/attempts",
    status_code=201,
    responses=responses(401, 403, 404, 409),
    tags=["attempts"],
)
async def another_attempt(interview_id: str, caller: Conductor, services: TheServices) -> InterviewOut:
    """Make an interview that has ended ready for another attempt, up to its max_attempts."""
    await services.attempts.again(caller.tenant, interview_id)
    return seen_by(caller, await services.interviews.get(caller.tenant, interview_id))


@router.post(
    "/interviews/{interview_id}/rejoin",
    status_code=202,
    responses=responses(401, 403, 404, 409, 503),
    tags=["attempts"],
)
async def rejoin(interview_id: str, caller: Conductor, services: TheServices) -> InterviewOut:
    """Send a new bot into a call in place of the one that is there; it goes on where that one stood.

    A call that failed or was cancelled is taken up as well; when that was longer ago than REJOIN_WINDOW_S, another
    attempt is started, if there may be one.
    """
    return seen_by(caller, await rejoined(services, caller.tenant, interview_id))


async def rejoined(services: Services, tenant: str, interview_id: str) -> InterviewOut:
    """Have a bot back in an interview's call, or else another attempt started; return the interview."""
    if await services.attempts.rejoin(tenant, interview_id):
        return await services.interviews.get(tenant, interview_id)
    try:
        await services.attempts.again(tenant, interview_id)
    except AttemptsExhausted as none_left:
        over = f"Its call ended more than {services.settings.rejoin_window_s:g} s ago (REJOIN_WINDOW_S)"
        detail = f"{over}, and it allows no other attempt: {none_left}"
        raise AttemptsExhausted(detail, current_status=none_left.current_status) from None
    return await services.interviews.start(tenant, interview_id)


@router.post(
    "/interviews/{interview_id}/cancel", status_code=202, responses=responses(401, 403, 404, 409), tags=["interviews"]
)
async def cancel(interview_id: str, caller: Conductor, services: TheServices) -> InterviewOut:
    """Call an interview off. A bot in the call says good-bye first; the status changes when it has left."""
    return seen_by(caller, await services.interviews.cancel(caller.tenant, interview_id))


@router.post(
    "/interviews/{interview_id}/links",
    status_code=201,
    dependencies=[SHOWN_ONCE],  # whoever has a link can join
    responses=responses(401, 403, 404, 409, 413, 422),
    tags=["interviews"],
)
async def create_link(interview_id: str, wanted: CreateLink, caller: Conductor, services: TheServices) -> LinkOut:
    """Make a join link for one person. The same participant_id again is the same person.

    An interviewer's link names them as one who holds the interview; see `…/interviewers`.
    """
    link = await services.interviews.link(caller, interview_id, wanted)
    phone = f"{services.settings.phone}/{interview_id}" if link.seat.role is Role.CANDIDATE else None
    return LinkOut(
        url=link.url,
        phone_url=phone and f"{phone}?token={link.token}",
        stream_url=phone and f"ws{phone.removeprefix('http')}/stream?token={link.token}",
        role=GuestRole(link.seat.role.value),
        name=link.seat.name,
        participant_id=link.seat.participant_id,
        expires_at=link.expires_at,
    )


@router.get(
    "/interviews/{interview_id}/transcript",
    response_model=TranscriptOut,
    responses=responses(401, 403, 404, 422)
    | {200: {"description": "The transcript", "content": {"text/vtt": {}, "text/plain": {}}}},
    tags=["interviews"],
)
async def transcript(
    interview_id: str,
    caller: TranscriptReader,
    services: TheServices,
    format: Annotated[TranscriptFormat | None, Query(description="Wins over Accept")] = None,
    accept: Annotated[str, Header()] = "",
    attempt: Annotated[int | None, Query(ge=1, le=1000, description="Which try; the newest where left out")] = None,
) -> Any:
    """Return every final turn of one attempt so far: as JSON, as captions (WebVTT) or as plain text with times."""
    found = await services.interviews.transcript(caller.tenant, interview_id, attempt)
    match format or accepted(accept):
        case TranscriptFormat.VTT:
            return PlainTextResponse(as_vtt(found.data), media_type="text/vtt", headers={"Vary": "Accept"})
        case TranscriptFormat.TEXT:
            return PlainTextResponse(as_text(found.data), headers={"Vary": "Accept"})
    return found


@router.get(
    "/interviews/{interview_id}/recording",
    response_class=FileResponse,
    responses=responses(401, 403, 404, 409, 503)
    | {
        200: {"description": "The whole recording, Opus in Ogg, a lane per speaker", "content": {"audio/ogg": {}}},
        206: {"description": "The range asked for", "content": {"audio/ogg": {}}},
        416: {"description": "The recording is shorter than that"},
    },
    tags=["interviews"],
)
async def recording(
    interview_id: str,
    request: Request,
    caller: RecordingReader,
    services: TheServices,
    attempt: Annotated[int | None, Query(ge=1, le=1000, description="Which try; the newest where left out")] = None,
) -> Response:
    """Return the recording of one attempt; byte ranges are served."""
    return await services.recordings.answer(caller.tenant, interview_id, attempt, request.headers)


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


def _sent(patch: BaseModel) -> dict[str, Any]:
    return patch.model_dump(mode="json", exclude_unset=True)


def tagged(interview: InterviewOut, caller: Caller, response: Response) -> InterviewOut:
    """Return an interview as `caller` may see it, with its version as the response's ETag."""
    response.headers["ETag"] = etag(interview.version)
    return seen_by(caller, interview)


def seen_by(caller: Caller, interview: InterviewOut) -> InterviewOut:
    """Return an interview without its summary, which quotes what was said, unless `caller` may read that."""
    return interview if caller.may("transcript:read") else interview.model_copy(update={"summary": None})

"""Lira's fifteen calls. Each reads the request, asks the services of `/v1`, and says the answer in Lira's words."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Path, Query, Response, UploadFile

from api.auth import Caller
from api.callers import anybody
from api.candidates.errors import MOST_BYTES
from api.candidates.kind import CANDIDATES
from api.decisions.schemas import DecisionIn
from api.dialects.dialect import refusals
from api.dialects.lira import requests, views
from api.dialects.lira.schemas import (
    LiraAnswer,
    LiraCreate,
    LiraDecide,
    LiraDecision,
    LiraDraft,
    LiraEvaluation,
    LiraFacts,
    LiraGenerate,
    LiraGone,
    LiraInterview,
    LiraListed,
    LiraPrompt,
    LiraQuestions,
    LiraRefusal,
    LiraRelated,
    LiraResume,
    LiraStart,
    LiraUpdate,
)
from api.dialects.lira.words import LiraStatus, statuses_of
from api.drafting.schemas import DraftIn, GenerateIn
from api.errors import AssessmentNotAvailable, NotFound, ScorecardFirst
from api.interviews.endpoints import rejoined
from api.interviews.repository import Filter
from api.interviews.schemas import InterviewInList, InterviewOut, Relation, StartInterview
from api.records.service import Match
from api.services import Services, TheServices

ROOT = "/lira/v1"
TOTAL = "X-Total-Count"

router = APIRouter(prefix=ROOT + "/orgs/{orgId}/interviews", tags=["Lira"])

InterviewId = Annotated[str, Path(alias="interviewId")]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
PageSize = Annotated[int, Query(ge=1, le=100)]


class NoOrganisation(NotFound):
    """Another organisation than the token's."""

    code = "organisation_not_found"


def member(*scopes: str) -> object:
    """Return the dependency of an endpoint for callers of the organisation in the path who have all of `scopes`."""

    async def caller(org_id: Annotated[str, Path(alias="orgId")], known: Annotated[Caller, Depends(anybody)]) -> Caller:
        if org_id != known.tenant:
            raise NoOrganisation("organisation", org_id)
        for scope in scopes:
            known.require(scope)
        return known

    return Depends(caller)


# Whatever answers with an interview says who the candidate is.
Reader = Annotated[Caller, member("interview:read", "candidate:read")]
Creator = Annotated[Caller, member("interview:create", "candidate:create", "candidate:read", "job:create")]
Editor = Annotated[Caller, member("interview:update", "candidate:read", "job:create")]
Conductor = Annotated[Caller, member("interview:conduct", "candidate:read")]
Remover = Annotated[Caller, member("interview:delete")]
Drafter = Annotated[Caller, member("interview:create")]
Evaluator = Annotated[Caller, member("interview:evaluate")]
Decider = Annotated[Caller, member("interview:decide")]
ResumeTaker = Annotated[Caller, member("interview:update", "candidate:update")]

READ = refusals(LiraRefusal, 401, 403, 404, 422, 429)
SENT = refusals(LiraRefusal, 401, 403, 404, 409, 413, 422, 429)
PLANNED = SENT | refusals(LiraRefusal, 400)
STARTED = SENT | refusals(LiraRefusal, 500, 503)


@router.post("/draft", responses=SENT, operation_id="lira_draft")
async def draft_interview(wanted: LiraPrompt, _: Drafter, services: TheServices) -> LiraAnswer[LiraDraft]:
    """Suggest an interview for what a text asks for; nothing is saved."""
    found = await services.drafting.draft(DraftIn(prompt=wanted.prompt))
    return LiraAnswer(data=views.draft(found))


@router.post("/generate-questions", responses=SENT, operation_id="lira_generate_questions")
async def generate_questions(wanted: LiraGenerate, _: Drafter, services: TheServices) -> LiraAnswer[LiraQuestions]:
    """Suggest questions for a job; nothing is saved."""
    found = await services.drafting.generate(GenerateIn(**wanted.model_dump()))
    return LiraAnswer(data=views.generated(found))


@router.post("", status_code=201, responses=PLANNED, operation_id="lira_create")
async def create(wanted: LiraCreate, caller: Creator, services: TheServices) -> LiraAnswer[LiraInterview]:
    """Create an interview, and with it the candidate and the job of its role where there are none yet."""
    booked = await requests.booking(services, caller.tenant, wanted)
    return await _whole(services, caller, await services.booking.book(caller.tenant, booked))


@router.get("", responses=READ, operation_id="lira_list")
async def list_(
    caller: Reader,
    services: TheServices,
    response: Response,
    status: Annotated[LiraStatus | None, Query(description="Only those that stand here")] = None,
    page: PageNumber = 1,
    limit: PageSize = 100,
) -> LiraAnswer[list[LiraListed]]:
    """List interviews, newest first; X-Total-Count says how many there are on all pages."""
    wanted = Filter(statuses_of(status) if status else ())
    found = await services.interviews.page(caller.tenant, wanted, page, limit)
    people = await _people(services, caller, *found.data)
    response.headers[TOTAL] = str(found.meta.total)
    return LiraAnswer(data=[views.listed(each, people) for each in found.data])


@router.get("/{interviewId}", responses=READ, operation_id="lira_get")
async def get(interview_id: InterviewId, caller: Reader, services: TheServices) -> LiraAnswer[LiraInterview]:
    """Return an interview with its evaluation once it is scored, and with what was decided."""
    return await _whole(services, caller, await services.interviews.get(caller.tenant, interview_id))


@router.get("/{interviewId}/related", responses=READ, operation_id="lira_related")
async def related(
    interview_id: InterviewId,
    caller: Reader,
    services: TheServices,
    response: Response,
    page: PageNumber = 1,
    limit: PageSize = 100,
) -> LiraAnswer[list[LiraRelated]]:
    """List other interviews of the same candidate, for the same role or in the same chain of rounds, newest first."""
    found = await services.interviews.related(caller.tenant, interview_id, list(Relation), page, limit)
    people = await _people(services, caller, *(each.interview for each in found.data))
    response.headers[TOTAL] = str(found.meta.total)
    return LiraAnswer(data=[views.related(each, people) for each in found.data])


@router.put("/{interviewId}", responses=PLANNED, operation_id="lira_update")
async def update(
    interview_id: InterviewId, wanted: LiraUpdate, caller: Editor, services: TheServices
) -> LiraAnswer[LiraInterview]:
    """Change an interview before it starts; what is left out stays."""
    interview = await services.interviews.get(caller.tenant, interview_id)
    people = await _people(services, caller, interview)
    patch = await requests.patch(services, caller.tenant, interview, people.get(interview.candidate_id or ""), wanted)
    changed = await services.interviews.change(caller.tenant, interview_id, patch, Match())
    return await _whole(services, caller, changed)


@router.delete("/{interviewId}", responses=READ | refusals(LiraRefusal, 409), operation_id="lira_delete")
async def delete(interview_id: InterviewId, caller: Remover, services: TheServices) -> LiraAnswer[LiraGone]:
    """Delete an interview that is not in its call."""
    await services.interviews.delete(caller.tenant, interview_id, Match())
    return LiraAnswer(data=LiraGone(interview_id=interview_id))


@router.post("/{interviewId}/start", status_code=202, responses=STARTED, operation_id="lira_start")
async def start(
    interview_id: InterviewId, caller: Conductor, services: TheServices, wanted: LiraStart | None = None
) -> LiraAnswer[LiraInterview]:
    """Send a bot into the meeting, or into the interview's own room where no meeting was named."""
    asked = StartInterview(meeting_url=wanted.meeting_link, candidate_name=wanted.candidate_name) if wanted else None
    return await _whole(services, caller, await services.interviews.start(caller.tenant, interview_id, asked))


@router.post("/{interviewId}/cancel", status_code=202, responses=SENT, operation_id="lira_cancel")
async def cancel(interview_id: InterviewId, caller: Conductor, services: TheServices) -> LiraAnswer[LiraInterview]:
    """Call an interview off. A bot in the call says good-bye first; the status changes when it has left."""
    return await _whole(services, caller, await services.interviews.cancel(caller.tenant, interview_id))


@router.post("/{interviewId}/rejoin", status_code=202, responses=STARTED, operation_id="lira_rejoin")
async def rejoin(interview_id: InterviewId, caller: Conductor, services: TheServices) -> LiraAnswer[LiraInterview]:
    """Send a new bot into a call in place of the one that was sent."""
    return await _whole(services, caller, await rejoined(services, caller.tenant, interview_id))


@router.post("/{interviewId}/resume", status_code=201, responses=PLANNED, operation_id="lira_resume")
async def take_resume(
    interview_id: InterviewId,
    file: Annotated[UploadFile, File(description=f"A PDF with text, at most {MOST_BYTES} bytes and 30 pages")],
    caller: ResumeTaker,
    services: TheServices,
) -> LiraAnswer[LiraResume]:
    """Read the candidate's résumé; the questions are chosen anew with it before the call."""
    data = await file.read(MOST_BYTES + 1)
    taken = await services.booking.take_resume(caller.tenant, interview_id, data)
    return LiraAnswer(data=views.resume(interview_id, taken))


@router.post("/{interviewId}/evaluate", status_code=201, responses=SENT, operation_id="lira_evaluate")
async def evaluate(interview_id: InterviewId, caller: Evaluator, services: TheServices) -> LiraAnswer[LiraFacts]:
    """Phase 1: summarise what was asked and answered, in the candidate's own words."""
    return LiraAnswer(data=views.facts(interview_id, await services.evaluations.evaluate(caller, interview_id)))


@router.post("/{interviewId}/generate-score", status_code=201, responses=SENT, operation_id="lira_generate_score")
async def generate_score(
    interview_id: InterviewId, caller: Evaluator, services: TheServices
) -> LiraAnswer[LiraEvaluation]:
    """Phase 2: score what can be scored, 0-10; null is what no evidence allows a score for."""
    scored = await services.evaluations.generate_score(caller, interview_id)
    interview = await services.interviews.get(caller.tenant, interview_id)
    if scored.awaits_scorecard:
        raise ScorecardFirst(interview.status)
    return LiraAnswer(data=views.evaluation(interview, scored))


@router.put("/{interviewId}/decision", responses=SENT, operation_id="lira_decision")
async def decide(
    interview_id: InterviewId, wanted: LiraDecide, caller: Decider, services: TheServices
) -> LiraAnswer[LiraDecision]:
    """Record what a person decided. Decisions before it stay; the newest counts."""
    asked = DecisionIn(decision=wanted.decision, notes=(wanted.notes or "").strip() or None)
    return LiraAnswer(data=views.decision(await services.decisions.decide(caller, interview_id, asked)))


async def _whole(services: Services, caller: Caller, interview: InterviewOut) -> LiraAnswer[LiraInterview]:
    people = await _people(services, caller, interview)
    decisions = await services.decisions.all_of(caller.tenant, interview.id)
    try:
        assessment = await services.evaluations.assessment(caller, interview.id)
    except AssessmentNotAvailable:
        assessment = None
    return LiraAnswer(data=views.whole(interview, people, assessment, decisions))


async def _people(services: Services, caller: Caller, *interviews: InterviewInList) -> views.People:
    ids = {each.candidate_id for each in interviews if each.candidate_id is not None}
    return await services.records.of(CANDIDATES).several(caller.tenant, ids)

"""JobMojito's calls. Each reads the request, asks the services of `/v1`, and says the answer in JobMojito's words."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile

from api.auth import Caller
from api.callers import anybody, needs
from api.candidates.errors import MOST_BYTES
from api.dialects.dialect import refusals
from api.dialects.jobmojito import requests, views
from api.dialects.jobmojito.answers import (
    JobMojitoCreated,
    JobMojitoDetails,
    JobMojitoEnrolled,
    JobMojitoError,
    JobMojitoInterview,
    JobMojitoLanguages,
    JobMojitoList,
    JobMojitoPreScreened,
    JobMojitoState,
    JobMojitoSuccess,
    JobMojitoUpdated,
)
from api.dialects.jobmojito.questions import replanned
from api.dialects.jobmojito.schemas import (
    JobMojitoAgain,
    JobMojitoCandidate,
    JobMojitoCreate,
    JobMojitoPerson,
    JobMojitoResumeText,
    JobMojitoSetState,
    JobMojitoToken,
    JobMojitoUpdate,
)
from api.dialects.jobmojito.tables import STATUS_OF, State
from api.dialects.jobmojito.words import OWN, own
from api.dialects.words import candidate_at
from api.errors import AssessmentNotAvailable, Complaint, Invalid
from api.idempotency import SHOWN_ONCE, SHOWN_ONCE_SCOPE_KEY
from api.interviews.schemas import CreateLink, LimitsIn, StartPolicy
from api.links import LONGEST
from api.postings import POSTINGS
from api.publishing.schemas import Admitted, Changes
from api.records.fields import Reference, Short
from api.records.service import Match
from api.services import Services, TheServices

ROOT = "/functions/v1"
RESUME = "/job-interview-pre-screening-api-resume-binary"


router = APIRouter(prefix=ROOT, tags=["JobMojito"])

READ = refusals(JobMojitoError, 401, 403, 404, 422, 429)
SENT = refusals(JobMojitoError, 401, 403, 404, 409, 413, 422, 429)

MAKES = ("posting:create", "template:create", "agent:create", "job:create")
ENROLS = ("posting:read", "candidate:create", "candidate:read", "candidate:update")
Maker = Annotated[Caller, Depends(needs(*MAKES))]
Finder = Annotated[Caller, Depends(needs("posting:read", "template:read", "agent:read", "job:read"))]
Changer = Annotated[Caller, Depends(needs("posting:update", "template:update", "agent:update", "job:update"))]
Enroller = Annotated[Caller, Depends(needs(*ENROLS, "interview:create", "interview:read", "interview:conduct"))]
Inviter = Annotated[Caller, Depends(needs("posting:read", "interview:create", "interview:read", "interview:conduct"))]
Screener = Annotated[Caller, Depends(needs(*ENROLS))]
ResultReader = Annotated[Caller, Depends(needs("interview:read", "transcript:read"))]
Repeater = Annotated[Caller, Depends(needs("interview:conduct", "interview:update"))]
Anybody = Annotated[Caller, Depends(anybody)]
Listable = Literal["draft", "active", "archived"]
FormText = Annotated[str, Form(max_length=500)]
MaybeFormText = Annotated[str | None, Form(max_length=500)]
PositionId = Annotated[Reference, Query()]


@router.post(
    "/job-interview-create",
    responses=SENT,
    operation_id="jobmojito_create",
    response_model_exclude_none=True,
)
async def create(wanted: JobMojitoCreate, request: Request, caller: Maker, services: TheServices) -> JobMojitoCreated:
    """Create an interview from a template, with questions, a description and expectations of its own.

    A language without questions, or that the bot can't lead in, is taken for a draft and refused for an active one.
    """
    _shown_once(request, bool(wanted.is_embedded))
    made = await services.publishing.publish(caller, requests.publication(wanted))
    return views.created(made, requests.warnings(wanted, caller.tenant))


@router.get("/job-interview-get", responses=READ, operation_id="jobmojito_get")
async def get(position_id: PositionId, caller: Finder, services: TheServices) -> JobMojitoInterview:
    """Return the definition of an interview, with its questions."""
    return views.interview(await services.publishing.get(caller.tenant, position_id), caller.tenant)


@router.post(
    "/job-interview-update",
    responses=SENT,
    operation_id="jobmojito_update",
    response_model_exclude_none=True,
)
async def update(wanted: JobMojitoUpdate, caller: Changer, services: TheServices) -> JobMojitoUpdated:
    """Change an interview. Questions are changed by sending all of them; its language stays."""
    _require_reachable(wanted.status)
    offer = await services.publishing.get(caller.tenant, wanted.position_id)
    plan, diff = offer.template.plan, None
    if wanted.questions is not None:
        plan, diff = replanned(offer, wanted.questions)
    await services.publishing.change(caller.tenant, wanted.position_id, requests.changes(wanted, offer, plan))
    if wanted.status is State.DELETED:
        await _delete(services, caller, wanted.position_id)
    fields = [name for name in type(wanted).model_fields if name in wanted.model_fields_set - {"position_id"}]
    return JobMojitoUpdated(position_id=wanted.position_id, updated_fields=fields, questions_diff=diff)


@router.post(
    "/job-interview-set-state",
    responses=SENT,
    operation_id="jobmojito_set_state",
    response_model_exclude_none=True,
)
async def set_state(
    wanted: JobMojitoSetState, request: Request, caller: Changer, services: TheServices
) -> JobMojitoState:
    """Publish, close or delete an interview, or let pages embed it or not.

    Where an embed key is there already, another takes its place and the one before stays good for a day.
    """
    _shown_once(request, bool(wanted.is_embedded))
    _require_reachable(wanted.status)
    tenant, id_ = caller.tenant, wanted.position_id
    if wanted.status is not None and wanted.status in STATUS_OF:
        posting = {"status": STATUS_OF[wanted.status]}
        await services.publishing.change(tenant, id_, Changes(posting=posting, template={}, agent={}, job={}))
    if wanted.is_embedded is not None:
        key = await services.embed_keys.embed(caller, id_, wanted.is_embedded)
        if key is not None:
            return JobMojitoState(embed_id=key.embed_id, embed_signing_key=key.embed_signing_key)
    if wanted.status is State.DELETED:
        await _delete(services, caller, id_)
    return JobMojitoState(success=True)


@router.get("/merchant-interview-list", responses=READ, operation_id="jobmojito_list")
async def list_(
    caller: Finder,
    services: TheServices,
    merchant_id: Annotated[Reference | None, Query(description="Ignored: the token says whose interviews")] = None,
    status: Annotated[Listable | None, Query(description="Only those that stand here")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> JobMojitoList:
    """List interviews, newest first."""
    where = {"status": STATUS_OF[State(status)].value} if status is not None else {}
    offers, total = await services.publishing.slice(caller.tenant, where, offset, limit)
    return views.listed(offers, total, limit, offset, caller.tenant)


@router.get(
    "/platform-languages-list",
    responses=refusals(JobMojitoError, 401, 403, 422, 429),
    operation_id="jobmojito_languages",
)
async def languages(_: Anybody, services: TheServices) -> JobMojitoLanguages:
    """List every language code, and how far each goes here."""
    return views.languages(await services.capabilities.get())


@router.post(
    "/job-interview-create-for-candidate-with-token",
    responses=SENT,
    operation_id="jobmojito_create_for_candidate",
    response_model_exclude_none=True,
    dependencies=[SHOWN_ONCE],  # whoever has the link can join
)
async def create_for_candidate(
    wanted: JobMojitoCandidate, caller: Enroller, services: TheServices
) -> JobMojitoEnrolled:
    """Let one candidate into an interview, which is created where it is described and not there yet."""
    position = await _position(wanted, caller, services)
    candidate = await _enrol(services, caller, position, wanted)
    await services.resumes.put_text(caller.tenant, candidate, wanted.candidate_resume)
    admitted = await _admit(services, caller, position, candidate)
    return JobMojitoEnrolled(
        status="already-applied" if admitted.again else "recruiter_accept",
        position_def_set_id=position,
        interview_def_set_id=position,
        profile_interview_id=candidate,
        interview_result_id=admitted.interview.id,
        interview_url=await _link(services, caller, admitted),
        reason="This candidate has an interview of this position already." if admitted.again else None,
    )


@router.post(
    "/job-interview-token",
    responses=SENT,
    operation_id="jobmojito_token",
    dependencies=[SHOWN_ONCE],  # whoever has the link can join
)
async def token(wanted: JobMojitoToken, caller: Inviter, services: TheServices) -> str:
    """Return the signed link by which a candidate joins; of the published types, interview-for-profile."""
    if wanted.type != "interview-for-profile":
        todo = "send interview-for-profile, and read results by job-interview-details"
        raise Invalid(Complaint(("body", "type"), f"no page shows what {wanted.type!r} would link to", todo))
    if wanted.interview_id is None or wanted.interview_profile_id is None:
        missing = "interview_id" if wanted.interview_id is None else "interview_profile_id"
        raise Invalid(Complaint(("body", missing), "is missing", "interview-for-profile needs it; send it"))
    candidate = await services.admission.enrol(caller.tenant, wanted.interview_id, wanted.interview_profile_id, None)
    return await _link(services, caller, await _admit(services, caller, wanted.interview_id, candidate))


@router.get("/job-interview-details", responses=READ, operation_id="jobmojito_details")
async def details(
    interview_result_id: Annotated[Reference, Query()],
    caller: ResultReader,
    services: TheServices,
    get_signed_recordings: Annotated[
        bool, Query(description="Recordings have no signed links; their paths are told")
    ] = False,
) -> JobMojitoDetails:
    """Return a result with its transcript, and what was rated where somebody had it rated."""
    tenant = caller.tenant
    result = await services.interviews.get(tenant, interview_result_id)
    transcript = await services.interviews.transcript(tenant, interview_result_id)
    try:
        rated = await services.evaluations.assessment(caller, interview_result_id)
    except AssessmentNotAvailable:
        rated = None
    position = result.metadata.get("posting_id")
    return views.details(result, transcript.data, rated, position if isinstance(position, str) else None)


@router.post("/job-interview-result-request-another-attempt", responses=SENT, operation_id="jobmojito_another_attempt")
async def another_attempt(wanted: JobMojitoAgain, caller: Repeater, services: TheServices) -> JobMojitoSuccess:
    """Let the candidate try once more, by the same link; the interview allows only so many attempts."""
    await services.attempts.again(caller.tenant, wanted.interview_result_id)
    on_join = {"start": {"policy": StartPolicy.ON_JOIN.value}}
    await services.interviews.change(caller.tenant, wanted.interview_result_id, on_join, Match())
    return JobMojitoSuccess()


@router.post("/job-interview-pre-screening-api-resume-text", responses=SENT, operation_id="jobmojito_resume_text")
async def resume_text(wanted: JobMojitoResumeText, caller: Screener, services: TheServices) -> JobMojitoPreScreened:
    """Keep a résumé that is text with its candidate, who is one for this position from now on."""
    candidate = await _enrol(services, caller, wanted.position_id, wanted)
    await services.resumes.put_text(caller.tenant, candidate, wanted.candidate_resume)
    return JobMojitoPreScreened(profile_interview_id=candidate)


@router.post(RESUME, responses=SENT, operation_id="jobmojito_resume_binary")
async def resume_binary(
    position_id: Annotated[Reference, Form()],
    candidate_name: Annotated[Short, Form()],
    candidate_email: FormText,
    file: Annotated[UploadFile, File(description=f"A PDF with text, at most {MOST_BYTES} bytes and 30 pages")],
    caller: Screener,
    services: TheServices,
    candidate_country_code: MaybeFormText = None,
    candidate_external_id: MaybeFormText = None,
    candidate_linkedin_url: MaybeFormText = None,
    form: Annotated[str | None, Form(max_length=5000, description="JSON: what the candidate filled in")] = None,
) -> JobMojitoPreScreened:
    """Read a résumé and keep it with its candidate, who is one for this position from now on."""
    said = {"candidate_name": candidate_name, "candidate_email": candidate_email, "form": form}
    said |= {"candidate_country_code": candidate_country_code, "candidate_external_id": candidate_external_id}
    who = requests.person(said | {"candidate_linkedin_url": candidate_linkedin_url})
    data = await file.read(MOST_BYTES + 1)
    candidate = await _enrol(services, caller, position_id, who)
    await services.resumes.put(caller.tenant, candidate, data)
    return JobMojitoPreScreened(profile_interview_id=candidate)


def _shown_once(request: Request, secret: bool) -> None:
    """Have no answer kept for an Idempotency-Key that holds a secret."""
    if secret:
        request.scope[SHOWN_ONCE_SCOPE_KEY] = True


def _require_reachable(status: State | None) -> None:
    if status is State.PREPARING:
        raise Invalid(Complaint(("body", "status"), "nothing is prepared here, it is ready at once", "send active"))


async def _delete(services: Services, caller: Caller, position: str) -> None:
    caller.require("posting:delete")
    await services.records.of(POSTINGS).delete(caller.tenant, position, Match())


async def _position(wanted: JobMojitoCandidate, caller: Caller, services: Services) -> str:
    """The interview a candidate is for: named by its id, by its code, or created now."""
    if wanted.position_def_set_id is not None:
        return wanted.position_def_set_id
    if wanted.position_external_id is not None:
        where = {"external_ref": wanted.position_external_id}
        if known := (await services.records.of(POSTINGS).page(caller.tenant, where, 1, 1)).data:
            return known[0].id
    for scope in MAKES:
        caller.require(scope)
    made = await services.publishing.publish(caller, requests.publication(requests.position_of(wanted)))
    return made.offer.posting.id


async def _enrol(services: Services, caller: Caller, position: str, who: JobMojitoPerson) -> str:
    known, new = await candidate_at(services, caller.tenant, who.candidate_email, who.candidate_name, services.clock())
    if new is not None:
        more = {"external_ref": who.candidate_external_id, "metadata": {OWN: requests.person_of(who)}}
        new = new.model_copy(update=more)
    return await services.admission.enrol(caller.tenant, position, known, new)


async def _admit(services: Services, caller: Caller, position: str, candidate: str) -> Admitted:
    posting = (await services.records.of(POSTINGS).get(caller.tenant, position)).body
    minutes = own(posting).get("max_duration")
    limits = LimitsIn(max_duration_s=minutes * 60) if isinstance(minutes, int) else None
    return await services.admission.admit(caller.tenant, position, candidate, limits)


async def _link(services: Services, caller: Caller, admitted: Admitted) -> str:
    wanted = CreateLink(name=admitted.interview.candidate.name, expires_in_s=int(LONGEST.total_seconds()))
    return (await services.interviews.link(caller, admitted.interview.id, wanted)).url

"""Evaluations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth import Caller
from api.callers import needs
from api.evaluation.schemas import EvaluationOut, OverrideIn, OverrideOut, ReviewIn, ReviewOut, ScoreIn
from api.interviews.schemas import Page
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}", tags=["evaluation"])

# Evaluations quote what was said.
Evaluator = Annotated[Caller, Depends(needs("interview:evaluate", "transcript:read"))]
Reviewer = Annotated[Caller, Depends(needs("interview:review", "transcript:read"))]
QuoteReader = Annotated[Caller, Depends(needs("interview:read", "transcript:read"))]


@router.post("/evaluate", status_code=201, responses=responses(401, 403, 404, 409))
async def evaluate(interview_id: str, caller: Evaluator, services: TheServices) -> EvaluationOut:
    """Phase 1: write down what was asked and said, once the session has ended; again at most three times."""
    return await services.evaluations.evaluate(caller, interview_id)


@router.post("/generate-score", status_code=201, responses=responses(401, 403, 404, 409, 413, 422))
async def generate_score(
    interview_id: str, caller: Evaluator, services: TheServices, wanted: ScoreIn | None = None
) -> EvaluationOut:
    """Phase 2: rate each criterion where its anchors and quoted evidence allow; the rest has no level, never a zero.

    norm is (raw - min) / (max - min); overall, 0-100, is the mean of the norms by weight over what was scored, and null
    when that is less than least_scored_weight of all weight. The recommendation is one; people decide.

    engine: `structured`, rules that a reader can check, or `model`, several ratings of verified quotes, which may take
    minutes; without it the model where one is set. A criterion that the model gives no usable answer to is rated by the
    rules, and its note says why.
    """
    return await services.evaluations.generate_score(caller, interview_id, wanted.engine if wanted else None)


@router.get("/evaluations", responses=responses(401, 403, 404))
async def evaluations(interview_id: str, caller: QuoteReader, services: TheServices) -> Page[EvaluationOut]:
    """List every version of both phases, newest first, with their evidence and reviews.

    Where people held the interview, what was found in phase 2 is withheld (`awaits_scorecard`) until a scorecard is in.
    """
    return Page.all_of(await services.evaluations.versions(caller, interview_id))


@router.get("/assessment", responses=responses(401, 403, 404, 409))
async def assessment(interview_id: str, caller: QuoteReader, services: TheServices) -> EvaluationOut:
    """Return the version of phase 2 that counts; `scorecard_first` while it waits for an interviewer's scorecard."""
    return await services.evaluations.assessment(caller, interview_id)


@router.post("/review", status_code=201, responses=responses(401, 403, 404, 409, 413, 422))
async def review(interview_id: str, wanted: ReviewIn, caller: Evaluator, services: TheServices) -> ReviewOut:
    """Say of an evaluation whether it holds; what was said before stays. API keys are refused (`people_only`)."""
    return await services.evaluations.review(caller, interview_id, wanted)


@router.post(
    "/evaluations/{evaluation_id}/overrides", status_code=201, responses=responses(401, 403, 404, 409, 413, 422)
)
async def override(
    interview_id: str, evaluation_id: str, wanted: OverrideIn, caller: Reviewer, services: TheServices
) -> OverrideOut:
    """Put your level in place of the engine's for one criterion, with a reason; `effective` follows from it.

    The engine's level stays beside it, and so does every override before. API keys are refused (`people_only`).
    """
    return await services.overrides.add(caller, interview_id, evaluation_id, wanted)

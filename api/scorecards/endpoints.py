"""Scorecards over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth import Caller
from api.callers import Holder, holder_or, needs
from api.problems import responses
from api.scorecards.schemas import OpeningIn, OpeningOut, ScorecardIn, ScorecardOut, ScorecardsOut
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}", tags=["scorecards"])

Rater = Annotated[Holder, Depends(holder_or("scorecard:submit"))]
ScorecardReader = Annotated[Holder, Depends(holder_or("scorecard:read"))]
Opener = Annotated[Caller, Depends(needs("interview:review", "transcript:read"))]


@router.get("/scorecards", responses=responses(401, 403, 404))
async def scorecards(interview_id: str, holder: ScorecardReader, services: TheServices) -> ScorecardsOut:
    """Return what there is to be rated, the scorecards so far, and the AI's levels beside them once they may be seen.

    An interviewer's join link opens it in place of a token.
    """
    return await services.scorecards.of(holder.caller, interview_id)


@router.post(
    "/scorecards", status_code=201, responses=responses(401, 403, 404, 409, 413, 422), operation_id="submit_scorecard"
)
async def submit(interview_id: str, wanted: ScorecardIn, holder: Rater, services: TheServices) -> ScorecardOut:
    """Submit your scorecard, by token or by your own join link: a level 1-5 for each criterion, null for "not asked".

    It is fixed from then on, and opens the AI's levels to you. Sent again, with a reason, it is another version.
    """
    return await services.scorecards.submit(holder.caller, interview_id, wanted)


@router.post(
    "/evaluations/open",
    status_code=201,
    responses=responses(401, 403, 404, 409, 413, 422),
    operation_id="open_evaluations",
)
async def open_(interview_id: str, wanted: OpeningIn, caller: Opener, services: TheServices) -> OpeningOut:
    """Have the AI's levels seen before any scorecard is in, with a reason, which is audited.

    Whoever held the interview still has to submit their own first. API keys are refused (`people_only`).
    """
    return await services.scorecards.open(caller, interview_id, wanted)

"""Coaching over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.callers import Holder, holder_or
from api.coaching.schemas import CoachingOut
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}", tags=["coaching"])

Coached = Annotated[Holder, Depends(holder_or("coaching:read"))]


@router.get("/coaching", responses=responses(401, 403, 404, 409))
async def coaching(interview_id: str, holder: Coached, services: TheServices) -> CoachingOut:
    """Tell those who held an interview how they held it: talk, interruptions, their questions, the plan and the time.

    Of themselves alone: by their own join link, or by a token with `coaching:read` whose subject was named on the
    interview before the call. It is no part of the candidate's record, and no evaluation reads it.
    """
    return await services.coaching.of(holder, interview_id)

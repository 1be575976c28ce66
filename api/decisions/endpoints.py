"""Decisions over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth import Caller
from api.callers import Reader, needs
from api.decisions.schemas import DecisionIn, DecisionOut
from api.interviews.schemas import Page
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews/{interview_id}", tags=["decision"])

Decider = Annotated[Caller, Depends(needs("interview:decide"))]


@router.put("/decision", responses=responses(401, 403, 404, 409, 413, 422))
async def decide(interview_id: str, wanted: DecisionIn, caller: Decider, services: TheServices) -> DecisionOut:
    """Record what a person decided; API keys are refused (`people_only`). The newest counts, and all stay."""
    return await services.decisions.decide(caller, interview_id, wanted)


@router.get("/decision", responses=responses(401, 403, 404))
async def decision(interview_id: str, caller: Reader, services: TheServices) -> DecisionOut:
    """Return the decision that counts."""
    return await services.decisions.newest(caller.tenant, interview_id)


@router.get("/decisions", responses=responses(401, 403, 404))
async def decisions(interview_id: str, caller: Reader, services: TheServices) -> Page[DecisionOut]:
    """List every decision, newest first."""
    return Page.all_of(await services.decisions.all_of(caller.tenant, interview_id))

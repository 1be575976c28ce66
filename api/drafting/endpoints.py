"""Drafts and questions over HTTP. Nothing here is saved."""

from fastapi import APIRouter

from api.callers import Creator
from api.drafting.schemas import DraftIn, DraftOut, GeneratedOut, GenerateIn
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1", tags=["drafting"])


@router.post("/interviews/draft", responses=responses(401, 403, 413, 422))
async def draft_interview(wanted: DraftIn, caller: Creator, services: TheServices) -> DraftOut:
    """Draft a whole interview for what a sentence or a job's text asks for; its plan can be sent on as it is."""
    return await services.drafting.draft(wanted)


@router.post("/questions/generate", responses=responses(401, 403, 413, 422))
async def generate_questions(wanted: GenerateIn, caller: Creator, services: TheServices) -> GeneratedOut:
    """Suggest questions for a job, spread over what it asks for, and the plan that asks them.

    The structured engine gives the same request the same questions.
    """
    return await services.drafting.generate(wanted)

"""Drafts and questions over HTTP. Nothing here is saved."""

import asyncio

from fastapi import APIRouter

from api.callers import Creator
from api.drafting.schemas import DraftIn, DraftOut, GeneratedOut, GenerateIn
from api.drafting.suggesting import draft, generate
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1", tags=["drafting"])


@router.post("/interviews/draft", responses=responses(401, 403, 413, 422))
async def draft_interview(wanted: DraftIn, caller: Creator, services: TheServices) -> DraftOut:
    """Suggest an interview for what a text asks for, made of the question bank."""
    return await asyncio.to_thread(lambda: draft(wanted, services.library.vocabulary))


@router.post("/questions/generate", responses=responses(401, 403, 413, 422))
async def generate_questions(wanted: GenerateIn, caller: Creator, services: TheServices) -> GeneratedOut:
    """Suggest questions of the bank for a job, spread over what it asks for; the same request gets the same ones."""
    return await asyncio.to_thread(lambda: generate(wanted, services.library.vocabulary))

"""Linting over HTTP. Nothing here is saved."""

import asyncio

from fastapi import APIRouter

from api.callers import Creator
from api.planning.lint import lint, not_checked
from api.planning.schemas import LintIn, LintOut
from api.problems import responses

router = APIRouter(prefix="/v1", tags=["plans"])


@router.post("/plans/lint", responses=responses(401, 403, 413, 422))
async def lint_plan(wanted: LintIn, caller: Creator) -> LintOut:
    """Look over a plan: off-limits, leading, double and repeated questions, minutes, criteria and their scales."""
    warnings = await asyncio.to_thread(lint, wanted.plan, jurisdiction=wanted.jurisdiction)
    return LintOut(warnings=list(warnings), not_checked=list(not_checked(wanted.plan.language)))

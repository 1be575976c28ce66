"""The plans that come with the product, for those who make interviews: what good answers hold is for nobody else."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api.callers import needs
from api.errors import NotFound
from bot.plan import Plan
from prompts import languages, load_plan, plan_names

router = APIRouter(prefix="/app/plans", include_in_schema=False, dependencies=[Depends(needs("interview:read"))])
HEADERS = {"Cache-Control": "no-store"}


@router.get("")
def plans() -> JSONResponse:
    """List them as a form shows them, and the languages that a bot speaks."""
    return JSONResponse({"data": [_shown(name) for name in plan_names()], "languages": languages()}, headers=HEADERS)


@router.get("/{name}")
def plan(name: str) -> JSONResponse:
    """Return one, its questions written out."""
    if name not in plan_names():  # never a path: the loader would read any file
        raise NotFound("plan", name)
    return JSONResponse(Plan.model_validate(load_plan(name)).model_dump(mode="json"), headers=HEADERS)


def _shown(name: str) -> dict[str, Any]:
    told = load_plan(name)
    questions = sum(len(section["questions"]) for section in told["sections"])
    return {"name": name, "title": told["title"], "minutes": told["minutes"], "questions": questions}

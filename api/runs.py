"""Runs: an interview under its other id, by which those who wait for it ask where it stands."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from api.callers import Reader
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import Time
from api.interviews.states import OVER, Status
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/runs", tags=["interviews"])

RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class RunOut(BaseModel):
    """Where a run stands. attempt: the number of the newest try; over: nothing will be said in it any more."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    interview_id: str
    status: Status
    status_reason: str | None
    over: bool
    attempt: int | None
    started_at: Time | None
    ended_at: Time | None


@router.get("/{run_id}/status", responses=responses(401, 403, 404, 422))
async def status(run_id: RunId, caller: Reader, services: TheServices) -> RunOut:
    """Tell where a run stands."""
    async with services.database.read() as tx:
        interviews = InterviewRepository(tx.session, caller.tenant)
        row = await interviews.of_run(run_id)
        attempt = await interviews.newest_attempt(row.id)
    return RunOut(
        run_id=run_id,
        interview_id=row.id,
        status=Status(row.status),
        status_reason=row.status_reason,
        over=Status(row.status) in OVER,
        attempt=attempt.number if attempt else None,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )

"""`/v1/usage`."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from api.auth import Caller
from api.callers import needs
from api.problems import responses
from api.records.fields import Day
from api.services import TheServices
from api.usage.schemas import UsageOut
from api.usage.service import USUAL_DAYS

router = APIRouter(prefix="/v1/usage", tags=["usage"])

FIRST, LAST = date(2000, 1, 1), date(2200, 1, 1)
Accountant = Annotated[Caller, Depends(needs("billing:read"))]


def _countable(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise ValueError(f"is not between {FIRST} and {LAST}; name a day of this century")
    return day


CountedDay = Annotated[Day, AfterValidator(_countable)]


@router.get("", responses=responses(401, 403, 422), operation_id="get_usage")
async def get(
    caller: Accountant,
    services: TheServices,
    since: Annotated[
        CountedDay | None, Query(alias="from", description=f"First day (UTC); {USUAL_DAYS} days where it is left out")
    ] = None,
    until: Annotated[CountedDay | None, Query(alias="to", description="Last day, counted in; else today")] = None,
) -> UsageOut:
    """Tell what was used, by day and in total; of at most a year at once."""
    return await services.usage.get(caller.tenant, since, until)

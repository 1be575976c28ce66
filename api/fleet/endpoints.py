"""`/v1/fleet`, and the figures for Prometheus at `/metrics`."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.auth import Caller, bearer
from api.callers import needs
from api.errors import NotFound, Unauthorised
from api.fleet.schemas import FleetOut
from api.problems import responses
from api.services import TheServices

router = APIRouter(tags=["fleet"])

Operator = Annotated[Caller, Depends(needs("fleet:read"))]


@router.get("/v1/fleet", responses=responses(401, 403), operation_id="get_fleet")
async def fleet(caller: Operator, services: TheServices) -> FleetOut:
    """Tell which of the tenant's bots are at work, where, and in which incarnation; and how much room there is."""
    return await services.survey.fleet(caller.tenant)


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, services: TheServices) -> Response:
    """Give the figures of all tenants together, without a name in them, to whoever has METRICS_TOKEN."""
    wanted = services.settings.metrics_token
    if wanted is None:
        raise NotFound("page", "/metrics (set METRICS_TOKEN to have one)")
    given = bearer(request.headers.get("authorization"))
    if not secrets.compare_digest(given.encode(), wanted.get_secret_value().encode()):
        raise Unauthorised("unknown", "This is not the METRICS_TOKEN that the server was started with.")
    told = await services.meters.told(services.survey, services.database)
    return Response(told, media_type=CONTENT_TYPE_LATEST)

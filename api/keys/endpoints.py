"""`/v1/keys`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.auth import Caller
from api.callers import needs
from api.idempotency import SHOWN_ONCE
from api.interviews.schemas import Page
from api.keys.schemas import CreateKey, KeyOut, NewKeyOut
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/keys", tags=["keys"])

Manager = Annotated[Caller, Depends(needs("key:manage"))]


@router.post(
    "",
    status_code=201,
    responses=responses(401, 403, 409, 413, 422),
    operation_id="create_key",
    dependencies=[SHOWN_ONCE],
)
async def create(wanted: CreateKey, response: Response, caller: Manager, services: TheServices) -> NewKeyOut:
    """Make an API key. It is shown in this answer and never again; it can't grant more than its maker has."""
    made = await services.keys.create(caller, wanted)
    response.headers["Location"] = f"/v1/keys/{made.id}"
    return made


@router.get("", responses=responses(401, 403, 422), operation_id="list_keys")
async def list_(
    caller: Manager,
    services: TheServices,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[KeyOut]:
    """List API keys, newest first, the revoked among them."""
    return await services.keys.page(caller.tenant, page, limit)


@router.get("/{id}", responses=responses(401, 403, 404), operation_id="get_key")
async def get(id: str, caller: Manager, services: TheServices) -> KeyOut:
    """Return an API key without its secret."""
    return await services.keys.get(caller.tenant, id)


@router.delete(
    "/{id}",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404),
    operation_id="revoke_key",
)
async def revoke(id: str, caller: Manager, services: TheServices) -> Response:
    """Revoke an API key at once and for good; it stays in the list."""
    await services.keys.revoke(caller, id)
    return Response(status_code=204)

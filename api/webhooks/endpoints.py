"""`/v1/webhooks` and what is below it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import create_model

from api.auth import Caller
from api.callers import needs
from api.idempotency import SHOWN_ONCE
from api.interviews.schemas import Page
from api.problems import responses
from api.records.endpoints import PAGES, Matching, etag
from api.services import TheServices
from api.webhooks.schemas import DeliveryOut, DeliveryStatus, WebhookIn, WebhookOut, WebhookWithSecret

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

Manager = Annotated[Caller, Depends(needs("webhook:manage"))]
PageNumber = Annotated[int, Query(ge=1, le=PAGES)]
PageSize = Annotated[int, Query(ge=1, le=100)]
_ANY: dict[str, Any] = dict.fromkeys(WebhookIn.model_fields, (Any, None))
WebhookPatch: Any = create_model("WebhookPatch", __config__={"extra": "forbid"}, **_ANY)


@router.post(
    "",
    status_code=201,
    responses=responses(401, 403, 409, 413, 422),
    dependencies=[SHOWN_ONCE],
    operation_id="create_webhook",
)
async def create(wanted: WebhookIn, response: Response, caller: Manager, services: TheServices) -> WebhookWithSecret:
    """Register a webhook. Its signing secret is in this answer and in no other."""
    made = await services.webhooks.create(caller.tenant, wanted)
    response.headers["ETag"] = etag(made.version)
    response.headers["Location"] = f"/v1/webhooks/{made.body.id}"
    return made.body


@router.get("", responses=responses(401, 403, 422), operation_id="list_webhooks")
async def list_(caller: Manager, services: TheServices, page: PageNumber = 1, limit: PageSize = 20) -> Page[WebhookOut]:
    """List webhooks, newest first."""
    return await services.webhooks.page(caller.tenant, page, limit)


@router.get("/{id}", responses=responses(401, 403, 404), operation_id="get_webhook")
async def get(id: str, response: Response, caller: Manager, services: TheServices) -> WebhookOut:
    """Return a webhook; its ETag is the version of its configuration."""
    found = await services.webhooks.get(caller.tenant, id)
    response.headers["ETag"] = etag(found.version)
    return found.body


@router.put("/{id}", responses=responses(401, 403, 404, 412, 413, 422), operation_id="put_webhook")
@router.patch("/{id}", responses=responses(401, 403, 404, 412, 413, 422), operation_id="patch_webhook")
async def change(
    id: str, wanted: WebhookPatch, response: Response, caller: Manager, services: TheServices, match: Matching
) -> WebhookOut:
    """Change a webhook by a JSON merge patch (RFC 7396); a header is removed by null."""
    patch = wanted.model_dump(mode="json", exclude_unset=True)
    changed = await services.webhooks.change(caller.tenant, id, patch, match)
    response.headers["ETag"] = etag(changed.version)
    return changed.body


@router.delete("/{id}", status_code=204, responses=responses(401, 403, 404, 412, 422), operation_id="delete_webhook")
async def delete(id: str, caller: Manager, services: TheServices, match: Matching) -> Response:
    """Delete a webhook; what waits for it is not sent any more."""
    await services.webhooks.delete(caller.tenant, id, match)
    return Response(status_code=204)


@router.post(
    "/{id}/rotate-secret",
    responses=responses(401, 403, 404),
    dependencies=[SHOWN_ONCE],
    operation_id="rotate_webhook_secret",
)
async def rotate_secret(id: str, caller: Manager, services: TheServices) -> WebhookWithSecret:
    """Make a new signing secret. For 24 hours messages carry two signatures: the new secret's and the old one's."""
    return await services.webhooks.rotate_secret(caller.tenant, id)


@router.post("/{id}/reset", responses=responses(401, 403, 404), operation_id="reset_webhook")
async def reset(id: str, caller: Manager, services: TheServices) -> WebhookOut:
    """Close the circuit after failures: what waits is sent at once instead of after the pause."""
    return await services.webhooks.reset(caller.tenant, id)


@router.post("/{id}/ping", responses=responses(401, 403, 404), operation_id="ping_webhook")
async def ping(id: str, caller: Manager, services: TheServices) -> DeliveryOut:
    """Send a ping now and tell what came of it: `delivered`, or `failed` and why. It is not tried again."""
    return await services.webhooks.ping(caller.tenant, id)


@router.get("/{id}/deliveries", responses=responses(401, 403, 404, 422), operation_id="list_webhook_deliveries")
async def deliveries(
    id: str,
    caller: Manager,
    services: TheServices,
    status: DeliveryStatus | None = None,
    page: PageNumber = 1,
    limit: PageSize = 20,
) -> Page[DeliveryOut]:
    """List what was sent, newest first, with what came of it."""
    return await services.webhooks.deliveries(caller.tenant, id, status, page, limit)


@router.post(
    "/{id}/deliveries/{delivery_id}/retry",
    status_code=202,
    responses=responses(401, 403, 404, 409),
    operation_id="retry_webhook_delivery",
)
async def retry(id: str, delivery_id: str, caller: Manager, services: TheServices) -> DeliveryOut:
    """Send a message again, once, under the same `webhook-id`, as soon as the webhook is free."""
    return await services.webhooks.retry(caller.tenant, id, delivery_id)

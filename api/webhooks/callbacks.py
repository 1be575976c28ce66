"""What becomes of an interview's own `callback_url`: the tenant's webhook with that address, made where there is none.

Such a webhook is told of the interviews that name its address, each notice once. Besides it is like any other: its log,
its circuit and (by a rotation) its secret are where theirs are, and switched off it is told nothing. One that was made
here is not among those that a tenant may have so many of.
"""

import hashlib
import secrets
from datetime import datetime

from api.webhooks.events import CALLBACK
from api.webhooks.repository import Queue
from api.webhooks.schemas import WebhookIn
from api.webhooks.tables import WebhookRow


async def callback_at(queue: Queue, tenant: str, url: str, now: datetime) -> WebhookRow:
    """Return the webhook that stands for a callback address."""
    known = await queue.at(tenant, url)
    if known is not None:
        return known
    webhook = WebhookRow(
        id=f"wh_{secrets.token_hex(10)}",
        tenant=tenant,
        version=1,
        external_ref=f"{CALLBACK}:{hashlib.sha256(url.encode()).hexdigest()}",  # the tenant's own have none
        body=WebhookIn(url=url, events=(CALLBACK,)).model_dump(mode="json"),
        active=True,
        created_at=now,
        updated_at=now,
    )
    await queue.add(webhook)
    return webhook

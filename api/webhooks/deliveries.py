"""One delivery: how it is made, and what an attempt leaves on it."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from api.moments import rfc3339
from api.webhooks.courier import Outcome
from api.webhooks.tables import DeliveryRow, WebhookRow

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"


def new_delivery(webhook: WebhookRow, type_: str, at: datetime, data: Mapping[str, Any], now: datetime) -> DeliveryRow:
    """Return a delivery that is due now. at: when what it tells happened."""
    return DeliveryRow(
        id=f"msg_{secrets.token_hex(12)}",
        webhook_id=webhook.id,
        tenant=webhook.tenant,
        type=type_,
        payload={"type": type_, "timestamp": rfc3339(at), "data": dict(data)},
        status=PENDING,
        attempts=0,
        created_at=now,
        next_at=now,
    )


def note(delivery: DeliveryRow, outcome: Outcome, now: datetime, again_in: timedelta | None) -> None:
    """Write down what came of an attempt. again_in: when to try a failed one again; None: never."""
    delivery.attempts += 1
    delivery.last_at = now
    delivery.response_status, delivery.response = outcome.status, outcome.response
    delivery.error, delivery.duration_ms = outcome.error, outcome.duration_ms
    if outcome.error is None:
        delivery.status, delivery.next_at = DELIVERED, None
    elif again_in is None:
        delivery.status, delivery.next_at = FAILED, None
    else:
        delivery.status, delivery.next_at = PENDING, now + again_in

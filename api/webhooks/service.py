"""What a tenant can do with its webhooks."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from api.database import Database
from api.errors import Conflict
from api.interviews.schemas import Page, PageMeta
from api.moments import Clock
from api.records.kinds import Kind, Work
from api.records.repository import Records
from api.records.service import Match, RecordService, Versioned
from api.webhooks.courier import Courier
from api.webhooks.deliveries import PENDING, new_delivery, note
from api.webhooks.events import PING
from api.webhooks.patience import BREAKS_AFTER
from api.webhooks.repository import Deliveries
from api.webhooks.schemas import Circuit, DeliveryOut, DeliveryStatus, WebhookIn, WebhookOut, WebhookWithSecret
from api.webhooks.tables import WebhookRow, new_salt
from api.webhooks.targets import Targets

MOST = 50  # of one tenant: each event may become a message for each of them
OVERLAP = timedelta(hours=24)  # how long the secret before a rotation signs along


async def _not_too_many(work: Work, record: WebhookRow, wanted: WebhookIn) -> None:
    if record in work.session:
        return  # it counts already
    mine = select(func.count()).where(
        WebhookRow.tenant == work.tenant,
        WebhookRow.deleted_at.is_(None),
        WebhookRow.external_ref.is_(None),  # see `callbacks.py`
    )
    if (await work.session.scalar(mine) or 0) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already; delete one that is not needed.", current_status="full")


def _state(row: WebhookRow) -> Mapping[str, Any]:
    return {
        "header_names": list(row.body["headers"]),
        "circuit": Circuit.OPEN if row.failures >= BREAKS_AFTER else Circuit.CLOSED,
        "consecutive_failures": row.failures,
        "paused_until": row.paused_until,
    }


WEBHOOKS = Kind(
    "webhook",
    "webhooks",
    "wh",
    WebhookRow,
    WebhookIn,
    WebhookOut,
    columns=lambda wanted: {"active": wanted.active},
    rule=_not_too_many,
    shows=_state,
)


class WebhookService:
    """Webhooks of every tenant; whose is said with each call. Addresses are checked before any transaction begins."""

    def __init__(self, database: Database, courier: Courier, targets: Targets, clock: Clock) -> None:
        self._database = database
        self._courier = courier
        self._targets = targets
        self._clock = clock
        self._records = RecordService(WEBHOOKS, database, clock)

    async def create(self, tenant: str, wanted: WebhookIn) -> Versioned[WebhookWithSecret]:
        """Register a webhook; raise `Invalid` for an address it may not lead to, `Conflict` when there are too many."""
        await self._targets.locate(wanted.url)
        async with self._database.write() as tx:
            row = await self._records.add(tx, tenant, wanted)
        return Versioned(self._with_secret(row), row.version)

    async def page(self, tenant: str, page: int, limit: int) -> Page[WebhookOut]:
        """Return one page, newest first."""
        return await self._records.page(tenant, {}, page, limit)

    async def get(self, tenant: str, id_: str) -> Versioned[WebhookOut]:
        """Return a webhook; raise `NotFound`."""
        return await self._records.get(tenant, id_)

    async def change(self, tenant: str, id_: str, patch: dict[str, Any], match: Match) -> Versioned[WebhookOut]:
        """Merge `patch` into a webhook (RFC 7396); raise `NotFound`, `Stale`, `Invalid`."""
        if isinstance(url := patch.get("url"), str):
            await self._targets.locate(url)
        return await self._records.change(tenant, id_, patch, match)

    async def delete(self, tenant: str, id_: str, match: Match) -> None:
        """Delete a webhook; what waits for it is not sent any more."""
        await self._records.delete(tenant, id_, match)

    async def rotate_secret(self, tenant: str, id_: str) -> WebhookWithSecret:
        """Give a webhook a new secret; the old one signs along for a day, so that its server can change over."""
        async with self._database.write() as tx:
            row = await self._webhooks(tx.session, tenant).get_for_change(id_)
            row.previous_salt, row.previous_until = row.salt, self._clock() + OVERLAP
            row.salt = new_salt()
        return self._with_secret(row)

    async def reset(self, tenant: str, id_: str) -> WebhookOut:
        """Close a webhook's circuit: what waits is sent at once."""
        async with self._database.write() as tx:
            row = await self._webhooks(tx.session, tenant).get_for_change(id_)
            row.failures, row.paused_until = 0, None
        return WEBHOOKS.view(row)

    async def ping(self, tenant: str, id_: str) -> DeliveryOut:
        """Send a ping now, whatever state the webhook is in, and return what came of it; it is never repeated."""
        async with self._database.read() as tx:
            row = await self._webhooks(tx.session, tenant).get(id_)
        now = self._clock()
        delivery = new_delivery(row, PING, now, {"webhook_id": row.id}, now)
        outcome = await self._courier.carry(row, delivery.id, delivery.payload)
        note(delivery, outcome, self._clock(), None)
        async with self._database.write() as tx:
            tx.session.add(delivery)
        return DeliveryOut.model_validate(delivery)

    async def deliveries(
        self, tenant: str, id_: str, status: DeliveryStatus | None, page: int, limit: int
    ) -> Page[DeliveryOut]:
        """Return one page of what a webhook was sent, newest first; raise `NotFound`."""
        async with self._database.read() as tx:
            await self._webhooks(tx.session, tenant).get(id_)
            rows, total = await Deliveries(tx.session, tenant, id_).page(status, page, limit)
        return Page(data=[DeliveryOut.model_validate(row) for row in rows], meta=PageMeta.of(page, limit, total))

    async def retry(self, tenant: str, id_: str, delivery_id: str) -> DeliveryOut:
        """Have a message sent again as soon as its webhook is free; raise `NotFound`, `Conflict` if it is off."""
        async with self._database.write() as tx:
            row = await self._webhooks(tx.session, tenant).get_for_change(id_)
            delivery = await Deliveries(tx.session, tenant, id_).get_for_change(delivery_id)
            if not row.active:
                raise Conflict(
                    f"The webhook {id_!r} is switched off; set active to true first.", current_status="inactive"
                )
            delivery.status, delivery.next_at = PENDING, self._clock()
        return DeliveryOut.model_validate(delivery)

    def _with_secret(self, row: WebhookRow) -> WebhookWithSecret:
        shown = WEBHOOKS.view(row).model_dump()
        return WebhookWithSecret.model_validate(shown | {"secret": self._courier.secret(row)})

    def _webhooks(self, session: Any, tenant: str) -> Records[WebhookRow]:
        return Records(session, tenant, WebhookRow, WEBHOOKS.name)

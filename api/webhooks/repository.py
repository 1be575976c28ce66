"""Every query about webhooks besides those that records have: one tenant's deliveries, and the sender's queue."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import NotFound
from api.interviews.tables import InterviewRow
from api.webhooks.events import CALLBACK
from api.webhooks.tables import DeliveryRow, NoticeRow, WebhookRow


class Deliveries:
    """What one tenant's webhook was sent."""

    def __init__(self, session: AsyncSession, tenant: str, webhook_id: str) -> None:
        self._session = session
        self._mine = (DeliveryRow.tenant == tenant, DeliveryRow.webhook_id == webhook_id)

    async def page(self, status: str | None, page: int, limit: int) -> tuple[Sequence[DeliveryRow], int]:
        """Return one page, newest first, and how many there are."""
        where: list[ColumnElement[bool]] = [*self._mine]
        if status is not None:
            where.append(DeliveryRow.status == status)
        total = await self._session.scalar(select(func.count()).select_from(DeliveryRow).where(*where))
        newest = select(DeliveryRow).where(*where).order_by(DeliveryRow.number.desc())
        rows = await self._session.scalars(newest.limit(limit).offset((page - 1) * limit))
        return rows.all(), total or 0

    async def get_for_change(self, delivery_id: str) -> DeliveryRow:
        """Return a delivery that nobody else changes until this transaction ends; raise `NotFound`."""
        query = select(DeliveryRow).where(*self._mine, DeliveryRow.id == delivery_id).with_for_update()
        row = await self._session.scalar(query)
        if row is None:
            raise NotFound("delivery", delivery_id)
        return row


class Queue:
    """What waits to be sent, whoever's it is. `claimable` and `notices` lock what they return."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def anything(self, now: datetime) -> bool:
        """Tell whether there is anything to do; unlike the rest this locks nothing."""
        query = select(or_(exists(select(NoticeRow.number)), exists(select(WebhookRow.id).where(_ready(now)))))
        return bool(await self._session.scalar(query))

    async def notices(self, limit: int) -> Sequence[NoticeRow]:
        """Return what happened and is not handed out, oldest first. Two that ask at once are served one by one."""
        query = select(NoticeRow).order_by(NoticeRow.number).limit(limit).with_for_update()
        return (await self._session.scalars(query)).all()

    async def listening(self, tenants: set[str]) -> Sequence[WebhookRow]:
        """Return the active webhooks of some tenants, in the order in which they were made."""
        query = select(WebhookRow).where(
            WebhookRow.tenant.in_(tenants), WebhookRow.active, WebhookRow.deleted_at.is_(None)
        )
        return (await self._session.scalars(query.order_by(WebhookRow.created_at, WebhookRow.id))).all()

    async def callbacks(self, notices: Sequence[NoticeRow]) -> dict[int, str]:
        """Return where the interviews that some notices are about want to be told of, by the notices' numbers."""
        named = {notice.number: (notice.tenant, notice.data.get("interview_id")) for notice in notices}
        query = select(InterviewRow.tenant, InterviewRow.id, InterviewRow.callback_url).where(
            InterviewRow.id.in_({interview_id for _, interview_id in named.values()}),
            InterviewRow.callback_url.is_not(None),
        )
        found = {(row.tenant, row.id): row.callback_url for row in await self._session.execute(query)}
        return {number: found[whose] for number, whose in named.items() if whose in found}

    async def at(self, tenant: str, url: str) -> WebhookRow | None:
        """Return a tenant's first webhook with this address, switched off or not."""
        same = select(WebhookRow).where(
            WebhookRow.tenant == tenant, WebhookRow.deleted_at.is_(None), WebhookRow.body["url"].as_string() == url
        )
        return await self._session.scalar(same.order_by(WebhookRow.created_at, WebhookRow.id).limit(1))

    async def add(self, webhook: WebhookRow) -> None:
        """Keep a new webhook."""
        self._session.add(webhook)
        await self._session.flush()  # what refers to it comes after it

    async def forget(self, notices: Sequence[NoticeRow]) -> None:
        """Drop notices that were handed out."""
        numbers = [notice.number for notice in notices]
        await self._session.execute(delete(NoticeRow).where(NoticeRow.number.in_(numbers)))

    async def forget_deliveries(self, before: datetime) -> None:
        """Drop deliveries that were made before a time, sent or not."""
        await self._session.execute(delete(DeliveryRow).where(DeliveryRow.created_at < before))

    async def forget_callbacks(self, before: datetime) -> None:
        """Drop what stands for callback addresses since before a time, was sent nothing that is still in the log, and
        was never touched: made again, such a one differs in nothing that anybody knows.
        """
        told = exists().where(DeliveryRow.webhook_id == WebhookRow.id)
        untouched = (WebhookRow.version == 1, WebhookRow.previous_salt.is_(None), WebhookRow.created_at < before)
        made = WebhookRow.external_ref.startswith(f"{CALLBACK}:", autoescape=True)
        await self._session.execute(delete(WebhookRow).where(made, *untouched, ~told))

    async def claimable(self, now: datetime, but_for: Collection[str] = ()) -> WebhookRow | None:
        """Return the webhook with something due that has waited longest for its turn; others' claims are passed over.

        but_for: tenants whose webhooks are passed over too.
        On SQLite, which has no such locks, the write transaction this runs in is the only one there is.
        """
        turn = (WebhookRow.claimed_at.asc().nulls_first(), WebhookRow.id)
        query = select(WebhookRow).where(_ready(now), WebhookRow.tenant.not_in(but_for)).order_by(*turn).limit(1)
        return await self._session.scalar(query.with_for_update(skip_locked=True, of=WebhookRow))

    async def next_due(self, webhook_id: str, now: datetime) -> DeliveryRow | None:
        """Return the oldest delivery of a webhook that is due."""
        query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id, DeliveryRow.next_at <= now)
        return await self._session.scalar(query.order_by(DeliveryRow.number).limit(1))

    async def held(self, webhook_id: str, claim: str) -> WebhookRow | None:
        """Return a webhook for change if `claim` still holds it."""
        query = select(WebhookRow).where(WebhookRow.id == webhook_id, WebhookRow.claim == claim)
        return await self._session.scalar(query.with_for_update())

    async def delivery(self, delivery_id: str) -> DeliveryRow | None:
        """Return a delivery for change, unless it was forgotten."""
        query = select(DeliveryRow).where(DeliveryRow.id == delivery_id).with_for_update()
        return await self._session.scalar(query)


def _ready(now: datetime) -> ColumnElement[bool]:
    due = exists().where(DeliveryRow.webhook_id == WebhookRow.id, DeliveryRow.next_at <= now)
    return and_(
        WebhookRow.active,
        WebhookRow.deleted_at.is_(None),
        or_(WebhookRow.leased_until.is_(None), WebhookRow.leased_until < now),
        or_(WebhookRow.paused_until.is_(None), WebhookRow.paused_until <= now),
        due,
    )

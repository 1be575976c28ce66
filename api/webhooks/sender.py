"""Sends what is due. Any number of replicas may run one: a webhook is claimed before anything is sent to it.

A claim is a lease. One that is never given back, because its process died, runs out, and the message is sent again.
"""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.database import Database
from api.moments import Clock
from api.webhooks.callbacks import callback_at
from api.webhooks.courier import GONE, Courier, Outcome
from api.webhooks.deliveries import new_delivery, note
from api.webhooks.events import EVERYTHING, names_of
from api.webhooks.patience import back_off, pause
from api.webhooks.repository import Queue
from api.webhooks.tables import DeliveryRow, NoticeRow, WebhookRow

log = structlog.get_logger(__name__)

AT_ONCE, AT_ONCE_TO_ONE = 64, 8  # deliveries of all tenants and of one, whose slow servers hold up its own alone
NOTICES_AT_ONCE = 100
KEPT_FOR = timedelta(days=30)  # longer than any back-off; what could not be sent by then is no news any more
FORGETS_EVERY = timedelta(hours=1)
LEASE_BEYOND_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery that nobody else sends at the moment."""

    webhook: WebhookRow
    delivery: DeliveryRow
    claim: str


class Sender:
    """Makes deliveries of what happened and sends them. every_s: how often it looks whether there is anything.

    chance: random numbers from 0 to 1, for the jitter.
    """

    def __init__(
        self,
        database: Database,
        courier: Courier,
        clock: Clock,
        every_s: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._courier = courier
        self._clock = clock
        self._every_s = every_s
        self._chance = chance
        self._under_way = Counter[str]()  # deliveries, by tenant
        self._forgets_at = clock()
        self._bell = asyncio.Event()

    async def run(self) -> None:
        """Keep sending until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._bell.clear()
                try:
                    await self.look(tasks)
                except (SQLAlchemyError, OSError) as error:
                    log.error("database_unavailable", error=str(error))
                except Exception:  # the next round may fare better, and the control plane lives on this task
                    log.exception("webhook_round_failed")
                try:
                    async with asyncio.timeout(self._every_s):
                        await self._bell.wait()
                except TimeoutError:
                    pass

    async def look(self, tasks: asyncio.TaskGroup) -> int:
        """Begin, in `tasks`, every delivery that is due as far as there is room; return how many."""
        await self._forget()
        async with self._database.read() as tx:
            if not await Queue(tx.session).anything(self._clock()):
                return 0
        while await self._hand_out() == NOTICES_AT_ONCE:
            pass
        begun = 0
        while self._under_way.total() < AT_ONCE and (claimed := await self._claim()) is not None:
            self._under_way[claimed.webhook.tenant] += 1
            begun += 1
            tasks.create_task(self._send(claimed), name=f"webhook {claimed.delivery.id}")
        return begun

    async def _forget(self) -> None:
        """Drop old messages from the log, and what stood for callback addresses they were sent to, now and then."""
        now = self._clock()
        if now >= self._forgets_at:
            async with self._database.write() as tx:
                queue = Queue(tx.session)
                await queue.forget_deliveries(now - KEPT_FOR)
                await queue.forget_callbacks(now - KEPT_FOR)
            self._forgets_at = now + FORGETS_EVERY

    async def _hand_out(self) -> int:
        """Make deliveries of the next notices; return how many those were: `NOTICES_AT_ONCE` when there may be more."""
        now = self._clock()
        async with self._database.write() as tx:
            queue = Queue(tx.session)
            notices = await queue.notices(NOTICES_AT_ONCE)
            if not notices:
                return 0
            webhooks = await queue.listening({notice.tenant for notice in notices})
            callbacks = await queue.callbacks(notices)
            for notice in notices:
                asked = _asked(notice, webhooks)
                if url := callbacks.get(notice.number):
                    own = await callback_at(queue, notice.tenant, url, now)
                    if own.active and own.id not in {webhook.id for webhook, _ in asked}:
                        asked.append((own, notice.type))
                for webhook, name in asked:
                    tx.session.add(new_delivery(webhook, name, notice.at, notice.data, now))
            await queue.forget(notices)
        return len(notices)

    async def _claim(self) -> Claimed | None:
        now = self._clock()
        async with self._database.write() as tx:
            queue = Queue(tx.session)
            full = [tenant for tenant, count in self._under_way.items() if count >= AT_ONCE_TO_ONE]
            webhook = await queue.claimable(now, full)
            delivery = await queue.next_due(webhook.id, now) if webhook is not None else None
            if webhook is None or delivery is None:
                return None
            claim = secrets.token_hex(16)
            webhook.claim, webhook.claimed_at = claim, now
            webhook.leased_until = now + timedelta(seconds=webhook.body["timeout_s"]) + LEASE_BEYOND_TIMEOUT
        return Claimed(webhook, delivery, claim)

    async def _send(self, claimed: Claimed) -> None:
        delivery = claimed.delivery
        try:
            outcome = await self._courier.carry(claimed.webhook, delivery.id, delivery.payload)
            await self._settle(claimed, outcome)
        except Exception:  # the lease runs out and the message is sent again; the other webhooks go on
            log.exception("webhook_delivery_not_settled", webhook_id=claimed.webhook.id, delivery_id=delivery.id)
        finally:
            self._under_way -= Counter([claimed.webhook.tenant])
            self._bell.set()

    async def _settle(self, claimed: Claimed, outcome: Outcome) -> None:
        now = self._clock()
        async with self._database.write() as tx:
            queue = Queue(tx.session)
            webhook = await queue.held(claimed.webhook.id, claimed.claim)
            if webhook is None:
                log.warning("webhook_lease_lost", webhook_id=claimed.webhook.id, delivery_id=claimed.delivery.id)
                return
            webhook.claim = webhook.leased_until = None
            _judge(webhook, outcome, now)
            delivery = await queue.delivery(claimed.delivery.id)
            if delivery is not None:
                attempts = delivery.attempts + 1
                over = outcome.status == GONE or attempts > webhook.body["max_retries"]
                note(delivery, outcome, now, None if over else back_off(attempts, self._chance()))
        log.info(
            "webhook_attempt",
            webhook_id=webhook.id,
            delivery_id=claimed.delivery.id,
            response_status=outcome.status,
            error=outcome.error,
            failures=webhook.failures,
        )


def _asked(notice: NoticeRow, webhooks: Sequence[WebhookRow]) -> list[tuple[WebhookRow, str]]:
    """Return who asked for a notice, once for each of its names that they asked for."""
    return [
        (webhook, name)
        for webhook in webhooks
        if webhook.tenant == notice.tenant
        for name in names_of(notice.type, notice.data)
        if {name, EVERYTHING} & set(webhook.body["events"])
    ]


def _judge(webhook: WebhookRow, outcome: Outcome, now: datetime) -> None:
    """Open or close a webhook's circuit after an attempt; switch it off if it says that it is gone."""
    if outcome.error is None:
        webhook.failures, webhook.paused_until = 0, None
        return
    webhook.failures += 1
    rest = pause(webhook.failures)
    webhook.paused_until = now + rest if rest else None
    if outcome.status == GONE:
        webhook.active, webhook.body = False, {**webhook.body, "active": False}
        webhook.version, webhook.updated_at = webhook.version + 1, now

"""Starts interviews whose time has come, and gives up those whose time has passed.

A bot is sent `STAGED` ahead of time, so that a lack of room shows before it matters, and joins on the minute by itself.
Times are instants, whatever offset they were given with: daylight saving moves none of them. Where replicas share a
database the clock is that one's, so that a replica whose own is wrong starts and misses nothing.

Any number of replicas may do so at once: each claims what it is about to start, and a claim ends by itself, so what a
dead replica had claimed is another's a little later. Whoever has no room claims nothing that another may start.
"""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.database import Database, Transaction
from api.errors import Conflict, ControlPlaneError, LaunchFailed, NoCapacity, NotFound
from api.events.publisher import Publisher
from api.interviews.dispatch import STAGED
from api.interviews.ledger import Ledger
from api.interviews.repository import RunRepository
from api.interviews.service import InterviewService
from api.interviews.states import Status
from api.moments import Clock, rfc3339
from api.webhooks.events import REMINDER, Notice
from api.webhooks.outbox import enqueue
from orchestrator import BotLauncher
from orchestrator.errors import LaunchError

log = structlog.get_logger(__name__)

LATEST = timedelta(minutes=15)  # after its time an interview is not started by itself any more
CLAIM = timedelta(seconds=30)  # a start takes less; a claim is also how long a failed one waits for the next try
AT_ONCE = 8
MISSED = "start_missed"
PUT_OFF = (NoCapacity.code, LaunchFailed.code)  # why an interview waits on though its time has come


class Scheduler:
    """Looks for what is due, every `every_s` seconds."""

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        interviews: InterviewService,
        launcher: BotLauncher,
        clock: Clock,
        every_s: float,
        remind_s: float,
    ) -> None:
        """remind_s: how long before an interview whoever follows it is reminded; 0: not at all."""
        self._remind = timedelta(seconds=remind_s)
        self._database = database
        self._publisher = publisher
        self._interviews = interviews
        self._launcher = launcher
        self._clock = clock
        self._every_s = every_s

    async def run(self) -> None:
        """Keep going until cancelled."""
        while True:
            try:
                while await self.look():
                    pass
            except (SQLAlchemyError, OSError) as error:
                log.error("database_unavailable", error=str(error))
            except Exception:  # without its scheduler a control plane keeps no appointment
                log.exception("round_failed")
            await asyncio.sleep(self._every_s)

    async def look(self) -> int:
        """Start what is due; return how many were tried, at most `AT_ONCE`."""
        async with self._database.read() as tx:
            now = await self._database.now(tx.session, self._clock)
            runs = RunRepository(tx.session)
            if not (await runs.anything_due(now, now + STAGED) or await runs.anyone_to_remind(now, self._remind)):
                return 0
        room = await self._room()
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            for row in await runs.claim_missed(now, now - LATEST, 100):
                log.warning("interview_expired", interview=row.id, scheduled_at=str(row.scheduled_at))
                Ledger(tx, row, self._publisher).move(Status.EXPIRED, now, MISSED)
            await self._send_reminders(tx, now)
            due = await runs.claim_due(now, now + STAGED, now - LATEST, now + CLAIM, room or 0)
            if room == 0:  # those that nobody had room for: tried once, so that they say so
                due = await runs.claim_due(now, now, now - LATEST, now + CLAIM, AT_ONCE, untold=PUT_OFF)
            mine = [(row.tenant, row.id) for row in due]
        async with asyncio.TaskGroup() as tasks:
            for tenant, interview_id in mine:
                tasks.create_task(self._start(tenant, interview_id), name=f"start {interview_id}")
        return len(mine)

    async def _room(self) -> int | None:
        """Return how many bots may be started here now, at most `AT_ONCE`; None where none will be, and others may."""
        try:
            capacity = await self._launcher.capacity()
        except LaunchError:
            return 0
        if capacity.draining:
            return None
        return AT_ONCE if self._launcher.shared else min(capacity.free, AT_ONCE)  # which has its bots wait by itself

    async def _send_reminders(self, tx: Transaction, now: datetime) -> None:
        """Tell whoever follows an interview, once, that it is about to begin."""
        for row in await RunRepository(tx.session).claim_reminders(now, self._remind, 100):
            assert row.scheduled_at is not None
            row.reminded_for, when = row.scheduled_at, rfc3339(row.scheduled_at)
            told = {"scheduled_at": when, "in_s": round((row.scheduled_at - now).total_seconds())}
            Ledger(tx, row, self._publisher).append(REMINDER, told, now)
            notice = {"interview_id": row.id, **told}
            if row.external_ref is not None:
                notice["external_ref"] = row.external_ref
            enqueue(tx.session, row.tenant, Notice(REMINDER, now, notice))

    async def _start(self, tenant: str, interview_id: str) -> None:
        try:
            await self._interviews.start(tenant, interview_id)
        except (NoCapacity, LaunchFailed) as error:
            log.warning("start_put_off", interview=interview_id, why=error.code, retry_s=CLAIM.total_seconds())
        except (Conflict, NotFound) as error:  # somebody started, cancelled or deleted it just now
            log.info("start_not_needed", interview=interview_id, why=error.code)
        except (ControlPlaneError, SQLAlchemyError, OSError):
            log.exception("start_failed", interview=interview_id)

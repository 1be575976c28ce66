"""Starts interviews whose time has come, and gives up those whose time has passed.

Any number of replicas may do so at once: each claims what it is about to start, and a claim ends by itself, so what a
dead replica had claimed is another's a little later.
"""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.database import Database
from api.errors import Conflict, ControlPlaneError, LaunchFailed, NoCapacity, NotFound
from api.events.publisher import Publisher
from api.interviews.ledger import Ledger
from api.interviews.repository import RunRepository
from api.interviews.service import InterviewService
from api.interviews.states import Status
from api.moments import Clock

log = structlog.get_logger(__name__)

LATEST = timedelta(minutes=15)  # after its time an interview is not started by itself any more
CLAIM = timedelta(seconds=30)  # a start takes less; a claim is also how long a failed one waits for the next try
AT_ONCE = 8
MISSED = "start_missed"


class Scheduler:
    """Looks for what is due, every `every_s` seconds."""

    def __init__(
        self, database: Database, publisher: Publisher, interviews: InterviewService, clock: Clock, every_s: float
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._interviews = interviews
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
        now = self._clock()
        async with self._database.read() as tx:
            if not await RunRepository(tx.session).anything_due(now):
                return 0
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            for row in await runs.claim_missed(now, now - LATEST, 100):
                log.warning("interview_expired", interview_id=row.id, scheduled_at=str(row.scheduled_at))
                Ledger(tx, row, self._publisher).move(Status.EXPIRED, now, MISSED)
            due = await runs.claim_due(now, now - LATEST, now + CLAIM, AT_ONCE)
            mine = [(row.tenant, row.id) for row in due]
        async with asyncio.TaskGroup() as tasks:
            for tenant, interview_id in mine:
                tasks.create_task(self._start(tenant, interview_id), name=f"start {interview_id}")
        return len(mine)

    async def _start(self, tenant: str, interview_id: str) -> None:
        try:
            await self._interviews.start(tenant, interview_id)
        except (NoCapacity, LaunchFailed) as error:
            log.warning("start_put_off", interview_id=interview_id, why=error.code, retry_s=CLAIM.total_seconds())
        except (Conflict, NotFound) as error:  # somebody started, cancelled or deleted it just now
            log.info("start_not_needed", interview_id=interview_id, why=error.code)
        except (ControlPlaneError, SQLAlchemyError, OSError):
            log.exception("start_failed", interview_id=interview_id)

"""Who looks after each attempt's bot: the place that runs it, for as long as it keeps saying so.

A place is where a launcher starts bots: one data directory and its host, or, for a launcher that all replicas share,
all of them together. The lease names the incarnation it is for, and outlives the process that took it: the same place
goes on with it after a restart, any other only once it has run out. Times are the database's, where replicas share one.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, ForeignKey, String, and_, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Database, Moment
from api.errors import Superseded
from api.interviews.tables import AttemptRow
from api.moments import Clock

log = structlog.get_logger(__name__)

NOBODY = ""  # holds what was running before there were leases, until whoever runs it says so
CLAIM = timedelta(seconds=10)  # what a process does alone is its own for so long at a time; dead, it is another's then
JUMP_S = 2.0  # by which the database's clock and the event loop's part: one of them was set, or stood still
RENEWED_AT = 0.7  # of a lease's length: when less is left it is renewed


class LeaseRow(Base):
    """Who looks after one attempt. epoch: the incarnation it is for.

    busy: one process is at what is to be done once, the start of the bot or the writing up of its call.
    """

    __tablename__ = "bot_lease"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    epoch: Mapped[int]
    holder: Mapped[str] = mapped_column(String(64), index=True)
    busy: Mapped[bool]
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Leases:
    """The leases as one process sees them. place: whose bots its launcher runs; length: of a lease.

    Methods with a session are part of the caller's transaction.
    """

    def __init__(self, database: Database, place: str, length: timedelta, clock: Clock) -> None:
        self.place = place
        self._database = database
        self._length = length
        self._claim = min(length, CLAIM)
        self._clock = clock
        self._under_way: set[str] = set()
        self._reached: float | None = None  # when the database was last seen to answer, and since when it has
        self._since = 0.0
        self._ahead: float | None = None  # of the event loop's clock, by which the database's was seen last

    async def run(self) -> None:
        """Keep the leases of this place until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self.renew()
                now = loop.time()
                if self._cut_off(now):
                    self._since = now
                self._reached = now
            except (SQLAlchemyError, OSError) as error:
                log.error("leases_not_renewed", error=str(error))
            await asyncio.sleep(self._claim.total_seconds() / 3)

    async def renew(self) -> None:
        """Renew what runs out before long, of bots that run here and of what this process is at."""
        async with self._database.read() as tx:
            now = await self.now(tx.session)
            due = (await tx.session.scalars(select(LeaseRow.attempt_id).where(self._renewable(now)).limit(1))).first()
        if due is None:
            return
        async with self._database.write() as tx:
            now = await self.now(tx.session)
            mine = select(LeaseRow).where(self._renewable(now)).order_by(LeaseRow.attempt_id)
            for lease in (await tx.session.scalars(mine.with_for_update(skip_locked=True))).all():
                lease.expires_at = now + (self._claim if lease.busy else self._length)

    def _cut_off(self, now: float) -> bool:
        return self._reached is None or now - self._reached > self._claim.total_seconds()

    async def now(self, session: AsyncSession) -> datetime:
        """Return the time that leases are measured by."""
        now = await self._database.now(session, self._clock)
        if not self._database.own_file:
            self._saw(now)
        return now

    def _saw(self, now: datetime) -> None:
        """When the database's clock is set, all leases seem to have run out: then, too, others renew theirs first."""
        at = asyncio.get_running_loop().time()
        ahead, before = now.timestamp() - at, self._ahead
        self._ahead = ahead
        if before is not None and abs(ahead - before) > JUMP_S:
            log.warning("clock_was_set", by_s=round(ahead - before, 1))
            self._since = at

    # ---- what one process does alone ----------------------------------------------------------------------------

    async def begin(self, session: AsyncSession, attempt: AttemptRow) -> None:
        """Claim the start of a new incarnation, in the transaction that makes it: whoever held the one before."""
        lease = await session.get(LeaseRow, attempt.id) or LeaseRow(attempt_id=attempt.id)
        lease.epoch, lease.holder, lease.busy = attempt.epoch, self.place, True
        lease.expires_at = await self.now(session) + self._claim
        session.add(lease)
        await session.flush()

    async def claim(self, session: AsyncSession, attempt_id: str, epoch: int) -> bool:
        """Claim what is to be done once for an incarnation; tell whether it is ours now."""
        lease = await self._ours(session, attempt_id, epoch)
        if lease is None or (lease.busy and lease.expires_at > await self.now(session)):
            return False
        lease.holder, lease.busy, lease.expires_at = self.place, True, await self.now(session) + self._claim
        return True

    @contextmanager
    def under_way(self, attempt_id: str) -> Iterator[None]:
        """Keep a claim while the block goes on."""
        self._under_way.add(attempt_id)
        try:
            yield
        finally:
            self._under_way.discard(attempt_id)

    async def claimed(self, session: AsyncSession, attempt_id: str) -> bool:
        """Tell whether some process, somewhere, is at it."""
        lease = await session.get(LeaseRow, attempt_id)
        return lease is not None and lease.busy and lease.expires_at > await self.now(session)

    async def confirm(self, attempt_id: str, epoch: int) -> bool:
        """Tell whether an incarnation's lease has at least half its length left: then no other is sent for a while.

        Raises `Superseded` when the lease is another incarnation's.
        """
        async with self._database.read() as tx:
            lease = await tx.session.get(LeaseRow, attempt_id)
            if lease is None:
                return False
            if lease.epoch != epoch:
                raise Superseded(f"Incarnation {epoch} has been followed by {lease.epoch}.")
            return not lease.busy and lease.expires_at - await self.now(tx.session) >= self._length / 2

    @property
    def limit_s(self) -> float | None:
        """How long this place may be away before others take its bots' calls up; None where there are no others."""
        return None if self._database.own_file else self._length.total_seconds()

    # ---- bots ---------------------------------------------------------------------------------------------------

    async def of(self, session: AsyncSession, attempt_ids: Iterable[str]) -> Mapping[str, LeaseRow]:
        """Return the leases of some attempts."""
        found = await session.scalars(select(LeaseRow).where(LeaseRow.attempt_id.in_(set(attempt_ids))))
        return {lease.attempt_id: lease for lease in found}

    async def of_open(self, session: AsyncSession) -> Mapping[str, LeaseRow]:
        """Return the leases of every attempt that has not ended."""
        mine = select(LeaseRow).join(AttemptRow, AttemptRow.id == LeaseRow.attempt_id)
        found = await session.scalars(mine.where(AttemptRow.ended_at.is_(None)))
        return {lease.attempt_id: lease for lease in found}

    def open_to_us(self, lease: LeaseRow | None, now: datetime) -> bool:
        """Tell whether it is on this place to act for a bot that does not run here.

        Whoever could not reach the database leaves it to the others to renew theirs first: they could not either.
        """
        if lease is None or (lease.holder == self.place and not lease.busy):
            return True
        return lease.expires_at <= now and (lease.holder == NOBODY or self._settled_in())

    def _settled_in(self) -> bool:
        now = asyncio.get_running_loop().time()
        return not self._cut_off(now) and now - self._since >= self._claim.total_seconds()

    def ours(self, lease: LeaseRow | None) -> bool:
        """Tell whether this place looks after the bot."""
        return lease is not None and lease.holder == self.place

    def settled(self, lease: LeaseRow | None) -> bool:
        """Tell whether the lease of a bot that runs here says so."""
        return lease is not None and lease.holder == self.place and not lease.busy

    async def seize(self, session: AsyncSession, attempt_id: str, epoch: int) -> bool:
        """Hold the lease of an incarnation, unless another place does; tell whether it is ours now."""
        lease = await self._ours(session, attempt_id, epoch)
        if lease is None:
            return False
        lease.holder, lease.busy, lease.expires_at = self.place, False, await self.now(session) + self._length
        return True

    async def release(self, session: AsyncSession, attempt_id: str, epoch: int) -> None:
        """Leave an incarnation's lease to whoever wants it, if it is ours."""
        lease = await session.get(LeaseRow, attempt_id, with_for_update=True)
        if lease is not None and lease.holder == self.place and lease.epoch == epoch:
            lease.holder, lease.busy, lease.expires_at = NOBODY, False, await self.now(session)

    async def _ours(self, session: AsyncSession, attempt_id: str, epoch: int) -> LeaseRow | None:
        """Return the lease, if it may be this place's, for nobody else to change: of several, one gets it."""
        now = await self.now(session)
        lease = await session.get(LeaseRow, attempt_id, with_for_update=True)
        if lease is None:
            lease = LeaseRow(attempt_id=attempt_id, epoch=epoch, holder=self.place, busy=False, expires_at=now)
            session.add(lease)
        elif lease.epoch != epoch or not (lease.holder in {self.place, NOBODY} or lease.expires_at <= now):
            return None
        return lease

    def _renewable(self, now: datetime) -> ColumnElement[bool]:
        """What is ours and runs out soon, or far too late, the clock having been set back.

        A claim whose process died is not renewed, and so taken up by another.
        """
        soon = now + RENEWED_AT * self._length
        unended = select(AttemptRow.id).where(AttemptRow.ended_at.is_(None))
        ours = and_(LeaseRow.holder == self.place, LeaseRow.busy.is_(False), LeaseRow.attempt_id.in_(unended))
        claimed = and_(LeaseRow.attempt_id.in_(list(self._under_way)), LeaseRow.busy)
        return or_(
            and_(ours, or_(LeaseRow.expires_at < soon, LeaseRow.expires_at > now + self._length)),
            and_(claimed, LeaseRow.expires_at < now + RENEWED_AT * self._claim),
        )

"""What became of the copilot's cards, kind by kind, and which kinds a tenant's bots make no more.

A card that somebody accepted or edited was worth showing, asked or not; one that was dismissed or ignored was not. The
share of the former is a kind's precision. Below `MUTED_BELOW`, over at least `MUTED_FROM` cards of the last
`MUTED_DAYS` days, a kind is muted; as its cards grow older than that it is tried again.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.copilot.panel import Verdict
from api.copilot.tables import SuggestionRow
from api.database import Database
from api.errors import Complaint, Invalid
from api.interviews.repository import InterviewRepository
from api.moments import Clock

MUTED_BELOW, MUTED_FROM, MUTED_DAYS = 0.2, 20, 90
SETTLED = timedelta(minutes=10)  # after which a card without a verdict was ignored, whoever has told so


class Shares(BaseModel):
    """Parts of a kind's cards that are settled, from 0 to 1."""

    model_config = ConfigDict(frozen=True)

    accepted: float
    edited: float
    dismissed: float
    used: float
    ignored: float


class KindOut(BaseModel):
    """What became of one kind of card. created: all; expired: whose time ran out, or which were overtaken.

    used: the accepted and edited ones that were asked. ignored: the expired ones that nobody said anything about.
    shares: null while none is settled. precision: accepted and edited ones of those settled. muted: bots of this tenant
    make none of this kind at present.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    created: int
    accepted: int
    edited: int
    dismissed: int
    used: int
    ignored: int
    expired: int
    shares: Shares | None
    precision: float | None
    muted: bool


class CopilotSummaryOut(BaseModel):
    """What became of the cards, by kind, the most frequent first."""

    model_config = ConfigDict(frozen=True)

    kinds: list[KindOut]
    muted_below: Annotated[float, Field(description="The precision below which a kind is muted")] = MUTED_BELOW
    muted_from: Annotated[int, Field(description="The least cards that this takes")] = MUTED_FROM
    muted_days: Annotated[int, Field(description="Of so many days")] = MUTED_DAYS


@dataclass(slots=True)
class _Counts:
    """One kind's cards so far."""

    created: int = 0
    expired: int = 0
    ignored: int = 0
    used: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    @property
    def settled(self) -> int:
        return self.ignored + self.verdicts.total()

    @property
    def precision(self) -> float | None:
        if not self.settled:
            return None
        return round((self.settled - self.ignored - self.verdicts[Verdict.DISMISSED]) / self.settled, 3)


class Figures:
    """Figures of every tenant's copilots."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def of_interview(self, tenant: str, interview_id: str) -> CopilotSummaryOut:
        """Return what became of one interview's cards; raise `NotFound`."""
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
            return await self._summary(tx.session, tenant, SuggestionRow.interview_id == interview_id)

    async def of_tenant(self, tenant: str, since: date | None, until: date | None) -> CopilotSummaryOut:
        """Return what became of a tenant's cards from day to day (UTC), both counted in; raise `Invalid`."""
        last = until or self._clock().date()
        first = since or last - timedelta(days=MUTED_DAYS - 1)
        if first > last:
            raise Invalid(Complaint(("query", "from"), f"{first} is after {last}", "send the earlier day as from"))
        begin, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
        async with self._database.read() as tx:
            within = and_(SuggestionRow.created_at >= begin, SuggestionRow.created_at < end)
            return await self._summary(tx.session, tenant, within)

    async def _summary(self, session: AsyncSession, tenant: str, these: ColumnElement[bool]) -> CopilotSummaryOut:
        now = self._clock()
        silent = await muted(session, tenant, now)
        counts = await _counted(session, tenant, now, these)
        return CopilotSummaryOut(kinds=[_out(kind, one, kind in silent) for kind, one in counts.items()])


async def muted(session: AsyncSession, tenant: str, now: datetime) -> frozenset[str]:
    """Return the kinds of cards that a tenant's bots make no more."""
    recent = SuggestionRow.created_at >= now - timedelta(days=MUTED_DAYS)
    counts = await _counted(session, tenant, now, recent)
    return frozenset(
        kind
        for kind, one in counts.items()
        if one.settled >= MUTED_FROM and one.precision is not None and one.precision < MUTED_BELOW
    )


async def _counted(session: AsyncSession, tenant: str, now: datetime, these: ColumnElement[bool]) -> dict[str, _Counts]:
    """The cards that `these` picks, by kind, the most frequent first."""
    row = SuggestionRow
    expired = row.expired_at.is_not(None)
    over = or_(expired, row.created_at < now - SETTLED)
    query = (
        select(
            row.kind,
            row.verdict,
            func.count(),
            func.sum(case((expired, 1), else_=0)),
            func.sum(case((over, 1), else_=0)),
            func.sum(case((row.used, 1), else_=0)),
        )
        .where(row.tenant == tenant, these)
        .group_by(row.kind, row.verdict)
    )
    found: dict[str, _Counts] = {}
    for kind, verdict, number, late, done, asked in await session.execute(query):
        one = found.setdefault(kind, _Counts())
        one.created += number
        one.expired += late
        one.used += asked
        if verdict is None:
            one.ignored += done
        else:
            one.verdicts[verdict] += number
    return dict(sorted(found.items(), key=lambda each: (-each[1].created, each[0])))


def _out(kind: str, one: _Counts, silent: bool) -> KindOut:
    counts = {verdict.value: one.verdicts[verdict] for verdict in Verdict}
    counts |= {"used": one.used, "ignored": one.ignored}
    shares = {name: round(number / one.settled, 3) for name, number in counts.items()} if one.settled else None
    return KindOut(
        kind=kind,
        created=one.created,
        expired=one.expired,
        shares=None if shares is None else Shares(**shares),
        precision=one.precision,
        muted=silent,
        **counts,
    )

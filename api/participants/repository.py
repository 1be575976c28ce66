"""Every query about those who were given a link."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import NotFound
from api.links import Link, Seat
from api.participants.tables import ParticipantRow


async def withdrawn(session: AsyncSession, seat: Seat) -> bool:
    """Tell whether whoever a link seats was removed from the interview."""
    row = await session.get(ParticipantRow, (seat.interview_id, seat.participant_id))
    return row is not None and row.removed_at is not None


async def withdrawn_from(session: AsyncSession, interview_id: str) -> set[str]:
    """Return all who were."""
    mine = select(ParticipantRow.participant_id).where(ParticipantRow.interview_id == interview_id)
    return set(await session.scalars(mine.where(ParticipantRow.removed_at.is_not(None))))


class ParticipantRepository:
    """Those of one tenant's interviews."""

    def __init__(self, session: AsyncSession, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    async def of(self, interview_id: str) -> Sequence[ParticipantRow]:
        """Return who was given a link and not removed, in the order of their first one."""
        mine = select(ParticipantRow).where(
            ParticipantRow.interview_id == interview_id,
            ParticipantRow.tenant == self._tenant,
            ParticipantRow.removed_at.is_(None),
        )
        in_order = mine.order_by(ParticipantRow.invited_at, ParticipantRow.participant_id)
        return (await self._session.scalars(in_order)).all()

    async def get(self, interview_id: str, participant_id: str) -> ParticipantRow:
        """Return one of them; raise `NotFound`, also for who was removed."""
        row = await self._session.get(ParticipantRow, (interview_id, participant_id))
        if row is None or row.tenant != self._tenant or row.removed_at is not None:
            raise NotFound("participant", participant_id)
        return row

    async def keep(self, link: Link, now: datetime) -> None:
        """Note whom a link was made for; who was removed is back with it."""
        seat = link.seat
        row = await self._session.get(ParticipantRow, (seat.interview_id, seat.participant_id))
        if row is None:
            row = ParticipantRow(
                interview_id=seat.interview_id,
                participant_id=seat.participant_id,
                tenant=self._tenant,
                invited_at=now,
                expires_at=link.expires_at,
            )
            self._session.add(row)
        row.role, row.name, row.removed_at = seat.role.value, seat.name, None
        row.expires_at = max(row.expires_at, link.expires_at)

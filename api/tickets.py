"""Tickets: what opens one interview's live stream once, for readers that can't send a header (`EventSource`, sockets).

A ticket is good for a minute, for one opening, with the scopes of who asked for it, and for no longer than the token,
link or API key that they asked with: what it opened closes with them (`Authenticator.still`). It is taken by
one `UPDATE` that finds it unused, so that of two readers at two replicas one gets in. A reader that comes back gets
itself a new one.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, String, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from api.auth import Caller
from api.callers import TranscriptReader
from api.database import Base, Database, Moment
from api.errors import TicketRefused
from api.idempotency import SHOWN_ONCE
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import Name, Time
from api.moments import Clock
from api.problems import responses
from api.services import TheServices

GOOD_FOR = timedelta(seconds=60)
KEPT = timedelta(hours=1)  # after that it is unknown rather than used or expired

router = APIRouter(prefix="/v1/tickets", tags=["live"])


class TicketRow(Base):
    """One ticket. hash: SHA-256 of 256 random bits; until, key_id: of who asked for it, as of a `Caller`."""

    __tablename__ = "ticket"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    interview_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
    key_id: Mapped[str | None] = mapped_column(String(64))


class CreateTicket(BaseModel):
    """What the ticket is to open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interview_id: Name


class TicketOut(BaseModel):
    """A ticket; it is shown once."""

    model_config = ConfigDict(frozen=True)

    ticket: str
    expires_at: Time


class Tickets:
    """Issues and takes tickets."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def issue(self, caller: Caller, interview_id: str, *, answering: str | None = None) -> TicketOut:
        """Return a ticket to an interview of the caller's tenant; raise `NotFound`.

        answering: what is answered with a ticket once; the second time `TicketRefused` (`used`) is raised.
        """
        ticket, now = f"vvt_{secrets.token_urlsafe(32)}", self._clock()
        async with self._database.write() as tx:
            await InterviewRepository(tx.session, caller.tenant).get(interview_id)
            await tx.session.execute(delete(TicketRow).where(TicketRow.expires_at < now - KEPT))
            row = self._row(ticket, caller, interview_id, now)
            tx.session.add(row)
            if answering is not None:
                spent = self._row(answering, caller, interview_id, now)
                spent.used_at = now
                tx.session.add(spent)
            try:
                await tx.session.flush()
            except IntegrityError:
                raise TicketRefused("used", "This was answered before, and is answered once.") from None
        return TicketOut(ticket=ticket, expires_at=row.expires_at)

    def _row(self, ticket: str, caller: Caller, interview_id: str, now: datetime) -> TicketRow:
        return TicketRow(
            hash=_hashed(ticket),
            tenant=caller.tenant,
            interview_id=interview_id,
            subject=caller.subject,
            scopes=sorted(caller.scopes),
            expires_at=now + GOOD_FOR,
            until=caller.until,
            key_id=caller.key_id,
        )

    async def take(self, ticket: str, interview_id: str) -> Caller:
        """Use a ticket up and return who asked for it; raise `TicketRefused` (`unknown`, `used`, `expired`)."""
        now = self._clock()
        mine = (TicketRow.hash == _hashed(ticket), TicketRow.interview_id == interview_id)
        unused = update(TicketRow).where(*mine, TicketRow.used_at.is_(None), TicketRow.expires_at > now)
        async with self._database.write() as tx:
            taken = await tx.session.scalar(unused.values(used_at=now).returning(TicketRow.hash))
            row = await tx.session.get(TicketRow, _hashed(ticket), populate_existing=True)
        if row is None or row.interview_id != interview_id:
            raise TicketRefused("unknown", "There is no such ticket for this interview.")
        if taken is None:
            over = "expired" if row.used_at is None else "used"
            raise TicketRefused(over, f"This ticket is {over}; it opens one socket, once. Get a new one.")
        return Caller(row.tenant, row.subject, frozenset(row.scopes), until=row.until, key_id=row.key_id)


@router.post(
    "",
    status_code=201,
    responses=responses(401, 403, 404, 409, 413, 422),
    operation_id="create_ticket",
    dependencies=[SHOWN_ONCE],
)
async def create(wanted: CreateTicket, caller: TranscriptReader, services: TheServices) -> TicketOut:
    """Get a ticket to one interview's live stream: `?ticket=…` for events, `{"ticket": …}` first on the socket."""
    return await services.tickets.issue(caller, wanted.interview_id)


def _hashed(ticket: str) -> str:
    return hashlib.sha256(ticket.encode(errors="replace")).hexdigest()

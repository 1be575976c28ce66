"""What can be done with consents."""

from collections.abc import Sequence

import structlog

from api import audit
from api.auth import Caller
from api.consents.repository import ConsentRepository, state_of
from api.consents.schemas import ConsentKind, ConsentOut, ConsentState
from api.consents.tables import ConsentRow
from api.database import Database, Transaction
from api.errors import Conflict, NoConsent, NotFound
from api.interviews.dispatch import Dispatcher
from api.interviews.repository import InterviewRepository
from api.interviews.states import CALLING, Status
from api.interviews.tables import AttemptRow, InterviewRow
from api.moments import Clock, rfc3339
from api.receipts.service import Receipts
from bot.state import EndReason

log = structlog.get_logger(__name__)


class ConsentService:
    """Consents of every tenant; whose is said with each call."""

    def __init__(self, database: Database, dispatcher: Dispatcher, receipts: Receipts, clock: Clock) -> None:
        self._database, self._dispatcher = database, dispatcher
        self._receipts, self._clock = receipts, clock

    async def all_of(self, tenant: str, interview_id: str, subject: str | None = None) -> list[ConsentOut]:
        """Return every consent of an interview, the newest answers first. subject: whose alone; raise `NotFound`."""
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
            rows = await ConsentRepository(tx.session, tenant).of(interview_id)
            return [_view(row) for row in rows if subject in (None, row.subject)]

    async def withdraw(
        self, caller: Caller, interview_id: str, consent_id: str, subject: str | None = None
    ) -> ConsentOut:
        """Note that a person takes a consent back, and throw away what rested on it; once is enough.

        subject: whose consent it has to be. A call in which nobody may be recorded any more ends, and is purged then.
        Raises `NotFound`, `Conflict` for a refused one.
        """
        to_tell: AttemptRow | None = None
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            row = await ConsentRepository(tx.session, caller.tenant).get(interview_id, consent_id)
            if subject not in (None, row.subject):
                raise NotFound("consent", consent_id)
            if state_of(row) is ConsentState.REFUSED:
                detail = f"The consent {consent_id!r} was refused; there is nothing to withdraw."
                raise Conflict(detail, current_status=interview.status)
            if row.withdrawn_at is None:
                row.withdrawn_at = self._clock()
                if row.kind == ConsentKind.RECORD:
                    to_tell = await self._stop(tx, interview)
                await self._withdrawn(tx, caller, interview, [row], in_call=to_tell is not None)
        if to_tell is not None:
            await self._dispatcher.tell(to_tell.id)
        return _view(row)

    async def take_back(self, caller: Caller, interview_id: str) -> None:
        """Note that the candidate takes back all they agreed to, and throw away what rested on it; once is enough.

        A call ends, whether its bot has heard of it or not, and is purged then. Raises `NotFound`.
        """
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            rows = await ConsentRepository(tx.session, interview.tenant).take_back(interview_id, self._clock())
            to_tell = await self._stop(tx, interview)
            if rows:
                await self._withdrawn(tx, caller, interview, rows, in_call=to_tell is not None)
        if to_tell is not None:
            await self._dispatcher.tell(to_tell.id)

    async def _stop(self, tx: Transaction, interview: InterviewRow) -> AttemptRow | None:
        """End the call that an interview is in; return its attempt, None where it is in none."""
        if Status(interview.status) not in CALLING:
            return None
        attempt = await InterviewRepository(tx.session, interview.tenant).newest_attempt(interview.id)
        if attempt is not None:
            await self._dispatcher.stop(tx.session, attempt, EndReason.CONSENT_DECLINED)
        return attempt

    async def _withdrawn(
        self, tx: Transaction, caller: Caller, interview: InterviewRow, rows: Sequence[ConsentRow], *, in_call: bool
    ) -> None:
        for row in rows:
            assert row.withdrawn_at is not None
            audit.record(tx, caller, "consent.withdrawn", row.id, at=row.withdrawn_at)
            log.info("consent_withdrawn", interview=interview.id, consent_id=row.id, kind=row.kind)
        if not in_call:
            await self._receipts.withdrawn(tx, caller, interview, rows)


async def require_consent(tx: Transaction, interview: InterviewRow, kind: ConsentKind) -> None:
    """Raise `NoConsent` if the newest answer of the interview's candidate is no, or was taken back."""
    for row in await ConsentRepository(tx.session, interview.tenant).of(interview.id):
        if row.role == "candidate" and row.kind == kind:
            if (state := state_of(row)) is not ConsentState.GIVEN:
                since = rfc3339(row.withdrawn_at or row.answered_at)
                raise NoConsent(kind.value, state.value, row.id, since, current_status=interview.status)
            return


def _view(row: ConsentRow) -> ConsentOut:
    fields = {name: getattr(row, name) for name in ConsentOut.model_fields if name != "state"}
    return ConsentOut.model_validate(fields | {"state": state_of(row)})

"""One interview inside one transaction: the only hand that numbers its events and moves its status."""

from datetime import datetime
from functools import partial
from typing import Any

from api.database import Transaction
from api.events import Event
from api.events.publisher import STATUS_EVENT, Publisher
from api.interviews.states import CALLING, OVER, TERMINAL, Status, advance
from api.interviews.tables import AttemptRow, EventRow, InterviewRow
from api.webhooks.outbox import enqueue, status_notice


class Ledger:
    """Writes into one interview, which the transaction holds for change. What it writes is published on commit."""

    def __init__(self, transaction: Transaction, interview: InterviewRow, publisher: Publisher) -> None:
        self.interview = interview
        self._transaction = transaction
        self._publisher = publisher

    @property
    def status(self) -> Status:
        """Where the interview stands."""
        return Status(self.interview.status)

    def append(
        self,
        type_: str,
        data: dict[str, Any],
        at: datetime,
        *,
        at_ms: int | None = None,
        attempt: AttemptRow | None = None,
        n: int | None = None,
        epoch: int | None = None,
    ) -> Event:
        """Store one event under the next number."""
        self.interview.last_seq += 1
        of = attempt.id if attempt else None
        event = Event(self.interview.id, type_, at, data, self.interview.last_seq, at_ms, of)
        self._transaction.session.add(
            EventRow(
                interview_id=self.interview.id,
                seq=self.interview.last_seq,
                tenant=self.interview.tenant,
                attempt_id=of,
                epoch=epoch,
                n=n,
                type=type_,
                at=at,
                at_ms=at_ms,
                data=data,
            )
        )
        self._transaction.after_commit(partial(self._publisher.publish, event))
        return event

    def move(self, to: Status, at: datetime, reason: str | None = None) -> None:
        """Give the interview another status; raise `IllegalMove` when no arrow leads there."""
        before = self.status
        self.interview.status = advance(before, to).value
        self.interview.status_reason = reason
        self.interview.note_change(at)
        if to is Status.IN_PROGRESS and self.interview.started_at is None:
            self.interview.started_at = at
        if before in CALLING and to in OVER:
            self.interview.ended_at = at
        news = {"status": to.value, "previous": before.value, "reason": reason}
        self.append(STATUS_EVENT, news | {"over": to in OVER, "terminal": to in TERMINAL}, at)
        notice = status_notice(self.interview.id, to.value, before.value, reason, at, self.interview.external_ref)
        enqueue(self._transaction.session, self.interview.tenant, notice)

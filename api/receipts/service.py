"""Purging when somebody objected in the call, or took a consent back afterwards, and keeping the receipts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api import audit
from api.auth import Caller
from api.consents.repository import ConsentRepository, state_of
from api.consents.schemas import ConsentKind, ConsentMethod, ConsentState
from api.consents.tables import ConsentRow
from api.database import Database, Transaction
from api.events.publisher import Publisher
from api.interviews.ledger import Ledger
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.tables import AttemptRow, EventRow, InterviewRow, TurnRow
from api.moments import Clock, rfc3339
from api.receipts.purging import purge_evaluations, purge_sound, purge_words
from api.receipts.schemas import Cause, Kind, Purged, ReceiptOut
from api.receipts.tables import ReceiptRow
from bot.interview import Role
from bot.state import EndReason

log = structlog.get_logger(__name__)

CONSENT, DISCARDED = "consent", "recording.discarded"  # what a bot tells of a refusal, and of what it threw away
WITHDRAWN = "withdrawn"  # how somebody said no who took back what they had agreed to
BOTH = (ConsentKind.RECORD, ConsentKind.AI_EVALUATION)


@dataclass(frozen=True, slots=True)
class _No:
    """Who said no, when and how. at_ms: of the call; words: None where none were said."""

    role: Role
    subject: str
    name: str
    method: str
    words: str | None
    at: datetime
    at_ms: int | None = None


class Receipts:
    """Receipts of every tenant; whose is said with each call. recordings: where those are that were made here.

    outboxes: where bots that were lost left what they had not told.
    """

    def __init__(
        self, database: Database, publisher: Publisher, recordings: Path, outboxes: Path, clock: Clock
    ) -> None:
        self._database, self._publisher = database, publisher
        self._recordings, self._outboxes, self._clock = recordings, outboxes, clock

    async def of(self, tenant: str, interview_id: str, subject: str | None = None) -> list[ReceiptOut]:
        """Return the receipts of an interview, newest first; raise `NotFound`.

        subject: who reads, where that is who said no. They see their own, without what is the interviewers' business.
        """
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
            mine = select(ReceiptRow).where(ReceiptRow.tenant == tenant, ReceiptRow.interview_id == interview_id)
            rows = await tx.session.scalars(mine.order_by(ReceiptRow.at.desc(), ReceiptRow.id))
            told = [ReceiptOut.model_validate(row) for row in rows]
        return told if subject is None else [_for_themselves(one) for one in told if one.subject == subject]

    async def refused(self, session: AsyncSession, attempt: AttemptRow) -> bool:
        """Tell whether nothing of a try may be kept: it ended for that, or somebody said so meanwhile.

        A bot may be lost between hearing a no and ending the call for it.
        """
        if attempt.end_reason == EndReason.CONSENT_DECLINED.value or await _said_no(session, attempt):
            return True
        rows = await ConsentRepository(session, attempt.tenant).of(attempt.interview_id)
        answers = (row for row in rows if row.role == Role.CANDIDATE and row.kind == ConsentKind.RECORD)
        newest = next(answers, None)
        if newest is None:
            return False
        spoken = newest.refused_at if newest.method == ConsentMethod.VOICE else None
        said_at = newest.withdrawn_at or spoken
        return said_at is not None and said_at >= attempt.created_at

    async def objected(self, tx: Transaction, ledger: Ledger, attempt: AttemptRow) -> ReceiptRow:
        """Purge a try of which nothing may be kept: its sound, its words, what was made of them.

        What a candidate takes back they take back for every try: of the others goes what that was for. The interview is
        locked by the caller.
        """
        attempt.end_reason = EndReason.CONSENT_DECLINED.value
        interview = ledger.interview
        no = await _who_objected(tx.session, interview, attempt)
        answers = await _answers(tx.session, interview)
        every = await InterviewRepository(tx.session, interview.tenant).attempts(interview.id)
        silent = every if answers.get(ConsentKind.RECORD) is False else [attempt]
        wordless = every if answers and not any(answers.values()) else [attempt]
        purged = [Purged(kind=Kind.BUFFER, **one) for one in await _discarded(tx.session, attempt)]
        purged += await purge_sound(tx.session, [one.id for one in silent], self._recordings)
        purged += await purge_words(tx.session, interview, wordless, self._outboxes)
        purged += await purge_evaluations(tx.session, interview)
        cause = Cause.WITHDRAWAL if no.method == WITHDRAWN else Cause.OBJECTION
        one_only = len(silent) == len(wordless) == 1
        return self._leave(tx, ledger, cause, BOTH, no, purged, attempt.id if one_only else None)

    async def withdrawn(
        self, tx: Transaction, caller: Caller, interview: InterviewRow, consents: Sequence[ConsentRow]
    ) -> None:
        """Purge what rested on consents that one person took back just now, of every try.

        The interview is locked by the caller. One that is in its call is purged when that has ended.
        """
        attempts = await InterviewRepository(tx.session, interview.tenant).attempts(interview.id)
        first, kinds = consents[0], [ConsentKind(consent.kind) for consent in consents]
        words = first.role == Role.CANDIDATE and not any((await _answers(tx.session, interview)).values())
        purged: list[Purged] = []
        if ConsentKind.RECORD in kinds:
            purged += await purge_sound(tx.session, [attempt.id for attempt in attempts], self._recordings)
        if words or ConsentKind.AI_EVALUATION in kinds:
            purged += await purge_evaluations(tx.session, interview)
        if words:
            purged += await purge_words(tx.session, interview, attempts, self._outboxes)
        assert first.withdrawn_at is not None
        name = interview.candidate_name if first.role == Role.CANDIDATE else first.subject
        no = _No(Role(first.role), first.subject, name, WITHDRAWN, None, first.withdrawn_at)
        ledger = Ledger(tx, interview, self._publisher)
        receipt = self._leave(tx, ledger, Cause.WITHDRAWAL, kinds, no, purged, None)
        log.info("purged_on_withdrawal", interview=interview.id, receipt_id=receipt.id, by=caller.subject)

    def _leave(
        self,
        tx: Transaction,
        ledger: Ledger,
        cause: Cause,
        kinds: Sequence[ConsentKind],
        no: _No,
        purged: Sequence[Purged],
        attempt_id: str | None,
    ) -> ReceiptRow:
        interview, now = ledger.interview, self._clock()
        told = [one.model_dump(mode="json", exclude_none=True) for one in purged]
        receipt = ReceiptRow(
            id=f"rcpt_{secrets.token_hex(10)}",
            tenant=interview.tenant,
            interview_id=interview.id,
            attempt_id=attempt_id,
            cause=cause.value,
            kinds=[kind.value for kind in kinds],
            role=no.role.value,
            subject=no.subject,
            name=no.name,
            method=no.method,
            words=no.words or None,
            said_at=no.at,
            said_ms=no.at_ms,
            purged=told,
            at=now,
        )
        tx.session.add(receipt)
        if ConsentKind.AI_EVALUATION in kinds:
            interview.no_evaluation = {"cause": cause.value, "receipt_id": receipt.id, "since": rfc3339(no.at)}
        ledger.append("receipt", {"id": receipt.id, "cause": cause.value, "kinds": receipt.kinds}, now)
        interview.note_change(now)
        by = Caller(interview.tenant, no.subject, frozenset())
        audit.record(tx, by, "interview.purged", receipt.id, at=now)
        log.info("interview_purged", interview=interview.id, receipt_id=receipt.id, cause=cause.value)
        return receipt


async def _who_objected(session: AsyncSession, interview: InterviewRow, attempt: AttemptRow) -> _No:
    """Whoever said no last in a call; else whoever took a consent back; else the candidate, who never gave any.

    A no that somebody was heard to say comes before one that a bot noted without words.
    """
    told = await RunRepository(session).events(attempt.id, [CONSENT])
    said = [event for event in told if not event.data.get("given")]
    if said:
        heard = [event for event in said if event.data.get("turn") is not None or event.data.get("text")]
        return await _no(session, interview, attempt, (heard or said)[-1])
    rows = await ConsentRepository(session, interview.tenant).of(interview.id)
    for row in rows:
        if row.withdrawn_at is not None:
            name = interview.candidate_name if row.role == Role.CANDIDATE else row.subject
            return _No(Role(row.role), row.subject, name, WITHDRAWN, None, row.withdrawn_at)
    ended = attempt.ended_at
    assert ended is not None
    return _No(Role.CANDIDATE, Role.CANDIDATE, interview.candidate_name, "none", None, ended)


async def _said_no(session: AsyncSession, attempt: AttemptRow) -> bool:
    """Tell whether the last that anybody answered aloud in a call was no; a page's tick takes none back."""
    newest: dict[str, bool] = {}
    for event in await RunRepository(session).events(attempt.id, [CONSENT]):
        if event.data.get("method") == ConsentMethod.VOICE:
            number = event.data.get("turn")
            turn = await session.get(TurnRow, (attempt.id, number)) if isinstance(number, int) else None
            who = Role.CANDIDATE.value if turn is None or turn.role == Role.CANDIDATE else turn.speaker_id
            newest[who] = event.data.get("given") is False
    return any(newest.values())


def _for_themselves(receipt: ReceiptOut) -> ReceiptOut:
    """Leave out of a receipt what the interviewers' panel held, and which evaluations there were."""
    mine = [one for one in receipt.purged if one.kind is not Kind.PANEL]
    bare = {"id": None, "sha256": None, "count": None}
    purged = [one.model_copy(update=bare) if one.kind is Kind.EVALUATION else one for one in mine]
    return receipt.model_copy(update={"purged": purged})


async def _no(session: AsyncSession, interview: InterviewRow, attempt: AttemptRow, event: EventRow) -> _No:
    data: dict[str, Any] = event.data
    turn = await session.get(TurnRow, (attempt.id, data["turn"])) if isinstance(data.get("turn"), int) else None
    words, method = str(data.get("text") or ""), str(data.get("method") or "")
    if turn is None or turn.role == Role.CANDIDATE.value:
        at_ms = event.at_ms if turn is None else turn.start_ms
        return _No(Role.CANDIDATE, Role.CANDIDATE, interview.candidate_name, method, words, event.at, at_ms)
    return _No(Role(turn.role), turn.speaker_id, turn.speaker, method, words, event.at, turn.start_ms)


async def _discarded(session: AsyncSession, attempt: AttemptRow) -> list[dict[str, Any]]:
    """What bots say they threw away themselves."""
    known = ("bytes", "duration_ms", "sha256")
    events = await RunRepository(session).events(attempt.id, [DISCARDED])
    return [{name: event.data.get(name) for name in known} for event in events]


async def _answers(session: AsyncSession, interview: InterviewRow) -> dict[ConsentKind, bool]:
    """Whether the candidate agrees now to each kind that they were asked about."""
    newest: dict[ConsentKind, bool] = {}
    for row in await ConsentRepository(session, interview.tenant).of(interview.id):
        if row.role == Role.CANDIDATE:
            newest.setdefault(ConsentKind(row.kind), state_of(row) is ConsentState.GIVEN)
    return newest

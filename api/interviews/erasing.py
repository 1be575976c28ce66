"""What goes of interviews when their candidate is forgotten: everything that was said, written or made of it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.consents.tables import ConsentRow
from api.copilot.tables import PanelRow, SuggestionRow
from api.decisions.tables import DecisionRow
from api.errors import Conflict
from api.evaluation.tables import EvaluationRow, EvidenceRow, OverrideRow, ReviewRow
from api.idempotency import IdempotencyRow
from api.interviews.states import CALLING, Status
from api.interviews.tables import AttemptRow, EventRow, InterviewRow, PlanRow, RecordingRow, TurnRow
from api.participants.tables import ParticipantRow
from api.receipts.tables import ReceiptRow
from api.scorecards.tables import OpeningRow, ScorecardRow
from api.tasks.tables import TaskRow

NOBODY = "(erased)"


async def erase_interviews(
    session: AsyncSession, tenant: str, candidate_id: str, now: datetime, *, recordings: Path, outboxes: Path
) -> int:
    """Erase what is kept of a candidate's interviews, deleted ones too, and return how many there were.

    The bare rows stay, without a name: when an interview was, and how it ended. Raises `Conflict` during a call.
    """
    mine = select(InterviewRow).where(InterviewRow.tenant == tenant, InterviewRow.candidate_id == candidate_id)
    interviews = (await session.scalars(mine.with_for_update())).all()
    for interview in interviews:
        if Status(interview.status) in CALLING:
            detail = f"The candidate is in interview {interview.id!r} now; cancel it first, or wait until it is over."
            raise Conflict(detail, current_status=interview.status)
    for interview in interviews:
        await _erase(session, interview, recordings, outboxes)
        interview.candidate_name, interview.summary, interview.own_data = NOBODY, None, None
        interview.no_evaluation = None
        interview.external_ref = interview.callback_url = interview.meeting_url = interview.brief = None
        interview.title, interview.plan = NOBODY, interview.plan | {"title": NOBODY}  # both may have told the name
        interview.deleted_at = interview.deleted_at or now
        interview.note_change(now)
    return len(interviews)


async def _erase(session: AsyncSession, interview: InterviewRow, recordings: Path, outboxes: Path) -> None:
    attempts = (await session.scalars(select(AttemptRow.id).where(AttemptRow.interview_id == interview.id))).all()
    files = (await session.scalars(select(RecordingRow.file).where(RecordingRow.interview_id == interview.id))).all()
    await asyncio.to_thread(_remove, recordings, outboxes, files, attempts)
    evaluations = select(EvaluationRow.id).where(EvaluationRow.interview_id == interview.id)
    await session.execute(delete(EvidenceRow).where(EvidenceRow.evaluation_id.in_(evaluations)))
    for table in (
        OverrideRow,
        ReviewRow,
        DecisionRow,
        ReceiptRow,
        ScorecardRow,
        OpeningRow,
        EvaluationRow,
        TurnRow,
        EventRow,
        PanelRow,
        SuggestionRow,
        RecordingRow,
        PlanRow,
        ConsentRow,
        ParticipantRow,
        TaskRow,
    ):
        await session.execute(delete(table).where(table.interview_id == interview.id))
    bare = update(AttemptRow).where(AttemptRow.interview_id == interview.id)
    await session.execute(bare.values(report=None, summary=None))
    kept = select(IdempotencyRow).where(IdempotencyRow.tenant == interview.tenant, IdempotencyRow.answer.is_not(None))
    for row in (await session.scalars(kept)).all():  # a day's worth
        if interview.id.encode() in (row.answer or b""):
            await session.delete(row)


def _remove(recordings: Path, outboxes: Path, files: Sequence[str], attempts: Sequence[str]) -> None:
    """Files go first: no receipt for what is kept. A bot that was killed leaves files that no row names."""
    for name in files:
        (recordings / name).unlink(missing_ok=True)
    for attempt in attempts:
        for left in (*recordings.glob(f"{attempt}*"), *outboxes.glob(f"{attempt}-*")):
            left.unlink(missing_ok=True)

"""Throwing away: files first, then rows; each thing with what can be said of it once it is gone."""

import asyncio
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.consents.schemas import ConsentKind
from api.copilot.tables import PanelRow, SuggestionRow
from api.database import Database
from api.evaluation.hashes import hash_of
from api.evaluation.states import EvaluationStatus, advance
from api.evaluation.tables import EvaluationRow, EvidenceRow
from api.idempotency import IdempotencyRow
from api.interviews.tables import AttemptRow, EventRow, InterviewRow, RecordingRow, TurnRow
from api.receipts.schemas import Kind, Purged
from api.receipts.tables import ReceiptRow
from api.tasks.tables import TaskRow

# Events that hold what people said, or may: an incident quotes what was not understood.
QUOTING: Mapping[str, tuple[str, ...]] = {
    "turn.final": ("text",),
    "question.asked": ("text",),
    "task": ("text", "question"),
    "incident": ("event", "detail"),
}


async def purge_sound(session: AsyncSession, attempt_ids: Collection[str], recordings: Path) -> list[Purged]:
    """Remove the recordings of some tries, noted or not; what lies with other replicas they remove themselves."""
    rows = (await session.scalars(select(RecordingRow).where(RecordingRow.attempt_id.in_(attempt_ids)))).all()
    found = await asyncio.to_thread(_removed, recordings, frozenset(attempt_ids), [row.file for row in rows])
    for row in rows:
        found[row.file] = Purged(kind=Kind.RECORDING, bytes=row.bytes, duration_ms=row.duration_ms, sha256=row.sha256)
        await session.delete(row)
    return list(found.values())


async def purge_words(
    session: AsyncSession, interview: InterviewRow, attempts: Sequence[AttemptRow], outboxes: Path
) -> list[Purged]:
    """Empty what was said in some tries, and what quoted it; who spoke when stays.

    outboxes: where bots that were lost left what they had not told.
    """
    ids, purged = [attempt.id for attempt in attempts], list[Purged]()
    await asyncio.to_thread(_remove_outboxes, outboxes, ids)
    turns = (await session.scalars(select(TurnRow).where(TurnRow.attempt_id.in_(ids)))).all()
    said = [turn for turn in sorted(turns, key=lambda one: (one.attempt_id, one.seq)) if turn.text]
    if said:
        texts = [turn.text for turn in said]
        size = sum(len(text.encode()) for text in texts)
        purged.append(Purged(kind=Kind.TRANSCRIPT, count=len(said), bytes=size, sha256=hash_of(texts)))
    for turn in said:
        turn.text = ""
    quoting = select(EventRow).where(EventRow.attempt_id.in_(ids), EventRow.type.in_(QUOTING))
    for event in await session.scalars(quoting):
        event.data = event.data | {name: "" for name in QUOTING[event.type] if event.data.get(name)}
    to_do = update(TaskRow).where(TaskRow.attempt_id.in_(ids))
    await session.execute(to_do.values(text="", question=None))
    for attempt in attempts:
        attempt.summary = None
    interview.summary = None
    mine = PanelRow.interview_id == interview.id
    if cards := await session.scalar(select(func.count()).where(mine)):
        purged.append(Purged(kind=Kind.PANEL, count=cards))
        await session.execute(delete(PanelRow).where(mine))
        of_cards = update(SuggestionRow).where(SuggestionRow.interview_id == interview.id)
        await session.execute(of_cards.values(text="", edited=None))
    return purged


async def purge_evaluations(session: AsyncSession, interview: InterviewRow) -> list[Purged]:
    """Empty every evaluation of an interview, facts and levels; that they were there, and what people said, stays."""
    purged = []
    mine = select(EvaluationRow).where(EvaluationRow.interview_id == interview.id)
    for row in (await session.scalars(mine.order_by(EvaluationRow.phase, EvaluationRow.version))).all():
        if row.result is None:
            continue
        quotes = select(func.count()).where(EvidenceRow.evaluation_id == row.id)
        count = await session.scalar(quotes)
        purged.append(Purged(kind=Kind.EVALUATION, id=row.id, count=count, sha256=hash_of(row.result)))
        await session.execute(delete(EvidenceRow).where(EvidenceRow.evaluation_id == row.id))
        row.result = None
        row.status = advance(EvaluationStatus(row.status), EvaluationStatus.WITHDRAWN).value
    await _forget_answers(session, interview)
    return purged


async def _forget_answers(session: AsyncSession, interview: InterviewRow) -> None:
    """Delete the answers that quote an evaluation and are kept in case they are asked for again."""
    mine = select(EvaluationRow.id).where(EvaluationRow.interview_id == interview.id)
    ids = [id_.encode() for id_ in await session.scalars(mine)]
    kept = select(IdempotencyRow).where(IdempotencyRow.tenant == interview.tenant, IdempotencyRow.answer.is_not(None))
    for row in (await session.scalars(kept)).all() if ids else ():  # a day's worth
        if any(id_ in (row.answer or b"") for id_ in ids):
            await session.delete(row)


async def remove_recordings(database: Database, recordings: Path, since: datetime | None) -> None:
    """Remove what lies here of tries whose sound was purged at `since` or later, ever where it is None.

    Whoever purged it removed what lay there; bots of other replicas leave files on other machines.
    """
    told = select(ReceiptRow, AttemptRow).join(AttemptRow, AttemptRow.interview_id == ReceiptRow.interview_id)
    told = told.where(AttemptRow.created_at <= ReceiptRow.at)  # a later one may be recorded again
    async with database.read() as tx:
        rows = await tx.session.execute(told if since is None else told.where(ReceiptRow.at >= since))
        purged = frozenset(
            attempt.id
            for receipt, attempt in rows
            if ConsentKind.RECORD.value in receipt.kinds and receipt.attempt_id in (None, attempt.id)
        )
    if purged:
        await asyncio.to_thread(_removed, recordings, purged, ())


def _remove_outboxes(folder: Path, attempt_ids: Iterable[str]) -> None:
    for attempt_id in attempt_ids:
        for left in folder.glob(f"{attempt_id}-*"):
            left.unlink(missing_ok=True)


def _removed(folder: Path, attempt_ids: frozenset[str], named: Iterable[str]) -> dict[str, Purged]:
    """Remove the files of some tries: those rows name, and those of bots that did not live to tell."""
    files = {folder / name for name in named} | {
        path for path in folder.glob("*") if re.split(r"[.-]", path.name)[0] in attempt_ids
    }
    found = {}
    for path in sorted(files):
        if path.is_file():
            with path.open("rb") as sound:
                digest = hashlib.file_digest(sound, "sha256").hexdigest()
                found[path.name] = Purged(kind=Kind.RECORDING, bytes=sound.tell(), sha256=digest)
            path.unlink(missing_ok=True)
    return found

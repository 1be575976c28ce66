"""Brings recordings and outboxes to where `STORAGE_URL` says: in from machines that only run bots, out from this one.

Level-triggered like the keeper: what it does follows from what lies in the bucket and in the data directory. Any number
of replicas may do it at once; without a bucket there is nothing to do.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api.database import Database
from api.interviews.dispatch import outbox_owner, recording_path, whole_path
from api.interviews.leftovers import bring_outbox, gathered, note_recording
from api.interviews.repository import RunRepository
from api.interviews.states import Status
from api.interviews.tables import AttemptRow, InterviewRow, RecordingRow
from api.moments import Clock
from api.receipts.service import Receipts
from orchestrator.errors import StorageError
from orchestrator.storage import ARRIVED, OUTBOX, RECORDINGS, Storage

log = structlog.get_logger(__name__)

SWEEP_S = 60.0
FRESH = timedelta(minutes=5)  # what is younger may not be noted yet
AT_ONCE = 500  # attempts asked for in one query


class Porter:
    """Carries for one replica. recordings, outboxes: where its own are; every_s: how often it looks."""

    def __init__(
        self,
        database: Database,
        storage: Storage,
        receipts: Receipts,
        recordings: Path,
        outboxes: Path,
        every_s: float,
        clock: Clock,
    ) -> None:
        self._database, self._storage, self._receipts = database, storage, receipts
        self._recordings, self._outboxes = recordings, outboxes
        self._every_s, self._clock = every_s, clock

    async def run(self) -> None:
        """Carry until cancelled."""
        since_sweep = SWEEP_S
        while self._storage.shared:
            try:
                await self.carry()
                if since_sweep >= SWEEP_S:
                    await self.sweep()
                    since_sweep = 0.0
            except (StorageError, SQLAlchemyError, OSError) as error:
                log.error("not_carried", error=str(error))
            await asyncio.sleep(self._every_s)
            since_sweep += self._every_s

    async def carry(self) -> None:
        """Take one round."""
        for name in await self._storage.names(OUTBOX):
            if outbox_owner(Path(name)) is not None and "/" not in name:
                await bring_outbox(self._storage, self._outboxes / name)
        arrived: dict[str, list[str]] = {}
        for name in await self._storage.names(ARRIVED):
            arrived.setdefault(_attempt_of(name), []).append(name)
        for attempt_id, names in arrived.items():
            if await self._joined(attempt_id):
                for name in names:
                    await self._storage.delete(ARRIVED + name)
        await self._bring_own()

    async def sweep(self) -> None:
        """Remove what nobody may hear any more: recordings whose notes went with a candidate or a consent."""
        names = await self._storage.names(RECORDINGS, before=self._clock() - FRESH)
        owners = sorted({_attempt_of(name) for name in names})
        kept = {_attempt_of(name) for name in await self._storage.names(ARRIVED)}
        async with self._database.read() as tx:
            for start in range(0, len(owners), AT_ONCE):
                some = owners[start : start + AT_ONCE]
                noted = select(RecordingRow.attempt_id).where(RecordingRow.attempt_id.in_(some))
                under_way = select(AttemptRow.id).where(AttemptRow.id.in_(some), AttemptRow.ended_at.is_(None))
                kept.update(await tx.session.scalars(noted), await tx.session.scalars(under_way))
        for name in names:
            if _attempt_of(name) not in kept:
                await self._storage.delete(RECORDINGS + name)
                log.info("recording_removed", file=name)

    async def _joined(self, attempt_id: str) -> bool:
        """Make one recording of what has arrived of an attempt; tell whether that is settled, or too early."""
        async with self._database.read() as tx:
            attempt = await RunRepository(tx.session).attempt(attempt_id)
            interview = None if attempt is None else await RunRepository(tx.session).interview(attempt.interview_id)
        if attempt is None or interview is None:  # erased by now: the sweep removes it
            return True
        if attempt.ended_at is None or Status(interview.status) is Status.EVALUATING:
            return False
        with TemporaryDirectory(dir=self._recordings, prefix=".") as name:
            folder = Path(name)
            parts = [recording_path(folder, attempt_id, epoch) for epoch in range(1, attempt.epoch + 1)]
            for part in parts:
                await self._storage.fetch(RECORDINGS + part.name, part)
            whole = whole_path(folder, attempt_id)
            found = await asyncio.to_thread(gathered, parts, whole)
            if found is None:
                return True
            if found.file == whole:
                await self._storage.put(RECORDINGS + whole.name, whole)
            await note_recording(self._database, self._receipts, attempt_id, found, place=None)
        log.info("recording_gathered", attempt=attempt_id, file=found.file.name)
        return True

    async def _bring_own(self) -> None:
        """Move the recordings that lie here and are done with to the bucket."""
        lying = {file.name: file for file in sorted(self._recordings.glob("*.ogg"))}
        for name in await self._done_with(list(lying)):
            await self._storage.put(RECORDINGS + name, lying[name])
            lying[name].unlink()
            log.info("recording_stored", file=name)

    async def _done_with(self, names: Sequence[str]) -> Sequence[str]:
        found: list[str] = []
        async with self._database.read() as tx:
            for start in range(0, len(names), AT_ONCE):
                noted = (
                    select(RecordingRow.file)
                    .join(AttemptRow, AttemptRow.id == RecordingRow.attempt_id)
                    .join(InterviewRow, InterviewRow.id == AttemptRow.interview_id)
                    .where(RecordingRow.file.in_(names[start : start + AT_ONCE]))
                    .where(AttemptRow.ended_at.is_not(None), InterviewRow.status != Status.EVALUATING.value)
                )
                found += await tx.session.scalars(noted)
        return found


def _attempt_of(name: str) -> str:
    return re.split(r"[.-]", name)[0]

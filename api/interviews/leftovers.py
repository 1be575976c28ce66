"""What bots leave on disk: outboxes with what they could not deliver, recordings that nobody reported."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.database import Database
from api.errors import UplinkRefused
from api.interviews.receiver import BotEvent, Receiver, understood
from api.interviews.repository import RunRepository
from api.interviews.tables import RecordingRow
from api.moments import Clock
from api.receipts.service import Receipts
from audio.parts import join_parts, length_ms
from bot.uplink import Outbox
from orchestrator.errors import StorageError
from orchestrator.storage import OUTBOX, RECORDINGS, Storage

log = structlog.get_logger(__name__)

UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout, OSError)  # the database is away; drivers raise their own


async def take_over(
    receiver: Receiver, storage: Storage, file: Path, attempt_id: str, epoch: int, clock: Clock
) -> None:
    """Store what a dead bot wrote down and could not deliver any more; what can't be stored is put aside.

    storage: where it came from, if it was handed over: there it stays until it is stored.
    """
    with structlog.contextvars.bound_contextvars(attempt=attempt_id, epoch=epoch):
        await _take_over(receiver, file, attempt_id, epoch, clock)
    if storage.shared:
        try:
            await storage.delete(OUTBOX + file.name)
        except StorageError as error:  # brought once more, of which nothing is stored twice
            log.error("outbox_not_removed", file=file.name, error=str(error))


async def _take_over(receiver: Receiver, file: Path, attempt_id: str, epoch: int, clock: Clock) -> None:
    try:
        events = await asyncio.to_thread(_events, file, clock())
    except Exception as error:  # noqa: BLE001 - a file may hold anything, and it must not be read again for ever
        log.error("outbox_unreadable", file=str(file), error=repr(error)[:200])
        await asyncio.to_thread(file.rename, file.with_suffix(".unreadable"))
        return
    try:
        await receiver.take_left(attempt_id, epoch, events)
    except UplinkRefused as refusal:
        log.warning("outbox_too_late", file=str(file), why=refusal.code)
        await asyncio.to_thread(file.rename, file.with_suffix(".late"))
    except UNREACHABLE:
        raise  # the next round tries again
    except Exception:  # what the database does not take today it will not take tomorrow
        log.exception("outbox_not_storable", file=str(file))
        await asyncio.to_thread(file.rename, file.with_suffix(".unreadable"))
    else:
        await asyncio.to_thread(file.unlink, missing_ok=True)
        log.info("outbox_taken_over", events=len(events))


async def bring_outbox(storage: Storage, file: Path) -> None:
    """Fetch to `file` what a bot on another machine wrote down and did not deliver, if it has been handed over.

    It stays there until `take_over`. Raises `StorageError`, `OSError`.
    """
    if storage.shared and not await asyncio.to_thread(file.exists):
        await storage.fetch(OUTBOX + file.name, file)


async def bring_recording(storage: Storage, folder: Path, recording: RecordingRow | None) -> None:
    """Fetch a recording that was made here and has moved to the bucket, for a call that goes on after all.

    What came from other machines stays there in its parts. Raises `StorageError`, `OSError`.
    """
    if storage.shared and recording is not None and recording.place is not None:
        here = folder / recording.file
        if not here.exists():
            await storage.fetch(RECORDINGS + recording.file, here)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A recording as it lies here. duration_ms: None where it can't be read."""

    file: Path
    bytes: int
    sha256: str
    duration_ms: int | None = None


def gathered(parts: Sequence[Path], whole: Path) -> Gathered | None:
    """Make one file of what an attempt's bots recorded, in the order they came; None when they recorded nothing.

    Several parts are joined into `whole` and removed.
    """
    parts = [part for part in parts if part.is_file()]
    if len(parts) > 1 and not whole.is_file():
        join_parts(parts, whole)
    if whole.is_file():  # else joined before, by a process that did not live to note it
        for part in parts:
            part.unlink(missing_ok=True)
        parts = [whole]
    if not parts:
        return None
    with parts[0].open("rb") as sound:
        sha256 = hashlib.file_digest(sound, "sha256").hexdigest()
        return Gathered(parts[0], sound.tell(), sha256, length_ms(parts[0]))


def reopened(parts: Sequence[Path], whole: Path) -> None:
    """Make what was joined into `whole` the first of the parts again, for a call that goes on after all."""
    if whole.is_file():
        for part in parts:
            part.unlink(missing_ok=True)
        whole.rename(parts[0])


async def note_recording(
    database: Database, receipts: Receipts, attempt_id: str, found: Gathered, *, place: str | None
) -> None:
    """Note an attempt's recording, unless nothing may be kept of it. place: of the replica it lies at."""
    async with database.write() as tx:
        runs = RunRepository(tx.session)
        _, attempt = await runs.both_for_change(attempt_id)
        if await receipts.refused(tx.session, attempt):  # what lies here goes with the rest
            return
        row = await runs.recording(attempt.id)
        if row is None:
            row = RecordingRow(attempt_id=attempt.id, interview_id=attempt.interview_id, tenant=attempt.tenant)
            runs.add(row)
        elif (row.file, row.sha256) == (found.file.name, found.sha256):  # its bot has said what it is
            return
        row.file, row.bytes, row.sha256 = found.file.name, found.bytes, found.sha256
        row.duration_ms, row.place = found.duration_ms or row.duration_ms, place


def _events(file: Path, now: datetime) -> list[BotEvent]:
    outbox = Outbox(file)
    try:
        events = [understood(event, json.dumps(event), now) for event in outbox.after(0)]
        return [event for event in events if event is not None]
    finally:
        outbox.close()

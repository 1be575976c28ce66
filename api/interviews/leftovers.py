"""What bots leave on disk: outboxes with what they could not deliver, recordings that nobody reported."""

import asyncio
import hashlib
import json
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.errors import UplinkRefused
from api.interviews.receiver import BotEvent, Receiver, understood
from api.moments import Clock
from bot.uplink import Outbox

log = structlog.get_logger(__name__)

UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout, OSError)  # the database is away; drivers raise their own


async def take_over(receiver: Receiver, file: Path, attempt_id: str, epoch: int, clock: Clock) -> None:
    """Store what a dead bot wrote down and could not deliver any more; what can't be stored is put aside."""
    try:
        events = await asyncio.to_thread(_events, file, clock())
    except Exception as error:  # noqa: BLE001 - a file may hold anything, and it must not be read again for ever
        log.error("outbox_unreadable", file=str(file), error=repr(error)[:200])
        await asyncio.to_thread(file.rename, file.with_suffix(".unreadable"))
        return
    try:
        await receiver.take(attempt_id, epoch, events)
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
        log.info("outbox_taken_over", attempt_id=attempt_id, epoch=epoch, events=len(events))


def measure(file: Path) -> tuple[int, str] | None:
    """Return bytes and SHA-256 of a recording that was left behind."""
    try:
        with file.open("rb") as sound:
            sha256 = hashlib.file_digest(sound, "sha256").hexdigest()
            return sound.tell(), sha256
    except FileNotFoundError:
        return None


def _events(file: Path, now: datetime) -> list[BotEvent]:
    outbox = Outbox(file)
    try:
        events = [understood(event, json.dumps(event), now) for event in outbox.after(0)]
        return [event for event in events if event is not None]
    finally:
        outbox.close()

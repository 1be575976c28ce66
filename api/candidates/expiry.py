"""Erasure by the calendar: of candidates whose data expires, and of answers kept for a repetition that never came."""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.candidates.erasure import erase_expired, remove_files
from api.candidates.files import PersonalFiles
from api.database import Database
from api.idempotency import forget_old_answers
from api.moments import Clock
from api.receipts.purging import remove_recordings

log = structlog.get_logger(__name__)

EVERY_S = 60.0
LATELY = timedelta(hours=1)  # whose files are looked for every time; when it starts it looks for everybody's


class Expiry:
    """Erases candidates on the day their data expires, and old answers; looks when it starts and every minute.

    Files lie on the machine whose bot or upload left them, so each replica removes its own of whoever was erased.
    """

    def __init__(self, database: Database, files: PersonalFiles, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def run(self) -> None:
        """Keep going until cancelled."""
        since = None
        while True:
            try:
                now = self._clock()
                while await erase_expired(self._database, self._files, self._clock()):
                    pass
                await forget_old_answers(self._database, now)
                await remove_files(self._database, self._files, since)
                await remove_recordings(self._database, self._files.recordings, since)
                since = now - LATELY
            except (SQLAlchemyError, OSError) as error:
                log.error("database_unavailable", error=str(error))
            await asyncio.sleep(EVERY_S)

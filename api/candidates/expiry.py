"""Erasure by the calendar: of candidates whose data expires, and of answers kept for a repetition that never came."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.candidates.erasure import erase_expired
from api.candidates.files import PersonalFiles
from api.database import Database
from api.idempotency import forget_old_answers
from api.moments import Clock

log = structlog.get_logger(__name__)

EVERY_S = 60.0


class Expiry:
    """Erases candidates on the day their data expires, and old answers; looks when it starts and every minute."""

    def __init__(self, database: Database, files: PersonalFiles, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def run(self) -> None:
        """Keep going until cancelled."""
        while True:
            try:
                while await erase_expired(self._database, self._files, self._clock()):
                    pass
                await forget_old_answers(self._database, self._clock())
            except (SQLAlchemyError, OSError) as error:
                log.error("database_unavailable", error=str(error))
            await asyncio.sleep(EVERY_S)

"""The control planes that share a database, each by the place of its files: where the others reach it."""

from datetime import datetime

import structlog
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Database, Moment
from api.moments import Clock

log = structlog.get_logger(__name__)


class ReplicaRow(Base):
    """One data directory and the address of whoever serves it. started_at: when that began to."""

    __tablename__ = "replica"

    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    started_at: Mapped[datetime] = mapped_column(Moment)


class Replicas:
    """Finds other replicas. place: of this one; url: where it is reached."""

    def __init__(self, database: Database, place: str, url: str, clock: Clock) -> None:
        self.place = place
        self._database = database
        self._url = url
        self._clock = clock

    async def announce(self) -> None:
        """Tell the others where this one is."""
        async with self._database.write() as tx:
            row = await tx.session.get(ReplicaRow, self.place) or ReplicaRow(place=self.place, url=self._url)
            if row.url != self._url:
                log.warning("place_has_moved", place=self.place, before=row.url, now=self._url)
            row.url, row.started_at = self._url, self._clock()
            tx.session.add(row)

    async def url_of(self, place: str) -> str | None:
        """Return where the control plane of another place is, or was; None for our own and for one nobody knows."""
        if place == self.place:
            return None
        async with self._database.read() as tx:
            row = await tx.session.get(ReplicaRow, place)
        return row.url if row is not None else None

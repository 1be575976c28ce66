"""The control planes that share a database, each by the place of its files: where the others reach it."""

import hashlib
from datetime import datetime

import structlog
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Database, Moment
from api.moments import Clock

log = structlog.get_logger(__name__)


class ReplicaRow(Base):
    """One data directory and the address of whoever serves it. started_at: when that began to.

    key_digest: tells signing keys apart, and tells nothing of the key.
    """

    __tablename__ = "replica"

    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    key_digest: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(Moment)


class Replicas:
    """Finds other replicas. place: of this one; url: where it is reached; secret: what it signs with."""

    def __init__(self, database: Database, place: str, url: str, secret: str, clock: Clock) -> None:
        self.place = place
        self._database = database
        self._url = url
        self._key_digest = hashlib.sha256(secret.encode()).hexdigest()
        self._clock = clock

    async def announce(self) -> None:
        """Tell the others where this one is; log what keeps them from working as one."""
        async with self._database.write() as tx:
            row = await tx.session.get(ReplicaRow, self.place) or ReplicaRow(place=self.place, url=self._url)
            if row.url != self._url:
                log.warning("place_has_moved", place=self.place, before=row.url, now=self._url)
            row.url, row.key_digest, row.started_at = self._url, self._key_digest, self._clock()
            tx.session.add(row)
            strangers = select(ReplicaRow.place).where(ReplicaRow.key_digest != self._key_digest)
            if others := (await tx.session.scalars(strangers)).all():
                log.error("replicas_sign_with_other_keys", others=list(others), todo="give all one SIGNING_KEY_FILE")

    async def url_of(self, place: str) -> str | None:
        """Return where the control plane of another place is, or was; None for our own and for one nobody knows."""
        if place == self.place:
            return None
        async with self._database.read() as tx:
            row = await tx.session.get(ReplicaRow, place)
        return row.url if row is not None else None

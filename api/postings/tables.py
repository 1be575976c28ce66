"""What is kept of embed keys, and every query about them. No secret is among it: see `api.postings.signing`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, Index, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment
from api.errors import NotFound
from api.records.tables import ID


class EmbedKeyRow(Base):
    """One embed key. salt: what its secret is derived with, hex; life_s: what its successor gets too.

    state: active, rotating or revoked, as it was last moved; expires_at: when it is over in any case.
    """

    __tablename__ = "embed_key"
    __table_args__ = (Index("embed_key_by_posting", "tenant", "posting_id", "created_at"),)

    kid: Mapped[str] = mapped_column(ID, primary_key=True)
    embed_id: Mapped[str] = mapped_column(ID)
    posting_id: Mapped[str] = mapped_column(ID)
    tenant: Mapped[str] = mapped_column(String(128))
    salt: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    allowed_origins: Mapped[list[str]] = mapped_column(JSON)
    life_s: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class EmbedNonceRow(Base):
    """One signed visit that was let in; kept until its signature would have run out."""

    __tablename__ = "embed_nonce"

    embed_id: Mapped[str] = mapped_column(ID, primary_key=True)
    nonce: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


async def keys_of(session: AsyncSession, tenant: str, posting_id: str) -> Sequence[EmbedKeyRow]:
    """Return a posting's keys, newest first."""
    mine = select(EmbedKeyRow).where(EmbedKeyRow.tenant == tenant, EmbedKeyRow.posting_id == posting_id)
    return (await session.scalars(mine.order_by(EmbedKeyRow.created_at.desc(), EmbedKeyRow.kid.desc()))).all()


async def key_for_change(session: AsyncSession, tenant: str, posting_id: str, kid: str) -> EmbedKeyRow:
    """Return one key that nobody else changes until this transaction ends; raise `NotFound`."""
    mine = select(EmbedKeyRow).where(EmbedKeyRow.tenant == tenant, EmbedKeyRow.posting_id == posting_id)
    key = await session.scalar(mine.where(EmbedKeyRow.kid == kid).with_for_update())
    if key is None:
        raise NotFound("embed key", kid)
    return key


async def revoke_keys_of(session: AsyncSession, tenant: str, posting_id: str, now: datetime) -> None:
    """Revoke every key of a posting."""
    mine = update(EmbedKeyRow).where(EmbedKeyRow.tenant == tenant, EmbedKeyRow.posting_id == posting_id)
    await session.execute(mine.where(EmbedKeyRow.revoked_at.is_(None)).values(state="revoked", revoked_at=now))


async def first_use(session: AsyncSession, embed_id: str, nonce: str, expires_at: datetime, now: datetime) -> bool:
    """Note that a nonce was used and forget those that ran out; return False if it had been used before."""
    await session.execute(delete(EmbedNonceRow).where(EmbedNonceRow.expires_at <= now))
    session.add(EmbedNonceRow(embed_id=embed_id, nonce=nonce, expires_at=expires_at))
    try:
        await session.flush()
    except IntegrityError:
        return False
    return True

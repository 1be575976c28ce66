"""Making, checking and revoking API keys. Each method is one transaction."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import record
from api.auth import KEY_PREFIX, Caller
from api.database import Database
from api.errors import Complaint, Invalid, KeyRefused, LacksScope, NotFound
from api.interviews.schemas import Page, PageMeta
from api.keys.schemas import CreateKey, KeyOut, NewKeyOut
from api.keys.tables import KeyRow
from api.limits import Rate
from api.moments import Clock
from api.scopes import NAMES, granted

SECRET_BYTES = 32
USED_WITHIN = timedelta(minutes=15)  # how coarse last_used_at is; a write for each request would cost more than the key
LONGEST = timedelta(days=3660)
LOOKED_UP_S = 1.0  # for each piece of each stream would be thousands of queries a second
_KEY = re.compile(rf"{KEY_PREFIX}([0-9a-f]{{20}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")


class KeyService:
    """API keys of every tenant. rate: what this server allows callers without limits of their own."""

    def __init__(self, database: Database, rate: Rate, clock: Clock) -> None:
        self._database, self._rate, self._clock = database, rate, clock
        self._seen: dict[str, tuple[float, KeyRow]] = {}  # with the monotonic time at which it was read, for `still`

    async def create(self, maker: Caller, wanted: CreateKey) -> NewKeyOut:
        """Make a key; raise `Invalid`, or `LacksScope` when it were to grant more than `maker` has."""
        now = self._clock()
        self._check(wanted, now)
        if beyond := granted(wanted.scopes) - maker.scopes:
            raise LacksScope(min(beyond))
        public, secret = secrets.token_hex(10), secrets.token_hex(SECRET_BYTES)
        row = KeyRow(
            id=f"key_{public}",
            tenant=maker.tenant,
            name=wanted.name,
            scopes=wanted.scopes,
            secret_hash=_hashed(secret),
            per_minute=wanted.per_minute,
            per_hour=wanted.per_hour,
            created_by=maker.subject,
            created_at=now,
            expires_at=wanted.expires_at,
            revoked_at=None,
            last_used_at=None,
        )
        async with self._database.write() as tx:
            tx.session.add(row)
            record(tx, maker, "key.created", row.id, at=now)
        shown = KeyOut.model_validate(row).model_dump()
        return NewKeyOut.model_validate(shown | {"key": f"{KEY_PREFIX}{public}_{secret}"})

    async def caller(self, key: str) -> Caller:
        """Return who holds `key`; raise `KeyRefused` with reason `unknown`, `revoked` or `expired`."""
        parts = _KEY.fullmatch(key)
        if parts is None:
            raise _unknown()
        async with self._database.read() as tx:
            row = await tx.session.get(KeyRow, f"key_{parts[1]}")
        if row is None or not hmac.compare_digest(row.secret_hash, _hashed(parts[2])):
            raise _unknown()
        _require_good(row, now := self._clock())
        if row.last_used_at is None or now - row.last_used_at >= USED_WITHIN:
            await self._used(row.id, now)
        return Caller(row.tenant, row.id, granted(row.scopes), self._rate_of(row), person=False, key_id=row.id)

    async def still(self, id_: str) -> None:
        """Raise `KeyRefused` once a key is expired or revoked: here at once, elsewhere within `LOOKED_UP_S`."""
        read_at, row = self._seen.get(id_, (float("-inf"), None))
        if row is None or time.monotonic() - read_at >= LOOKED_UP_S:
            read_at = time.monotonic()
            async with self._database.read() as tx:
                row = await tx.session.get(KeyRow, id_)
            if row is None:
                raise _unknown()
            self._seen[id_] = (read_at, row)
        _require_good(row, self._clock())

    async def get(self, tenant: str, id_: str) -> KeyOut:
        """Return a key without its secret; raise `NotFound`."""
        async with self._database.read() as tx:
            return KeyOut.model_validate(await _mine(tx.session, tenant, id_))

    async def page(self, tenant: str, page: int, limit: int) -> Page[KeyOut]:
        """Return one page of a tenant's keys, newest first, the revoked among them."""
        query = select(KeyRow).where(KeyRow.tenant == tenant)
        newest = query.order_by(KeyRow.created_at.desc(), KeyRow.id.desc()).limit(limit).offset((page - 1) * limit)
        async with self._database.read() as tx:
            total = await tx.session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
            rows: Sequence[KeyRow] = (await tx.session.scalars(newest)).all()
        return Page(data=[KeyOut.model_validate(row) for row in rows], meta=PageMeta.of(page, limit, total or 0))

    async def revoke(self, revoker: Caller, id_: str) -> None:
        """Have a key open nothing from now on; a revoked one stays so. Raises `NotFound`."""
        async with self._database.write() as tx:
            row = await _mine(tx.session, revoker.tenant, id_)
            if row.revoked_at is None:
                row.revoked_at = self._clock()
                record(tx, revoker, "key.revoked", row.id, at=row.revoked_at)
        self._seen.pop(id_, None)

    def _check(self, wanted: CreateKey, now: datetime) -> None:
        complaints = [
            Complaint(("body", "scopes", n), f"there is no scope {name!r}", f"use some of {', '.join(sorted(NAMES))}")
            for n, name in enumerate(wanted.scopes)
            if name not in NAMES
        ]
        if wanted.expires_at is not None and not now < wanted.expires_at <= now + LONGEST:
            what = "is past" if wanted.expires_at <= now else f"is more than {LONGEST.days} days away"
            complaints.append(Complaint(("body", "expires_at"), what, "name a nearer time to come, or leave it out"))
        for name, own, ours in (
            ("per_minute", wanted.per_minute, self._rate.per_minute),
            ("per_hour", wanted.per_hour, self._rate.per_hour),
        ):
            if own is not None and 0 < ours < own:
                complaints.append(
                    Complaint(("body", name), f"is more than this server's {ours}", f"send {ours} or less")
                )
        if complaints:
            raise Invalid(*complaints)

    def _rate_of(self, row: KeyRow) -> Rate:
        return Rate(_less(row.per_minute, self._rate.per_minute), _less(row.per_hour, self._rate.per_hour))

    async def _used(self, id_: str, now: datetime) -> None:
        async with self._database.write() as tx:
            await tx.session.execute(update(KeyRow).where(KeyRow.id == id_).values(last_used_at=now))


async def _mine(session: AsyncSession, tenant: str, id_: str) -> KeyRow:
    row = await session.scalar(select(KeyRow).where(KeyRow.id == id_, KeyRow.tenant == tenant))
    if row is None:
        raise NotFound("API key", id_)
    return row


def _require_good(row: KeyRow, now: datetime) -> None:
    if row.revoked_at is not None:
        raise KeyRefused("revoked", "This API key has been revoked; make a new one.")
    if row.expires_at is not None and row.expires_at <= now:
        raise KeyRefused("expired", "This API key has expired; make a new one.")


def _less(own: int | None, ours: int) -> int:
    """The server's limit may have come down since the key was made; 0 is none at all."""
    return min(own, ours) if own and ours else own or ours


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _unknown() -> KeyRefused:
    return KeyRefused("unknown", "There is no such API key.")

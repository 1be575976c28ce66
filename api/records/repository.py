"""Every query about records. A repository is one tenant's and can't forget whose."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import NotFound
from api.records.tables import Record

R = TypeVar("R", bound=Record)


class Records(Generic[R]):
    """One tenant's records of one kind. what: how the kind is called in messages."""

    def __init__(self, session: AsyncSession, tenant: str, table: type[R], what: str) -> None:
        self._session, self._tenant, self._table, self._what = session, tenant, table, what

    async def add(self, record: R) -> None:
        """Keep a new record, which is this tenant's whatever it says."""
        record.tenant = self._tenant
        self._session.add(record)
        await self._session.flush()  # what refers to it comes after it

    async def get(self, id_: str) -> R:
        """Return a record; raise `NotFound`."""
        return self._one(await self._session.scalar(self._mine().where(self._table.id == id_)), id_)

    async def find(self, id_: str) -> R | None:
        """Return a record, or None where there is none."""
        return await self._session.scalar(self._mine().where(self._table.id == id_))

    async def several(self, ids: Collection[str]) -> Sequence[R]:
        """Return those of `ids` that there are."""
        return (await self._session.scalars(self._mine().where(self._table.id.in_(ids)))).all()

    async def get_for_change(self, id_: str) -> R:
        """Return a record that nobody else changes until this transaction ends; raise `NotFound`."""
        query = self._mine().where(self._table.id == id_).with_for_update()
        return self._one(await self._session.scalar(query), id_)

    async def hold(self, id_: str) -> R:
        """Return a record that nobody changes or deletes until this transaction ends; raise `NotFound`."""
        query = self._mine().where(self._table.id == id_).with_for_update(read=True)
        return self._one(await self._session.scalar(query), id_)

    async def known_as(self, external_ref: str) -> R | None:
        """Return the record its owner calls so."""
        return await self._session.scalar(self._mine().where(self._table.external_ref == external_ref))

    async def page(self, where: Mapping[str, Any], page: int, limit: int) -> tuple[Sequence[R], int]:
        """Return one page, newest first, and how many there are. where: columns and what they must equal."""
        query = self._mine()
        for column, value in where.items():
            query = query.where(getattr(self._table, column) == value)
        total = await self._session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
        newest = query.order_by(self._table.created_at.desc(), self._table.id.desc())
        rows = await self._session.scalars(newest.limit(limit).offset((page - 1) * limit))
        return rows.all(), total or 0

    def _mine(self) -> Select[R]:
        return select(self._table).where(self._table.tenant == self._tenant, self._table.deleted_at.is_(None))

    def _one(self, row: R | None, id_: str) -> R:
        if row is None:
            raise NotFound(self._what, id_)
        return row


def tombstone(record: Record, now: datetime) -> None:
    """Delete a record: it is gone from every list and its external_ref is free again."""
    record.deleted_at, record.external_ref = now, None

"""What makes one kind of record different from another: its table, its schemas, its words, its own rules."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from api.interviews.schemas import Time
from api.records.tables import Record

R = TypeVar("R", bound=Record)
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)


class RecordIn(BaseModel):
    """What a caller may send of a record; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordOut(BaseModel):
    """What every record shows of itself besides its own fields."""

    model_config = ConfigDict(frozen=True)

    id: str
    created_at: Time
    updated_at: Time


@dataclass(frozen=True, slots=True)
class Work:
    """Where and when a kind's own rules work: inside the transaction that writes the record."""

    session: AsyncSession
    tenant: str
    now: datetime


async def _no_rule(work: Work, record: Any, wanted: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Kind(Generic[R, In, Out]):
    """One kind of record.

    name: singular, as in messages and scopes (`job:read`); path: as in `/v1/jobs`; prefix: of its ids.
    takes: what is sent; its fields are the record's body. gives: what is answered.
    columns: what of the body is kept in columns too, for filters: column → value. filters: the columns that lists
    can be filtered by. rule: called with the record and what was sent before either is written; raises `Invalid` or
    `Conflict` where the tenant's other records don't allow it. on_delete: the same before a record is deleted.
    shows: what callers see of a record besides its body: field → value.
    """

    name: str
    path: str
    prefix: str
    table: type[R]
    takes: type[In]
    gives: type[Out]
    columns: Callable[[In], Mapping[str, Any]] = field(default=lambda wanted: {})
    filters: tuple[str, ...] = ()
    rule: Callable[[Work, R, In], Awaitable[None]] = _no_rule
    on_delete: Callable[[Work, R, None], Awaitable[None]] = _no_rule
    shows: Callable[[R], Mapping[str, Any]] = field(default=lambda record: {})

    def view(self, record: R) -> Out:
        """Return a record as callers see it."""
        own = {"id": record.id, "created_at": record.created_at, "updated_at": record.updated_at}
        return self.gives.model_validate({**record.body, **self.shows(record), **own})

"""References between records of one tenant: what is named must be there, what is in use stays."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from api.errors import Complaint, InUse, Invalid
from api.interviews.states import OVER
from api.interviews.tables import InterviewRow
from api.records.kinds import Work
from api.records.tables import Record

MOST_NAMED = 5


async def require(work: Work, field: str, what: str, table: type[Record], id_: str) -> None:
    """Raise `Invalid` unless the tenant has that record; until the transaction ends nobody deletes it.

    field: where in the body it is named; what: how its kind is called in messages.
    """
    query = select(table.id).where(table.id == id_, table.tenant == work.tenant, table.deleted_at.is_(None))
    if await work.session.scalar(query.with_for_update(read=True)) is None:
        raise Invalid(
            Complaint(("body", field), f"there is no {what} {id_!r}", f"create the {what} first, or name one there is")
        )


async def refuse_if_used(
    work: Work, what: str, id_: str, by: str, column: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> None:
    """Raise `InUse` if a record that is not deleted names `id_` in `column`. by: how its kind is called.

    conditions: which records count; all of them where there are none.
    """
    table = column.class_
    query = select(table.id).where(column == id_, table.tenant == work.tenant, table.deleted_at.is_(None), *conditions)
    users = (await work.session.scalars(query.order_by(table.created_at, table.id).limit(MOST_NAMED))).all()
    if users:
        raise InUse(what, id_, by, users)


async def refuse_if_awaited(work: Work, what: str, id_: str, column: InstrumentedAttribute[Any]) -> None:
    """Raise `InUse` if an interview that is not over names `id_` in `column`; those that are need it no more."""
    to_come = InterviewRow.status.not_in([status.value for status in OVER])
    await refuse_if_used(work, what, id_, "interview", column, to_come)

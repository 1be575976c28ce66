"""Every query about usage. A day is one of UTC, and is told as text: 2026-11-22."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, String, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from api.evaluation.tables import EvaluationRow
from api.interviews.tables import AttemptRow, InterviewRow, RecordingRow
from api.webhooks.deliveries import DELIVERED
from api.webhooks.tables import DeliveryRow


class _Day(FunctionElement[str]):
    """The day of a moment."""

    type = String()
    inherit_cache = True


class _Seconds(FunctionElement[float]):
    """From one moment to another."""

    type = Float()
    inherit_cache = True


@compiles(_Day)
def _day_on_sqlite(element: _Day, compiler: SQLCompiler, **more: Any) -> str:
    return f"date({compiler.process(element.clauses, **more)})"


@compiles(_Day, "postgresql")
def _day_on_postgresql(element: _Day, compiler: SQLCompiler, **more: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **more)} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


@compiles(_Seconds)
def _seconds_on_sqlite(element: _Seconds, compiler: SQLCompiler, **more: Any) -> str:
    begin, end = (compiler.process(moment, **more) for moment in element.clauses)
    return f"((julianday({end}) - julianday({begin})) * 86400.0)"


@compiles(_Seconds, "postgresql")
def _seconds_on_postgresql(element: _Seconds, compiler: SQLCompiler, **more: Any) -> str:
    begin, end = (compiler.process(moment, **more) for moment in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {begin}))::float"


class UsageRepository:
    """One tenant's usage from `begin` up to, but not at, `end`."""

    def __init__(self, session: AsyncSession, tenant: str, begin: datetime, end: datetime) -> None:
        self._session, self._tenant, self._begin, self._end = session, tenant, begin, end

    async def by_day(self) -> dict[str, dict[str, Any]]:
        """Return the figures of each day on which there were any."""
        calls = _Seconds(AttemptRow.waiting_at, AttemptRow.ended_at)
        forward = case((calls > 0, calls), else_=0.0)  # both times are bots'; no clock may take from the others
        recordings = select().join_from(RecordingRow, AttemptRow, AttemptRow.id == RecordingRow.attempt_id)
        delivered = select().where(DeliveryRow.status == DELIVERED)
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for query, at, name, figure in (
            (select(), InterviewRow.created_at, "interviews_created", func.count()),
            (select(), InterviewRow.started_at, "interviews_held", func.count()),
            (select(), AttemptRow.created_at, "attempts", func.count()),
            (select(), AttemptRow.ended_at, "call_s", func.sum(forward)),
            (recordings, AttemptRow.ended_at, "recorded_ms", _sum(RecordingRow.duration_ms)),
            (recordings, AttemptRow.ended_at, "recorded_bytes", _sum(RecordingRow.bytes)),
            (select(), EvaluationRow.created_at, "evaluations", func.count()),
            (delivered, DeliveryRow.last_at, "webhooks_delivered", func.count()),
        ):
            for day, value in await self._session.execute(self._of_days(query, at, figure)):
                found[day][name] = value
        return found

    def _of_days(self, query: Select[Any], at: InstrumentedAttribute[Any], figure: ColumnElement[Any]) -> Select[Any]:
        day = _Day(at)
        mine = query.where(at.class_.tenant == self._tenant, at >= self._begin, at < self._end)
        return mine.add_columns(day, figure).group_by(day)


def _sum(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return func.sum(func.coalesce(column, 0))

"""What can be done with tasks."""

import secrets

import structlog
from sqlalchemy import Select, select

from api import audit
from api.auth import Caller
from api.database import Database
from api.errors import NotFound
from api.events import Event
from api.interviews.repository import InterviewRepository
from api.interviews.tables import AttemptRow
from api.moments import Clock
from api.tasks.schemas import TaskKind, TaskOut, TaskState
from api.tasks.tables import TaskRow

log = structlog.get_logger(__name__)


class TaskService:
    """Tasks of every tenant; whose is said with each call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all_of(self, tenant: str, interview_id: str, state: TaskState | None) -> list[TaskOut]:
        """Return the tasks of an interview in the order they came up, those in `state` alone; raise `NotFound`."""
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
            rows = await tx.session.scalars(_mine(tenant, interview_id).order_by(TaskRow.seq))
            return [task for row in rows if (task := _view(row)).state is (state or task.state)]

    async def done(self, caller: Caller, interview_id: str, task_id: str) -> TaskOut:
        """Note that somebody has done a task; the first to say so is kept. Raises `NotFound`."""
        async with self._database.write() as tx:
            await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            row = await tx.session.scalar(_mine(caller.tenant, interview_id).where(TaskRow.id == task_id))
            if row is None:
                raise NotFound("task", task_id)
            if row.done_at is None:
                row.done_at, row.done_by = self._clock(), caller.subject
                audit.record(tx, caller, "task.done", row.id, at=row.done_at)
                log.info("task_done", interview=interview_id, task_id=task_id)
        return _view(row)


def new_task(attempt: AttemptRow, event: Event, kind: TaskKind, text: str, question: str | None) -> TaskRow:
    """Return the task that `event` tells of as it is kept, not yet done."""
    return TaskRow(
        id=f"tsk_{secrets.token_hex(10)}",
        tenant=attempt.tenant,
        interview_id=attempt.interview_id,
        attempt_id=attempt.id,
        seq=event.seq,
        kind=kind.value,
        text=text,
        question=question,
        at_ms=event.at_ms,
        created_at=event.at,
    )


def _mine(tenant: str, interview_id: str) -> Select[TaskRow]:
    return select(TaskRow).where(TaskRow.tenant == tenant, TaskRow.interview_id == interview_id)


def _view(row: TaskRow) -> TaskOut:
    state = TaskState.OPEN if row.done_at is None else TaskState.DONE
    fields = {name: getattr(row, name) for name in TaskOut.model_fields if name != "state"}
    return TaskOut.model_validate(fields | {"state": state})

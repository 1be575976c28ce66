"""Levels that people put in place of the engine's, each with a reason; only added to, and carried over."""

import secrets

import structlog

from api import audit
from api.auth import Caller
from api.database import Database
from api.errors import Complaint, Conflict, Invalid, ScorecardFirst
from api.evaluation.effective import level_of
from api.evaluation.repository import EvaluationRepository
from api.evaluation.schemas import OverrideIn, OverrideOut, override
from api.evaluation.states import EvaluationStatus
from api.evaluation.tables import EvaluationRow, OverrideRow
from api.interviews.repository import InterviewRepository
from api.moments import Clock
from api.scorecards.seal import sealed

log = structlog.get_logger(__name__)


async def carry_over(
    evaluations: EvaluationRepository, before: EvaluationRow, after: EvaluationRow
) -> list[OverrideRow]:
    """Have what people put in place of a version's levels count in the next one, too; return that.

    What they said of another try, or of a criterion that there is no more, stays with the version it was said of.
    """
    if before.attempt_id != after.attempt_id or after.result is None:
        return []
    levels = {one["criterion_id"]: one["level"] for one in after.result.get("criteria", ())}
    counting = {row.criterion_id: row for row in await evaluations.overrides([before.id])}
    carried = [
        OverrideRow(
            evaluation_id=after.id,
            number=number,
            id=_new_id(),
            interview_id=after.interview_id,
            criterion_id=row.criterion_id,
            level_before=levels[row.criterion_id],
            level=row.level,
            reason=row.reason,
            by=row.by,
            at=row.at,
        )
        for number, row in enumerate((row for row in counting.values() if row.criterion_id in levels), start=1)
    ]
    for row in carried:
        evaluations.add_override(row)
    return carried


def _new_id() -> str:
    return f"ovr_{secrets.token_hex(10)}"


class Overrides:
    """Overrides of every tenant; whose is said with each call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, caller: Caller, interview_id: str, evaluation_id: str, wanted: OverrideIn) -> OverrideOut:
        """Put a level, or that there can be none, in place of a criterion's.

        Raises `PeopleOnly`, `ScorecardFirst`; `Conflict` for an evaluation that was superseded or has no levels;
        `Invalid` for a criterion it does not have.
        """
        caller.require_person()
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            if await sealed(tx.session, caller, [interview]):
                raise ScorecardFirst(interview.status)
            evaluations = EvaluationRepository(tx.session, caller.tenant)
            row = await evaluations.get(interview_id, evaluation_id)
            if row.status != EvaluationStatus.COMPLETED.value or row.result is None or "criteria" not in row.result:
                what = "holds facts, no levels" if row.result and "criteria" not in row.result else f"is {row.status}"
                raise Conflict(
                    f"The evaluation {row.id!r} {what}; override the assessment that counts (GET …/assessment).",
                    current_status=interview.status,
                )
            before = [override(one) for one in await evaluations.overrides([row.id])]
            try:
                level_before = level_of(row.result, wanted.criterion_id, before)
            except LookupError:
                known = ", ".join(one["criterion_id"] for one in row.result["criteria"]) or "it has none"
                what = f"the evaluation has no criterion {wanted.criterion_id!r}"
                raise Invalid(Complaint(("body", "criterion_id"), what, f"use one of its own: {known}")) from None
            kept = OverrideRow(
                evaluation_id=row.id,
                number=1 + len(before),
                id=_new_id(),
                interview_id=interview_id,
                criterion_id=wanted.criterion_id,
                level_before=level_before,
                level=wanted.level,
                reason=wanted.reason,
                by=caller.subject,
                at=self._clock(),
            )
            evaluations.add_override(kept)
            audit.record(tx, caller, "evaluation.overridden", kept.id, at=kept.at)
        log.info("evaluation_overridden", interview=interview_id, evaluation_id=row.id, number=kept.number)
        return override(kept)

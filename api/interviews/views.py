"""An interview as its readers see it, worked out from rows and events. Pure functions."""

from collections.abc import Sequence
from statistics import quantiles
from typing import Any

from api.interviews.findings import Findings
from api.interviews.schemas import (
    AttemptInList,
    AttemptOut,
    Brief,
    CandidateOut,
    ConnectionOut,
    Coverage,
    InterviewInList,
    InterviewOut,
    JobSource,
    Metrics,
    NoEvaluation,
    RecordingOut,
    RelatedOut,
    Relation,
    Spread,
    StartOut,
    StartPolicy,
    TurnOut,
)
from api.interviews.tables import AttemptRow, ConnectionRow, EventRow, InterviewRow, RecordingRow, TurnRow
from bot.plan import Plan
from bot.spec import Limits

OUTCOMES = {"answered", "skipped", "not_reached"}


def in_list(row: InterviewRow) -> InterviewInList:
    """Return an interview as lists show it."""
    return InterviewInList.model_validate(_facts(row))


def whole(
    row: InterviewRow, attempt: AttemptRow | None, findings: Findings, recording: RecordingRow | None
) -> InterviewOut:
    """Return an interview with everything that is known of it."""
    return InterviewOut(
        **_facts(row),
        plan=findings.plan,
        bot_name=row.bot_name,
        limits=Limits.model_validate(row.limits),
        max_attempts=row.max_attempts,
        callback_url=row.callback_url,
        brief=None if row.brief is None else Brief.model_validate(row.brief),
        review_plan=row.review_plan,
        evaluate_at_end=row.evaluate_at_end,
        job_source=None if row.job_source is None else JobSource(row.job_source),
        attempt=_attempt(attempt),
        coverage=findings.coverage,
        summary=row.summary,
        metrics=findings.metrics,
        recording=_recording(recording),
        no_evaluation=None if row.no_evaluation is None else NoEvaluation.model_validate(row.no_evaluation),
        last_seq=row.last_seq,
    )


def related(row: InterviewRow, to: InterviewRow) -> RelatedOut:
    """Return an interview as one that has something in common with `to`, and what that is."""
    shared = {
        Relation.CANDIDATE: (row.candidate_id, to.candidate_id, "the same candidate"),
        Relation.JOB: (row.job_id, to.job_id, "the same job"),
        Relation.ROUND_CHAIN: (chain(row), chain(to), "a round of the same chain, which begins with"),
    }
    common = {by: (mine, words) for by, (mine, theirs, words) in shared.items() if mine is not None and mine == theirs}
    why = "; ".join(f"{words} {id_}" for id_, words in common.values())
    return RelatedOut(interview=in_list(row), by=list(common), why=why)


def chain(row: InterviewRow) -> str:
    """Return the interview that the chain of rounds begins with."""
    return row.root_interview_id or row.id


def attempt(
    row: AttemptRow, connections: Sequence[ConnectionRow], recording: RecordingRow | None, *, counts: bool
) -> AttemptInList:
    """Return one try with its recording and the incarnations of its bot, newest first."""
    return AttemptInList(
        **_try(row),
        counts=counts,
        scheduled_at=row.scheduled_at,
        started_at=row.waiting_at,
        duration_s=duration_s(row),
        recording=_recording(recording),
        summary=row.summary,
        connections=[
            ConnectionOut(
                epoch=connection.epoch,
                cause=connection.cause,
                state=row.bot_state if connection.epoch == row.epoch else connection.bot_state,
                ending=connection.ending,
                opened_at=connection.opened_at,
                left_at=connection.left_at or row.ended_at,
            )
            for connection in connections
        ],
    )


def duration_s(row: AttemptRow) -> float | None:
    """Return how long a call took, as its bot says; of one that died before it could, from the room to the end."""
    told = _whole((row.report or {}).get("duration_ms"))
    if told is not None:
        return told / 1000
    if row.waiting_at is None or row.ended_at is None:
        return None
    return max(0.0, (row.ended_at - row.waiting_at).total_seconds())


def turn(row: TurnRow) -> TurnOut:
    """Return one final turn."""
    return TurnOut.model_validate(row, from_attributes=True)


def findings(row: InterviewRow, attempt: AttemptRow | None, events: Sequence[EventRow]) -> Findings:
    """Return what is worked out from a plan and an attempt. events: those that tell of coverage and figures."""
    plan = Plan.model_validate(row.plan)
    return Findings(plan, coverage(plan, events), metrics(attempt, events))


def coverage(plan: Plan, events: Sequence[EventRow]) -> list[Coverage]:
    """Return what became of each question of the plan, in its order."""
    found = {
        question.id: Coverage(question_id=question.id, text=question.text, status="pending")
        for question in plan.questions
    }
    for event in events:
        known = found.get(str(event.data.get("question_id")))
        if known is None:
            continue
        if event.type == "question.asked":
            follow_ups = max(known.follow_ups, _whole(event.data.get("follow_up")) or 0)
            found[known.question_id] = known.model_copy(update={"status": "asked", "follow_ups": follow_ups})
        elif event.type == "question.closed" and event.data.get("outcome") in OUTCOMES:
            found[known.question_id] = known.model_copy(
                update={
                    "status": event.data["outcome"],
                    "reason": event.data.get("reason"),
                    "signals": [str(signal) for signal in event.data.get("signals") or ()],
                }
            )
    return list(found.values())


def metrics(attempt: AttemptRow | None, events: Sequence[EventRow]) -> Metrics:
    """Return the figures of a call from its `latency`, `barge_in`, `incident` and `usage` events."""
    waits = [
        wait for event in events if event.type == "latency" if (wait := _number(event.data.get("total_ms"))) is not None
    ]
    usages = [event.data for event in events if event.type == "usage"]
    join_ms = None
    if attempt is not None and attempt.waiting_at is not None:
        join_ms = round((attempt.waiting_at - attempt.created_at).total_seconds() * 1000)
    return Metrics(
        join_ms=join_ms,
        response_ms=spread(waits),
        barge_ins=sum(event.type == "barge_in" and event.data.get("outcome") == "confirmed" for event in events),
        incidents=sum(event.type == "incident" for event in events),
        usage=usages[-1] if usages else None,
    )


def spread(values: Sequence[float]) -> Spread | None:
    """Return the middle and the 95th percentile (both inclusive), or None of nothing."""
    if not values:
        return None
    cuts = quantiles(values, n=100, method="inclusive") if len(values) > 1 else [values[0]] * 99
    return Spread(p50=round(cuts[49], 1), p95=round(cuts[94], 1), n=len(values))


def _facts(row: InterviewRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "mode": row.mode,
        "language": row.language,
        "status": row.status,
        "status_reason": row.status_reason,
        "candidate": CandidateOut(name=row.candidate_name),
        "candidate_id": row.candidate_id,
        "job_id": row.job_id,
        "template_id": row.template_id,
        "agent_id": row.agent_id,
        "round": row.round,
        "root_interview_id": row.root_interview_id,
        "purpose": row.purpose,
        "external_ref": row.external_ref,
        "meeting_url": row.meeting_url,
        "start": StartOut(policy=StartPolicy(row.start_policy), scheduled_at=row.scheduled_at),
        "run_id": row.run_id,
        "version": row.version,
        "organisation": row.organisation,
        "metadata": row.own_data or {},
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "turn_count": row.turn_count,
    }


def _attempt(row: AttemptRow | None) -> AttemptOut | None:
    return None if row is None else AttemptOut(**_try(row))


def _recording(row: RecordingRow | None) -> RecordingOut | None:
    return None if row is None else RecordingOut.model_validate(row, from_attributes=True)


def _try(row: AttemptRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "kind": row.kind,
        "epoch": row.epoch,
        "state": row.bot_state,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "end_reason": row.end_reason,
    }


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

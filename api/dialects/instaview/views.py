"""From our interviews to InstaView's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.dialects.instaview.schemas import (
    EXTERNAL_ID,
    InstaViewAnalysis,
    InstaViewCallAttempt,
    InstaViewGeneral,
    InstaViewInterview,
    InstaViewPagination,
)
from api.dialects.instaview.words import (
    ATTEMPTS,
    COMPLETED,
    FAILED,
    FIT,
    FITS,
    OWN,
    PENDING,
    STATUSES,
    Direction,
    Education,
    Experience,
    Fit,
    InstaViewStatus,
)
from api.evaluation.schemas import EvaluationOut
from api.interviews.schemas import AttemptInList, InterviewInList, PageMeta
from api.interviews.states import OVER
from api.moments import moment
from bot.state import EndReason


def interview(
    found: InterviewInList, attempts: Sequence[AttemptInList], evaluations: Sequence[EvaluationOut], public_url: str
) -> InstaViewInterview:
    """Return one interview. attempts: newest first; evaluations: the versions that count, phase 2 before phase 1."""
    metadata = {name: value for name, value in found.metadata.items() if name != OWN}
    named = {} if found.external_ref is None else {EXTERNAL_ID: found.external_ref}
    seconds = [attempt.duration_s for attempt in attempts if attempt.duration_s is not None]
    return InstaViewInterview(
        id=found.id,
        candidate_id=found.candidate_id,
        agent_id=found.agent_id,
        status=STATUSES[found.status],
        scheduled_at=_asked_for(found) or found.start.scheduled_at,
        duration_minutes=round(sum(seconds) / 60) if seconds else None,
        finished_date=found.ended_at,
        metadata=metadata | named,
        call_attempts=[_attempt(found, each, public_url, newest=each is attempts[0]) for each in reversed(attempts)],
        analysis=_analysis(evaluations),
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


def pagination(meta: PageMeta) -> InstaViewPagination:
    """Return where a page lies in its list."""
    return InstaViewPagination(
        total=meta.total,
        page=meta.page,
        limit=meta.limit,
        total_pages=meta.pages,
        has_next_page=meta.page < meta.pages,
        has_previous_page=meta.page > 1,
    )


def _asked_for(found: InterviewInList) -> datetime | None:
    """A time that had passed when it was asked for. Whoever writes metadata by `/v1` may have put anything there."""
    own = found.metadata.get(OWN)
    try:
        return moment(own["scheduleTime"]) if isinstance(own, dict) else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _attempt(of: InterviewInList, attempt: AttemptInList, public_url: str, *, newest: bool) -> InstaViewCallAttempt:
    recording = f"{public_url}/v1/interviews/{of.id}/recording?attempt={attempt.number}"
    return InstaViewCallAttempt(
        id=attempt.id,
        direction=Direction.OUTBOUND,
        status=_status(of, attempt, newest),
        scheduled_at=attempt.scheduled_at,
        called_at=attempt.started_at,
        duration=None if attempt.duration_s is None else round(attempt.duration_s),
        recording_url=None if attempt.recording is None else recording,
    )


def _status(of: InterviewInList, attempt: AttemptInList, newest: bool) -> InstaViewStatus:
    if attempt.end_reason is None:
        return InstaViewStatus.IN_PROGRESS
    return STATUSES[of.status] if newest and of.status in OVER else ATTEMPTS[EndReason(attempt.end_reason)]


def _analysis(evaluations: Sequence[EvaluationOut]) -> InstaViewAnalysis | None:
    if not evaluations:
        return None
    newest, facts = evaluations[0], evaluations[-1]
    summary = [str((facts.result or {})["text_summary"])]
    if newest is facts:
        answered = any(entry["answer_turns"] for entry in (facts.result or {})["qa"])
        general = _general(newest, {}, summary, PENDING if answered else FAILED)
    else:
        result = newest.result or {}
        general = _general(newest, result, summary + _conclusion(result), COMPLETED)
    return InstaViewAnalysis(id=newest.id, general=general, specific=None)


def _general(found: EvaluationOut, result: Mapping[str, Any], evaluation: list[str], status: int) -> InstaViewGeneral:
    overall, criteria = result.get("overall"), {one["criterion_id"]: one for one in result.get("criteria", ())}
    level = criteria.get(FIT, {}).get("level")
    return InstaViewGeneral.model_validate(
        {
            "overall_rating": None if overall is None else round(overall),
            "company_fit_rating": Fit.UNDEFINED if level is None else FITS[level],
            "education": Education.UNDEFINED,  # nothing reads them off an interview
            "experience": Experience.UNDEFINED,
            "strong_points": [_point(criteria[id_]) for id_ in result.get("strengths", ())],
            "weak_points": [_point(criteria[id_]) for id_ in result.get("concerns", ())],
            "evaluation": evaluation,
            "status": status,
            "created_at": found.created_at,
            "updated_at": found.completed_at or found.created_at,
        }
    )


def _point(criterion: Mapping[str, Any]) -> str:
    return f"{criterion['name']}: level {criterion['level']} of 5"


def _conclusion(result: Mapping[str, Any]) -> list[str]:
    word = result.get("recommendation")
    return [] if word is None else [f"Recommendation: {word.replace('_', ' ')}"]

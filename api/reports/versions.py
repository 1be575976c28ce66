"""What changed from one version of an assessment to the next: what it read, and what it found."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from api.evaluation.schemas import EvaluationOut
from api.reports.schemas import Change, VersionOut

NOT_THERE = "–"
_READ = {
    "rubric_hash": "the rubric",
    "plan_hash": "the plan",
    "transcript_hash": "the transcript",
    "engine": "the engine",
    "engine_version": "the engine's version",
}


def compared(newest_first: Sequence[EvaluationOut]) -> list[VersionOut]:
    """Return versions of one phase with what changed from each to the next, newest first."""
    befores = [older for _, older in pairwise(newest_first)] + [None]
    return [_version(one, before) for one, before in zip(newest_first, befores, strict=False)]


def _version(one: EvaluationOut, before: EvaluationOut | None) -> VersionOut:
    result = one.result or {}
    return VersionOut(
        id=one.id,
        version=one.version,
        status=one.status.value,
        created_at=one.created_at,
        requested_by=one.requested_by,
        overall=result.get("overall"),
        recommendation=result.get("recommendation"),
        changes=[] if before is None else list(_changes(before, one)),
    )


def _changes(before: EvaluationOut, after: EvaluationOut) -> list[Change]:
    found = [
        Change(what=what, before=_short(getattr(before, name)), after=_short(getattr(after, name)))
        for name, what in _READ.items()
        if getattr(before, name) != getattr(after, name)
    ]
    old, new = before.result or {}, after.result or {}
    levels = {one["criterion_id"]: _level(one) for one in old.get("criteria", ())}
    for one in new.get("criteria", ()):
        was, is_ = levels.pop(one["criterion_id"], NOT_THERE), _level(one)
        if was != is_:
            found.append(Change(what=one["name"], before=was, after=is_))
    found += [Change(what=id_, before=was, after=NOT_THERE) for id_, was in levels.items()]
    for name in ("overall", "recommendation"):
        if old.get(name) != new.get(name):
            found.append(Change(what=name, before=_said(old.get(name)), after=_said(new.get(name))))
    return found


def _level(one: dict[str, Any]) -> str:
    return _said(one["level"] if one["level"] is not None else one["status"])


def _said(value: Any) -> str:
    return NOT_THERE if value is None else str(value).replace("_", " ")


def _short(value: str) -> str:
    return value[:12]  # of a hash that is enough to tell two apart

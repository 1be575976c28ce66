"""What changed from one version of an assessment to the next: what it read, and what it found."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from api.evaluation.schemas import EvaluationOut, Finding
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
    """Return versions of one phase with what changed from each to the next (their `diff`, in words), newest first."""
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


def _changes(before: EvaluationOut, after: EvaluationOut) -> Iterator[Change]:
    diff, old, new = after.diff, before.result or {}, after.result or {}
    if diff is not None:
        for name in diff.changed:
            yield Change(what=_READ[name], before=_short(getattr(before, name)), after=_short(getattr(after, name)))
        names = {one["criterion_id"]: one["name"] for one in [*old.get("criteria", ()), *new.get("criteria", ())]}
        for one in diff.criteria:
            yield Change(what=names[one.criterion_id], before=_level(one.before), after=_level(one.after))
    for name in ("overall", "recommendation"):
        if old.get(name) != new.get(name):
            yield Change(what=name, before=_said(old.get(name)), after=_said(new.get(name)))


def _level(one: Finding | None) -> str:
    return _said(None if one is None else one.level if one.level is not None else one.status)


def _said(value: Any) -> str:
    return NOT_THERE if value is None else str(value).replace("_", " ")


def _short(value: str) -> str:
    return value[:12]  # of a hash that is enough to tell two apart

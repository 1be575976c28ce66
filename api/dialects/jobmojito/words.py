"""How JobMojito tells that something went wrong, and where our records keep what is JobMojito's alone."""

from typing import Any

from api.dialects.jobmojito.tables import FIELDS
from api.dialects.words import inside
from api.problems import Problem
from api.records.kinds import RecordOut

OWN = "jobmojito"  # in the metadata of postings, templates, jobs and candidates


def refuse(problem: Problem) -> tuple[int, dict[str, Any]]:
    """Return a problem as JobMojito tells it: its status and its body."""
    if not problem.errors:
        return problem.status, {"error": problem.detail, "name": problem.code}
    first, *more = problem.errors
    others = f" (and {len(more)} more: {', '.join(_field(each.loc) for each in more)})" if more else ""
    told = f"{first.what.rstrip('.')}; {first.todo}" if first.todo else first.what.rstrip(".")
    return problem.status, {"error": f"{told[:1].upper()}{told[1:]}.{others}", "name": _field(first.loc)}


def own(record: RecordOut | None) -> dict[str, Any]:
    """Return what of a record is JobMojito's alone."""
    metadata: dict[str, Any] = getattr(record, "metadata", {})
    found = metadata.get(OWN)
    return found if isinstance(found, dict) else {}


def _field(loc: list[str | int]) -> str:
    """Where something is, in the published names: interview_template_id, questions.0.question; else body itself."""
    return ".".join(FIELDS.get(str(part), str(part)) for part in inside(loc)) or str(loc[0])

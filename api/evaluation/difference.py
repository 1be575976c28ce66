"""What changed from one version of an evaluation to the next: what it read, what it found, and on which words."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.evaluation.schemas import CriterionChange, Difference, EvaluationOut, Finding, QuoteChange
from api.evaluation.tables import EvaluationRow, EvidenceRow

READ = ("rubric_hash", "plan_hash", "transcript_hash", "engine", "engine_version")


def with_difference(
    after: EvaluationOut, before: EvaluationRow | None, evidence: Iterable[EvidenceRow]
) -> EvaluationOut:
    """Return a version with what changed since the one before; a first version as it is."""
    return after if before is None else after.model_copy(update={"diff": difference(after, before, evidence)})


def difference(after: EvaluationOut, before: EvaluationRow, evidence: Iterable[EvidenceRow]) -> Difference:
    """Return what is other than in the version before. evidence: of any version; that of `before` is taken."""
    read = (before.rubric_hash, before.plan_hash, before.transcript_hash, before.evaluator, before.evaluator_version)
    were, are = _findings(before.result or {}), _findings(after.result or {})
    old = {_words(one) for one in evidence if one.evaluation_id == before.id}
    new = {
        QuoteChange(criterion_id=one.criterion_id, seq=one.first_seq, quote=one.quote, shows=one.shows)
        for one in after.evidence
    }
    return Difference(
        from_version=before.version,
        changed=[name for name, was in zip(READ, read, strict=True) if getattr(after, name) != was],
        criteria=[
            CriterionChange(criterion_id=id_, before=were.get(id_), after=are.get(id_))
            for id_ in dict.fromkeys([*were, *are])
            if were.get(id_) != are.get(id_)
        ],
        evidence_added=sorted(new - old, key=_place),
        evidence_removed=sorted(old - new, key=_place),
    )


def _findings(result: Mapping[str, Any]) -> dict[str, Finding]:
    return {
        one["criterion_id"]: Finding(level=one["level"], status=one["status"]) for one in result.get("criteria", ())
    }


def _words(row: EvidenceRow) -> QuoteChange:
    return QuoteChange(criterion_id=row.criterion_id, seq=row.first_seq, quote=row.quote, shows=row.shows)


def _place(one: QuoteChange) -> tuple[str, int, str, str]:
    return one.criterion_id, one.seq, one.quote, one.shows

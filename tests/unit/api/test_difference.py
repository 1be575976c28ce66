"""A re-run says what is other than before: what it read, levels, and the words they rest on."""

from datetime import UTC, datetime
from typing import Any

from api.evaluation import schemas
from api.evaluation.difference import with_difference
from api.evaluation.tables import EvaluationRow, EvidenceRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def version(number: int, levels: dict[str, int | None], **more: Any) -> EvaluationRow:
    criteria = [
        {"criterion_id": id_, "level": level, "status": "scored" if level else "insufficient_evidence", "weight": 1}
        for id_, level in levels.items()
    ]
    values = {"rubric_hash": "r", "plan_hash": "p", "transcript_hash": "t", "evaluator_version": "2"} | more
    return EvaluationRow(
        id=f"evl_{number}", tenant="acme", interview_id="int_1", attempt_id="att_1", phase=2, version=number,
        status="completed", evaluator="structured", requested_by="ann", result={"criteria": criteria},
        created_at=NOW, completed_at=NOW, **values,
    )  # fmt: skip


def quote(of: EvaluationRow, text: str, number: int = 0) -> EvidenceRow:
    return EvidenceRow(
        evaluation_id=of.id, number=number, tenant="acme", criterion_id="repair", first_seq=2, last_seq=2, start_char=0,
        end_char=len(text), quote=text, shows="signal:action", polarity="supports", start_ms=0, end_ms=1,
    )  # fmt: skip


def shown(before: EvaluationRow | None, after: EvaluationRow, evidence: list[EvidenceRow]) -> dict[str, Any]:
    told = with_difference(schemas.evaluation(after, evidence, ()), before, evidence)
    return told.model_dump(mode="json")


def test_a_re_run_says_which_levels_quotes_and_inputs_are_others() -> None:
    before = version(1, {"repair": 3, "calm": None, "gone": 2})
    after = version(2, {"repair": 4, "calm": None, "new": 1}, transcript_hash="t2", evaluator_version="3")
    kept = [quote(before, "I added a lock."), quote(after, "I added a lock.", 1)]
    diff = shown(before, after, [*kept, quote(before, "I waited.", 2), quote(after, "I counted forty.", 3)])["diff"]
    assert (diff["from_version"], diff["changed"]) == (1, ["transcript_hash", "engine_version"])
    assert diff["criteria"] == [
        {
            "criterion_id": "repair",
            "before": {"level": 3, "status": "scored"},
            "after": {"level": 4, "status": "scored"},
        },
        {"criterion_id": "gone", "before": {"level": 2, "status": "scored"}, "after": None},
        {"criterion_id": "new", "before": None, "after": {"level": 1, "status": "scored"}},
    ]
    assert [one["quote"] for one in diff["evidence_added"]] == ["I counted forty."]
    assert [one["quote"] for one in diff["evidence_removed"]] == ["I waited."]


def test_the_same_again_changes_nothing_and_a_first_version_has_nothing_to_be_compared_with() -> None:
    before, after = version(1, {"repair": 3}), version(2, {"repair": 3})
    diff = shown(before, after, [quote(before, "I added a lock."), quote(after, "I added a lock.")])["diff"]
    assert diff == {"from_version": 1, "changed": [], "criteria": [], "evidence_added": [], "evidence_removed": []}
    assert shown(None, before, [])["diff"] is None

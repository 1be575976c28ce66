"""What is remembered of interviews, and when it is not good any more."""

from api.interviews.findings import MOST, Findings, Remembered
from api.interviews.schemas import Metrics
from api.interviews.tables import InterviewRow
from bot.plan import Plan

PLAN = Plan.model_validate(
    {"title": "T", "sections": [{"id": "s", "name": "S", "questions": [{"id": "q", "text": "What broke?"}]}]}
)


def _row(id_: str = "int_1", version: int = 1, last_seq: int = 5) -> InterviewRow:
    return InterviewRow(id=id_, version=version, last_seq=last_seq)


def test_findings_are_good_for_the_state_they_were_made_of() -> None:
    remembered, findings = Remembered(), Findings(PLAN, [], Metrics(barge_ins=3))
    assert remembered.get(_row()) is None
    remembered.note(_row(), findings)
    assert remembered.get(_row()) is findings
    assert remembered.get(_row("int_2")) is None
    assert remembered.get(_row(version=2)) is None
    assert remembered.get(_row(last_seq=6)) is None


def test_newer_findings_take_the_place_of_older_ones() -> None:
    remembered, newer = Remembered(), Findings(PLAN, [], Metrics(barge_ins=1))
    remembered.note(_row(), Findings(PLAN, [], Metrics()))
    remembered.note(_row(last_seq=6), newer)
    assert remembered.get(_row()) is None
    assert remembered.get(_row(last_seq=6)) is newer


def test_the_oldest_make_room() -> None:
    remembered, findings = Remembered(), Findings(PLAN, [], Metrics())
    for number in range(MOST + 1):
        remembered.note(_row(f"int_{number}"), findings)
    assert remembered.get(_row("int_0")) is None
    assert remembered.get(_row("int_1")) is findings
    assert remembered.get(_row(f"int_{MOST}")) is findings

"""What a panel lacks after the line to its bot was down."""

from typing import Any

from api.copilot.catching_up import Told, lacking

CARD = {"id": "s1", "kind": "probe", "text": "Which part was yours?", "expires_in_s": 60.0}
WARNING = {"who": "interviewer", "turn": 4, "category": "family", "words": "married", "rephrase": "…"}


def thin(*turns: int) -> dict[str, Any]:
    return {"criterion_id": "design", "state": "thin", "evidence_turns": [*turns]}


def left(line: list[tuple[str, Any]], *told: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [(one.type, one.data) for one in lacking(line, [Told(type=type_, data=data) for type_, data in told])]


def test_what_the_line_says_already_is_left_out() -> None:
    line = [("coverage.updated", thin(2)), ("suggestion.created", CARD), ("guard.warning", WARNING)]
    again = CARD | {"expires_in_s": 12.5}
    assert left(line, ("coverage.updated", thin(2)), ("suggestion.created", again), ("guard.warning", WARNING)) == []


def test_of_coverage_and_time_what_was_said_last_counts() -> None:
    line = [("coverage.updated", thin(2)), ("coverage.updated", thin(2, 3)), ("time.updated", {"left_s": 90})]
    back = ("coverage.updated", thin(2))
    assert left(line, back) == [back]
    assert left(line, ("time.updated", {"left_s": 90})) == []
    assert left(line, ("time.updated", {"left_s": 80})) == [("time.updated", {"left_s": 80})]
    other = ("coverage.updated", thin(2, 3) | {"criterion_id": "care"})
    assert left(line, ("coverage.updated", thin(2, 3)), other) == [other]


def test_what_was_lost_comes_but_for_cards_that_came_and_went_unseen() -> None:
    shown = ("suggestion.created", CARD | {"id": "s3"})
    over = [("suggestion.expired", {"id": id_, "reason": "late"}) for id_ in ("s1", "s2")]
    line = [("suggestion.created", CARD)]
    assert left(line, *over, shown, ("guard.warning", WARNING)) == [over[0], shown, ("guard.warning", WARNING)]
    assert left([*line, over[0]], *over) == []

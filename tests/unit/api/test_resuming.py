"""What a bot that takes up another's place is told of the call."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.interviews.resuming import so_far
from api.interviews.tables import AttemptRow, EventRow, InterviewRow

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def bot_said(seq: int, text: str, *, interrupted: bool) -> tuple[str, dict[str, Any]]:
    return "turn.final", {"seq": seq, "role": "bot", "text": text, "question_id": None, "interrupted": interrupted}


@pytest.mark.parametrize(
    ("lines", "disclosed"),
    [
        ([], False),
        ([bot_said(1, "Tell me about", interrupted=True)], False),
        ([bot_said(1, "Tell me", interrupted=True), bot_said(2, "From here on", interrupted=False)], True),
    ],
)
def test_a_change_is_announced_once_its_line_was_heard(lines: list[tuple[str, Any]], disclosed: bool) -> None:
    change = {"from": "solo", "to": "shadow", "by": "rita", "announced": True}
    told = [("state", {"state": "in_call"}), ("mode.changed", change), *lines]
    events = [EventRow(type=type_, data=data, at=AT, at_ms=1000 * n) for n, (type_, data) in enumerate(told)]
    stands = so_far(InterviewRow(candidate_name="Ada"), AttemptRow(), events)
    assert stands is not None
    assert stands.disclosed is disclosed


@pytest.mark.parametrize("set_by", [timedelta(0), timedelta(hours=3), timedelta(hours=-3)])
def test_a_clock_that_is_set_in_the_middle_of_a_call_makes_it_no_longer(set_by: timedelta) -> None:
    began = EventRow(type="state", data={"state": "in_call"}, at=AT, at_ms=0)
    data: dict[str, Any] = {"seq": 1, "role": "candidate", "text": "Yes.", "question_id": None}
    after = AT + timedelta(seconds=40) + set_by
    stands = so_far(
        InterviewRow(candidate_name="Ada"),
        AttemptRow(),
        [began, EventRow(type="turn.final", data=data, at=after, at_ms=40_000)],
    )
    assert stands is not None
    assert stands.elapsed_s(after + timedelta(seconds=2)) == 42
    assert stands.elapsed_s(after - timedelta(hours=1)) == 40

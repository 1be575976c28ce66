"""An interview as its readers see it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.interviews.tables import AttemptRow, EventRow
from api.interviews.views import coverage, duration_s, metrics, spread
from api.moments import moment, rfc3339
from bot.plan import Plan

AT = datetime(2026, 11, 22, 5, tzinfo=UTC)
PLAN = Plan.model_validate(
    {
        "title": "T",
        "sections": [
            {"id": "s", "name": "S", "questions": [{"id": f"q{n}", "text": f"Question {n}?"} for n in (1, 2, 3)]}
        ],
    }
)


def _event(type_: str, **data: Any) -> EventRow:
    return EventRow(interview_id="int_1", seq=1, tenant="t", type=type_, at=AT, data=data)


def test_what_became_of_each_question() -> None:
    events = [
        _event("question.asked", question_id="q1", follow_up=0),
        _event("question.asked", question_id="q1", follow_up=1),
        _event("question.closed", question_id="q1", outcome="answered", reason=None, signals=["result"]),
        _event("question.asked", question_id="q2", follow_up=0),
        _event("question.closed", question_id="gone", outcome="answered"),
        _event("question.closed", question_id="q3", outcome="skipped", reason="time"),
    ]
    one, two, three = coverage(PLAN, events)
    assert (one.status, one.follow_ups, one.signals) == ("answered", 1, ["result"])
    assert (two.status, two.follow_ups) == ("asked", 0)
    assert (three.status, three.reason) == ("skipped", "time")
    assert [entry.status for entry in coverage(PLAN, [])] == ["pending"] * 3


def test_events_with_odd_data_do_not_break_the_view() -> None:
    events = [
        _event("question.asked", question_id="q1", follow_up="many"),
        _event("question.closed", question_id=["q1"]),
        _event("question.closed", question_id="q1", outcome="vanished"),
        _event("latency", total_ms="slow"),
        _event("latency"),
        _event("barge_in"),
    ]
    assert coverage(PLAN, events)[0].status == "asked"
    assert metrics(None, events).response_ms is None


def test_figures_of_a_call() -> None:
    attempt = AttemptRow(created_at=AT, waiting_at=AT + timedelta(milliseconds=740))
    events = [_event("latency", total_ms=ms) for ms in range(100, 1100, 100)]
    events += [_event("barge_in", outcome="confirmed"), _event("barge_in", outcome="resumed")]
    events += [_event("usage", cpu_s=1), _event("usage", cpu_s=2)]
    figures = metrics(attempt, events)
    assert figures.join_ms == 740
    assert figures.response_ms is not None
    assert (figures.response_ms.p50, figures.response_ms.p95, figures.response_ms.n) == (550, 955, 10)
    assert figures.barge_ins == 1
    assert figures.usage == {"cpu_s": 2}


def test_a_call_took_as_long_as_its_bot_says_or_as_it_was_in_the_room() -> None:
    room = {"waiting_at": AT, "ended_at": AT + timedelta(seconds=90)}
    assert duration_s(AttemptRow(report={"duration_ms": 60_500}, **room)) == 60.5
    assert duration_s(AttemptRow(report=None, **room)) == 90
    assert duration_s(AttemptRow(report={}, waiting_at=AT, ended_at=None)) is None
    assert duration_s(AttemptRow(report={}, waiting_at=None, ended_at=AT)) is None


def test_the_spread_of_one_value_and_of_none() -> None:
    one = spread([42.0])
    assert one is not None
    assert (one.p50, one.p95, one.n) == (42.0, 42.0, 1)
    assert spread([]) is None


def test_times_keep_their_moment_and_need_an_offset() -> None:
    assert rfc3339(moment("2026-11-22T06:00:00.5+01:00")) == "2026-11-22T05:00:00.500Z"
    with pytest.raises(ValueError, match="offset"):
        moment("2026-11-22T06:00:00")

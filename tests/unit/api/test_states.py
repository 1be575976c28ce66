"""The table of an interview's statuses."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.errors import IllegalMove
from api.events.bus import open_bus
from api.events.publisher import Publisher
from api.interviews.ledger import Ledger
from api.interviews.states import (
    CALLING,
    EDITABLE,
    OUTCOMES,
    OVER,
    REPEATABLE,
    STARTABLE,
    TERMINAL,
    TRANSITIONS,
    Status,
    advance,
    outcome,
)
from api.interviews.tables import EventRow, InterviewRow
from api.room import Hub
from bot.state import EndReason

S = Status
NOW = datetime(2030, 5, 17, tzinfo=UTC)


def test_an_arrow_is_followed_and_anything_else_is_refused_by_name() -> None:
    for status, to in itertools.product(Status, Status):
        if to in TRANSITIONS[status]:
            assert advance(status, to) is to
        else:
            with pytest.raises(IllegalMove, match=f"'{status}' can't become '{to}'") as refusal:
                advance(status, to)
            assert refusal.value.current_status == status


def test_every_status_can_be_reached_and_every_way_ends() -> None:
    reached, edge = {S.DRAFT}, {S.DRAFT}
    while edge := {to for status in edge for to in TRANSITIONS[status]} - reached:
        reached |= edge
    assert reached == set(Status)
    assert {S.COMPLETED, S.CANCELLED, S.FAILED, S.NO_SHOW, S.REJECTED, S.EXPIRED} == TERMINAL
    assert all(TRANSITIONS[status] & OVER for status in set(Status) - TERMINAL)
    assert not CALLING & (OVER | EDITABLE)
    assert STARTABLE <= EDITABLE


def test_what_has_ended_comes_back_only_for_another_attempt_or_a_rejoin_of_what_broke_off() -> None:
    assert {S.REJECTED} == TERMINAL - REPEATABLE
    back = {S.READY, S.JOINING, S.RECONNECTING}
    for status in REPEATABLE:
        assert TRANSITIONS[status] == (back if status in {S.CANCELLED, S.FAILED} else {S.READY})


def test_whoever_can_be_called_off_can_be_from_wherever_it_stands() -> None:
    assert all(S.CANCELLED in TRANSITIONS[status] for status in set(Status) - OVER)


def test_every_way_a_call_can_end_has_a_status() -> None:
    assert OUTCOMES.keys() == set(EndReason)
    for reason, answered in itertools.product(EndReason, (True, False)):
        assert outcome(reason, answered=answered) in TRANSITIONS[S.EVALUATING]


@pytest.mark.parametrize(
    ("reason", "with_answers", "without"),
    [
        (EndReason.STOPPED_BY_CANDIDATE, S.COMPLETED, S.CANCELLED),
        (EndReason.MAX_DURATION, S.COMPLETED, S.FAILED),
        (EndReason.CONSENT_DECLINED, S.CANCELLED, S.CANCELLED),
        (EndReason.BOT_CRASHED, S.FAILED, S.FAILED),
        (EndReason.NO_SHOW, S.NO_SHOW, S.NO_SHOW),
    ],
)
def test_who_stopped_early_still_gave_an_interview(reason: EndReason, with_answers: S, without: S) -> None:
    assert outcome(reason, answered=True) is with_answers
    assert outcome(reason, answered=False) is without


class KeptTransaction:
    """Keeps the events that would be written, and publishes nothing."""

    def __init__(self) -> None:
        self.session = self
        self.rows: list[EventRow] = []

    def add(self, row: object) -> None:
        """Keep a row if it is an event."""
        self.rows += [row] if isinstance(row, EventRow) else []

    def after_commit(self, then: Any) -> None:
        """Nothing is ever committed."""


class AnyMoves(RuleBasedStateMachine):
    """Whatever is asked of a ledger, its interview follows arrows, and what it wrote down tells the whole way."""

    def __init__(self) -> None:
        super().__init__()
        self.row = InterviewRow(
            id="int_1",
            tenant="acme",
            status=S.DRAFT.value,
            version=1,
            last_seq=0,
            updated_at=NOW,
            started_at=None,
            ended_at=None,
        )
        self.kept = KeptTransaction()
        publisher = Publisher(open_bus("memory://", ring=16), Hub())
        self.ledger = Ledger(self.kept, self.row, publisher)  # type: ignore[arg-type]

    @rule(to=st.sampled_from(Status), reason=st.none() | st.just("because"))
    def move(self, to: Status, reason: str | None) -> None:
        """Ask for any status at all."""
        before = (self.row.status, self.row.version, self.row.last_seq)
        legal = to in TRANSITIONS[self.ledger.status]
        try:
            self.ledger.move(to, NOW, reason)
        except IllegalMove as refusal:
            assert not legal
            assert (
                (self.row.status, self.row.version, self.row.last_seq)
                == before
                == (refusal.current_status, *before[1:])
            )
        else:
            assert legal
            assert (self.row.status, self.row.version, self.row.status_reason) == (to, before[1] + 1, reason)

    @rule(choice=st.integers(0, 100))
    def go_on(self, choice: int) -> None:
        """Follow some arrow, so that long ways are walked."""
        arrows = sorted(TRANSITIONS[self.ledger.status])
        if arrows:
            self.ledger.move(arrows[choice % len(arrows)], NOW)

    @invariant()
    def the_events_tell_the_way(self) -> None:
        """Each move begins where the one before ended, numbered without a gap."""
        stands = S.DRAFT.value
        for seq, row in enumerate(self.kept.rows, 1):
            assert (row.seq, row.data["previous"]) == (seq, stands)
            stands = row.data["status"]
            assert row.data["terminal"] == (stands in TERMINAL)
        assert stands == self.row.status

    @invariant()
    def a_call_that_ended_had_one(self) -> None:
        """Only a call has a beginning and an end."""
        been = {row.data["status"] for row in self.kept.rows}
        assert (self.row.started_at is not None) == (S.IN_PROGRESS in been)
        assert self.row.ended_at is None or been & CALLING


TestAnyMoves = AnyMoves.TestCase

"""The table of an interview's statuses."""

import itertools

import pytest

from api.errors import IllegalMove
from api.interviews.states import CALLING, OUTCOMES, OVER, STARTABLE, TERMINAL, TRANSITIONS, Status, advance, outcome
from bot.state import EndReason

S = Status


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
    assert {S.COMPLETED, S.CANCELLED, S.FAILED, S.NO_SHOW} == TERMINAL
    assert all(TRANSITIONS[status] & OVER for status in set(Status) - TERMINAL - {S.DRAFT})
    assert not CALLING & (OVER | STARTABLE)


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

"""What an answer holds."""

import pytest

from bot.interview.signals import signals_in
from bot.plan import Signal

_ = Signal


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ("At my last company our payment system went down on a Friday night.", {_.SITUATION}),
        ("I rewrote the retry logic.", {_.OWN_PART, _.ACTION}),
        ("My role was to keep the others informed.", {_.OWN_PART}),
        ("We migrated everything over a weekend.", {_.ACTION}),
        ("As a result nobody had to be called at night again.", {_.RESULT}),
        ("It took 14 days.", {_.NUMBER}),
        ("It took about three weeks.", {_.NUMBER}),
        ("Another queue would be faster, but the downside was its upkeep.", {_.TRADE_OFF}),
        ("In hindsight, an earlier call with them would be better.", {_.LESSON}),
    ],
)
def test_what_is_said_is_found(answer: str, holds: set[Signal]) -> None:
    assert holds <= signals_in(answer, "en")


def test_we_is_not_i() -> None:
    assert Signal.OWN_PART not in signals_in("We built a new queue and we shipped it in the end.", "en")


@pytest.mark.parametrize("answer", ["Yes.", "I don't know.", "Good communication is very important.", "I needed that."])
def test_generalities_hold_nothing(answer: str) -> None:
    assert signals_in(answer, "en") == frozenset()


def test_a_full_answer_holds_all_that_is_asked_of_a_story() -> None:
    answer = (
        "At my previous company our checkout failed for one customer in fifty. I traced it to a race between two "
        "services, proposed a queue instead of a lock, and built it in two weeks. As a result the failures went away."
    )
    assert {_.SITUATION, _.OWN_PART, _.ACTION, _.RESULT, _.NUMBER, _.TRADE_OFF} <= signals_in(answer, "en")


def test_other_languages_are_not_guessed_at() -> None:
    assert signals_in("I built it in 14 days.", "de") == frozenset()

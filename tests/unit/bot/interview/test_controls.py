"""The candidate steers: by voice and by button."""

import pytest

from bot.interview import ControlPressed, Hush, NothingHeard
from bot.plan import Patience
from bot.state import EndReason
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, INCIDENT, NO_RESULT, SYSTEM, begun


def steer(call: Conversation, by: str, control: str) -> None:
    words = {
        "repeat": "Could you repeat that?",
        "rephrase": "Can you rephrase that, please?",
        "skip": "Skip this one.",
        "pause": "Give me a moment, please.",
        "slower": "Slower, please.",
        "stop": "Stop the interview.",
        "human": "I want to talk to a human.",
    }
    if by == "button":
        call.press(control)
    else:
        call.answer(words[control])


both = pytest.mark.parametrize("by", ["voice", "button"])


@both
def test_repeat(by: str) -> None:
    call = begun()
    steer(call, by, "repeat")
    assert SYSTEM in call.last
    assert call.times_asked(SYSTEM) == 2
    assert [note["question_id"] for note in call.notes("question.asked")] == ["system"]
    steer(call, by, "repeat")
    assert call.times_asked(SYSTEM) == 3


@both
def test_a_follow_up_is_repeated_when_it_is_what_was_asked(by: str) -> None:
    call = begun()
    call.answer(NO_RESULT)
    steer(call, by, "repeat")
    assert call.times_asked("What did the system change for its users?") == 2


@both
def test_rephrase(by: str) -> None:
    call = begun()
    steer(call, by, "rephrase")
    assert "Which system are you proud of, and why?" in call.last
    call.answer(FULL)
    assert INCIDENT in call.last


@both
def test_rephrase_where_the_plan_has_no_other_words_repeats(by: str) -> None:
    call = begun()
    call.answer(FULL)
    steer(call, by, "rephrase")
    assert call.times_asked(INCIDENT) == 2


@both
def test_skip(by: str) -> None:
    call = begun()
    steer(call, by, "skip")
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("skipped", "candidate")


@both
def test_skipping_a_follow_up_keeps_the_answer(by: str) -> None:
    call = begun()
    call.answer(NO_RESULT)
    steer(call, by, "skip")
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("answered", None)


@both
def test_slower_stays_slower(by: str) -> None:
    call = begun()
    assert call.said[-1].speed == 1.0
    steer(call, by, "slower")
    assert SYSTEM in call.last
    call.answer(FULL)
    assert [say.speed for say in call.said[-2:]] == [0.85, 0.85]


@both
def test_a_moment_is_a_long_patient_silence(by: str) -> None:
    call = begun()
    steer(call, by, "pause")
    said = len(call.said)
    assert call.listening().patience is Patience.LONG
    call.wait(44)
    assert len(call.said) == said
    call.wait(10)
    assert SYSTEM in call.last


def test_the_moment_ends_with_the_answer() -> None:
    call = begun()
    call.answer("Let me think about that for a moment.")
    call.wait(30)
    call.answer(FULL)
    assert INCIDENT in call.last
    said = len(call.said)
    call.wait(5)
    assert len(call.said) == said


def test_a_cough_does_not_end_the_moment_nor_the_patience_with_it() -> None:
    call = begun()
    call.press("pause")
    said = len(call.said)
    call.voice(True)
    call.voice(False)
    call.do(NothingHeard())
    call.wait(40)
    assert len(call.said) == said
    call.wait(15)
    assert SYSTEM in call.last


def test_a_wish_that_is_uttered_twice_is_not_granted_twice_in_the_same_words() -> None:
    call = begun()
    call.answer("Slower, please.")
    first = call.last
    call.voice(True)
    call.press("slower")
    call.speak("Slower, please.")
    call.hear()
    assert SYSTEM in call.last
    assert call.last != first


def test_im_ready_brings_the_question_back() -> None:
    call = begun()
    call.press("pause")
    call.wait(10)
    call.answer("Okay, I'm ready.")
    assert SYSTEM in call.last


def test_im_done_moves_on_without_a_follow_up() -> None:
    call = begun()
    call.answer(NO_RESULT)
    call.answer("That's it.")
    assert INCIDENT in call.last
    assert call.interview.report()["questions"][0]["follow_ups"] == 1


def test_an_answer_that_ends_in_a_wish_counts() -> None:
    call = begun()
    call.answer("We built a ledger at the bank. Next question, please.")
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("answered", None)


@both
def test_stop_is_confirmed_first(by: str) -> None:
    call = begun()
    steer(call, by, "stop")
    assert call.ended is None
    assert "end the interview" in call.last
    call.answer("Yes, please.")
    assert call.ended is EndReason.STOPPED_BY_CANDIDATE
    assert call.outcomes()["system"] == ("skipped", "stopped_by_candidate")
    assert call.outcomes()["row"] == ("not_reached", "stopped_by_candidate")


@both
def test_a_no_takes_stop_back(by: str) -> None:
    call = begun()
    steer(call, by, "stop")
    call.answer("No, sorry.")
    assert call.ended is None
    assert SYSTEM in call.last
    call.answer(FULL)
    assert INCIDENT in call.last


def test_going_on_with_the_answer_takes_stop_back_too() -> None:
    call = begun()
    call.press("stop")
    call.answer(FULL)
    assert call.ended is None
    assert call.interview.report()["questions"][0]["answer_turns"] == [1]
    assert INCIDENT in call.last


def test_asking_to_stop_twice_is_clear() -> None:
    call = begun()
    call.answer("Stop the interview.")
    call.answer("Stop.")
    assert call.ended is EndReason.STOPPED_BY_CANDIDATE


def test_no_reply_to_the_confirmation_lets_the_wish_stand() -> None:
    call = begun()
    call.press("stop")
    call.wait(60)
    assert call.ended is EndReason.STOPPED_BY_CANDIDATE


@both
def test_a_human_is_granted_at_once_and_passed_on(by: str) -> None:
    call = begun()
    steer(call, by, "human")
    assert call.ended is EndReason.HUMAN_REQUESTED
    assert len(call.notes("task")) == 1
    assert "person" in call.last


def test_a_wish_to_leave_is_carried_out_whatever_is_said_on_top_of_it() -> None:
    call = begun()
    call.voice(True)
    call.press("human")
    assert call.ended is None
    call.speak("And by the way, it was a nice system.")
    assert call.ended is EndReason.HUMAN_REQUESTED
    assert "person" in call.last


def test_a_button_interrupts_the_bot() -> None:
    call = begun()
    call.speak(FULL)
    assert call.line is not None
    actions = call.actions
    call.press("repeat")
    assert any(isinstance(action, Hush) for action in actions)
    assert INCIDENT in call.last


def test_words_of_a_command_inside_an_answer_steer_nothing() -> None:
    call = begun()
    call.answer("I had to stop the deployment and skip the tests, and then I repeated the question to the team.")
    assert call.ended is None
    assert call.interview.report()["questions"][0]["answer_turns"] == [1]
    assert call.said[-1].question_id == "system"


def test_a_consent_that_is_taken_back_ends_it_and_no_recording_is_kept() -> None:
    call = begun()
    call.answer(FULL)
    call.do(ControlPressed("withdraw", by="ada"))
    call.hear()
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [True, False]
    assert "No recording has been kept" in call.last
    receipt = call.notes("consent")[-1]
    assert (receipt["given"], receipt["method"], receipt["participant_id"]) == (False, "page", "ada")


def test_an_unknown_control_does_nothing() -> None:
    call = begun()
    said = len(call.said)
    call.press("dance")
    assert len(call.said) == said

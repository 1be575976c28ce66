"""Who speaks when: continued answers, interruptions, silence, noise, coming and going, the ends of a call."""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from bot.interview import (
    Action,
    CandidateJoined,
    CandidateSaid,
    CandidateSpeaking,
    Composed,
    Hush,
    NothingHeard,
    Say,
    SpeechLost,
    Spoken,
    StopRequested,
    Tick,
)
from bot.interview.call import Call
from bot.plan import Plan
from bot.spec import Limits
from bot.state import EndReason
from prompts import load_lines
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, INCIDENT, NO_RESULT, PLAN, ROW, SYSTEM, begun, conversation


class OneWordingLines:
    """Has a single wording of every line."""

    def __init__(self) -> None:
        self._lines = load_lines("en")

    def say(self, key: str, **params: str) -> str:
        return self._lines.variants(key)[0].format(**params)


PROBE = "What did the system change for its users?"

# ---- an answer that goes on ----------------------------------------------------------------------------------------


def test_an_answer_that_goes_on_over_the_next_question_belongs_to_the_one_before() -> None:
    call = begun()
    call.speak(FULL)
    call.cut_in("And it is still in use today, by the way.", after_words=2)
    call.hear()
    assert call.interview.report()["questions"][0]["answer_turns"] == [1, 2]
    assert call.interview.report()["questions"][1]["answer_turns"] == []
    assert INCIDENT in call.last
    call.answer(FULL)
    assert ROW in call.last
    assert [note["question_id"] for note in call.notes("question.closed")] == ["system", "incident"]


def test_an_answer_that_goes_on_over_a_follow_up_may_make_it_needless() -> None:
    call = begun()
    call.speak(NO_RESULT)
    assert PROBE in call.last
    call.cut_in("And as a result the failures went away.", after_words=2)
    call.hear()
    assert INCIDENT in call.last
    assert call.times_asked(PROBE) == 1
    assert call.interview.report()["questions"][0]["follow_ups"] == 0


def test_a_follow_up_that_was_not_heard_is_asked_again_and_counts_once() -> None:
    call = begun()
    call.speak(NO_RESULT)
    call.cut_in("It was written in Go, that one.", after_words=1)
    call.hear()
    assert call.times_asked(PROBE) == 2
    assert [note["follow_up"] for note in call.notes("question.asked")] == [0, 1]


def test_a_question_that_is_interrupted_with_its_answer_is_not_asked_again() -> None:
    call = begun()
    call.speak(FULL)
    call.cut_in(FULL, after_words=len(call.last.split()) - 1)
    call.hear()
    assert call.times_asked(INCIDENT) == 1
    assert call.outcomes()["incident"] == ("answered", None)
    assert ROW in call.last


def test_a_question_that_was_cut_off_by_nothing_is_asked_again() -> None:
    call = begun()
    call.speak(FULL)
    line = call.line
    assert line is not None
    call.line = None
    call.do(Spoken(line.line, "Thank", interrupted=True))
    call.do(NothingHeard())
    call.wait(12)
    assert call.times_asked(INCIDENT) == 2


def test_okay_into_a_question_does_not_count_as_an_answer() -> None:
    call = begun()
    call.speak(FULL)
    call.cut_in("Okay.", after_words=2)
    call.hear()
    assert call.times_asked(INCIDENT) == 2
    assert call.interview.report()["questions"][0]["answer_turns"] == [1]


def test_the_bot_waits_until_the_candidate_has_finished() -> None:
    call = begun(has_model=True)
    call.speak(NO_RESULT)
    call.voice(True)
    said = len(call.said)
    call.compose("And how did the checkout do?")
    assert len(call.said) == said
    call.speak("And as a result the failures went away.")
    call.hear()
    assert call.times_asked("And how did the checkout do?") == 0
    assert INCIDENT in call.last


def test_a_follow_up_that_was_taken_back_is_not_what_a_no_is_said_to() -> None:
    call = begun(has_model=True)
    call.answer("We changed it.")
    call.voice(True)
    call.compose("And what came of it?")  # held back, and taken back by what follows
    call.speak("We changed all of it.")
    call.answer("No.")
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("answered", None)
    assert call.times_asked("And what came of it?") == 0


def test_who_goes_on_twice_with_the_answer_before_is_heard_to_the_end() -> None:
    call = begun(has_model=True)
    call.speak("We changed it.")
    composing = call.composing
    assert composing is not None
    call.do(Composed(composing.request, "NOTHING_TO_ASK"))
    assert INCIDENT in call.last
    call.cut_in("Well, half of it.", after_words=1)
    assert call.composing is not None
    call.answer("And we tested it.")
    call.compose("Who tested it?")
    assert "Who tested it?" in call.last
    assert call.interview.report()["questions"][0]["answer_turns"] == [1, 2, 3]
    assert [note["question_id"] for note in call.notes("question.asked")] == ["system", "system"]


def test_what_was_held_back_for_a_cough_is_said_after_it() -> None:
    call = begun(has_model=True)
    call.speak(NO_RESULT)
    call.voice(True)
    call.compose("And how did the checkout do?")
    call.voice(False)
    call.do(NothingHeard())
    call.hear()
    assert "And how did the checkout do?" in call.last


def test_mm_hm_under_a_line_that_goes_on_stops_nothing() -> None:
    call = begun()
    call.speak(FULL)
    line = call.line
    assert line is not None
    assert call.do(CandidateSaid("Mm-hm.", 0.9, 0, 1)) == []
    call.hear()
    assert call.said[-1] is line


def test_an_answer_that_comes_after_all_counts_although_the_question_was_given_up() -> None:
    call = begun()
    call.answer("I don't know.")
    call.speak("Let's move on.")
    call.cut_in("Wait, at the bank we had a ledger which failed.", after_words=2)
    call.hear()
    assert call.said[-1].question_id == "system"
    call.do(SpeechLost())
    assert call.outcomes()["system"] == ("answered", "speech_unavailable")


def test_the_same_line_is_never_said_twice_in_a_row_even_where_there_is_one_wording_only() -> None:
    plan = Plan.model_validate(PLAN)
    call = Conversation(Call(plan, lines=OneWordingLines(), organisation="Acme"))
    call.join()
    for _ in range(4):
        call.leave()
        call.join(again=True)
    assert call.times_asked(SYSTEM) == 5
    assert all(one != other for one, other in pairwise(call.texts))


# ---- silence and noise ---------------------------------------------------------------------------------------------


def test_silence_is_met_with_encouragement_then_help_then_the_end() -> None:
    call = begun(limits=Limits(silence_prompt_s=10, silence_end_s=60))
    asked = len(call.said)
    call.wait(55)
    prompts = call.texts[asked:]
    assert len(prompts) == 2
    assert prompts[0] != prompts[1]
    call.wait(20)
    assert call.ended is EndReason.CANDIDATE_SILENT
    assert call.outcomes()["system"] == ("skipped", "candidate_silent")


def test_a_question_that_needs_thought_is_left_more_silence() -> None:
    call = begun(limits=Limits(silence_prompt_s=10, silence_end_s=60))
    asked = len(call.said)
    call.wait(15)
    assert len(call.said) == asked
    call.answer(FULL)
    asked = len(call.said)
    call.wait(15)
    assert len(call.said) == asked + 1


def test_speaking_begins_the_silence_anew() -> None:
    call = begun(limits=Limits(silence_prompt_s=10, silence_end_s=30))
    for _ in range(4):
        call.wait(9)
        call.answer("Um.")
    assert call.ended is None


def test_an_answer_after_a_prompt_is_an_answer_to_the_question() -> None:
    call = begun(limits=Limits(silence_prompt_s=10))
    call.wait(20)
    call.answer(FULL)
    assert INCIDENT in call.last


def test_noise_is_spoken_of_only_when_it_goes_on() -> None:
    call = begun()
    said = len(call.said)
    call.do(NothingHeard())
    assert len(call.said) == said
    call.do(NothingHeard())
    call.hear()
    assert len(call.said) == said + 1
    assert "hear something" in call.last
    call.do(NothingHeard())
    assert len(call.said) == said + 1


def test_noise_alone_does_not_keep_the_call_alive() -> None:
    call = begun(limits=Limits(silence_prompt_s=10, silence_end_s=60))
    for _ in range(40):
        call.wait(3)
        call.do(NothingHeard())
        call.hear()
    assert call.ended is EndReason.CANDIDATE_SILENT


# ---- coming and going ----------------------------------------------------------------------------------------------


def test_somebody_who_leaves_is_waited_for_and_then_the_call_ends() -> None:
    call = begun(limits=Limits(left_s=60))
    call.answer(FULL)
    call.leave()
    call.wait(59)
    assert call.ended is None
    call.wait(2)
    assert call.ended is EndReason.CANDIDATE_LEFT
    assert call.outcomes()["system"] == ("answered", None)


def test_nothing_is_said_to_an_empty_room() -> None:
    call = begun()
    call.leave()
    said = len(call.said)
    call.wait(60)
    assert len(call.said) == said


def test_somebody_who_comes_back_is_welcomed_once_and_goes_on_where_it_stopped() -> None:
    call = begun()
    call.answer(FULL)
    call.leave()
    call.wait(20)
    call.join(again=True)
    assert "back" in call.last
    assert INCIDENT in call.last
    assert call.times_asked(SYSTEM) == 1
    assert call.times_asked("AI interviewer") == 1
    call.answer(FULL)
    assert ROW in call.last


def test_the_last_words_before_a_drop_are_kept() -> None:
    call = begun()
    call.voice(True)
    call.leave()
    call.speak(NO_RESULT)
    call.join(again=True)
    assert SYSTEM in call.last
    call.answer("In the end nobody had to be called at night.")
    assert call.interview.report()["questions"][0]["answer_turns"] == [1, 2]
    assert INCIDENT in call.last


def test_an_answer_that_leaving_cut_short_says_so() -> None:
    call = begun(limits=Limits(left_s=60))
    call.voice(True)
    call.leave()
    call.speak(NO_RESULT)
    call.wait(62)
    assert call.outcomes()["system"] == ("answered", "candidate_left")
    assert call.outcomes()["incident"] == ("not_reached", "candidate_left")
    assert [note["reason"] for note in call.notes("question.closed")] == ["candidate_left"] * 3


def test_leaving_in_the_middle_of_the_greeting_brings_it_back() -> None:
    call = conversation()
    call.do(Tick())
    call.join(consented=False)
    call.leave()
    call.join(consented=True, again=True)
    assert "AI interviewer" in call.texts[-2]
    assert SYSTEM in call.last
    assert call.recorded() == [True]


@pytest.mark.parametrize("after_s", [0.0, 0.3, 3.0])
def test_somebody_who_is_back_before_the_greeting_was_heard_is_greeted_as_new(after_s: float) -> None:
    call = conversation()
    call.do(CandidateJoined("Maria", consented=True))
    call.wait(1)
    assert call.line is not None
    call.wait(after_s)
    call.leave()  # the link was opened a second time
    call.join(again=True)
    greeting, question = call.texts[-2:]
    assert greeting.startswith("Hello Maria. I'm Viva")
    assert not any("back" in text for text in call.texts)
    assert SYSTEM in question


def test_leaving_after_the_last_question_completes_the_interview() -> None:
    call = begun()
    for _ in range(3):
        call.answer(FULL)
    call.leave()
    call.wait(200)
    assert call.ended is EndReason.COMPLETED


# ---- ends ----------------------------------------------------------------------------------------------------------


def test_the_longest_call_ends_with_a_sentence_even_over_the_candidate() -> None:
    call = begun(limits=Limits(max_duration_s=120))
    call.voice(True)
    call.wait(130)
    assert call.ended is EndReason.MAX_DURATION
    assert "time is up" in call.last


def test_a_cancelled_call_ends_politely() -> None:
    call = begun()
    call.do(StopRequested(EndReason.CANCELLED))
    assert call.ended is EndReason.CANCELLED
    assert "sorry" in call.last


def test_a_cancelled_call_waits_for_the_candidates_last_words_but_not_long() -> None:
    call = begun()
    call.voice(True)
    call.do(StopRequested(EndReason.CANCELLED))
    assert call.ended is None
    call.wait(5)
    assert call.ended is EndReason.CANCELLED


def test_a_call_nobody_came_to_is_cancelled_without_a_word() -> None:
    call = conversation()
    call.do(Tick())
    call.do(StopRequested(EndReason.CANCELLED))
    assert call.ended is EndReason.CANCELLED
    assert call.said == []


def test_without_speech_there_is_nothing_left_to_say() -> None:
    call = begun()
    said = len(call.said)
    call.do(SpeechLost())
    assert call.ended is EndReason.SPEECH_UNAVAILABLE
    assert len(call.said) == said


def test_a_line_that_never_ends_is_said_again_and_then_given_up() -> None:
    call = begun()
    call.speak(FULL)
    now = call.now
    bot = call.interview
    actions = []
    for _ in range(20):
        if bot.deadline is None:
            break
        now = max(now, bot.deadline)
        actions += bot.handle(Tick(), now)
    assert any(isinstance(action, Hush) for action in actions)
    assert sum(isinstance(action, Say) and INCIDENT in action.text for action in actions) == 1
    assert bot.ended is EndReason.SPEECH_UNAVAILABLE


def test_after_a_remark_that_never_ends_the_open_question_is_said_again() -> None:
    call = begun(limits=Limits(silence_prompt_s=10, silence_end_s=300))
    call.wait(18)
    assert call.line is not None
    assert call.last in load_lines("en").variants("silence_answer")
    now = call.now
    actions: list[Action] = []
    while not any(isinstance(action, Say) for action in actions):
        now = max(now, call.interview.deadline or 0.0)
        actions = call.interview.handle(Tick(), now)
    assert [SYSTEM in action.text for action in actions if isinstance(action, Say)] == [True]
    assert now - call.now < 30


def test_a_line_that_never_ends_does_not_end_the_moment_that_was_asked_for() -> None:
    call = begun()
    call.speak("Give me a moment, please.")
    assert call.line is not None
    now = call.now
    said: list[Say] = []
    while not said:
        now = max(now, call.interview.deadline or 0.0)
        said = [action for action in call.interview.handle(Tick(), now) if isinstance(action, Say)]
    assert SYSTEM in said[0].text
    assert now - call.now > 60


def test_nothing_happens_after_the_end() -> None:
    call = begun()
    call.do(SpeechLost())
    assert call.interview.deadline is None
    assert call.do(CandidateSpeaking(True)) == []
    assert call.do(Tick()) == []


# ---- the whole thing -----------------------------------------------------------------------------------------------


def long_plan() -> Plan:
    sections = [
        {
            "id": f"s{section}",
            "name": f"topic {section}",
            "questions": [
                {"id": f"q{section}{number}", "text": f"Question {section} {number}?", "minutes": 2.5}
                for number in range(3)
            ],
        }
        for section in range(4)
    ]
    return Plan.model_validate({"title": "x", "minutes": 30, "sections": sections})


def answers() -> Iterator[str]:
    while True:
        yield from (FULL, NO_RESULT, "In the end it went well.", "We changed it.", "I rewrote it.", FULL)


def test_half_an_hour_passes_in_well_under_a_second() -> None:
    call = Conversation(Call(long_plan(), lines=load_lines("en"), organisation="Acme"))
    began = time.perf_counter()
    call.join()
    for text in answers():
        if call.said[-1].expecting == "questions":
            break
        call.answer(text, seconds=55)
    call.answer("No, thank you.")
    took = time.perf_counter() - began
    assert call.ended is EndReason.COMPLETED
    assert call.now > 20 * 60
    assert took < 1.0
    assert {outcome for outcome, _ in call.outcomes().values()} <= {"answered", "skipped"}
    assert all(one != other for one, other in pairwise(call.texts))


@pytest.mark.parametrize("has_model", [False, True])
def test_the_same_log_gives_the_same_actions(has_model: bool) -> None:
    call = begun(has_model=has_model)
    call.speak(NO_RESULT)
    if has_model:
        call.compose("And how did the checkout do?")
    call.cut_in("And it failed again.", after_words=3) if call.line else call.speak("And it failed again.")
    call.wait(30)
    call.press("slower")
    call.leave()
    call.join(again=True)
    call.answer("Skip this one.")
    call.wait(300)
    again = Call(Plan.model_validate(PLAN), lines=load_lines("en"), organisation="Acme", has_model=has_model)
    replayed = [action for at, happening in call.log for action in again.handle(happening, at)]
    assert replayed == call.actions
    assert again.report() == call.interview.report()

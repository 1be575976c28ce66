"""Who leads changes during the call: said in one line, with nothing asked twice and nothing forgotten."""

from typing import Any

import pytest

from bot.interview import (
    FallSilent,
    FloorAsked,
    InterviewersPresent,
    Leader,
    ModeAsked,
    Say,
    StopRequested,
    TakeVoice,
    Tell,
)
from bot.interview.call import Call
from bot.interview.phrases import Command
from bot.plan import Plan
from bot.resume import Resume
from bot.spec import Mode
from bot.state import EndReason
from prompts import languages, load_lines
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, INCIDENT, NO_RESULT, PLAN, ROW, SYSTEM
from tests.unit.bot.interview.test_taking_up import lost, said

PEOPLE = [Mode.COPILOT, Mode.SHADOW]


def held(mode: Mode, **settings: Any) -> Conversation:
    call = Conversation(Call(Plan.model_validate(PLAN), mode=mode, lines=load_lines("en"), **settings))
    call.do(InterviewersPresent(1))
    call.join()
    return call


def change(call: Conversation, to: Mode, order: str = "") -> None:
    call.do(ModeAsked(to, "rita", order))
    call.hear()


def voices(call: Conversation) -> list[type]:
    return [type(action) for action in call.actions if isinstance(action, TakeVoice | FallSilent)]


def changes(call: Conversation) -> list[tuple[Any, ...]]:
    return [(one["from"], one["to"], one["by"]) for one in call.notes("mode.changed")]


@pytest.mark.parametrize("to", PEOPLE)
def test_from_solo_people_take_over_the_open_question_and_the_bot_is_silent_after_one_line(to: Mode) -> None:
    call = held(Mode.SOLO)
    call.answer(FULL)
    assert call.last.endswith(INCIDENT)
    change(call, to)
    assert call.last.startswith("From here on your interviewer leads")
    assert voices(call)[-1] is FallSilent
    assert call.interview.mode is to and call.interview.leads is Leader.INTERVIEWER
    assert changes(call) == [("solo", to.value, "rita")]
    spoken = len(call.said)
    call.answer("It was the payments, on a Friday.")
    call.interviewer("And who found it?")
    call.answer("I did.")
    for control in Command:
        call.press(control)
    call.wait(400)
    assert len(call.said) == spoken and call.ended is None
    assert call.interview.report()["questions"][1]["answer_turns"] == [2, 4]


def test_a_change_says_by_which_order_it_came() -> None:
    call = held(Mode.SHADOW)
    change(call, Mode.COPILOT, "cmd_1")
    change(call, Mode.SOLO)
    first, second = call.notes("mode.changed")
    assert (first["order"], "order" in second) == ("cmd_1", False)


@pytest.mark.parametrize("mode", PEOPLE)
def test_the_bot_takes_over_what_people_have_not_asked(mode: Mode) -> None:
    call = held(mode)
    call.interviewer("So, could you describe a system that you built yourself?")
    call.answer(NO_RESULT)
    change(call, Mode.SOLO)
    assert call.last.startswith("From here on I lead this interview")
    assert call.last.endswith(INCIDENT)
    assert voices(call) == [FallSilent, TakeVoice]
    for _ in range(2):
        call.answer(FULL)
    call.answer("No, thank you.")
    assert call.ended is EndReason.COMPLETED
    assert call.times_asked(SYSTEM) == 0
    assert {id_: outcome for id_, (outcome, _) in call.outcomes().items()} == dict.fromkeys(
        ("system", "incident", "row"), "answered"
    )


def test_with_nothing_left_to_ask_the_bot_lets_the_candidate_ask() -> None:
    call = held(Mode.SHADOW)
    for question in (SYSTEM, INCIDENT, ROW):
        call.interviewer(question)
        call.answer(FULL)
    change(call, Mode.SOLO)
    assert call.last.startswith("From here on I lead") and "role?" in call.last


def test_from_shadow_to_copilot_and_back_the_panel_is_told_and_then_no_more() -> None:
    call = held(Mode.SHADOW)
    assert not [one for one in call.actions if isinstance(one, Tell)]
    change(call, Mode.COPILOT)
    assert "speak only if they ask me to" in call.last
    assert [one.type for one in call.actions if isinstance(one, Tell)] == ["time.updated"]
    assert voices(call) == [FallSilent, TakeVoice, FallSilent]
    change(call, Mode.SHADOW)
    assert call.last.endswith("and say nothing more.")
    assert voices(call) == [FallSilent, TakeVoice, FallSilent, TakeVoice, FallSilent]
    spoken, told = len(call.said), len([one for one in call.actions if isinstance(one, Tell)])
    call.do(FloorAsked(Leader.BOT, "ines", 2))
    call.interviewer("Viva, please take the next two questions.")
    call.interviewer(SYSTEM)
    call.answer(NO_RESULT)
    assert len(call.said) == spoken
    assert len([one for one in call.actions if isinstance(one, Tell)]) == told


@pytest.mark.parametrize("to", [Mode.SOLO, Mode.SHADOW])
def test_a_mode_ends_what_was_lent_or_makes_it_the_bots_own(to: Mode) -> None:
    call = held(Mode.COPILOT)
    call.do(FloorAsked(Leader.BOT, "ines", 1))
    call.hear()
    change(call, to)
    call.answer(FULL)
    if to is Mode.SOLO:
        assert call.last.endswith(INCIDENT), "one question was lent, the interview is its own now"
    else:
        assert call.last.startswith("From here on your interviewer leads.")
        assert call.notes("floor.changed")[-1]["reason"] == "mode"
        assert call.interview.report()["questions"][0]["answer_turns"] == [1]


def test_the_same_mode_again_changes_nothing() -> None:
    call = held(Mode.COPILOT)
    change(call, Mode.SHADOW)
    spoken = len(call.said)
    change(call, Mode.SHADOW)
    call.do(ModeAsked(Mode.SHADOW, "otto"))
    assert len(call.said) == spoken
    assert len(changes(call)) == 1


def test_before_anybody_has_come_the_new_modes_own_opening_says_it() -> None:
    call = Conversation(Call(Plan.model_validate(PLAN), mode=Mode.SOLO, lines=load_lines("en")))
    change(call, Mode.SHADOW)
    call.join()
    (line,) = call.texts
    assert "take notes" in line and call.notes("disclosure")
    led = Conversation(Call(Plan.model_validate(PLAN), mode=Mode.SHADOW, lines=load_lines("en")))
    change(led, Mode.SOLO)
    led.join()
    assert led.last.endswith(SYSTEM)


def test_during_the_opening_it_waits_until_the_candidate_has_agreed() -> None:
    call = Conversation(Call(Plan.model_validate(PLAN), mode=Mode.SOLO, lines=load_lines("en")))
    call.join(consented=False)
    change(call, Mode.SHADOW)
    assert changes(call) == []
    call.answer("Yes.")
    assert call.last.startswith("From here on your interviewer leads.")
    assert call.notes("question.asked") == [] and voices(call)[-1] is FallSilent


def test_a_line_that_was_talked_over_is_said_again_before_the_voice_goes() -> None:
    call = held(Mode.SOLO)
    call.do(ModeAsked(Mode.SHADOW, "rita"))
    call.cut_in("Wait, I have not finished with that one.", after_words=2)
    assert FallSilent not in voices(call)
    call.wait(4)
    call.hear()
    assert sum("your interviewer leads" in text for text in call.texts) == 2
    assert voices(call)[-1] is FallSilent


def test_nobody_is_talked_over_and_what_they_say_counts() -> None:
    call = held(Mode.SHADOW)
    call.interviewer(SYSTEM)
    call.voice(True)
    call.do(ModeAsked(Mode.SOLO, "rita"))
    call.speak(FULL)
    call.hear()
    assert call.last.endswith(INCIDENT)
    assert call.interview.report()["questions"][0]["answer_turns"] == [2]


def test_the_last_mode_that_was_asked_for_is_the_one_it_stays_in() -> None:
    call = held(Mode.COPILOT)
    call.interviewer(SYSTEM)
    call.voice(True)
    call.do(FloorAsked(Leader.BOT, "ines", 1))
    call.do(ModeAsked(Mode.SOLO, "rita"))
    call.do(ModeAsked(Mode.SHADOW, "otto"))
    call.speak(FULL)
    call.hear()
    assert changes(call) == [("copilot", "shadow", "otto")]
    assert call.interview.leads is Leader.INTERVIEWER and INCIDENT not in call.last
    call.voice(True)
    call.do(ModeAsked(Mode.SOLO, "rita"))
    call.do(ModeAsked(Mode.SHADOW, "otto"))
    call.speak("That was all.")
    assert len(changes(call)) == 1, "asked back before it was done"


def test_who_asks_for_the_copilot_and_the_floor_gets_both_in_whatever_order_they_are_repeated() -> None:
    call = Conversation(Call(Plan.model_validate(PLAN), mode=Mode.SOLO, lines=load_lines("en")))
    call.join(consented=False)
    call.do(ModeAsked(Mode.COPILOT, "rita"))
    call.do(FloorAsked(Leader.BOT, "ines", 2))
    call.do(ModeAsked(Mode.COPILOT, "rita"))
    call.do(FloorAsked(Leader.BOT, "ines", 1))
    call.answer("Yes.")
    call.hear()
    assert changes(call) == [("solo", "copilot", "rita")]
    assert [one["questions"] for one in call.notes("floor.changed")] == [1], "of two lends the later one"


@pytest.mark.parametrize("who", ["candidate", "interviewer"])
def test_an_objection_in_words_ends_it_while_the_bot_leads_too(who: str) -> None:
    call = held(Mode.SOLO)
    call.answer("I told them, don't record this. They said: stop recording. So we had no logs.")
    assert call.ended is None, "an answer that speaks of recording"
    say = call.answer if who == "candidate" else call.interviewer
    say("Sorry, please don't record this.")
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [True, False]
    assert "No recording has been kept" in call.last
    receipt = call.notes("consent")[-1]
    assert (receipt["given"], receipt["text"]) == (False, "Sorry, please don't record this.")
    assert receipt["turn"] > 1


@pytest.mark.parametrize("mode", list(Mode))
def test_a_consent_taken_back_where_the_bot_does_not_hear_it_ends_the_call_and_the_recording(mode: Mode) -> None:
    call = held(mode)
    call.do(StopRequested(EndReason.CONSENT_DECLINED))
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [True, False]
    assert ("No recording has been kept" in call.last) is (mode is Mode.SOLO), "who listens says nothing"


def test_an_objection_during_the_opening_is_a_no() -> None:
    call = Conversation(Call(Plan.model_validate(PLAN), mode=Mode.SOLO, lines=load_lines("en")))
    call.join(consented=False)
    call.answer("I'd rather not be recorded.")
    assert call.ended is EndReason.CONSENT_DECLINED
    assert [(one["given"], one["notice"]) for one in call.notes("consent")] == [(False, "spoken-1-en")]


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_it(language: str) -> None:
    plan = Plan.model_validate({**PLAN, "language": language})
    call = Conversation(Call(plan, mode=Mode.COPILOT, lines=load_lines(language)))
    call.join()
    call.do(FloorAsked(Leader.BOT, "ines", 2))
    call.hear()
    for to in (Mode.SOLO, Mode.SHADOW, Mode.COPILOT):
        change(call, to)
    assert len({say.text for say in call.said}) == len(call.said) == 5


# ---- a bot that takes the place of a lost one ----------------------------------------------------------------------


def after(so_far: Resume, mode: Mode) -> Conversation:
    call = held(mode, so_far=so_far)
    call.turns = so_far.turns
    return call


def test_after_a_change_to_shadow_the_next_bot_is_silent_from_its_first_moment() -> None:
    call = held(Mode.SOLO)
    change(call, Mode.SHADOW)
    again = after(lost(call, disclosed=True), Mode.SHADOW)
    assert again.said == [] and voices(again) == [FallSilent]
    again.interviewer(SYSTEM)
    again.answer(FULL)
    assert again.said == []


def test_after_a_change_to_solo_the_next_bot_leads_without_greeting_anew() -> None:
    call = held(Mode.SHADOW)
    change(call, Mode.SOLO)
    again = after(lost(call, disclosed=True), Mode.SOLO)
    assert again.last.startswith(("Sorry, I lost", "I was cut off")) and again.last.endswith(SYSTEM)


def test_a_bot_that_was_lost_with_the_floor_lent_goes_on_with_what_is_left_of_it() -> None:
    call = held(Mode.COPILOT)
    call.do(FloorAsked(Leader.BOT, "ines", 2))
    call.hear()
    call.answer(FULL)
    assert call.last.endswith(INCIDENT)
    again = after(lost(call, disclosed=True, lent=0, system=said(FULL)), Mode.COPILOT)
    assert isinstance(again.said[0], Say) and again.last.endswith(INCIDENT)
    assert again.interview.leads is Leader.BOT
    again.answer(FULL)
    assert "back to your interviewer" in again.last
    assert voices(again) == [FallSilent]
    assert again.times_asked(SYSTEM) == 0


def test_a_bot_that_was_lost_after_it_had_handed_back_says_nothing() -> None:
    call = held(Mode.COPILOT)
    call.do(FloorAsked(Leader.BOT, "ines", 1))
    call.hear()
    call.answer(FULL)
    again = after(lost(call, disclosed=True, system=said(FULL)), Mode.COPILOT)
    assert again.said == [] and voices(again) == [FallSilent]
    again.do(FloorAsked(Leader.BOT, "ines", 1))
    assert again.last.endswith(INCIDENT)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_no_that_the_lost_bot_heard_holds_for_the_next_one(mode: Mode) -> None:
    call = held(Mode.SOLO)
    so_far = lost(call, consent=False, consent_method="voice", disclosed=True)
    again = Conversation(Call(Plan.model_validate(PLAN), mode=mode, lines=load_lines("en"), so_far=so_far))
    again.join()
    assert again.ended is EndReason.CONSENT_DECLINED
    assert again.said == [] and again.recorded() == [False]


def test_a_mode_asked_for_before_the_candidate_is_seen_again_is_said_to_them() -> None:
    call = held(Mode.SHADOW)
    call.interviewer(SYSTEM)
    so_far = lost(call, disclosed=True)
    again = Conversation(Call(Plan.model_validate(PLAN), mode=Mode.SHADOW, lines=load_lines("en"), so_far=so_far))
    again.do(ModeAsked(Mode.SOLO, "rita"))
    assert changes(again) == []
    again.join()
    again.hear()
    assert again.said[0].text.startswith("From here on I lead this interview")
    assert again.notes("mode.changed")[0]["announced"]

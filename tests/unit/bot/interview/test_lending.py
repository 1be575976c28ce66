"""The floor: an interviewer lends it to the bot, which asks for a while and hands it back."""

from typing import Any

import pytest

from bot.interview import (
    FallSilent,
    FloorAsked,
    InterviewerSaid,
    InterviewerSaying,
    InterviewerSpeaking,
    InterviewersPresent,
    Leader,
    ModeAsked,
    Note,
    Spoken,
    TakeVoice,
    Tell,
)
from bot.interview.call import Call
from bot.interview.handover import Handover, handover
from bot.plan import Plan
from bot.spec import Limits, Mode
from bot.state import EndReason
from prompts import load_lines
from tests.fakes.conversation import WORD_S, Conversation
from tests.unit.bot.interview.plans import FULL, INCIDENT, NO_RESULT, PLAN, ROW, SYSTEM

GIVEN, TAKEN = Leader.BOT, Leader.INTERVIEWER
BACK = "back to your interviewer"


def copilot(mode: Mode = Mode.COPILOT, **settings: Any) -> Conversation:
    """An interviewer and a candidate are there, and the bot has said what it is there for."""
    call = Conversation(Call(Plan.model_validate(PLAN), mode=mode, lines=load_lines("en"), **settings))
    call.do(InterviewersPresent(1))
    call.join()
    return call


def give(call: Conversation, questions: int | None = None) -> None:
    call.do(FloorAsked(GIVEN, "ines", questions))
    call.hear()


def take(call: Conversation) -> None:
    call.do(FloorAsked(TAKEN, "ines"))


def floors(call: Conversation) -> list[tuple[Any, ...]]:
    return [(one["from"], one["to"], one.get("questions"), one.get("reason")) for one in call.notes("floor.changed")]


def has_a_voice(call: Conversation) -> bool:
    """Whether there is a mouth: one at the beginning, then what acts and endings made of it."""
    kinds = [action for action in call.actions if isinstance(action, TakeVoice | FallSilent)]
    return not kinds or isinstance(kinds[-1], TakeVoice)


def test_the_bot_says_what_it_will_do_asks_so_many_questions_with_follow_ups_and_hands_back() -> None:
    call = copilot()
    assert not has_a_voice(call)
    give(call, 2)
    assert call.last == f"I'll ask the next two questions. {SYSTEM}"
    assert has_a_voice(call) and call.interview.leads is Leader.BOT
    call.answer(NO_RESULT)
    assert call.last.endswith("What did the system change for its users?")
    call.answer("As a result the failures went away, and we learned from it that I should look at the logs.")
    assert call.last.endswith(INCIDENT)
    call.answer(FULL)
    assert BACK in call.last
    assert not has_a_voice(call) and call.interview.leads is Leader.INTERVIEWER
    assert floors(call) == [("interviewer", "bot", 2, None), ("bot", "interviewer", None, "done")]
    assert call.notes("floor.changed")[0]["by"] == "ines"
    said = len(call.said)
    call.answer("Is there anything else?")
    call.wait(300)
    assert len(call.said) == said and call.ended is None


def test_what_people_asked_is_not_asked_by_the_bot_and_what_it_asked_is_covered() -> None:
    call = copilot()
    call.interviewer("So, could you describe a system that you built yourself?")
    call.answer(FULL)
    give(call, 1)
    assert call.last == f"I'll ask the next question. {INCIDENT}"
    call.answer(FULL)
    assert BACK in call.last
    call.interviewer("And what did your manager think about that?")
    call.answer("She liked it.")
    give(call)
    assert call.last == f"I'll ask the next question. {ROW}", "one is left"
    call.answer(FULL)
    assert BACK in call.last
    outcomes = call.interview.report()["questions"]
    assert [one["answer_turns"] for one in outcomes] == [[2], [3, 5], [6]]
    asked = [(note["question_id"], note.get("by")) for note in call.notes("question.asked")]
    assert asked == [("system", "interviewer"), ("incident", None), ("incident", "interviewer"), ("row", None)]


def test_with_nothing_left_the_floor_stays_and_nothing_is_said() -> None:
    call = copilot()
    for question in (SYSTEM, INCIDENT, ROW):
        call.interviewer(question)
        call.answer(FULL)
    said = len(call.said)
    give(call, 2)
    assert len(call.said) == said and not has_a_voice(call)
    assert floors(call) == []
    told = [one.data for one in call.actions if isinstance(one, Tell) and one.type == "floor.changed"]
    assert told == [{"from": "interviewer", "to": "interviewer", "by": "ines", "reason": "nothing_left"}]


def test_it_asks_what_there_is_where_more_was_asked_for() -> None:
    call = copilot()
    give(call, 9)
    for _ in range(3):
        call.answer(FULL)
    assert BACK in call.last
    assert floors(call) == [("interviewer", "bot", 3, None), ("bot", "interviewer", None, "done")]


def test_taken_back_in_the_middle_of_a_line_it_stops_at_once_says_so_and_has_no_voice() -> None:
    call = copilot()
    call.interviewer(SYSTEM)
    call.answer(FULL)
    call.do(FloorAsked(GIVEN, "ines", 2))
    line = call.line
    assert line is not None
    call.wait(5 * WORD_S)
    take(call)
    assert call.line is not None and BACK in call.line.text
    call.do(Spoken(line.line, "I'll ask the next", interrupted=True))  # what was cut off, coming late
    call.hear()
    assert not has_a_voice(call)
    assert floors(call)[-1] == ("bot", "interviewer", None, "taken_back")
    assert call.notes("question.asked")[-1]["question_id"] == "system", "what was not heard was not asked"
    call.answer("And the logs were my idea.")
    give(call, 1)
    assert call.last.endswith(INCIDENT)
    assert call.interview.report()["questions"][0]["answer_turns"] == [2, 3]


def test_taken_back_while_the_candidate_answers_the_answer_still_counts_and_nobody_is_talked_over() -> None:
    call = copilot()
    give(call, 2)
    call.voice(True)
    take(call)
    assert call.interview.leads is Leader.INTERVIEWER
    call.speak(FULL)
    call.hear()
    assert BACK in call.last and not has_a_voice(call)
    assert call.interview.report()["questions"][0]["answer_turns"] == [1]
    call.interviewer("And how long did that take?")
    call.answer("Two weeks.")
    assert call.interview.report()["questions"][0]["answer_turns"] == [1, 3]


def test_whoever_gives_it_while_the_candidate_speaks_waits_for_their_turn() -> None:
    call = copilot()
    call.interviewer(SYSTEM)
    call.voice(True)
    call.do(FloorAsked(GIVEN, "ines", 1))
    assert call.interview.leads is Leader.INTERVIEWER
    call.speak(FULL)
    call.hear()
    assert call.last.endswith(INCIDENT)
    assert call.interview.report()["questions"][0]["answer_turns"] == [2]


@pytest.mark.parametrize("act", [FloorAsked(GIVEN, "ines", 1), ModeAsked(Mode.SOLO, "ines")])
def test_no_interviewer_is_talked_over_by_a_bot_that_is_to_ask(act: FloorAsked | ModeAsked) -> None:
    call = copilot()
    said = len(call.said)
    for who in ("ines", "otto"):
        call.do(InterviewerSpeaking(who, True))
    call.do(act)
    call.do(InterviewerSpeaking("ines", False))
    call.do(InterviewerSpeaking("otto", False, words=False))
    assert (call.interview.leads, len(call.said)) == (Leader.INTERVIEWER, said), "her words have not come"
    call.do(InterviewerSaid("Viva will ask you the next one, but take your time.", 1, "ines"))
    assert (call.interview.leads, len(call.said)) == (Leader.BOT, said + 1)


def test_an_interviewers_voice_that_never_ends_holds_the_bot_back_for_a_while_and_not_for_ever() -> None:
    call = copilot()
    call.do(InterviewerSpeaking("otto", True))
    call.do(FloorAsked(GIVEN, "ines", 1))
    call.wait(9 * 60)
    assert call.interview.leads is Leader.INTERVIEWER
    call.wait(2 * 60)
    call.interviewer("Well then.")
    assert call.interview.leads is Leader.BOT
    call = copilot()
    call.do(InterviewerSpeaking("otto", True))
    call.do(FloorAsked(GIVEN, "ines", 1))
    call.do(InterviewersPresent(3))
    assert call.interview.leads is Leader.INTERVIEWER, "somebody came, and otto still speaks"
    call.do(InterviewersPresent(2, left="otto"))
    assert call.interview.leads is Leader.BOT, "who has gone is not waited for"


def test_a_bot_with_the_floor_goes_on_without_an_interviewer_and_then_waits_for_one() -> None:
    call = copilot(knows_interviewers=True, limits=Limits(no_show_s=120))
    call.do(InterviewersPresent(0))
    give(call, 1)
    call.wait(10)
    call.answer(FULL)
    assert call.interview.leads is Leader.INTERVIEWER
    call.hear()
    call.wait(100)
    assert call.ended is None
    call.wait(45)
    assert call.ended is EndReason.COMPLETED


def test_whoever_asks_on_themselves_after_giving_it_has_taken_it_back() -> None:
    call = copilot()
    said = len(call.said)
    call.do(InterviewerSpeaking("ines", True))
    call.do(FloorAsked(GIVEN, "ines", 2, order="cmd_1"))
    call.do(InterviewerSpeaking("ines", False))
    call.interviewer("But first: tell me about a disagreement you had at work.", who="ines")
    call.answer(FULL)
    assert len(call.said) == said and floors(call) == []
    assert call.done() == ["cmd_1"]
    told = [one.data for one in call.actions if isinstance(one, Tell) and one.type == "floor.changed"]
    assert [one["reason"] for one in told] == ["interviewer_asked"]


def test_the_same_command_twice_has_one_effect() -> None:
    call = copilot()
    give(call, 1)
    give(call, 1)
    call.do(FloorAsked(GIVEN, "ines", 2))
    assert call.times_asked(SYSTEM) == 1
    call.answer(FULL)
    assert BACK in call.last
    take(call)
    take(call)
    assert len(floors(call)) == 2


@pytest.mark.parametrize(
    ("words", "questions"), [("Thanks. Viva, please take the next two questions.", 2), ("Okay, please take over.", 3)]
)
def test_an_interviewer_gives_it_in_words_and_takes_it_back_so(words: str, questions: int) -> None:
    call = copilot()
    call.interviewer(words)
    call.hear()
    assert SYSTEM in call.last
    assert floors(call) == [("interviewer", "bot", questions, None)]
    call.interviewer("Thanks, I'll take it from here.")
    call.hear()
    assert BACK in call.last and not has_a_voice(call)
    assert floors(call)[-1] == ("bot", "interviewer", None, "taken_back")


def test_while_the_bot_has_the_floor_it_asks_back_what_may_be_an_objection_of_the_candidate() -> None:
    call = copilot()
    give(call, 2)
    call.hear()
    call.answer("I always tell my team, please don't record this.")
    assert call.ended is None
    assert "stop recording" in call.last
    call.answer("Yes, please.")
    assert (call.ended, call.recorded()) == (EndReason.CONSENT_DECLINED, [True, False])


def test_who_may_not_use_the_copilot_lends_nothing_by_voice_and_takes_back_all_the_same() -> None:
    call = copilot()
    call.interviewer("Viva, please take the next two questions.", may_lend=False)
    call.wait(10)
    assert len(call.said) == 1 and floors(call) == []
    give(call, 2)
    call.interviewer("Thanks, I'll take it from here.", may_lend=False)
    call.hear()
    assert floors(call)[-1] == ("bot", "interviewer", None, "taken_back")


def test_with_nobody_there_to_hand_back_to_the_candidate_is_told_so() -> None:
    call = copilot()
    give(call, 1)
    call.do(InterviewersPresent(0))
    call.answer(FULL)
    assert "Your interviewer is not in the call just now" in call.last and BACK not in call.last
    assert floors(call)[-1] == ("bot", "interviewer", None, "done") and not has_a_voice(call)


def test_an_order_is_done_when_its_moment_has_come_or_something_else_came_of_it() -> None:
    call = copilot()
    call.interviewer(SYSTEM)
    call.voice(True)
    call.do(FloorAsked(GIVEN, "ines", 1, "cmd_1"))
    assert call.done() == [], "a bot in its place is to be told it, too"
    call.do(FloorAsked(GIVEN, "ines", 2, "cmd_2"))
    assert call.done() == ["cmd_1"], "overtaken"
    call.speak(FULL)
    assert call.done() == ["cmd_1", "cmd_2"]
    assert call.notes("floor.changed")[-1]["order"] == "cmd_2"
    call.do(FloorAsked(GIVEN, "ines", 2, "cmd_3"))
    call.do(FloorAsked(TAKEN, "ines", order="cmd_4"))
    assert call.done()[2:] == ["cmd_3", "cmd_4"], "the floor was lent, and is taken back"
    call.voice(True)
    call.do(FloorAsked(GIVEN, "ines", 1, "cmd_5"))
    call.do(ModeAsked(Mode.SHADOW, "rita", "cmd_6"))
    assert call.done()[4:] == ["cmd_5", "cmd_6"], "shadow lends nothing"


def test_a_candidate_gives_nothing_and_takes_nothing() -> None:
    call = copilot()
    call.answer("Viva, please take the next two questions.")
    call.wait(60)
    assert len(call.said) == 1 and floors(call) == []
    give(call, 2)
    call.answer("I'll take it from here. " + FULL)
    assert call.last.endswith(INCIDENT)


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.SOLO])
def test_in_another_mode_there_is_no_floor_to_lend(mode: Mode) -> None:
    call = copilot(mode)
    said = len(call.said)
    call.do(FloorAsked(GIVEN, "ines", 2))
    call.interviewer("Please take the next two questions.")
    call.do(FloorAsked(TAKEN, "ines"))
    assert len(call.said) == said and floors(call) == []
    assert not any(isinstance(action, TakeVoice) for action in call.actions)


def test_before_the_candidate_has_agreed_it_waits() -> None:
    call = Conversation(Call(Plan.model_validate(PLAN), mode=Mode.COPILOT, lines=load_lines("en")))
    call.do(InterviewersPresent(1))
    call.do(FloorAsked(GIVEN, "ines", 1))
    call.join(consented=False)
    assert SYSTEM not in call.last and floors(call) == []
    call.answer("Yes, that's fine.")
    assert call.last.endswith(SYSTEM)


def test_the_candidates_controls_work_while_the_bot_leads() -> None:
    call = copilot()
    give(call, 2)
    call.answer("Could you rephrase that?")
    assert call.last.endswith("Which system are you proud of, and why?")
    call.answer("Skip this one.")
    assert call.last.endswith(INCIDENT)
    call.press("repeat")
    assert call.last.endswith(INCIDENT)
    call.answer("Stop the interview.")
    call.answer("Yes.")
    assert call.ended is EndReason.STOPPED_BY_CANDIDATE


def test_who_asks_for_a_person_or_says_nothing_gets_the_person_who_is_there() -> None:
    call = copilot()
    give(call)
    call.answer("I'd like to talk to a human.")
    assert BACK in call.last and call.ended is None
    assert floors(call)[-1] == ("bot", "interviewer", None, "human_requested")
    silent = copilot(limits=Limits(silence_prompt_s=10, silence_end_s=40))
    give(silent)
    silent.wait(60)
    assert floors(silent)[-1] == ("bot", "interviewer", None, "silence")
    assert BACK in silent.last and silent.ended is None


def test_an_interviewer_who_puts_in_a_question_is_let_and_answered_first() -> None:
    call = copilot()
    give(call, 2)
    call.do(InterviewerSpeaking("ines", True))
    call.answer(FULL)
    call.wait(20)
    assert len(call.said) == 2, "nobody talks over an interviewer"
    call.do(InterviewerSpeaking("ines", False))
    call.interviewer("Sorry, was that at the bank you mentioned?")
    call.answer("Yes, the one in Graz.")
    assert call.last.endswith(INCIDENT)
    assert call.interview.report()["questions"][0]["answer_turns"] == [1, 3]


def test_an_interviewer_who_cuts_in_has_the_bot_stop_and_ask_again_later() -> None:
    call = copilot()
    give(call, 2)
    call.speak(FULL)
    line = call.line
    assert line is not None and line.text.endswith(INCIDENT)
    call.wait(2 * WORD_S)
    call.line = None
    call.do(Spoken(line.line, "Thank you.", interrupted=True))
    call.do(InterviewerSpeaking("ines", True))
    call.wait(4)
    call.do(InterviewerSpeaking("ines", False))
    call.interviewer("Which database was that, by the way?")
    call.answer("Postgres, and a small cache in front of it.")
    assert call.interview.report()["questions"][0]["answer_turns"] == [1, 3]
    assert call.last.endswith(INCIDENT)


def test_an_interviewer_who_asks_one_of_the_plans_questions_has_taken_the_floor_back() -> None:
    call = copilot()
    give(call, 2)
    said = len(call.said)
    call.interviewer("Let me ask this now: tell me about a disagreement you had at work.")
    assert len(call.said) == said and not has_a_voice(call)
    assert floors(call)[-1] == ("bot", "interviewer", None, "interviewer_asked")
    call.answer(FULL)
    assert call.interview.report()["questions"][2]["answer_turns"] == [2]
    assert len(call.said) == said


def test_who_takes_it_back_and_asks_in_one_breath_is_not_interrupted() -> None:
    call = copilot()
    give(call, 2)
    said = len(call.said)
    call.interviewer("Thanks, I'll take it from here. Tell me about a disagreement you had at work.")
    assert len(call.said) == said and not has_a_voice(call)
    assert floors(call)[-1] == ("bot", "interviewer", None, "taken_back")
    call.answer(FULL)
    assert call.interview.report()["questions"][2]["answer_turns"] == [2]


def test_an_objection_is_heard_while_the_bot_leads() -> None:
    call = copilot()
    give(call, 2)
    call.answer("Sorry, please don't record this.")
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [True, False]


def test_a_candidate_who_drops_and_returns_is_asked_on() -> None:
    call = copilot()
    give(call, 2)
    call.leave()
    call.wait(5)
    call.join(again=True)
    assert call.last.endswith(SYSTEM)
    assert call.interview.leads is Leader.BOT


def test_the_panel_sees_what_the_bot_asked_as_covered() -> None:
    question = {**PLAN["sections"][0]["questions"][0], "criteria": ["design"]}
    section = {**PLAN["sections"][0], "questions": [question]}
    plan = {**PLAN, "criteria": [{"id": "design", "name": "Design"}], "sections": [section]}
    call = Conversation(Call(Plan.model_validate(plan), mode=Mode.COPILOT, lines=load_lines("en")))
    call.do(InterviewersPresent(1))
    call.join()
    give(call, 1)
    call.answer(FULL)
    states = [one.data["state"] for one in call.actions if isinstance(one, Tell) and one.type == "coverage.updated"]
    assert states == ["not_touched", "asked", "sufficient"]
    assert not [one for one in call.actions if isinstance(one, Tell) and one.type == "suggestion.created"]


def test_what_is_told_and_what_is_noted_stay_apart() -> None:
    call = copilot()
    give(call, 1)
    call.answer(FULL)
    told = {one.type for one in call.actions if isinstance(one, Tell)}
    assert not told & {one.type for one in call.actions if isinstance(one, Note)}


GIVES = {
    "en": [
        ("Over to you, Viva.", None),
        ("Viva, go ahead with the next question.", 1),
        ("Would you mind asking the next two questions?", 2),
        ("I'll hand over to Viva for the next two questions.", 2),
        ("Let me hand over to you.", None),
       ("Take the next two questions.", 2), ("Viva, could you ask the next question, please?", 1),
           ("Please take over.", None), ("You take it from here.", None), ("Okay, thanks. Can you take the next 3?", 3),
           ("Please take a couple of questions.", 2)],
    "de": [("Bitte übernehmen Sie die nächsten zwei Fragen.", 2), ("Stellen Sie bitte die nächste Frage.", 1),
           ("Übernehmen Sie ab hier, bitte.", None), ("Viva, stell bitte die nächsten drei Fragen.", 3)],
    "es": [("Por favor, haz las próximas dos preguntas.", 2), ("Tome usted la palabra.", None),
           ("Haga la siguiente pregunta.", 1)],
    "fr": [("Posez les deux prochaines questions, s'il vous plaît.", 2), ("Prenez la suite.", None),
           ("Pose la prochaine question.", 1)],
}  # fmt: skip
TAKES = {
    "en": ["Thanks, I'll take it from here.", "Okay, let me take over again.", "I'll take the next question myself."],
    "de": ["Danke, ich übernehme wieder.", "Ab hier mache ich weiter.", "Thanks, I'll take it from here."],
    "es": ["Gracias, a partir de aquí sigo yo.", "Retomo yo la palabra."],
    "fr": ["Merci, je reprends la main.", "Je continue à partir d'ici."],
}
NEITHER = {
    "en": ["We had to take over the next two projects.", "Did you take the next question to your boss?",
           "I take it from here you moved to Berlin?", "How would you take over a team?", "Take your time.",
           "Any questions for me?"],
    "de": ["Wie haben Sie das Team übernommen?", "Und was war die nächste Frage des Kunden?"],
    "es": ["¿Cómo tomó usted el control del proyecto?"],
    "fr": ["Comment avez-vous pris la suite du projet ?"],
}  # fmt: skip


@pytest.mark.parametrize(("language", "text", "n"), [(code, *one) for code, texts in GIVES.items() for one in texts])
def test_giving_is_understood(language: str, text: str, n: int | None) -> None:
    assert handover(text, language) == Handover(GIVEN, n)


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in TAKES.items() for text in texts])
def test_taking_back_is_understood(language: str, text: str) -> None:
    assert handover(text, language) == Handover(TAKEN)


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in NEITHER.items() for text in texts])
def test_what_merely_sounds_like_it_is_neither(language: str, text: str) -> None:
    assert handover(text, language) is None


def warned(call: Conversation) -> list[str]:
    told = [one.data for one in call.actions if isinstance(one, Tell) and one.type == "guard.warning"]
    return [one.get("category") or one["advice"] for one in told]


def test_what_nobody_may_ask_is_warned_of_while_the_bot_leads_and_its_answer_is_no_evidence() -> None:
    call = copilot()
    give(call, 2)
    call.interviewer("How old are you?")
    assert warned(call) == ["age"]
    assert call.listening().question_id is None
    call.answer("I am thirty four.")
    assert call.last.endswith(SYSTEM), "the bot goes back to its own question"
    assert call.listening().question_id == "system"
    call.answer(FULL)
    assert call.last.endswith(INCIDENT)
    assert call.interview.report()["questions"][0]["answer_turns"] == [3]


def test_whoever_says_nothing_to_what_nobody_may_ask_is_asked_the_bots_question_again() -> None:
    call = copilot()
    give(call, 2)
    call.interviewer("Are you married?")
    call.wait(60)
    assert call.times_asked(SYSTEM) == 2
    call.answer(FULL)
    assert call.interview.report()["questions"][0]["answer_turns"] == [2]


def test_what_is_said_over_the_question_that_comes_again_is_set_aside_too() -> None:
    call = copilot()
    give(call, 2)
    call.interviewer("Do you have children?")
    call.speak("Well, yes.")
    call.cut_in("Two of them, actually, and they are still small.", after_words=2)
    call.hear()
    assert call.last.endswith(SYSTEM)
    call.answer(FULL)
    assert call.interview.report()["questions"][0]["answer_turns"] == [4]


def test_controls_work_beside_what_nobody_may_ask_and_another_question_ends_it() -> None:
    call = copilot()
    give(call, 2)
    call.interviewer("Do you have children?")
    call.answer("I have two of them, and a dog. Skip this question.")
    assert call.last.endswith(INCIDENT)
    call.interviewer("Are you married?")
    call.interviewer("Sorry, forget that. Was the incident at the bank?")
    assert call.listening().question_id == "incident"
    call.answer(FULL)
    assert [one["answer_turns"] for one in call.interview.report()["questions"][:2]] == [[], [5]]


def test_a_candidate_who_tells_of_their_own_life_is_not_to_be_probed_whoever_leads() -> None:
    call = copilot()
    give(call, 2)
    call.answer(f"{FULL} I was pregnant at the time.")
    assert warned(call) == ["do_not_probe"]


@pytest.mark.parametrize("lent", [True, False])
def test_who_takes_it_back_with_what_nobody_may_ask_is_warned_and_the_answer_is_set_aside(lent: bool) -> None:
    call = copilot()
    give(call, 2)
    call.answer(NO_RESULT)
    if not lent:
        take(call)
        call.hear()
    said = len(call.said)
    call.interviewer("I'll take it from here, do you have children?")
    assert len(call.said) == said and call.interview.leads is Leader.INTERVIEWER
    assert len(warned(call)) == 1
    call.answer("Yes, I have two.")
    assert call.interview.report()["questions"][0]["answer_turns"] == [1]
    call.interviewer("Okay.")
    call.answer("They go to school already.")
    assert call.interview.report()["questions"][0]["answer_turns"] == [1]


def test_who_talks_on_after_what_nobody_may_ask_is_warned_meanwhile_while_the_bot_leads_too() -> None:
    call = copilot()
    give(call, 2)
    call.do(InterviewerSaying("How old are you, by the way, because", "ines"))
    assert warned(call) == ["age"]

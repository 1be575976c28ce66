"""Questions, follow-ups, skipping, time, the candidate's own questions, the closing."""

from typing import Any

import pytest

from bot.interview import Composed, Expecting
from bot.plan import Patience
from bot.state import EndReason
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, INCIDENT, NO_RESULT, ROW, SYSTEM, WE_ONLY, begun


def one_question(**fields: Any) -> dict[str, Any]:
    question = {"id": "only", "text": SYSTEM, **fields}
    return {"title": "x", "sections": [{"id": "s", "name": "your work", "questions": [question]}]}


def test_the_plan_is_walked_in_order_with_a_word_between_sections() -> None:
    call = begun()
    for question in (SYSTEM, INCIDENT, ROW):
        assert question in call.last
        assert call.said[-1].question_id in ("system", "incident", "row")
        call.answer(FULL)
    assert call.said[-1].expecting is Expecting.QUESTIONS
    call.answer("No, thank you.")
    assert call.ended is EndReason.COMPLETED
    assert "Maria" in call.last
    assert set(call.outcomes().values()) == {("answered", None)}
    assert [note["question_id"] for note in call.notes("question.asked")] == ["system", "incident", "row"]
    assert [note["outcome"] for note in call.notes("question.closed")] == ["answered"] * 3


def test_each_question_brings_its_own_patience_and_terms() -> None:
    call = begun()
    assert call.listening().patience is Patience.LONG
    assert call.listening().terms == ("Kafka",)
    call.answer(FULL)
    assert call.listening().patience is Patience.NORMAL


def test_what_an_answer_lacks_is_asked_for_with_the_questions_own_probe() -> None:
    call = begun()
    call.answer(NO_RESULT)
    assert "What did the system change for its users?" in call.last
    call.answer("In the end nobody had to be called at night.")
    assert INCIDENT in call.last


def test_somebody_who_only_says_we_is_asked_for_their_own_part() -> None:
    call = begun()
    call.answer(WE_ONLY)
    assert "your own part" in call.last or "yourself" in call.last


def test_there_are_never_more_than_two_follow_ups_and_none_twice() -> None:
    call = begun(one_question(expects=["situation", "own_part", "action", "result", "number", "lesson"]))
    for _ in range(6):
        if call.said[-1].expecting is Expecting.QUESTIONS:
            break
        call.answer("It was a good time.")
    notes = call.notes("question.asked")
    assert [note["follow_up"] for note in notes] == [0, 1, 2]
    assert len({note["text"] for note in notes}) == 3
    assert call.interview.report()["questions"][0]["follow_ups"] == 2


def test_a_plan_can_allow_fewer_follow_ups() -> None:
    call = begun(one_question(max_followups=0))
    call.answer("It was a good time.")
    assert call.said[-1].expecting is Expecting.QUESTIONS


def test_the_whole_answer_counts_not_only_its_last_part() -> None:
    call = begun()
    call.answer("At my previous company our checkout failed for one customer in fifty.")
    call.answer("I rewrote the queue behind it.")
    assert "own part" not in call.last
    assert "What did the system change" in call.last


def test_a_long_answer_that_lacks_one_thing_is_left_alone() -> None:
    call = begun()
    call.answer(NO_RESULT + " It was a matter of care and of talking to all of the others about it." * 6)
    assert INCIDENT in call.last


def test_somebody_who_spoke_for_a_long_time_is_not_probed_whatever_is_missing() -> None:
    call = begun()
    call.answer("It was a matter of care and of talking to all of the others about it." * 20)
    assert INCIDENT in call.last


def test_other_languages_go_by_length() -> None:
    question = {"id": "q", "text": "Erzählen Sie von einem System."}
    plan = {"title": "x", "language": "de", "sections": [{"id": "s", "name": "x", "questions": [question]}]}
    short = begun(plan)
    short.answer("Das war eine Datenbank.")
    assert short.said[-1].question_id == "q"
    long = begun(plan)
    long.answer("Das war eine Datenbank und wir haben sie gebaut, weil sie gebraucht wurde. " * 6)
    assert long.said[-1].expecting is Expecting.QUESTIONS


# ---- nothing to say ------------------------------------------------------------------------------------------------


def test_somebody_who_does_not_know_is_offered_other_words_and_can_move_on() -> None:
    call = begun()
    call.answer("I don't know.")
    assert "another way" in call.last or "differently" in call.last
    call.answer("Let's move on.")
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("skipped", "declined")


def test_the_offer_is_taken_with_a_yes() -> None:
    call = begun()
    call.answer("No idea.")
    call.answer("Yes, please.")
    assert "Which system are you proud of" in call.last
    call.answer(FULL)
    assert call.outcomes()["system"] == ("answered", None)


def test_the_offer_is_made_only_once() -> None:
    call = begun()
    call.answer("Pass.")
    call.answer("Yes.")
    call.answer("I don't know.")
    assert INCIDENT in call.last


def test_an_answer_instead_of_a_reply_to_the_offer_is_an_answer() -> None:
    call = begun()
    call.answer("I'm not sure.")
    call.answer(FULL)
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("answered", None)


@pytest.mark.parametrize("words", ["I have nothing to add, thank you.", "Nothing to add.", "That's all I have."])
def test_nothing_to_add_as_the_only_reply_is_taken_at_its_word(words: str) -> None:
    call = begun()
    call.answer(words)
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("skipped", "declined")
    assert [note["follow_up"] for note in call.notes("question.asked")] == [0, 0]


def test_nothing_to_add_after_an_answer_ends_it() -> None:
    call = begun()
    call.answer(NO_RESULT)
    call.answer("I have nothing to add, thank you.")
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("answered", None)


def test_a_no_to_a_follow_up_ends_the_question_as_answered() -> None:
    call = begun()
    call.answer(NO_RESULT)
    call.answer("I don't know.")
    assert INCIDENT in call.last
    assert call.outcomes()["system"] == ("answered", None)


def test_a_no_answers_a_yes_or_no_question() -> None:
    call = begun(one_question(text="Do you have a work permit?", expects=[], patience="brief"))
    call.answer("No.")
    assert call.said[-1].expecting is Expecting.QUESTIONS
    assert call.outcomes()["only"] == ("answered", None)


def test_thinking_noises_get_no_reaction() -> None:
    call = begun()
    before = call.last
    call.answer("Hmm, okay.")
    assert call.last == before


def test_a_garbled_turn_is_asked_for_again_once() -> None:
    call = begun()
    call.answer("Yellow sub bent.", confidence=0.1)
    assert "Sorry" in call.last
    call.answer("Yellow sub bent.", confidence=0.1)
    assert "Sorry" not in call.last


# ---- time ----------------------------------------------------------------------------------------------------------

TIGHT: dict[str, Any] = {
    "title": "x",
    "minutes": 10,
    "sections": [
        {
            "id": "s",
            "name": "your work",
            "questions": [
                {"id": "one", "text": "Question one?", "minutes": 4},
                {"id": "extra", "text": "Question extra?", "minutes": 3, "priority": "optional"},
                {"id": "two", "text": "Question two?", "minutes": 4},
                {"id": "three", "text": "Question three?", "minutes": 1},
            ],
        }
    ],
}


def test_optional_questions_go_first_when_time_runs_short() -> None:
    call = begun(TIGHT)
    call.answer(FULL, seconds=290)
    assert "Question two?" in call.last
    assert "time" in call.last
    assert call.outcomes()["extra"] == ("skipped", "time")
    call.answer(FULL, seconds=60)
    assert "Question three?" in call.last


def test_core_questions_are_asked_as_long_as_there_is_any_time() -> None:
    call = begun(TIGHT)
    call.answer(FULL, seconds=100)
    assert "Question extra?" in call.last
    call.answer(FULL, seconds=360)
    assert "Question two?" in call.last


def test_core_questions_are_given_up_when_the_time_is_over_and_that_is_noted() -> None:
    call = begun(TIGHT)
    call.answer(FULL, seconds=580)
    assert call.said[-1].expecting is Expecting.QUESTIONS
    call.answer("No.")
    assert call.ended is EndReason.COMPLETED
    assert {call.outcomes()[name] for name in ("extra", "two", "three")} == {("skipped", "time")}
    closed = {note["question_id"]: note["reason"] for note in call.notes("question.closed")}
    assert closed == {"one": None, "extra": "time", "two": "time", "three": "time"}


def test_nobody_is_asked_a_follow_up_when_the_questions_time_is_over() -> None:
    call = begun(TIGHT)
    call.answer("It was a good time.", seconds=250)
    assert "Question" in call.last


def test_a_short_plan_asks_all_its_core_questions() -> None:
    plan = {**TIGHT, "minutes": 3}
    call = begun(plan)
    for text in ("one", "two", "three"):
        assert f"Question {text}?" in call.last
        call.answer(FULL, seconds=15)


# ---- the chat model ------------------------------------------------------------------------------------------------


def asked_the_model() -> Conversation:
    call = begun(has_model=True)
    call.answer(NO_RESULT)
    return call


def test_the_model_is_told_what_it_needs_to_write_a_follow_up() -> None:
    composing = asked_the_model().composing
    assert composing is not None
    assert composing.purpose == "follow_up"
    assert composing.context["question"] == SYSTEM
    assert composing.context["answer"] == NO_RESULT
    assert composing.context["missing"] == ["result"]


def test_the_models_words_are_asked_as_a_follow_up() -> None:
    call = asked_the_model()
    call.compose("And how did the checkout do afterwards?")
    assert "And how did the checkout do afterwards?" in call.last
    assert call.notes("question.asked")[-1]["follow_up"] == 1


@pytest.mark.parametrize("text", [None, "", SYSTEM, "word " * 90])
def test_a_model_that_fails_leaves_the_follow_up_to_the_structured_brain(text: str | None) -> None:
    call = asked_the_model()
    call.compose(text)
    assert "What did the system change for its users?" in call.last


def test_a_reply_that_never_comes_is_waited_for_only_seconds() -> None:
    call = asked_the_model()
    request = call.composing
    assert request is not None
    call.wait(6)
    assert "What did the system change for its users?" in call.last
    assert call.do(Composed(request.request, "Too late?")) == []


def test_the_model_may_find_that_nothing_is_left_to_ask() -> None:
    call = asked_the_model()
    call.compose("NOTHING_TO_ASK")
    assert INCIDENT in call.last


def test_the_model_adds_no_follow_ups_beyond_the_plan() -> None:
    call = begun(one_question(expects=["situation", "own_part", "action", "result", "lesson"]), has_model=True)
    for number in range(1, 3):
        call.answer("It was a good time.")
        call.compose(f"And what about point number {number}?")
    call.answer("It was a good time.")
    assert call.composing is None
    assert call.said[-1].expecting is Expecting.QUESTIONS


def test_somebody_who_goes_on_while_the_model_thinks_is_answered_once_about_the_whole() -> None:
    call = asked_the_model()
    first = call.composing
    call.answer("And as a result the failures went away.")
    assert first is not None
    assert INCIDENT in call.last
    assert call.do(Composed(first.request, "What came of it?")) == []


# ---- the candidate's questions -------------------------------------------------------------------------------------


def at_the_end(**settings: Any) -> Conversation:
    call = begun({**one_question(), "facts": ["The team works remotely.", "The process takes two weeks."]}, **settings)
    call.answer(FULL)
    return call


def test_a_question_is_answered_from_the_facts() -> None:
    call = at_the_end()
    call.answer("Does the team work remotely?")
    assert "The team works remotely." in call.last
    assert call.notes("task") == []
    call.answer("No, that's all. Thank you.")
    assert call.ended is EndReason.COMPLETED


def test_what_the_facts_do_not_hold_is_passed_on() -> None:
    call = at_the_end()
    call.answer("What is the salary?")
    assert "team" in call.last
    asked = "What is the salary?"
    told = {"kind": "candidate_question", "text": f"The candidate asked: {asked}", "question": asked}
    assert call.notes("task") == [told]


def test_the_model_answers_from_the_facts_too_and_passes_on_what_it_can_not() -> None:
    call = at_the_end(has_model=True)
    call.answer("May I live in Porto?")
    assert call.composing is not None
    assert call.composing.context["facts"] == ["The team works remotely.", "The process takes two weeks."]
    call.compose("The team works remotely, so I would think so.")
    assert "so I would think so" in call.last
    call.answer("And may I bring my dog?")
    call.compose("PASS_ON")
    assert "PASS_ON" not in call.last
    assert len(call.notes("task")) == 1


def test_a_no_in_words_of_their_own_ends_the_interview() -> None:
    call = at_the_end()
    call.answer("No, that's all from me. Thanks a lot.")
    assert call.ended is EndReason.COMPLETED
    assert call.notes("task") == []


def test_silence_at_the_end_means_no_questions() -> None:
    call = at_the_end()
    call.wait(40)
    assert call.ended is EndReason.COMPLETED

"""What the interviewer alone is told: coverage, one suggestion at a time, time, and what nobody may ask."""

import re
from typing import Any

import pytest

from bot.interview import (
    CandidateJoined,
    CardDecided,
    InterviewerSaying,
    InterviewerSpeaking,
    InterviewersPresent,
    LineOpened,
    Note,
    QuietAsked,
    Say,
    Tell,
)
from bot.interview.call import Call
from bot.plan import Plan
from bot.resume import CopilotSoFar
from bot.spec import Mode
from prompts import load_lines
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, NO_RESULT, PLAN

JUDGED: dict[str, Any] = {
    **PLAN,
    "criteria": [
        {"id": "design", "name": "Design", "anchors": {1: "Names parts.", 5: "Weighs what each part costs."}},
        {"id": "care", "name": "Care"},
    ],
    "sections": [
        {
            "id": "past",
            "name": "your experience",
            "questions": [
                {**PLAN["sections"][0]["questions"][0], "criteria": ["design"]},
                {**PLAN["sections"][0]["questions"][1], "criteria": ["care"]},
            ],
        }
    ],
}


class Panel:
    """An interview with a copilot, and what its panel shows."""

    def __init__(self, plan: dict[str, Any] = JUDGED, *, language: str = "en", **settings: Any) -> None:
        checked = Plan.model_validate({**plan, "language": language})
        call = Call(checked, mode=Mode.COPILOT, lines=load_lines(language), **settings)
        self.call = Conversation(call)
        self.call.do(InterviewersPresent(1))
        self.call.join()

    def told(self, type_: str) -> list[dict[str, Any]]:
        return [one.data for one in self.call.actions if isinstance(one, Tell) and one.type == type_]

    @property
    def coverage(self) -> dict[str, tuple[str, list[int]]]:
        shown = self.told("coverage.updated")
        return {one["criterion_id"]: (one["state"], one["evidence_turns"]) for one in shown}


def test_the_ledger_follows_what_was_asked_in_other_words_and_what_was_answered() -> None:
    panel = Panel()
    assert panel.coverage == {"design": ("not_touched", []), "care": ("not_touched", [])}
    panel.call.interviewer("So, could you describe a system that you built yourself?")
    assert panel.coverage["design"] == ("asked", [])
    panel.call.answer("A queue for invoices, mostly.")
    assert panel.coverage["design"] == ("thin", [2])
    panel.call.answer(FULL)
    assert panel.coverage == {"design": ("sufficient", [2, 3]), "care": ("not_touched", [])}


def test_a_suggestion_asks_for_what_an_answer_lacks_and_says_where_it_comes_from() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    assert panel.told("suggestion.created") == []
    panel.call.answer(NO_RESULT)
    (card,) = panel.told("suggestion.created")
    assert (card["kind"], card["text"]) == ("result", "What did the system change for its users?")
    assert (card["rationale"], card["criterion_ids"]) == ("missing:result", ["design"])
    assert card["quotes"] == [{"turn": 2, "text": NO_RESULT}]
    assert (card["strong"], card["weak"]) == ("Weighs what each part costs.", "Names parts.")


def test_one_card_at_a_time_spaced_and_gone_once_it_is_overtaken() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(NO_RESULT)
    panel.call.answer("It ran on three machines.")
    assert len(panel.told("suggestion.created")) == 1
    panel.call.interviewer("And what did it change for the people who used it?")
    assert panel.told("suggestion.expired") == [{"id": "s1", "reason": "overtaken"}]
    panel.call.answer("We saw fewer tickets.")
    assert len(panel.told("suggestion.created")) == 1  # too soon after the last one
    panel.call.wait(45)
    panel.call.answer("As a result the failures went away.")
    cards = panel.told("suggestion.created")
    assert len(cards) == 2
    assert cards[1]["text"] != cards[0]["text"]
    panel.call.wait(61)
    assert panel.told("suggestion.expired")[-1] == {"id": "s2", "reason": "late"}


def test_once_an_answer_is_whole_the_criterion_that_nobody_asked_about_is_suggested() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(FULL)
    (card,) = panel.told("suggestion.created")
    assert (card["kind"], card["question_id"], card["criterion_ids"]) == ("missing_criterion", "incident", ["care"])
    assert card["text"] == "Describe an incident in production."


def test_both_sides_of_a_contradiction_are_quoted() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer("We were a team of five when we built the billing service.")
    panel.call.wait(70)
    panel.call.answer("There were twelve people in the team, and we shipped it in the end.")
    card = panel.told("suggestion.created")[-1]
    assert card["kind"] == "contradiction"
    assert card["text"].endswith("?") and ". " not in card["text"], "one sentence"
    assert [quote["turn"] for quote in card["quotes"]] == [2, 3]
    assert "five" in card["quotes"][0]["text"] and "twelve" in card["quotes"][1]["text"]


def test_after_a_leading_question_an_open_one_is_suggested() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.interviewer("Surely you tested all of it yourself, didn't you?")
    panel.call.answer(FULL)
    (card,) = panel.told("suggestion.created")
    assert (card["kind"], card["question_id"]) == ("rephrase_leading", "system")
    assert card["text"] == "Tell me about one case that shows how you go about this."
    assert card["quotes"] == [{"turn": 2, "text": "Surely you tested all of it yourself, didn't you?"}]
    assert card["strong"] and card["weak"]


def test_a_claim_that_a_leading_question_makes_is_asked_about_from_both_sides() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built. Don't you think that queues are always better?")
    panel.call.answer(FULL)
    assert panel.told("suggestion.created")[0]["text"] == (
        "What speaks for this, and what speaks against it: queues are always better?"
    )


def test_what_was_asked_openly_afterwards_is_not_held_against_anybody() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built. Surely you built it alone?")
    panel.call.interviewer("Let me put it openly: which parts did you build?")
    panel.call.answer(FULL)
    assert [card["kind"] for card in panel.told("suggestion.created")] == ["missing_criterion"]


def test_an_abbreviation_that_nobody_explained_may_be_asked_about() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(f"{FULL} All of it ran on our own CQRS layer and an SQL database.")
    (card,) = panel.told("suggestion.created")
    assert (card["kind"], card["text"]) == ("clarify", "What do you mean by CQRS?")
    assert card["strong"] and card["weak"]


@pytest.mark.parametrize(
    "told", ["CQRS stands for two models of one thing.", "It had two models (CQRS).", "You said CQRS earlier."]
)
def test_what_was_explained_or_came_from_the_interviewer_is_not_asked_about(told: str) -> None:
    panel = Panel()
    asked = "Tell me about a system you built" + (" with CQRS." if "You said" in told else ".")
    panel.call.interviewer(asked)
    panel.call.answer(f"{FULL} {told}")
    assert [card["kind"] for card in panel.told("suggestion.created")] == ["missing_criterion"]


def test_a_card_always_says_what_strong_and_weak_answers_sound_like() -> None:
    panel = Panel()
    panel.call.interviewer("Describe an incident in production.")  # its criterion has no scale
    panel.call.answer("It was bad.")
    (card,) = panel.told("suggestion.created")
    assert card["criterion_ids"] == ["care"]
    assert len(card["strong"]) > 10 and len(card["weak"]) > 10


def test_with_the_quiet_key_on_nothing_is_suggested_and_warnings_still_come() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(NO_RESULT)
    panel.call.do(QuietAsked(True))
    panel.call.do(QuietAsked(True))
    assert panel.told("suggestion.expired") == [{"id": "s1", "reason": "quiet"}]
    panel.call.wait(60)
    panel.call.answer("It ran on three machines.")
    panel.call.interviewer("And are you married?")
    assert len(panel.told("suggestion.created")) == 1
    assert panel.told("guard.warning")
    assert panel.coverage["design"][1] == [2, 3]
    panel.call.do(QuietAsked(False))
    panel.call.answer("It was about invoices.")
    assert [card["id"] for card in panel.told("suggestion.created")] == ["s1", "s2"]


def test_a_card_that_is_decided_makes_room_for_the_next_at_the_usual_spacing() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(NO_RESULT)
    panel.call.wait(30)
    panel.call.do(CardDecided("s1"))
    panel.call.answer("It ran on three machines.")
    assert [card["id"] for card in panel.told("suggestion.created")] == ["s1"], "not sooner than 45 s after the last"
    panel.call.wait(15)
    assert [card["id"] for card in panel.told("suggestion.created")] == ["s1"], "only when an answer has ended"
    panel.call.answer("They were in two places.")
    assert [card["id"] for card in panel.told("suggestion.created")] == ["s1", "s2"], "60 s had not passed"
    panel.call.wait(20)  # the time of the first card would be up
    assert panel.told("suggestion.expired") == []
    panel.call.wait(41)
    assert panel.told("suggestion.expired") == [{"id": "s2", "reason": "late"}]


def test_a_decision_on_another_card_than_the_one_that_is_shown_changes_nothing() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(NO_RESULT)
    panel.call.do(CardDecided("s9"))
    panel.call.wait(46)
    panel.call.answer("They were in two places.")
    assert [card["id"] for card in panel.told("suggestion.created")] == ["s1"], "one at a time"


def test_a_decided_card_is_not_shown_again_when_the_line_comes_back() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(NO_RESULT)
    panel.call.do(CardDecided("s1"))
    panel.call.do(CardDecided("s1"))
    panel.call.do(LineOpened())
    (stands,) = panel.told("panel.stands")
    assert "suggestion.created" not in {one["type"] for one in stands["told"]}


def test_a_bot_that_takes_over_goes_on_with_key_budget_numbers_and_muted_kinds() -> None:
    quiet = Panel(copilot=CopilotSoFar(quiet=True, numbered=3, spent=3, shown="s3"))
    quiet.call.interviewer("Tell me about a system you built.")
    quiet.call.answer(NO_RESULT)
    assert quiet.told("suggestion.expired") == [{"id": "s3", "reason": "overtaken"}]
    assert quiet.told("suggestion.created") == []
    quiet.call.do(QuietAsked(False))
    quiet.call.answer("It ran on three machines.")
    assert quiet.told("suggestion.created") == [], "the last card may have come a moment ago"
    quiet.call.wait(45)
    quiet.call.answer("They were in two places.")
    assert [card["id"] for card in quiet.told("suggestion.created")] == ["s4"]
    spent = Panel(copilot=CopilotSoFar(numbered=12, spent=12))
    spent.call.interviewer("Tell me about a system you built.")
    spent.call.answer(NO_RESULT)
    assert spent.told("suggestion.created") == []
    muted = Panel(copilot=CopilotSoFar(muted=("result", "probe")))
    muted.call.interviewer("Tell me about a system you built.")
    muted.call.answer(NO_RESULT)
    assert [card["kind"] for card in muted.told("suggestion.created")] == ["missing_criterion"]
    again = Panel(copilot=CopilotSoFar(offered=("What did the system change for its users?",)))
    again.call.interviewer("Tell me about a system you built.")
    again.call.answer(NO_RESULT)
    assert [card["kind"] for card in again.told("suggestion.created")] == ["missing_criterion"]


def test_once_the_line_is_open_again_everything_that_holds_is_said_once_more() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built. And are you married?")
    panel.call.answer(NO_RESULT)
    panel.call.wait(20)
    panel.call.do(LineOpened())
    (stands,) = panel.told("panel.stands")
    told: dict[str, list[Any]] = {}
    for one in stands["told"]:
        told.setdefault(one["type"], []).append(one["data"])
    assert {one["criterion_id"]: one for one in told["coverage.updated"]} == {
        one["criterion_id"]: one for one in panel.told("coverage.updated")
    }
    (card,) = told["suggestion.created"]
    assert card == panel.told("suggestion.created")[0] | {"expires_in_s": 40.0}
    assert told["guard.warning"] == panel.told("guard.warning")
    (time,) = told["time.updated"]
    assert time["question_id"] == "system"
    assert time["left_s"] <= panel.told("time.updated")[-1]["left_s"] - 20, "as it is now"
    panel.call.wait(61)
    panel.call.do(LineOpened())
    later = {one["type"]: one["data"] for one in panel.told("panel.stands")[-1]["told"]}
    assert later["suggestion.expired"] == {"id": "s1", "reason": "late"}
    assert not {"suggestion.created", "guard.warning"} & set(later), "what is past is not news"


def test_before_anything_was_told_and_where_nobody_is_helped_nothing_is_said_once_more() -> None:
    for mode in (Mode.COPILOT, Mode.SHADOW):
        call = Conversation(Call(Plan.model_validate(JUDGED), mode=mode, lines=load_lines("en")))
        call.do(LineOpened())
        if mode is Mode.SHADOW:
            call.join()
            call.do(LineOpened())
        assert not [one for one in call.actions if isinstance(one, Tell)]


def test_what_nobody_may_ask_is_warned_of_at_once_with_what_may_be_asked_instead() -> None:
    panel = Panel()
    panel.call.interviewer("Are you married, and do you plan to have children?")
    warnings = panel.told("guard.warning")
    assert {one["who"] for one in warnings} == {"interviewer"}
    assert {one["turn"] for one in warnings} == {1}
    assert all(one["rephrase"] and one["words"] for one in warnings)


def test_what_was_answered_to_what_nobody_may_ask_is_no_evidence() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system that you built.")
    panel.call.answer(FULL)
    evidence = panel.coverage["design"]
    panel.call.interviewer("Do you have children?")
    panel.call.answer("That is private, and I would rather talk about the work.")
    assert panel.coverage["design"] == evidence
    panel.call.interviewer("Fair enough. What would you do differently there?")
    panel.call.answer("I would have measured before I built anything at all.")
    assert panel.coverage["design"][1] == [*evidence[1], 6]


def test_the_time_is_told_against_the_core_questions_that_are_left() -> None:
    panel = Panel()
    (first,) = panel.told("time.updated")
    assert first["core_question_ids"] == ["system", "incident"]
    assert (first["question_id"], first["asked_question_ids"]) == (None, [])
    assert not first["shorten"]
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.wait(27 * 60)
    panel.call.answer(FULL)
    last = panel.told("time.updated")[-1]
    assert last["core_question_ids"] == ["incident"]
    assert (last["question_id"], last["asked_question_ids"]) == ("system", ["system"])
    assert last["left_s"] < first["left_s"] - 1500
    assert last["shorten"]


def test_what_the_panel_is_told_is_never_said_and_never_noted() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built. And are you married?")
    panel.call.answer(NO_RESULT)
    assert len([one for one in panel.call.actions if isinstance(one, Say)]) == 1
    told = {one.type for one in panel.call.actions if isinstance(one, Tell)}
    assert told == {"coverage.updated", "suggestion.created", "time.updated", "guard.warning"}
    assert not told & {one.type for one in panel.call.actions if isinstance(one, Note)}


def test_without_a_copilot_nothing_is_told() -> None:
    call = Conversation(Call(Plan.model_validate(JUDGED), mode=Mode.SHADOW, lines=load_lines("en")))
    call.join()
    call.interviewer("Tell me about a system you built. And are you married?")
    call.answer(NO_RESULT)
    assert not [one for one in call.actions if isinstance(one, Tell)]


NO_ANSWERS = {
    "en": ["Sorry, could you repeat the question?", "What do you mean by system?", "Let me think.",
           "I would rather not say.", "Can I come back to this later?", "Hmm. I don't know, sorry.", "No.",
           "Okay. Do you want to hear about the design or the operation?",
           "Hmm, that's a tough one. Could you rephrase it?"],
    "de": ["Entschuldigung, könnten Sie die Frage wiederholen?", "Was meinen Sie mit System?",
           "Ich muss kurz überlegen.", "Das möchte ich lieber nicht sagen.", "Kann ich später darauf zurückkommen?"],
    "es": ["¿Qué quiere decir con sistema?", "Prefiero no contestar.", "¿Puedo volver a esto más tarde?"],
    "fr": ["Que voulez-vous dire par système ?", "Je préfère ne pas répondre.",
           "Est-ce que je peux y revenir plus tard ?"],
}  # fmt: skip
REAL_ANSWERS = {
    "en": ["Let me think. I built a queue for the invoices.", "No. We bought it from a supplier.",
           "I don't know. Probably the cache, which I had written in a week.", "Kafka.",
           "What do you mean by system? If a library counts, I wrote one for dates.",
           "Could you repeat the question? Ah, the system: that was a queue."],
    "de": ["Ich muss kurz überlegen. Ich habe eine Warteschlange gebaut.", "Nein. Wir haben sie gekauft."],
    "es": ["Un momento. Hice una cola para las facturas."],
    "fr": ["Un instant. J'ai construit une file d'attente."],
}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in NO_ANSWERS.items() for text in texts])
def test_what_is_no_answer_covers_nothing_and_brings_no_card(language: str, text: str) -> None:
    panel = Panel(language=language)
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(text)
    assert panel.coverage["design"] == ("asked", [])
    assert panel.told("suggestion.created") == []


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in REAL_ANSWERS.items() for text in texts])
def test_an_answer_that_begins_with_such_words_counts(language: str, text: str) -> None:
    panel = Panel(language=language)
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(text)
    assert panel.coverage["design"] == ("thin", [2])
    assert len(panel.told("suggestion.created")) == 1


def test_a_card_about_the_answer_before_does_not_come_while_the_candidate_thinks() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer(NO_RESULT)
    panel.call.interviewer("And what did it change?")
    panel.call.wait(60)
    panel.call.answer("Let me think.")
    assert len(panel.told("suggestion.created")) == 1
    panel.call.answer("It ran on three machines.")
    assert len(panel.told("suggestion.created")) == 2


def test_a_no_answers_what_is_asked_in_brief() -> None:
    brief = {**JUDGED["sections"][0]["questions"][0], "patience": "brief"}
    panel = Panel({**JUDGED, "sections": [{**JUDGED["sections"][0], "questions": [brief]}]})
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.answer("No.")
    assert panel.coverage["design"] == ("thin", [2])


def test_no_card_comes_while_an_interviewer_speaks_and_none_once_they_have_asked() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.voice(True)
    panel.call.do(InterviewerSpeaking("ines", True))
    panel.call.speak(NO_RESULT)
    panel.call.wait(5)
    assert panel.told("suggestion.created") == []
    assert panel.coverage["design"] == ("sufficient", [2]), "coverage waits for nobody"
    panel.call.do(InterviewerSpeaking("ines", False))
    panel.call.interviewer("And what did it change for the people who used it?")
    assert panel.told("suggestion.created") == []


@pytest.mark.parametrize("words", ["Mm-hm, okay.", None])
def test_a_card_waits_until_an_interviewer_who_asks_nothing_has_stopped(words: str | None) -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.do(InterviewerSpeaking("ines", True))
    panel.call.do(InterviewerSpeaking("otto", True))
    panel.call.answer(NO_RESULT)
    panel.call.do(InterviewerSpeaking("ines", False, words=False))
    assert panel.told("suggestion.created") == [], "the other one still speaks"
    panel.call.do(InterviewerSpeaking("otto", False, words=words is not None))
    if words is not None:
        panel.call.interviewer(words, who="otto")
    assert len(panel.told("suggestion.created")) == 1


def test_the_voice_of_an_interviewer_who_went_holds_nothing_back() -> None:
    panel = Panel()
    panel.call.interviewer("Tell me about a system you built.")
    panel.call.do(InterviewerSpeaking("ines", True))
    panel.call.do(InterviewersPresent(0, left="ines"))
    panel.call.answer(NO_RESULT)
    assert len(panel.told("suggestion.created")) == 1


def test_what_nobody_may_ask_is_warned_of_once_and_before_whoever_talks_on_has_stopped() -> None:
    panel = Panel()
    begun = "So, are you married, because the job is"
    panel.call.do(InterviewerSaying("So, are you married,", ""))
    assert panel.told("guard.warning") == [], "it may still go on: married to this approach"
    panel.call.do(InterviewerSaying(begun, ""))
    panel.call.do(InterviewerSaying(f"{begun} far away", ""))
    (warning,) = panel.told("guard.warning")
    assert (warning["category"], warning["turn"], warning["words"]) == ("family", None, "are you married")
    panel.call.interviewer(f"{begun} far away. And do you have children?")
    assert [(one["category"], one["turn"]) for one in panel.told("guard.warning")] == [("family", None), ("family", 1)]
    panel.call.interviewer("Are you married?")
    assert len(panel.told("guard.warning")) == 3, "asked again, in a turn of its own"


def test_what_turns_out_to_be_harmless_is_not_warned_of_early() -> None:
    panel = Panel()
    whole = "Are you married to this approach, or would you take another one?"
    for space in re.finditer(" ", whole):
        panel.call.do(InterviewerSaying(whole[: space.start()], "ines"))
    assert panel.told("guard.warning") == []


def test_what_nobody_may_ask_is_warned_of_before_the_candidate_has_agreed_and_their_own_words_are_not_looked_at() -> (
    None
):
    call = Conversation(Call(Plan.model_validate(JUDGED), mode=Mode.COPILOT, lines=load_lines("en")))
    call.do(InterviewersPresent(1))
    call.do(CandidateJoined("Maria"))
    call.wait(1)
    call.interviewer("Do you have children?")
    call.hear()
    call.answer("My children are at school, and I am pregnant.")
    call.interviewer("And are you married?")
    told = [one.data for one in call.actions if isinstance(one, Tell) and one.type == "guard.warning"]
    assert [(one["who"], one["category"]) for one in told] == [("interviewer", "family"), ("interviewer", "family")]


def test_two_interviewers_who_ask_the_same_are_each_warned() -> None:
    panel = Panel()
    for who in ("ines", "otto"):
        panel.call.do(InterviewerSaying("How old are you, if I may ask", who))
    assert len(panel.told("guard.warning")) == 2

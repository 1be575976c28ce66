"""People hold the interview and the bot listens: disclosure, objections, what was asked, and how it ends."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.interview import (
    CandidateJoined,
    FallSilent,
    Hear,
    InterviewersPresent,
    Listen,
    ModeAsked,
    Say,
    StopRequested,
    Tick,
)
from bot.interview.call import Call
from bot.interview.observing import HELPING_NOTICE, NOTICE
from bot.interview.phrases import Command
from bot.plan import Plan
from bot.resume import AnswerPart, Asked, QuestionSoFar, Resume
from bot.spec import Limits, Mode
from bot.state import EndReason
from prompts import languages, load_lines
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, PLAN


def observed(**settings: Any) -> Conversation:
    settings = {"organisation": "Acme", **settings}
    return Conversation(Call(Plan.model_validate(PLAN), mode=Mode.SHADOW, lines=load_lines("en"), **settings))


def begun(**settings: Any) -> Conversation:
    """An interviewer and a candidate are there, and the bot has said what it has to say."""
    call = observed(**settings)
    call.do(InterviewersPresent(1))
    call.join()
    return call


def test_one_line_says_who_listens_for_whom_and_what_for_and_then_the_voice_is_given_up() -> None:
    call = begun()
    (line,) = call.texts
    for part in ("Viva", "AI", "record", "Acme", "notes", "assess", "object"):
        assert part in line
    assert isinstance(call.actions[-1], FallSilent)
    assert call.recorded() == [True]


@pytest.mark.parametrize("language", languages())
def test_the_disclosure_is_the_version_that_is_noted(language: str) -> None:
    words = [load_lines(code).variants(key) for code in languages() for key in ("observing", "observing_plain")]
    assert (NOTICE, hashlib.sha256(repr(words).encode()).hexdigest()[:8]) == ("observing-1", "d81ec458")
    words = [load_lines(code).variants(key) for code in languages() for key in ("assisting", "assisting_plain")]
    assert (HELPING_NOTICE, hashlib.sha256(repr(words).encode()).hexdigest()[:8]) == ("assisting-1", "ea7c91b4")
    plan = Plan.model_validate({**PLAN, "language": language})
    call = Conversation(Call(plan, mode=Mode.SHADOW, lines=load_lines(language)))
    call.join()
    (note,) = call.notes("disclosure")
    assert note == {"notice": f"observing-1-{language}", "heard": True, "tries": 1}


def test_nothing_that_happens_afterwards_makes_it_speak() -> None:
    call = begun()
    for control in Command:
        call.press(control)
    for said in (
        "Viva, are you there? Please repeat the question.",
        "Skip.",
        "Stop the interview.",
        "A human, please.",
    ):
        call.answer(said)
        call.interviewer(f"{said} Viva, take over, please.")
    call.wait(400)
    call.leave()
    call.join(again=True)
    call.wait(100)
    assert len(call.said) == 1
    assert call.ended is None


def test_a_disclosure_that_was_talked_over_is_said_again_and_not_for_ever() -> None:
    call = observed()
    call.do(CandidateJoined("Maria", consented=True))
    call.wait(1)
    for _ in range(2):
        call.cut_in("Hello there, sorry, I was late.", after_words=3)
        call.wait(4)
    assert len(call.said) == 3
    call.cut_in("Hello there, sorry, I was late.", after_words=3)
    call.wait(100)
    assert len(call.said) == 3
    assert call.notes("disclosure") == [{"notice": "observing-1-en", "heard": False, "tries": 3}]


def test_where_nobody_agreed_before_they_are_asked_and_nothing_is_kept_until_they_do() -> None:
    call = observed()
    call.join(consented=False)
    assert call.recorded() == []
    call.answer("Yes, that's fine.")
    assert call.recorded() == [True]
    (consent,) = call.notes("consent")
    assert (consent["given"], consent["method"], consent["notice"]) == (True, "voice", "observing-1-en")


@pytest.mark.parametrize("reply", ["No, I'd rather not.", None])
def test_a_no_and_no_answer_at_all_end_it_without_a_recording(reply: str | None) -> None:
    call = observed()
    call.join(consented=False)
    call.wait(61) if reply is None else call.answer(reply)
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [False]


@pytest.mark.parametrize("who", ["candidate", "interviewer"])
def test_an_objection_ends_it_in_silence_keeps_no_recording_and_leaves_a_receipt(who: str) -> None:
    call = begun()
    call.answer(FULL)
    say = call.answer if who == "candidate" else call.interviewer
    say("Sorry, please don't record this.")
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [True, False]
    receipt = call.notes("consent")[-1]
    assert (receipt["given"], receipt["method"]) == (False, "voice")
    assert receipt["text"] == "Sorry, please don't record this."
    assert receipt["notice"] == "observing-1-en"
    assert receipt["turn"] > 1, "who said it can be looked up"
    assert len(call.said) == 1


@pytest.mark.parametrize("text", ["I always tell my team, please don't record this.", f"No recording. {FULL}"])
def test_what_may_be_an_objection_is_none_where_nobody_can_be_asked(text: str) -> None:
    call = begun()
    call.answer(text)
    assert (call.ended, call.recorded()) == (None, [True])


def test_a_consent_taken_back_on_the_page_ends_it_in_the_same_way() -> None:
    call = begun()
    call.answer(FULL)
    call.press("withdraw")
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [True, False]
    assert (call.notes("consent")[-1]["given"], call.notes("consent")[-1]["method"]) == (False, "page")
    assert len(call.said) == 1


def test_a_consent_taken_back_elsewhere_keeps_no_recording_either() -> None:
    call = begun()
    call.do(StopRequested(EndReason.CONSENT_DECLINED))
    assert (call.ended, call.recorded()) == (EndReason.CONSENT_DECLINED, [True, False])


def test_questions_are_recognised_in_other_words_and_what_came_of_each_is_on_the_record() -> None:
    call = begun()
    call.interviewer("Thanks for coming. So, could you describe a system that you built yourself?")
    listening = call.listening()
    assert (listening.question_id, listening.patience) == ("system", "brief")  # whatever the bot would grant
    call.answer(FULL)
    call.interviewer("And what did your manager think about that?")
    call.answer("She liked it and asked for a talk about it.")
    call.interviewer("All right, now a disagreement: tell me about one that you had at work.")
    call.interviewer("Any questions for me?")
    call.answer("When would I begin?")
    call.leave()
    call.do(InterviewersPresent(0))
    call.wait(25)
    assert call.ended is EndReason.COMPLETED
    asked = [(note["question_id"], note["follow_up"], note["by"]) for note in call.notes("question.asked")]
    assert asked == [("system", 0, "interviewer"), ("system", 1, "interviewer"), ("row", 0, "interviewer")]
    assert call.outcomes() == {
        "system": ("answered", None),
        "incident": ("not_reached", "completed"),
        "row": ("skipped", None),
    }
    answers = {entry["question_id"]: entry["answer_turns"] for entry in call.interview.report()["questions"]}
    assert answers == {"system": [2, 4], "incident": [], "row": []}


def test_whoever_comes_back_to_a_question_adds_to_its_answer() -> None:
    call = begun()
    call.interviewer("Tell me about a system you built.")
    call.answer("I built a queue.")
    call.interviewer("Describe an incident in production.")
    call.answer("The queue was full once.")
    call.interviewer("Back to the system you built, what was it for?")
    call.answer("It sent the invoices.")
    call.leave()
    call.wait(121)
    assert call.outcomes()["system"] == ("answered", None)
    assert [note["outcome"] for note in call.notes("question.closed") if note["question_id"] == "system"] == [
        "answered",
        "answered",
    ]


def test_it_stays_while_the_candidate_is_away_for_a_moment_and_leaves_when_everybody_has_gone() -> None:
    call = begun(limits=Limits(left_s=120))
    call.leave()
    call.wait(100)
    assert call.ended is None
    call.join(again=True)
    call.wait(300)
    assert call.ended is None
    call.leave()
    call.do(InterviewersPresent(0))
    call.wait(21)
    assert call.ended is EndReason.CANDIDATE_LEFT


def hears(call: Conversation) -> bool:
    told = [action.on for action in call.actions if isinstance(action, Hear)]
    return told[-1] if told else True


def spoken(call: Conversation) -> None:
    """Both sides have said something."""
    call.interviewer("Tell me about a system you built.")
    call.answer(FULL)


def test_a_candidate_whom_nobody_comes_to_interview_is_not_heard_and_waits_as_long_as_one_waits_for_them() -> None:
    call = observed(knows_interviewers=True, limits=Limits(no_show_s=300))
    call.join()
    call.wait(19)
    assert hears(call)
    call.wait(1)
    assert not hears(call)
    for _ in range(2):
        call.leave()
        call.wait(5)
        call.join(again=True)
    call.wait(280)
    assert call.ended is None and not hears(call)
    call.wait(10)
    assert call.ended is EndReason.NO_INTERVIEWER
    assert [note["kind"] for note in call.notes("task")] == ["no_interviewer"]
    assert len(call.said) == 1


def test_who_comes_late_finds_a_candidate_who_is_heard_and_a_call_that_goes_on() -> None:
    call = observed(knows_interviewers=True, limits=Limits(no_show_s=300))
    call.join()
    call.wait(290)
    call.do(InterviewersPresent(1))
    assert hears(call)
    call.wait(600)
    assert call.ended is None
    assert (len(call.notes("hearing.paused")), len(call.notes("hearing.resumed"))) == (1, 1)


@pytest.mark.parametrize("said", [True, False])
def test_when_the_last_interviewer_has_left_the_candidate_is_heard_for_a_reload_and_waits_for_one_to_come_back(
    said: bool,
) -> None:
    call = begun(knows_interviewers=True, limits=Limits(no_show_s=300))
    if said:
        spoken(call)
    for _ in range(2):
        call.do(InterviewersPresent(0))
        call.wait(19)
        assert hears(call)
        call.wait(200)
        assert not hears(call) and call.ended is None
        call.do(InterviewersPresent(1))
        assert hears(call)
    call.do(InterviewersPresent(0))
    call.wait(321)
    assert call.ended is (EndReason.COMPLETED if said else EndReason.NO_INTERVIEWER)
    assert len(call.notes("task")) == (not said)
    assert len(call.said) == 1


def test_a_spoken_yes_is_heard_by_whomever_it_is_waited_for() -> None:
    call = observed(knows_interviewers=True)
    call.join(consented=False)
    call.wait(30)
    assert hears(call)
    call.answer("Yes, that's fine.")
    call.wait(20)
    assert not hears(call)


def test_where_interviewers_are_not_told_from_candidates_everybody_is_heard() -> None:
    call = observed(limits=Limits(no_show_s=300))
    call.join()
    call.wait(700)
    assert hears(call) and call.ended is None
    call.do(InterviewersPresent(1))
    call.do(InterviewersPresent(0))
    call.wait(30)
    assert not hears(call), "here they are"


def test_a_bot_that_takes_the_lead_hears_a_candidate_who_was_alone() -> None:
    call = observed(knows_interviewers=True, limits=Limits(no_show_s=300))
    call.join()
    call.do(ModeAsked(Mode.SOLO, "rita"))
    assert hears(call)
    call.hear()
    call.answer(FULL)
    call.do(ModeAsked(Mode.SHADOW, "rita"))
    call.hear()
    call.wait(20)
    assert not hears(call)
    call.wait(300)
    assert call.ended is EndReason.COMPLETED, "asked and answered"


def test_it_leaves_without_a_word_when_the_time_is_up_or_when_it_is_stopped() -> None:
    call = begun(limits=Limits(max_duration_s=600))
    call.wait(601)
    assert call.ended is EndReason.MAX_DURATION
    stopped = begun()
    stopped.do(StopRequested(EndReason.CANCELLED))
    assert stopped.ended is EndReason.CANCELLED
    assert len(call.said) == len(stopped.said) == 1


def test_nobody_comes() -> None:
    call = observed(limits=Limits(no_show_s=300))
    call.do(Tick())
    call.do(InterviewersPresent(1))
    call.wait(301)
    assert call.ended is EndReason.NO_SHOW
    assert call.said == []


def test_a_bot_that_takes_the_place_of_a_lost_one_says_nothing_and_knows_what_was_asked() -> None:
    so_far = Resume(
        reached_at=datetime(2026, 11, 1, tzinfo=UTC),
        reached_ms=60_000,
        turns=4,
        consent=True,
        consent_method="page",
        disclosed=True,
        questions=(
            QuestionSoFar(
                id="system",
                asked=(Asked(text="Which system did you build?"),),
                asked_at_ms=9000,
                parts=(AnswerPart(turn=3, text="I built a queue."),),
            ),
        ),
    )
    call = observed(so_far=so_far)
    call.turns = 4
    call.join(again=True)
    assert any(isinstance(action, FallSilent) for action in call.actions)
    assert not any(isinstance(action, Say) for action in call.actions)
    assert next(action for action in call.actions if isinstance(action, Listen)).question_id == "system"
    call.answer("It carried a million orders a day.")
    assert call.interview.report()["questions"][0]["answer_turns"] == [3, 5]


def test_what_was_said_before_a_bot_was_lost_counts_when_everybody_has_gone() -> None:
    asked = Asked(text="Which system did you build?")
    parts = (AnswerPart(turn=3, text="I built a queue."),)
    question = QuestionSoFar(id="system", asked=(asked,), asked_at_ms=9000, parts=parts)
    reached_at = datetime(2026, 11, 1, tzinfo=UTC)
    so_far = Resume(
        reached_at=reached_at, reached_ms=60_000, turns=4, consent=True, disclosed=True, questions=(question,)
    )
    call = observed(so_far=so_far)
    call.join(again=True)
    call.leave()
    call.wait(21)
    assert call.ended is EndReason.COMPLETED

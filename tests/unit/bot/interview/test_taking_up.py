"""A bot that takes the place of one that was lost: nothing is asked twice, nothing that was said is forgotten."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.interview import Note, Say
from bot.resume import AnswerPart, Asked, QuestionSoFar, Resume
from bot.state import EndReason
from prompts import languages, load_lines
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, INCIDENT, NO_RESULT, ROW, SYSTEM, begun, conversation

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def lost(call: Conversation, **more: Any) -> Resume:
    """What the record of a call says at this moment, as the control plane reads it."""
    asked: dict[str, list[Asked]] = {}
    at: dict[str, int] = {}
    closed: dict[str, dict[str, Any]] = {}
    for action in call.actions:
        if isinstance(action, Note) and action.type == "question.asked":
            id_ = str(action.data["question_id"])
            at.setdefault(id_, round(call.now * 1000))
            asked.setdefault(id_, []).append(Asked(text=action.data["text"], signal=action.data.get("missing")))
        elif isinstance(action, Note) and action.type == "question.closed":
            closed[str(action.data["question_id"])] = action.data
    questions = [
        QuestionSoFar(
            id=id_,
            asked=tuple(asked.get(id_, ())),
            asked_at_ms=at.get(id_),
            outcome=closed.get(id_, {}).get("outcome"),
            reason=closed.get(id_, {}).get("reason"),
            **more.pop(id_, {}),
        )
        for id_ in dict.fromkeys([*asked, *closed])
    ]
    known = {"consent": True, "consent_method": "page", "candidate_name": "Maria"} | more
    return Resume(
        reached_at=AT, reached_ms=round(call.now * 1000), turns=call.turns, questions=tuple(questions), **known
    )


def after(so_far: Resume, **settings: Any) -> Conversation:
    """The call with another bot in it, after its first line."""
    call = conversation(so_far=so_far, **settings)
    call.join()
    return call


def said(*parts: str, answered: bool = True) -> dict[str, Any]:
    found = tuple(AnswerPart(turn=number, text=text) for number, text in enumerate(parts, 2))
    return {"parts": found, "answered": answered}


def test_a_question_without_an_answer_is_put_again_after_one_apology() -> None:
    call = after(lost(begun()))
    assert len(call.said) == 1
    assert call.last.startswith(("Sorry, I lost", "I was cut off"))
    assert call.last.endswith(SYSTEM)
    assert call.recorded() == [True]
    assert not call.notes("consent"), "it was given already"


def test_an_answer_that_was_given_is_followed_up_where_it_was_left() -> None:
    call = after(lost(begun(), system=said(NO_RESULT)))
    assert call.last.endswith("What did the system change for its users?")
    call.answer("In the end it failed no more, and our customers were happy.")
    assert call.last.endswith(INCIDENT)
    assert call.times_asked(SYSTEM) == 0
    assert call.outcomes()["system"] == ("answered", None)


def test_a_whole_answer_leads_to_the_next_question() -> None:
    call = after(lost(begun(), system=said(FULL)))
    assert call.last.endswith(INCIDENT)
    report = call.interview.report()["questions"]
    assert report[0]["answer_turns"] == [2]


def test_a_follow_up_that_was_put_is_not_put_again_in_other_words() -> None:
    call = begun()
    call.answer(NO_RESULT)
    assert "What did the system change" in call.last
    call = after(lost(call, system=said(NO_RESULT, answered=False)))
    assert call.last.endswith("What did the system change for its users?")
    assert call.interview.report()["questions"][0]["follow_ups"] == 1
    call.answer("I don't remember.")
    assert call.last.endswith(INCIDENT)


WEEKS = f"{FULL} The migration took three weeks."
MONTHS = "It was the migration, which I planned alone. The migration took nine months."


def test_a_contradiction_that_was_asked_about_is_not_asked_about_again() -> None:
    call = begun()
    call.answer(WEEKS)
    call.answer(MONTHS)
    asked = call.last
    assert "three weeks" in asked and "nine months" in asked
    heard = {"parts": (AnswerPart(turn=3, text=MONTHS),), "answered": False}
    resumed = after(lost(call, system=said(WEEKS), incident=heard))
    assert resumed.last.endswith(asked.partition(". ")[2]), "that is what is open"
    resumed.answer("The migration took nine months.")
    assert "three weeks" not in resumed.last


def test_a_contradiction_that_nobody_has_reacted_to_is_asked_about() -> None:
    call = begun()
    call.answer(WEEKS)
    heard = {"parts": (AnswerPart(turn=3, text=MONTHS),), "answered": True}
    resumed = after(lost(call, system=said(WEEKS), incident=heard))
    assert "three weeks" in resumed.last and "nine months" in resumed.last


def test_wishes_and_mutters_are_no_answer() -> None:
    call = after(lost(begun(), system=said("Could you repeat that, please?", "Um.")))
    assert call.last.endswith(SYSTEM)


def test_after_the_last_question_the_candidate_may_ask() -> None:
    call = begun()
    for _ in (SYSTEM, INCIDENT, ROW):
        call.answer(FULL)
    resumed = after(lost(call))
    assert resumed.times_asked(ROW) == 0
    assert "you'd like to ask" in resumed.last or "questions" in resumed.last
    resumed.answer("No, thank you.")
    assert resumed.ended is EndReason.COMPLETED


def test_without_consent_it_is_asked_for_once_more() -> None:
    call = after(Resume(reached_at=AT, reached_ms=4000, turns=1, candidate_name="Maria"), organisation="Acme")
    assert call.recorded() == [True], "given on the page"
    assert "Acme" in call.last or "Acme" in call.texts[0]


def test_the_time_that_was_used_stays_used_and_the_gap_is_nobodys() -> None:
    plan: dict[str, Any] = {
        "title": "Short",
        "minutes": 6,
        "sections": [
            {
                "id": "one",
                "name": "your work",
                "questions": [
                    {"id": "first", "text": SYSTEM, "minutes": 2},
                    {"id": "extra", "text": INCIDENT, "minutes": 2, "priority": "optional"},
                    {"id": "last", "text": ROW, "minutes": 2},
                ],
            }
        ],
    }
    first = QuestionSoFar(
        id="first",
        asked=(Asked(text=SYSTEM),),
        asked_at_ms=20_000,
        parts=(AnswerPart(turn=2, text=FULL),),
        answered=True,
    )
    late = Resume(reached_at=AT, reached_ms=230_000, turns=2, consent=True, questions=(first,))
    call = conversation(plan, so_far=late)
    call.join()
    assert call.last.endswith(ROW), "three minutes are gone: the optional question is given up"
    early = late.model_copy(update={"reached_ms": 60_000})
    call = conversation(plan, so_far=early)
    call.now += 600  # however long nobody was there
    call.join()
    assert call.last.endswith(INCIDENT)


def test_a_candidate_who_does_not_come_back_either_has_left() -> None:
    call = conversation(so_far=lost(begun()))
    call.wait(121)
    assert call.ended is EndReason.CANDIDATE_LEFT


def test_a_question_that_the_plan_no_longer_has_is_passed_over() -> None:
    gone = QuestionSoFar(id="gone", asked=(Asked(text="Why us?"),), asked_at_ms=1000)
    call = after(Resume(reached_at=AT, reached_ms=2000, turns=1, consent=True, questions=(gone,)))
    assert call.last.endswith(SYSTEM)


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_it(language: str) -> None:
    assert load_lines(language).say("resumed")


def test_lines_are_numbered_from_one_in_each_incarnation() -> None:
    call = after(lost(begun()))
    assert [say.line for say in call.said if isinstance(say, Say)] == [1]

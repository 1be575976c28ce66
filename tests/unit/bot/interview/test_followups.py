"""The policy for follow-ups: which rule applies to which answer, and what goes to the record."""

from typing import Any

import pytest

from bot.interview import Composed
from bot.interview.claims import claims_in
from bot.interview.cursor import Cursor, Outcome
from bot.interview.followups import Reason, decide
from bot.plan import Plan, Signal
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, NO_RESULT, WE_ONLY, begun

NOTHING = "It was a good time."


def plan(*questions: dict[str, Any], minutes: float = 30, language: str = "en") -> dict[str, Any]:
    """A plan of these questions, each with the criteria it names."""
    written = [
        {"id": f"q{number}", "text": f"Tell me about thing number {number}.", **question}
        for number, question in enumerate(questions, 1)
    ]
    keys = dict.fromkeys(key for question in written for key in question.get("criteria", ()))
    return {
        "title": "x",
        "minutes": minutes,
        "language": language,
        "criteria": [{"id": key, "name": key} for key in keys],
        "sections": [{"id": "s", "name": "your work", "questions": written}],
    }


def decision(
    answers: list[list[str]],
    questions: list[dict[str, Any]],
    *,
    begun_s: float = 60.0,
    now_s: float = 60.0,
    follow_ups: int = 0,
    minutes: float = 30,
    language: str = "en",
) -> tuple[Reason, tuple[Signal, ...]]:
    """What is decided about the last of `answers`, `now_s` into an interview, `begun_s` into the question."""
    cursor = Cursor(Plan.model_validate(plan(*questions, minutes=minutes, language=language)))
    cursor.begin(0.0)
    for progress, parts in zip(cursor.all, answers, strict=False):
        if cursor.current is not None:
            cursor.current.close(Outcome.ANSWERED)
        progress.parts, progress.begun_at = list(parts), now_s - begun_s
        cursor.current = progress
    assert cursor.current is not None
    cursor.current.follow_ups = follow_ups
    decided = decide(cursor.current, cursor, now_s, language)
    return decided.reason, decided.wanted


S, OWN, A, R = Signal.SITUATION, Signal.OWN_PART, Signal.ACTION, Signal.RESULT
ONE: list[dict[str, Any]] = [{"minutes": 4}]
RICH = " ".join([NO_RESULT, "It was a matter of care and of talking to all of the others about it." * 6])
LONG_WITHOUT = "It was a matter of care and of talking to all of the others about it." * 20


@pytest.mark.parametrize(
    ("answer", "reason", "first"),
    [
        (NO_RESULT, Reason.MISSING, R),
        (WE_ONLY, Reason.MISSING, OWN),
        (NOTHING, Reason.MISSING, S),
        (FULL, Reason.ENOUGH, None),
        (RICH, Reason.ENOUGH, R),
        (LONG_WITHOUT, Reason.LONG_ANSWER, None),
        ("I was pregnant then, and my husband was against it. It went on.", Reason.OFF_LIMITS, None),
        ("My salary was forty thousand.", Reason.OFF_LIMITS, None),
        (f"{NO_RESULT} We also had a bug in the salary module.", Reason.MISSING, R),
    ],
)
def test_one_answer_by_itself(answer: str, reason: Reason, first: Signal | None) -> None:
    decided, wanted = decision([[answer]], ONE)
    assert decided is reason
    if first is not None:
        assert wanted[0] is first


def test_the_limit_of_the_question_comes_before_everything() -> None:
    assert decision([[NOTHING]], [{"max_followups": 1}], follow_ups=1)[0] is Reason.LIMIT


SHARED: list[dict[str, Any]] = [{"criteria": ["care"]}, {"criteria": ["care"]}, {"criteria": ["care"]}]


def test_a_criterion_that_has_its_answer_is_worth_less_than_one_that_is_thin() -> None:
    assert decision([[FULL], [NO_RESULT]], SHARED)[0] is Reason.CRITERION_COVERED
    assert decision([[NOTHING], [NO_RESULT]], SHARED) == (Reason.MISSING, (R,))
    assert decision([[FULL], [NOTHING]], SHARED)[0] is Reason.MISSING, "far too little is asked about all the same"
    assert decision([[FULL], [NOTHING]], SHARED, follow_ups=1)[0] is Reason.CRITERION_COVERED, "once"
    other = [{"criteria": ["care"]}, {"criteria": ["courage"]}]
    assert decision([[FULL], [NO_RESULT]], other)[0] is Reason.MISSING


def test_what_no_answer_has_shown_for_the_criterion_is_asked_for_first() -> None:
    told = "When we had an outage at the bank it was a hard night for all of the people."
    assert decision([[NOTHING]], SHARED)[1][0] is S
    assert decision([[told], [NOTHING]], SHARED)[1] == (OWN, A, R, S)


def test_the_last_question_on_a_thin_criterion_is_followed_up_where_another_would_not_be() -> None:
    thin = [{"criteria": ["care"], "expects": ["action", "result"]}, {"criteria": ["care"]}]
    assert decision([[RICH]], thin)[0] is Reason.ENOUGH, "there is another question to come"
    assert decision([[RICH]], thin[:1])[0] is Reason.MISSING
    late = {"begun_s": 300.0, "now_s": 300.0}
    assert decision([[NOTHING]], [{"minutes": 4}], **late)[0] is Reason.TIME, "the question's own time is over"
    assert decision([[NOTHING]], [{"minutes": 4, "criteria": ["care"]}], **late)[0] is Reason.MISSING


CORE, OPTIONAL = {"minutes": 4}, {"minutes": 4, "priority": "optional"}


@pytest.mark.parametrize(
    ("now_s", "reason"), [(60, Reason.MISSING), (350, Reason.MISSING), (375, Reason.TIME), (560, Reason.TIME)]
)
def test_follow_ups_go_before_a_core_question_loses_any_of_its_time(now_s: float, reason: Reason) -> None:
    """Ten minutes less one for the closing; four are kept for the question to come: 300 s are left for the first."""
    asked = [{"minutes": 5}, {"minutes": 2.5}]
    assert decision([[NOTHING]], asked, minutes=10, now_s=now_s, begun_s=30)[0] is reason


def test_a_follow_up_that_is_worth_less_leaves_optional_questions_their_time_as_well() -> None:
    asked = [{"criteria": ["care"]}, {"criteria": ["care"]}, OPTIONAL]
    settings = {"minutes": 10, "now_s": 320.0, "begun_s": 30.0}
    assert decision([[NOTHING], [NOTHING]], asked, **settings)[0] is Reason.MISSING
    assert decision([[FULL], [NOTHING]], asked, **settings)[0] is Reason.TIME


def test_an_optional_question_is_not_asked_at_the_cost_of_core_ones() -> None:
    asked = plan({"minutes": 3}, OPTIONAL, {"minutes": 3}, {"minutes": 3}, minutes=10)
    call = begun(asked)
    call.answer(FULL, seconds=90)
    assert call.said[-1].question_id == "q3", "three minutes each for two core questions, and not enough beside them"
    assert call.outcomes()["q2"] == ("skipped", "time")


# ---- contradictions ------------------------------------------------------------------------------------------------

SIX_MONTHS = "The migration took six months in the end, and since then I have run it."


@pytest.mark.parametrize(
    ("earlier", "later", "asked"),
    [
        ("We were a team of five.", "There were eight people in the team.", True),
        ("We were a team of five.", "The team grew to eight people, a team of eight.", False),
        ("We were a team of five.", "A team of five, as I said.", False),
        ("A team of five and a team of nine.", "A team of eight.", False),
        ("The migration took three months.", SIX_MONTHS, True),
        ("The migration took about three months.", "The migration took four months.", False),
        ("The migration took 12 weeks.", "The migration took three months.", False),
        ("The first phase took two weeks.", "The second phase took two months.", False),
        ("I wrote the parser.", "My colleague wrote the parser.", True),
        ("I wrote the parser.", "We wrote the parser together.", True),
        ("I designed the parser.", "My colleague wrote the parser.", False),
        ("I wrote the parser.", "My colleague wrote the tests.", False),
        ("My pregnancy leave took three months.", "My pregnancy leave took six months.", False),
    ],
)
def test_what_is_told_in_two_ways_is_asked_about(earlier: str, later: str, asked: bool) -> None:
    decided, _ = decision([[earlier, later]], ONE)
    assert (decided is Reason.CONTRADICTION) is asked


def test_across_questions_only_a_thing_with_a_name_is_the_same_thing() -> None:
    assert decision([["We were a team of five."], ["A team of eight."]], [{}, {}])[0] is not Reason.CONTRADICTION
    named = [["We had a payments team of five."], ["Our payments team had eight people."]]
    assert decision(named, [{}, {}])[0] is Reason.CONTRADICTION


@pytest.mark.parametrize(
    ("language", "earlier", "later"),
    [
        ("de", "Wir waren ein Team von fünf Leuten.", "Das war ein Team aus acht Leuten."),
        ("de", "Die Migration dauerte drei Monate.", "Die Migration hat dreißig Wochen gedauert."),
        ("es", "Era un equipo de cinco personas.", "Un equipo de ocho, creo."),
        ("es", "La migración duró tres meses.", "La migración duró dos años."),
        ("fr", "Nous étions cinq.", "C'était une équipe de huit personnes."),
        ("fr", "La migration a duré trois mois.", "La migration a pris deux ans."),
    ],
)
def test_numbers_are_read_in_four_languages(language: str, earlier: str, later: str) -> None:
    decided, _ = decision([[earlier, later]], ONE, language=language)
    assert decided is Reason.CONTRADICTION


def test_a_hostile_answer_is_read_in_no_time() -> None:
    assert claims_in("team of " * 10_000, "en") == ()
    assert claims_in("the my the our " * 10_000, "en") == ()
    assert claims_in("I built the " + "very " * 20_000, "en") != ()


def test_a_contradiction_is_asked_about_neutrally_and_once() -> None:
    call = begun(plan({"expects": ["action"]}, {"expects": ["action"]}))
    call.answer("I built it. The migration took three months.")
    call.answer(SIX_MONTHS)
    assert call.last.endswith(
        "About how long the migration took, earlier I heard three months, and now six months: "
        "which of the two is right?"
    )
    asked = call.notes("question.asked")[-1]
    assert (asked["question_id"], asked["follow_up"], asked["reason"]) == ("q2", 1, "contradiction")
    call.answer("The migration took two years, if you count everything that I did.")
    assert "which of the two" not in call.last


# ---- the record ----------------------------------------------------------------------------------------------------


def closed(call: Conversation) -> dict[str, tuple[object, object]]:
    return {
        str(note["question_id"]): (note["follow_up_stopped"], note["missing"]) for note in call.notes("question.closed")
    }


def test_every_follow_up_and_every_one_not_asked_is_on_the_record_with_its_reason() -> None:
    call = begun(
        plan(
            {"probes": {"result": "What became of it?"}},
            {"max_followups": 0},
            {"expects": ["result"]},
            {"expects": ["action"]},
        )
    )
    call.answer(NO_RESULT)
    asked = call.notes("question.asked")[-1]
    assert (asked["reason"], asked["missing"], asked["by"]) == ("missing", "result", "plan")
    call.answer("In the end it was fine, and since then it has run.")
    call.answer(NOTHING)
    call.answer(NOTHING)
    call.answer("Really.")
    call.answer("I don't know.")
    call.answer("I don't know.")
    call.answer("No.")
    assert closed(call) == {
        "q1": ("enough", []),
        "q2": ("limit", ["situation", "own_part", "action", "result"]),
        "q3": ("asked_already", []),
        "q4": (None, []),
    }


def test_what_a_candidate_volunteers_about_their_own_life_is_not_given_to_the_model() -> None:
    call = begun(has_model=True)
    call.answer(f"{NO_RESULT} My husband was ill at the time, it was a hard winter.")
    assert call.composing is not None
    assert call.composing.context["answer"] == NO_RESULT


# ---- a reply that comes in sentences -------------------------------------------------------------------------------


def test_a_reply_in_sentences_makes_one_line() -> None:
    call = begun(has_model=True)
    call.answer(NO_RESULT)
    asked = call.composing
    assert asked is not None
    call.write(asked.request, "You rewrote the queue.", more=True)
    assert call.last == "Thanks. You rewrote the queue."
    call.wait(2)
    assert call.line is not None, "the line is open until the rest has come"
    call.write(asked.request, "What did that change?")
    assert call.last == "Thanks. You rewrote the queue. What did that change?"
    assert call.notes("question.asked")[-1]["text"] == "You rewrote the queue. What did that change?"


@pytest.mark.parametrize("ending", ["lost", "silent"])
def test_a_line_that_the_model_does_not_finish_asks_the_plans_question(ending: str) -> None:
    call = begun(has_model=True)
    call.answer(NO_RESULT)
    asked = call.composing
    assert asked is not None
    call.write(asked.request, "You rewrote the queue.", more=True)
    if ending == "lost":
        call.write(asked.request, None)
    else:
        call.wait(6)
    call.hear()
    assert call.last == "Thanks. You rewrote the queue. What did the system change for its users?"
    assert [note["code"] for note in call.notes("incident")] == ([] if ending == "lost" else ["model_lost"])


def test_a_line_that_broke_off_before_its_question_asks_one_when_it_is_said_again() -> None:
    call = begun(has_model=True)
    call.answer(NO_RESULT)
    asked = call.composing
    assert asked is not None
    call.write(asked.request, "You rewrote the queue.", more=True)
    call.press("repeat")
    assert call.last.endswith("You rewrote the queue. What did the system change for its users?")
    assert call.last.count("?") == 1
    assert call.do(Composed(asked.request, "What did that change?")) == []


def test_a_reply_in_sentences_that_begins_as_an_earlier_one_is_not_asked_again() -> None:
    call = begun(has_model=True)
    call.answer("It was a queue for invoices, mostly.")
    for _ in range(2):
        asked = call.composing
        assert asked is not None
        call.write(asked.request, "You rewrote it.", more=True)
        call.write(asked.request, "And what came of it?")
        call.answer("We changed it.")
    texts = [note["text"] for note in call.notes("question.asked")]
    assert texts.count("You rewrote it. And what came of it?") == 1

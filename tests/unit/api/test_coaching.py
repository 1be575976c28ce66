"""How people held an interview, worked out from who spoke when and in which words."""

from typing import Any

import pytest

from api.coaching.asking import adherence, off_limits, questions_of, worded
from api.coaching.pacing import paces
from api.coaching.schemas import Asked
from api.coaching.talking import interruptions, longest_monologue, ratio
from api.interviews.schemas import TurnOut
from bot.plan import Plan

PLAN = Plan.model_validate(
    {
        "title": "Backend engineer",
        "criteria": [{"id": "design", "name": "Design"}, {"id": "care", "name": "Care"}],
        "sections": [
            {
                "id": "main",
                "name": "Main",
                "questions": [
                    {"id": "system", "text": "Describe a system you designed.", "criteria": ["design"], "minutes": 4},
                    {
                        "id": "outage",
                        "text": "Tell me about a production outage you handled.",
                        "criteria": ["design", "care"],
                        "minutes": 2,
                    },
                    {"id": "last", "text": "Which database would you choose again?", "priority": "optional"},
                ],
            }
        ],
    }
)


def said(seq: int, role: str, text: str, start_ms: int, end_ms: int) -> TurnOut:
    return TurnOut.model_validate(
        {
            "seq": seq,
            "turn_id": f"t{seq}",
            "speaker_id": f"{role}-1",
            "speaker": role.title(),
            "role": role,
            "text": text,
            "start_ms": start_ms,
            "end_ms": end_ms,
            "confidence": 0.9,
            "question_id": None,
            "interrupted": False,
        }
    )


def ask(
    question_id: str, at_ms: int, text: str = "", turn: int | None = None, by: str = "interviewer"
) -> dict[str, Any]:
    data = {"question_id": question_id, "follow_up": 0, "text": text, "turn": turn, "by": by}
    return {"type": "question.asked", "at_ms": at_ms, "data": data}


ANSWER = said(2, "candidate", "We built a queue because the old one lost messages.", 5_000, 15_000)


@pytest.mark.parametrize(
    ("text", "start_ms", "end_ms", "counts"),
    [
        ("But why did you not use Kafka for it?", 9_000, 12_000, True),
        ("But why did you not use Kafka for it?", 14_700, 17_000, False),  # as people take turns
        ("But why did you not use Kafka for it?", 15_000, 17_000, False),
        ("Mm-hm, okay.", 9_000, 10_000, False),  # listens
        ("Right.", 9_000, 10_000, False),
    ],
)
def test_who_begins_while_the_other_speaks_interrupts(text: str, start_ms: int, end_ms: int, counts: bool) -> None:
    found = interruptions([said(3, "interviewer", text, start_ms, end_ms)], [ANSWER], "en")
    assert [(one.at_ms, one.quote, one.into) for one in found] == [(start_ms, text, ANSWER.text)] * counts


def test_a_monologue_is_broken_by_an_answer_and_not_by_a_nod() -> None:
    turns = [
        said(1, "interviewer", "Let me tell you about us.", 0, 20_000),
        said(2, "candidate", "Okay.", 20_100, 20_500),
        said(3, "interviewer", "We are many.", 21_000, 60_000),
        said(4, "candidate", "That sounds like what I did before.", 61_000, 65_000),
        said(5, "interviewer", "And we grow.", 66_000, 70_000),
    ]
    longest = longest_monologue(turns, "interviewer-1", "en")
    assert longest is not None and (longest.start_ms, longest.end_ms) == (0, 60_000)
    assert longest_monologue(turns, "interviewer-2", "en") is None
    assert (ratio(3, 1), ratio(0, 0)) == (0.75, None)


def test_questions_that_lead_ask_twice_or_tread_on_private_ground_are_quoted_with_their_time() -> None:
    turns = [
        said(1, "interviewer", "You would agree that microservices are better, right?", 1_000, 4_000),
        said(2, "interviewer", "What did you build, and how did you measure that it was fast?", 5_000, 9_000),
        said(3, "interviewer", "Are you planning to have children?", 10_000, 12_000),
        said(4, "interviewer", "Tell me about a system you built yourself.", 13_000, 15_000),
        said(5, "interviewer", "We all know how that goes.", 16_000, 17_000),
    ]
    asked = questions_of(turns, PLAN)
    assert [turn.seq for turn in asked] == [1, 2, 3, 4]
    leading, double = worded(asked, "en")
    assert leading is not None and double is not None
    assert [(one.seq, one.start_ms) for one in leading] == [(1, 1_000)] and leading[0].instead
    assert [(one.seq, one.quote) for one in double] == [(2, turns[1].text)]
    assert double[0].instead == "What did you build?"
    (private,) = off_limits(turns, "en")
    assert (private.seq, private.quote) == (3, turns[2].text) and private.category and private.instead
    assert worded(asked, "de") == (None, None), "no rules is not the same as nothing found"


def test_each_planned_question_was_put_as_written_in_other_words_by_the_bot_or_not_at_all() -> None:
    turns = [
        said(1, "interviewer", "So, describe a system you designed, please.", 1_000, 4_000),
        said(5, "interviewer", "Ever had everything go down at night? What did you do?", 30_000, 33_000),
    ]
    events = [ask("system", 4_100, turns[0].text, 1), ask("outage", 33_100, turns[1].text, 5)]
    first, second, third = adherence(PLAN, events, turns)
    assert (first.how, first.at_ms, first.by, first.words) == (Asked.AS_WRITTEN, 1_000, "interviewer-1", turns[0].text)
    assert (second.how, second.at_ms) == (Asked.PARAPHRASED, 30_000)
    assert (third.how, third.at_ms, third.words, third.core) == (Asked.NOT_ASKED, None, None, False)
    (handed, _, _) = adherence(PLAN, [ask("system", 4_100, "Describe a system.", by="bot")], turns)
    assert handed.how is Asked.BY_BOT


def test_time_of_a_question_is_that_of_its_criteria_in_equal_parts() -> None:
    closed = {"type": "question.closed", "at_ms": 70_000, "data": {"question_id": "system"}}
    found = paces(PLAN, [ask("system", 10_000), closed, ask("outage", 100_000)], 160_000)
    assert [(one.criterion_id, one.planned_ms, one.spent_ms) for one in found] == [
        ("design", 300_000, 90_000),
        ("care", 60_000, 30_000),
    ]

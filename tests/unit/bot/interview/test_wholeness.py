"""What sounds like a whole answer, and so may be answered without a long wait."""

from collections import deque

import pytest

from bot.interview import CandidateJoined, Happening, Say, Spoken, Tick
from bot.interview.call import Call
from bot.plan import Plan
from bot.spec import Limits
from prompts import load_lines

PLAN = Plan.model_validate(
    {
        "title": "Backend engineer",
        "minutes": 10,
        "sections": [
            {
                "id": "work",
                "name": "your work",
                "questions": [{"id": "faster", "text": "Tell me about something that you made faster."}],
            }
        ],
    }
)


def at_the_question() -> Call:
    interview = Call(PLAN, lines=load_lines("en"), limits=Limits())
    waiting: deque[Happening] = deque([Tick(), CandidateJoined("Ada", consented=True)])
    now = 0.0
    for _ in range(30):
        if not waiting:
            now = (interview.deadline or now) + 0.001
            waiting.append(Tick())
        happening = waiting.popleft()
        for action in interview.handle(happening, now):
            if isinstance(action, Say):
                waiting.append(Spoken(action.line, action.text, interrupted=False))
                if action.question_id is not None:
                    interview.handle(waiting.pop(), now)
                    return interview
    raise AssertionError("the question was never put")


@pytest.mark.parametrize(
    "text",
    [
        "At my last company the search page was slow. I profiled it, and in the end it took a tenth.",
        "I don't know.",
        "Skip this one, please.",
        "Could you repeat that?",
    ],
)
def test_a_whole_answer_or_a_wish_needs_no_long_wait(text: str) -> None:
    assert at_the_question().sounds_whole(text)


@pytest.mark.parametrize(
    "text",
    [
        "At my last company the search page was slow.",
        "Yes.",
        "We had a big outage last winter.",
        "Last winter I broke our search page, and I fixed it on a Friday.",
    ],
)
def test_a_first_sentence_is_given_time_for_the_next(text: str) -> None:
    assert not at_the_question().sounds_whole(text)


def test_outside_the_questions_nothing_more_is_expected() -> None:
    assert Call(PLAN, lines=load_lines("en"), limits=Limits()).sounds_whole("Yes.")

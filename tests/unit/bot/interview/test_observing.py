"""People hold the interview and the bot listens: disclosure, objections, what was asked, and how it ends."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.interview import FallSilent, InterviewersPresent, Listen, Say
from bot.interview.objections import objects
from bot.interview.observing import NOTICE, Observing
from bot.interview.phrases import Command
from bot.plan import Plan
from bot.resume import AnswerPart, Asked, QuestionSoFar, Resume
from bot.spec import Limits
from bot.state import EndReason
from prompts import languages, load_lines
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, PLAN


def observed(**settings: Any) -> Conversation:
    settings = {"organisation": "Acme", **settings}
    return Conversation(Observing(Plan.model_validate(PLAN), lines=load_lines("en"), **settings))


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
    assert (NOTICE, hashlib.sha256(repr(words).encode()).hexdigest()[:8]) == ("observing-1", "5cb8ba5a")
    plan = Plan.model_validate({**PLAN, "language": language})
    call = Conversation(Observing(plan, lines=load_lines(language)))
    call.join()
    (note,) = call.notes("disclosure")
    assert note == {"notice": f"observing-1-{language}", "heard": True, "tries": 1}


def test_nothing_that_happens_afterwards_makes_it_speak() -> None:
    call = begun()
    for control in Command:
        call.press(control)
    for said in ("Viva, are you there? Please repeat the question.", "Skip.", "Stop the interview.", "A human, please."):
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
    call.join_and_wait = None if False else None
    call.do(InterviewersPresent(1))
    call.join()
    assert len(call.said) == 1

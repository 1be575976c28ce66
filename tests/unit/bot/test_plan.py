"""Plans: what is refused, and in which words."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.plan import Plan, faults


def plan(question: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return the values of a plan of one question."""
    asked = {"id": "why", "text": "Why?", **(question or {})}
    return {"title": "T", "sections": [{"id": "s", "name": "Your work", "questions": [asked]}], **more}


def told(values: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refusal:
        Plan.model_validate(values)
    return faults(refusal.value)


QUESTION = "sections.0.questions.0"


@pytest.mark.parametrize(
    ("values", "place", "words"),
    [
        (plan({"text": "  \n "}), f"{QUESTION}.text", "must not be empty"),
        (plan({"text": "?!"}), f"{QUESTION}.text", "holds no word that could be said"),
        (plan({"text": "x" * 2001}), f"{QUESTION}.text", "may have at most 2000 characters"),
        (plan({"text": 7}), f"{QUESTION}.text", "must be text"),
        (plan({"probes": {"result": " "}}), f"{QUESTION}.probes.result", "must not be empty"),
        (plan({"id": "Why me"}), f"{QUESTION}.id", "must be 1 to 64 small letters"),
        (plan({"minutes": 0}), f"{QUESTION}.minutes", "must be more than 0"),
        (plan({"minutes": "long"}), f"{QUESTION}.minutes", "must be a number"),
        (plan({"max_followups": 3}), f"{QUESTION}.max_followups", "must be at most 2"),
        (plan({"max_followups": -1}), f"{QUESTION}.max_followups", "must be at least 0"),
        (plan({"max_followups": 1.5}), f"{QUESTION}.max_followups", "must be a whole number"),
        (plan({"patience": "endless"}), f"{QUESTION}.patience", "must be 'brief', 'normal' or 'long'"),
        (plan({"patients": "long"}), f"{QUESTION}.patients", "a plan has no such field"),
        (plan({"criteria": "why"}), f"{QUESTION}.criteria", "must be a list"),
        (plan({"criteria": ["depth"]}), "", "names criterion 'depth', which the plan does not define"),
        (plan(language="English"), "language", "must be a language's two letters, like en"),
        (plan(minutes=241), "minutes", "must be at most 240"),
        (plan(sections=[]), "sections", "must have at least 1"),
        (plan(sections=[{"id": "s", "name": "s"}]), "sections.0.questions", "is missing"),
        (plan(sections=["why"]), "sections.0", "must have named fields"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_in_plain_words(values: dict[str, Any], place: str, words: str) -> None:
    [(where, what)] = told(values)
    assert where == place
    assert words in what


def test_text_is_said_without_the_blanks_around_it() -> None:
    assert Plan.model_validate(plan({"text": " Why? \n"})).questions[0].text == "Why?"


def test_questions_far_beyond_the_time_are_refused_and_those_a_little_beyond_are_not() -> None:
    [(_, what)] = told(plan({"minutes": 26}, minutes=5))
    assert "26 minutes" in what and "5;" in what
    assert Plan.model_validate(plan({"minutes": 25}, minutes=5))
    assert Plan.model_validate(plan({"minutes": 26, "priority": "optional"}, minutes=5))

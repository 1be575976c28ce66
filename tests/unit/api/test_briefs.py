"""What of a job and an agent shapes the questions of a brief."""

from typing import Any

from api.interviews.library import Library
from api.interviews.references import Referred
from api.interviews.schemas import Brief, CandidateIn, CreateInterview

LIBRARY = Library()
JOB: dict[str, Any] = {"title": "Helper", "description": "", "skills": {"required": ["SQL"], "nice": []}}


def asked(agent: dict[str, Any] | None = None, **of_job: Any) -> dict[str, str]:
    """The questions of a job, by their ids."""
    wanted = CreateInterview(candidate=CandidateIn(name="Ann"), brief=Brief(question_count=6))
    plan = LIBRARY.plan_for(wanted, Referred("Ann", JOB | of_job, None, agent, "")).plan
    return {question.id: question.text for question in plan.questions}


def skills(questions: dict[str, str]) -> set[str]:
    return {id_.partition(".")[0] for id_ in questions}


def test_how_senior_a_job_is_decides_which_ways_of_working_are_asked_about() -> None:
    entry, lead, manager = (skills(asked(seniority=level)) for level in ("entry", "lead", "manager"))
    assert "learning" in entry and "leadership" not in entry
    assert "leadership" in lead and "leadership" in manager and lead != manager


def test_what_would_be_nice_to_have_is_asked_about_after_what_is_required() -> None:
    found = list(asked(skills={"required": ["SQL"], "nice": ["Negotiation"]}))
    assert found[0].startswith("data-sql.") and any(id_.startswith("negotiation.") for id_ in found)
    assert "negotiation" not in skills(asked())


def test_an_agent_who_speaks_simply_asks_in_the_shorter_wording() -> None:
    usual, simple = asked({"name": "Vera", "persona": {"tone": "relaxed"}}), asked({"persona": {"tone": "simple"}})
    assert usual.keys() == simple.keys() and usual != simple

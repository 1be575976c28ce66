"""Criteria given by name: which scale of the question bank they get, and that nothing else rates them."""

import math

import pytest

from api.drafting.schemas import GenerateIn
from api.evaluation.rubric import Rubric, rubric_of
from api.interviews.library import Library
from api.interviews.naming import judging, skills_called
from bot.plan import Plan

LIBRARY = Library()
BANK = LIBRARY.bank


@pytest.fixture(scope="module")
def drafted() -> Plan:
    wanted = GenerateIn(
        title="Analyst",
        job_description="",
        required_skills=["SQL"],
        experience_level="",
        question_count=4,
        candidate_expectations="Communication",
        closing=False,
    )
    return LIBRARY.drafter.generate(wanted).plan


def rated_by(plan: Plan, *names: str) -> Rubric:
    return rubric_of(judging(plan, names, BANK), BANK)


def test_a_name_alone_has_no_scale_and_every_question_may_speak_to_it(drafted: Plan) -> None:
    found = rated_by(drafted, "Calm").criteria[-1]
    assert (found.name, found.anchors, found.scales) == ("Calm", {}, {}), "no other question's scale rates it"
    assert set(found.question_ids) == {question.id for question in drafted.questions}


@pytest.mark.parametrize("name", ["Communication", "communication SKILLS"])
def test_a_criterion_of_the_plan_is_that_one_under_the_name_given(drafted: Plan, name: str) -> None:
    found = rated_by(drafted, name).criteria
    (named,) = (one for one in found if one.name == name)
    assert (named.id, len(named.anchors)) == ("communication", 5)
    assert len(found) == len(drafted.criteria), "it is not judged twice"
    assert [id_.partition(".")[0] for id_ in named.question_ids] == ["communication"]


def test_what_a_question_measures_is_rated_by_that_question_alone(drafted: Plan) -> None:
    question = BANK.question(next(one.id for one in drafted.questions if one.id.startswith("data-sql.")))
    found = rated_by(drafted, question.measures).criteria[-1]
    assert (found.question_ids, found.anchors) == ((question.id,), dict(question.anchors))


def test_a_skill_that_is_not_asked_about_has_its_scale_and_no_question(drafted: Plan) -> None:
    found = rated_by(drafted, "Negotiation").criteria[-1]
    assert (found.question_ids, found.anchors) == ((), BANK.skill["negotiation"].anchors)


@pytest.mark.parametrize("names", [(), ("Calm", "Depth", "Tact"), ("C++", "C#", "C"), ("x" * 200,) * 3, ("!", "?")])
def test_names_weigh_as_the_usual_criterion_and_stay_apart(drafted: Plan, names: tuple[str, ...]) -> None:
    found = rated_by(drafted, *names).criteria
    assert {*names} <= {one.name for one in found} and len({one.id for one in found}) == len(found)
    assert math.isclose(sum(one.weight for one in found), sum(one.weight for one in drafted.criteria))


def test_names_of_skills_are_recognised_and_parts_of_them_are_not() -> None:
    called = skills_called(["Problem-Solving ability", "Technical depth", "problem solving", "Solving"], BANK)
    assert [skill.skill for skill in called] == ["problem-solving"]

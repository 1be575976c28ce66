"""Suggested questions: read from the text, the same for the same text, never invented."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.agents import Tone
from api.drafting.choosing import choose, in_turn, ranked
from api.drafting.schemas import DraftIn, GenerateIn
from api.drafting.shaping import shape_of
from api.drafting.suggesting import StructuredDrafter
from api.drafting.vocabulary import Vocabulary, minutes_in, seniority_in, title_in
from api.errors import Invalid
from bot.plan import Plan
from prompts import load_bank, load_shapes, plan_from_bank

BANK = load_bank()
WORDS = Vocabulary(BANK)
SHAPES = load_shapes()
ENGINE = StructuredDrafter(WORDS, SHAPES)


def skills(text: str) -> list[str]:
    return [one.skill.skill for one in WORDS.skills_in(text)]


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("Python developer", "python-backend"),
        ("knows PostgreSQL well", "data-sql"),
        ("someone who calms upset customers", "customer-focus"),
        ("system design skills", "system-design"),
        ("on call, handles outages with a runbook and a postmortem", "incident-response"),
        ("LEADERSHIP", "leadership"),
    ],
)
def test_skills_are_found_by_the_banks_words(text: str, skill: str) -> None:
    found = WORDS.skills_in(text)
    assert skill in [one.skill.skill for one in found]
    assert all(one.words and all(word in text.casefold() for word in one.words) for one in found)


@pytest.mark.parametrize(
    "role,wanted",
    {
        "DevOps engineer with Kubernetes and Terraform": ["cloud-infrastructure", "containers", "delivery-pipelines"],
        "Data analyst, SQL": ["data-sql", "data-analysis"],
        "Machine learning engineer": ["machine-learning"],
        "Product manager for payments": ["product-discovery", "product-sense", "roadmapping"],
        "UX designer": ["interaction-design", "user-research"],
        "Sales development representative": ["prospecting"],
        "Customer support agent": ["customer-support"],
        "Operations manager in a warehouse": ["process-improvement", "supply-planning"],
        "Engineering manager of two teams": ["people-management", "hiring"],
    }.items(),
)
def test_a_role_is_asked_about_what_it_needs(role: str, wanted: list[str]) -> None:
    assert set(wanted) <= set(skills(role))


def test_guarding_a_door_is_no_security_engineering() -> None:
    assert "security-engineering" not in skills("Security guard")
    assert "security-engineering" in skills("Application security")


def test_a_name_within_a_longer_one_is_not_meant() -> None:
    assert "learning" not in skills("Machine learning")
    assert "performance" not in skills("Performance marketing")


@pytest.mark.parametrize("text", ["", "hello", "supervised work", "bring a lock and an index", "5 years"])
def test_what_the_bank_has_no_word_for_is_no_skill(text: str) -> None:
    assert skills(text) == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("a senior engineer", "senior"),
        ("Sr. developer", "senior"),
        ("team lead", "lead"),
        ("Head of sales", "director"),
        ("graduate nurse", "entry"),
        ("VP Engineering", "executive"),
        ("an engineer with 10 years of experience", None),
        ("reports to nobody", None),
        ("Junior developer. You will report to the CTO and work with senior engineers.", "junior"),
        ("Executive assistant to the CEO", None),
        ("Sales executive", None),
        ("Middle school teacher", None),
        ("Staff nurse. Graduate degree required.", None),
        ("Principal duties: cleaning", None),
        ("principal\nEngineer", "principal"),
        ("mid\nEngineer", "mid"),
    ],
)
def test_seniority_is_read_and_never_guessed_from_years(text: str, level: str | None) -> None:
    found = seniority_in(text)
    assert (found and found[0].value) == level


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45 minutes", 45),
        ("a 20-min chat", 20),
        ("half an hour", 30),
        ("an hour", 60),
        ("999 min", None),
        ("", None),
        ("answers pages within 15 minutes", None),
        ("4 hour shift", None),
        ("$20 an hour", None),
        ("A job.\n" + "Work. " * 60 + "A standup of 15 minutes.", None),
        ("A job.\n" + "Work. " * 60 + "The interview takes 40 minutes.", 40),
    ],
)
def test_minutes_are_read_where_they_are_said(text: str, minutes: int | None) -> None:
    assert minutes_in(text) == minutes


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("we are hiring a customer support representative for Paris", "Customer support representative"),
        ("Interview for a C++ developer", "C++ developer"),
        ("Executive assistant to the CEO", "Executive assistant"),
        ("Warehouse worker, nights", "Warehouse worker"),
        ("iOS developer", "iOS developer"),
        ("please help", None),
    ],
)
def test_a_title_is_in_the_texts_own_words(text: str, title: str | None) -> None:
    assert title_in(text) == title


@settings(deadline=None)
@given(st.text(max_size=200).filter(lambda text: text.strip() and text.isprintable()))
def test_any_text_becomes_a_draft_that_holds(prompt: str) -> None:
    made = ENGINE.draft(DraftIn(prompt=prompt))
    assert made == ENGINE.draft(DraftIn(prompt=prompt))
    assert len(set(made.question_ids)) == len(made.question_ids) > 0
    Plan.model_validate(plan_from_bank(made.title, made.question_ids, minutes=made.minutes, bank=BANK))


@settings(deadline=None)
@given(
    st.integers(1, 40),
    st.one_of(st.none(), st.floats(1, 240)),
    st.sets(st.sampled_from(["technical", "behavioral", "role", "leadership", "system-design"])),
    st.sampled_from(["Python and SQL", "nothing in particular", "sales with customers"]),
)
def test_questions_are_of_the_bank_within_all_limits(
    count: int, minutes: float | None, categories: set[str], text: str
) -> None:
    wanted = GenerateIn(
        title="Engineer",
        job_description=text,
        required_skills=[],
        experience_level="",
        question_count=count,
        minutes=minutes,
        categories=sorted(categories),
    )
    made = ENGINE.generate(wanted)
    ids = [question.id for question in made.questions]
    assert len(set(ids)) == len(ids) == made.questions_generated <= count
    assert all(BANK.question(question.id).text == question.text for question in made.questions)
    assert (made.capped_by is None) == (made.questions_generated == count)
    allowed = {category.replace("behavioral", "behavioural") for category in categories}
    assert not allowed or all({question.category, question.skill} & allowed for question in made.questions)
    assert made == ENGINE.generate(wanted)


def test_questions_take_turns_between_categories() -> None:
    shape = shape_of(SHAPES, None, Tone.RELAXED, None)
    wanted = ranked(WORDS.skills_in("Python and SQL and system design"), BANK, frozenset(), shape)
    few = choose(in_turn(wanted, shape), 4, None)
    assert {one.skill.category for one in few.questions} == {"technical", "behavioural"}
    assert len({one.skill.skill for one in few.questions}) == 4


def test_a_resume_orders_skills_and_adds_none() -> None:
    job = {"title": "Engineer", "required_skills": ["Python", "SQL"], "experience_level": "senior"}
    plain = GenerateIn.model_validate(job | {"job_description": "", "question_count": 2})
    known = plain.model_copy(update={"resume_text": "Ten years of Python, sales discovery and leadership."})
    assert ENGINE.generate(plain).questions[0].skill == "data-sql"
    made = ENGINE.generate(known)
    assert made.questions[0].skill == "python-backend"
    assert {skill.id for skill in made.skills if skill.words} == {"python-backend", "data-sql"}


def test_a_language_without_questions_is_refused() -> None:
    with pytest.raises(Invalid, match="not worded in 'de'"):
        ENGINE.draft(DraftIn(prompt="Eine Pflegekraft", language="de"))

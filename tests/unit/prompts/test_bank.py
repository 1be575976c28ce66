"""The question bank: what somebody who is asked one of its questions, or judged by its scale, would notice."""

import re
from collections import Counter
from typing import get_args

import pytest

from bot.plan import Plan, Signal
from prompts import Bank, BankQuestion, NotFound, languages, load_bank, load_lines, plan_from_bank
from prompts import questions as bank_module

BANK = load_bank()
ALL = [question for _, question in BANK.by_id.values()]

# What an interview may not ask about: protected by law in one place or another, or none of an employer's business.
OFF_LIMITS = re.compile(
    r"\b(age|aged|old are you|born|birth\w*|birthday|young\w*|elder\w*|retire\w*|family|families|marri\w+|single|"
    r"spouse|husband|wife|partner|child|children|kids?|pregnan\w+|matern\w+|patern\w+|relig\w+|church|faith|pray\w*|"
    r"holy|race|racial|ethnic\w*|nationalit\w+|citizen\w*|immigra\w+|visa|native|mother tongue|accent|"
    r"colou?r of|skin|gender|sexual\w*|gay|lesbian|health|healthy|ill|illness|sick\w*|disab\w+|medic\w+|doctor|therapy|"
    r"depress\w+|union|unions|strike|politic\w*|vote[ds]?|party|salary|salaries|wage|wages|pay history|paid before|"
    r"earn(ed)? before|debt|credit score|arrest\w*|convict\w*|crime|criminal|prison|military|veteran|where do you live|"
    r"home address|drink\w*|smok\w+|drugs?)\b",
    re.IGNORECASE,
)
LEADING = re.compile(
    r"\b(don't you think|wouldn't you|isn't it|aren't you|surely|obviously|of course you|I assume|you would agree)\b",
    re.I,
)
TWO_IN_ONE = re.compile(
    r", and\b|\b(and|or) (what|how|why|when|which|who|whom|where|did|do|was|were|is|are|have|by when)\b",
    re.IGNORECASE,
)
FILLER_PROBE = re.compile(r"^(tell me more|can you elaborate|could you tell me a little more|anything else)\b", re.I)


def spoken(question: BankQuestion) -> list[str]:
    """Everything about a question that a candidate may hear."""
    return [question.text, question.rephrase, *question.probes.values()]


def each(of: list[BankQuestion]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("question", of, ids=lambda question: question.id)


def test_there_is_enough_to_choose_from() -> None:
    assert len(ALL) >= 250
    of = Counter(skill.category for skill in BANK.skills)
    assert of["behavioural"] >= 12
    assert of["technical"] + of["role"] >= 40
    assert of.keys() == {"behavioural", "technical", "role"}
    assert min(len(skill.questions) for skill in BANK.skills) >= 4


def test_signals_are_the_ones_that_a_plan_knows() -> None:
    assert set(get_args(bank_module.Signal)) == {str(signal) for signal in Signal}


@each(ALL)
def test_can_be_followed_by_ear(question: BankQuestion) -> None:
    assert all(len(text.split()) <= 35 for text in (question.text, question.rephrase))
    assert all(len(probe.split()) <= 25 for probe in question.probes.values())
    for text in spoken(question):
        assert text[0].isupper()
        assert text[-1] in ".?"
        assert not re.search(r"[()\[\]{}<>/*_#&;:“”\"]|\d|e\.g\.|i\.e\.|etc\.", text), (
            f"can't be spoken as it is: {text}"
        )


@each(ALL)
def test_asks_for_one_thing(question: BankQuestion) -> None:
    for text in spoken(question):
        assert text.count("?") <= 1, text
        asked = re.split(r"(?<=[.?]) ", text)[-1]
        assert not (asked.endswith("?") and TWO_IN_ONE.search(asked)), text


@each(ALL)
def test_is_lawful_and_leads_nobody(question: BankQuestion) -> None:
    for text in [*spoken(question), question.measures, *question.anchors.values()]:
        assert not OFF_LIMITS.search(text), text
        assert not LEADING.search(text), text


@each(ALL)
def test_scale_describes_behaviour(question: BankQuestion) -> None:
    assert list(question.anchors) == [1, 2, 3, 4, 5]
    for anchor in question.anchors.values():
        assert 4 <= len(anchor.split()) <= 30, anchor
        assert not re.search(r"\b(excellent|poor|good|bad|great|strong|weak|average|outstanding)\b", anchor, re.I), (
            anchor
        )
    assert not re.search(
        r"\b(accent|fluen\w+|grammar|confiden\w+|eye contact|tone)\b", " ".join(question.anchors.values())
    )


@each(ALL)
def test_every_expected_thing_can_be_asked_for(question: BankQuestion) -> None:
    assert len(question.probes) >= 3
    assert set(question.expects) <= set(question.probes)
    assert len(set(spoken(question))) == len(spoken(question))
    assert not any(FILLER_PROBE.search(probe) for probe in question.probes.values())


def test_nothing_stands_twice() -> None:
    for texts in (
        [question.text for question in ALL],
        [question.rephrase for question in ALL],
        [question.measures for question in ALL],
        [anchor for question in ALL for level, anchor in question.anchors.items() if level < 5],
    ):
        assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_probes_are_written_for_their_question() -> None:
    lines = load_lines("en")
    usual = {text for key in sorted(lines.keys()) if key.startswith("probe_") for text in lines.variants(key)}
    probes = Counter(probe for question in ALL for probe in question.probes.values())
    assert not usual & probes.keys()
    assert max(probes.values()) <= 2
    assert sum(times - 1 for times in probes.values()) <= len(probes) // 50


@each(ALL)
def test_makes_a_plan(question: BankQuestion) -> None:
    plan = Plan.model_validate(plan_from_bank("Any role", [question.id], bank=BANK))
    (planned,) = plan.questions
    assert (planned.text, planned.rephrase, planned.terms) == (question.text, question.rephrase, question.terms)
    assert {str(signal) for signal in planned.probes} == set(question.probes)
    (criterion,) = plan.criteria
    assert planned.criteria == (criterion.id,)
    assert criterion.anchors == question.anchors


def test_plan_keeps_the_order_and_groups_neighbours_of_one_skill() -> None:
    ids = ["ownership.own-mistake", "ownership.raised-risk", "data-sql.slow-query", "ownership.long-haul"]
    plan = Plan.model_validate(plan_from_bank("Analyst", ids, minutes=20))
    assert [question.id for question in plan.questions] == ids
    assert [(section.id, section.name) for section in plan.sections] == [
        ("ownership", "taking ownership"),
        ("data-sql", "working with data"),
        ("ownership.2", "taking ownership"),
    ]
    assert plan.minutes == 20


def test_unknown_question_names_its_neighbours() -> None:
    with pytest.raises(NotFound) as caught:
        plan_from_bank("x", ["ownership.own-mistakes"], bank=BANK)
    assert "ownership.own-mistakes" in str(caught.value)
    assert "ownership.own-mistake" in caught.value.known
    assert all(known.startswith("ownership.") for known in caught.value.known)


def test_a_language_without_wording_is_refused() -> None:
    assert "de" in languages()
    with pytest.raises(NotFound, match="'de'"):
        plan_from_bank("x", ["ownership.own-mistake"], "de", bank=BANK)


def test_search_by_skill_category_and_words() -> None:
    assert {question.id for question in BANK.search(skill="conflict")} == {
        question.id for question in ALL if question.id.startswith("conflict.")
    }
    assert BANK.search(category="technical", words="outage")[0].id == "incident-response.outage"
    assert BANK.search(words="no such words anywhere") == ()
    assert len(BANK.search()) == len(ALL)


def test_bank_is_looked_up_by_id() -> None:
    assert isinstance(BANK, Bank)
    assert BANK.question("teamwork.changed-mind").measures == "Taking in other people's views"
    assert BANK.skill_of("teamwork.changed-mind").name == "Teamwork"

"""From a request to suggested questions: pure functions over the question bank."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from api.drafting.choosing import Chosen, choose, fit, ranked
from api.drafting.schemas import (
    CriterionOut,
    DraftIn,
    DraftOut,
    GeneratedOut,
    GenerateIn,
    QuestionOut,
    SectionOut,
    SeniorityOut,
    SkillOut,
)
from api.drafting.vocabulary import Recognised, Vocabulary, minutes_in, seniority_in, title_in
from api.errors import Complaint, Invalid
from prompts import Bank

USUAL_MINUTES = 30
BANK_LANGUAGE = "en"
ALIASES = {"behavioral": "behavioural"}
UNREAD_TITLE = "Interview"


def draft(wanted: DraftIn, vocabulary: Vocabulary) -> DraftOut:
    """Return an interview made of what a text asks for; raise `Invalid` for a language the bank is not worded in."""
    _require_language(wanted.language)
    recognised = vocabulary.skills_in(wanted.prompt)
    minutes = minutes_in(wanted.prompt) or USUAL_MINUTES
    chosen = fit(ranked(recognised, vocabulary.bank, frozenset()), minutes)
    title = title_in(wanted.prompt)
    warnings = []
    if title is None:
        warnings.append("The prompt names no role; the title is a general one.")
    if not recognised:
        warnings.append("The prompt names no skill of the question bank; these are questions for everybody.")
    return DraftOut(
        title=title or UNREAD_TITLE,
        seniority=_seniority(wanted.prompt),
        language=BANK_LANGUAGE,
        minutes=minutes,
        skills=_skills(recognised, chosen),
        criteria=[
            CriterionOut(
                id=one.question.id,
                name=one.question.measures,
                weight=round(1 / len(chosen), 4),
                anchors=dict(one.question.anchors),
            )
            for one in chosen
        ],
        sections=[_section(list(group)) for _, group in groupby(chosen, key=lambda one: one.skill.skill)],
        questions=[_question(one) for one in chosen],
        question_ids=[one.question.id for one in chosen],
        warnings=warnings,
    )


def generate(wanted: GenerateIn, vocabulary: Vocabulary) -> GeneratedOut:
    """Return questions for a job; raise `Invalid` for a language or category the bank has not."""
    _require_language(wanted.language)
    categories = _categories(wanted.categories, vocabulary.bank)
    required = {skill: vocabulary.skills_in(skill) for skill in wanted.required_skills}
    asked = f"{wanted.title}\n{wanted.job_description}\n{'. '.join(wanted.required_skills)}"
    in_resume = vocabulary.skills_in(wanted.resume_text or "")
    recognised = _first_what_both_name(vocabulary.skills_in(asked), required.values(), in_resume)
    choice = choose(ranked(recognised, vocabulary.bank, categories), wanted.question_count, wanted.minutes)
    unmatched = [skill for skill, found in required.items() if not found]
    return GeneratedOut(
        title=wanted.title,
        seniority=_seniority(wanted.experience_level) or _seniority(wanted.title),
        language=BANK_LANGUAGE,
        skills=_skills(recognised, choice.questions),
        unmatched_skills=unmatched,
        questions=[_question(one) for one in choice.questions],
        questions_generated=len(choice.questions),
        capped_by=choice.capped_by,
        warnings=[f"The question bank has nothing about {skill!r}; add a question of your own." for skill in unmatched],
    )


def _first_what_both_name(
    recognised: Sequence[Recognised], required: Iterable[Sequence[Recognised]], in_resume: Sequence[Recognised]
) -> list[Recognised]:
    """Required skills before others; of those alike, what the résumé names too. It adds no skill of its own."""
    needed = {one.skill.skill for found in required for one in found}
    known = {one.skill.skill for one in in_resume}
    return sorted(recognised, key=lambda one: (one.skill.skill not in needed, one.skill.skill not in known))


def _require_language(language: str) -> None:
    if language.split("-")[0] != BANK_LANGUAGE:
        raise Invalid(
            Complaint(
                ("body", "language"),
                f"the question bank is not worded in {language!r}",
                f"send {BANK_LANGUAGE}, or give a plan in that language instead",
            )
        )


def _categories(asked: Sequence[str], bank: Bank) -> frozenset[str]:
    known = sorted({skill.category for skill in bank.skills} | {skill.skill for skill in bank.skills})
    found = []
    for index, name in enumerate(asked):
        category = ALIASES.get(name.casefold(), name.casefold().replace("_", "-").replace(" ", "-"))
        if category not in known:
            raise Invalid(
                Complaint(
                    ("body", "categories", index),
                    f"the question bank has no category {name!r}",
                    f"choose of: {', '.join(known)}",
                )
            )
        found.append(category)
    return frozenset(found)


def _seniority(text: str) -> SeniorityOut | None:
    found = seniority_in(text)
    return None if found is None else SeniorityOut(level=found[0], words=found[1])


def _skills(recognised: Sequence[Recognised], chosen: Sequence[Chosen]) -> list[SkillOut]:
    words = {one.skill.skill: one.words for one in recognised}
    skills = {one.skill.skill: one.skill for one in recognised} | {one.skill.skill: one.skill for one in chosen}
    return [
        SkillOut(id=id_, name=skill.name, category=skill.category, words=list(words.get(id_, ())))
        for id_, skill in skills.items()
    ]


def _section(group: Sequence[Chosen]) -> SectionOut:
    skill = group[0].skill
    return SectionOut(
        id=skill.skill,
        name=skill.topic,
        minutes=sum(one.question.minutes for one in group),
        question_ids=[one.question.id for one in group],
    )


def _question(one: Chosen) -> QuestionOut:
    question = one.question
    return QuestionOut(
        id=question.id,
        skill=one.skill.skill,
        category=one.skill.category,
        text=question.text,
        measures=question.measures,
        expects=list(question.expects),
        minutes=question.minutes,
    )

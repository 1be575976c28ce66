"""Plans and questions as the prompts package ships them, read once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from api.drafting.choosing import OPENING_MINUTES
from api.drafting.schemas import GenerateIn
from api.drafting.suggesting import StructuredDrafter
from api.drafting.vocabulary import Vocabulary
from api.errors import Complaint, Invalid
from api.interviews.naming import judging, skills_called
from api.interviews.references import Referred
from api.interviews.schemas import PLAN_SOURCES, BankQuestionOut, Brief, CreateInterview
from api.jobs import Seniority
from bot.plan import Plan
from prompts import Bank, languages, load_bank, load_plan, load_shapes, plan_from_bank, plan_names
from prompts import NotFound as NoSuch


class Engine(StrEnum):
    """What made a plan."""

    GIVEN = "given"  # a person, or the program that created the interview
    TEMPLATE = "template"
    STRUCTURED = "structured"  # rules and the question bank


@dataclass(frozen=True, slots=True)
class Made:
    """A plan and what made it. notes: what there is to say about it, in sentences."""

    plan: Plan
    engine: Engine
    notes: tuple[str, ...] = ()


class Library:
    """Makes the plan of a new interview out of what was asked for."""

    @cached_property
    def bank(self) -> Bank:
        """The question bank."""
        return load_bank()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the bank's skills are recognised by."""
        return Vocabulary(self.bank)

    @cached_property
    def drafter(self) -> StructuredDrafter:
        """What makes plans of the bank."""
        return StructuredDrafter(self.vocabulary, load_shapes())

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages a bot can hold an interview in."""
        return languages()

    def questions(self) -> list[BankQuestionOut]:
        """Return every question of the bank with its skill."""
        return [
            BankQuestionOut(
                skill=skill.skill,
                skill_name=skill.name,
                category=skill.category,
                **question.model_dump(mode="json", exclude={"version"}),
            )
            for skill, question in self.bank.by_id.values()
        ]

    def plan_for(self, wanted: CreateInterview, referred: Referred, former: Sequence[str] = ()) -> Made:
        """Return the plan of a new interview; raise `Invalid` saying what can't be and what can.

        former: facts that a plan kept so far has from a job or agent, and loses unless `referred` still leads to them.
        """
        made = _informed(self._made(wanted, referred), referred.facts, former)
        plan = made.plan
        language = wanted.language or plan.language
        if language not in self.languages:
            known = ", ".join(self.languages)
            raise Invalid(
                Complaint(("body", "language"), f"the bot does not speak {language!r}", f"choose one of: {known}")
            )
        if language != plan.language:
            raise Invalid(
                Complaint(
                    ("body", "language"),
                    f"the plan is worded in {plan.language!r}, the interview asks for {language!r}",
                    "give a plan in the interview's language",
                )
            )
        if _holds_nul(plan.model_dump(mode="json")):
            raise Invalid(Complaint(("body", "plan"), "holds a NUL character", "send plain text"))
        return made

    def _made(self, wanted: CreateInterview, referred: Referred) -> Made:
        if wanted.brief is not None:
            return self._from_brief(wanted, wanted.brief, referred)
        if any(getattr(wanted, source) is not None for source in PLAN_SOURCES):
            return Made(self._plan(wanted), Engine.GIVEN)
        skeleton = (referred.template or {}).get("plan")
        if skeleton is None:
            raise Invalid(
                Complaint(("body", "template_id"), "its template has no plan", f"give one of {', '.join(PLAN_SOURCES)}")
            )
        return Made(Plan.model_validate(skeleton), Engine.TEMPLATE)

    def _from_brief(self, wanted: CreateInterview, brief: Brief, referred: Referred) -> Made:
        found = self.drafter.generate(_request(brief, wanted, referred, self.bank))
        count = found.questions_generated
        capped = [f"There are {count} questions, not {brief.question_count}: {found.capped_by} set the limit."]
        plan = judging(found.plan, brief.criteria, self.bank)
        return Made(plan, Engine.STRUCTURED, tuple((capped if found.capped_by else []) + found.warnings))

    def _minutes(self, ids: Sequence[str]) -> float:
        return OPENING_MINUTES + sum(self.bank.question(question_id).minutes for question_id in ids)

    def _plan(self, wanted: CreateInterview) -> Plan:
        if wanted.plan is not None:
            return wanted.plan
        if wanted.plan_name is not None:
            if wanted.plan_name not in plan_names():  # never a path: the loader would read any file
                known = ", ".join(plan_names())
                raise Invalid(
                    Complaint(
                        ("body", "plan_name"), f"there is no plan {wanted.plan_name!r}", f"choose one of: {known}"
                    )
                )
            return Plan.model_validate(load_plan(wanted.plan_name, bank=self.bank))
        return self._from_bank(wanted)

    def _from_bank(self, wanted: CreateInterview) -> Plan:
        ids = wanted.question_ids or []
        for index, question_id in enumerate(ids):
            if question_id in ids[:index]:
                raise Invalid(
                    Complaint(("body", "question_ids", index), f"{question_id!r} stands twice", "name it once")
                )
            if question_id not in self.bank.by_id:
                raise Invalid(
                    Complaint(
                        ("body", "question_ids", index),
                        f"the question bank holds no {question_id!r}",
                        "see GET /v1/question-bank for the ids",
                    )
                )
        title = wanted.title or (f"Interview with {wanted.candidate.name}" if wanted.candidate else "Interview")
        minutes = wanted.minutes or self._minutes(ids)
        try:
            values = plan_from_bank(title, ids, wanted.language or "en", minutes, bank=self.bank)
            return Plan.model_validate(values)
        except NoSuch as error:
            raise Invalid(Complaint(("body", "language"), str(error), "give a plan in that language instead")) from None
        except ValidationError as error:
            raise Invalid(Complaint(("body", "question_ids"), _first(error), "choose other questions")) from None


def _request(brief: Brief, wanted: CreateInterview, referred: Referred, bank: Bank) -> GenerateIn:
    """A brief as drafting takes it, with what it leaves open from the job, else from the agent.

    What is to be judged and called like a skill of the bank is asked about, and what the job would like to have.
    """
    job, agent = referred.job or {}, referred.agent or {}
    title = brief.title or wanted.title or job.get("title") or agent.get("name")
    if title is None:
        raise Invalid(Complaint(("body", "brief", "title"), "is missing, and no job says it", "send it, or a job_id"))
    described = brief.description if brief.description is not None else job.get("description")
    asked_about = "\n".join(part for part in (described, agent.get("instructions")) if part)
    skills, level = brief.required_skills, None if brief.seniority else job.get("seniority")
    nice = job["skills"]["nice"] if skills is None and job else ()
    wished = [*(skill.name for skill in skills_called(brief.criteria, bank)), *nice]
    return GenerateIn.model_construct(
        title=title,
        job_description=asked_about,
        required_skills=list(job["skills"]["required"] if skills is None and job else skills or ()),
        experience_level=brief.seniority or "",
        seniority=Seniority(level) if level else None,
        tone=agent.get("persona", {}).get("tone"),
        resume_text=referred.resume or None,
        question_count=brief.question_count,
        categories=list(brief.categories),
        language=wanted.language or agent.get("language") or "en",
        minutes=brief.minutes,
        closing=False,
        candidate_expectations=". ".join(wished) or None,
    )


def _informed(made: Made, facts: Sequence[str], former: Sequence[str]) -> Made:
    """What was made, with these facts beside the plan's own, each once, and without former ones."""
    own = (fact for fact in made.plan.facts if fact not in former or fact in facts)
    known = tuple(dict.fromkeys((*own, *facts)))
    return made if known == made.plan.facts else replace(made, plan=made.plan.model_copy(update={"facts": known}))


def _first(error: ValidationError) -> str:
    return error.errors(include_url=False, include_input=False, include_context=False)[0]["msg"]


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\x00" in value
        case dict():
            return any(_holds_nul(key) or _holds_nul(inner) for key, inner in value.items())
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False

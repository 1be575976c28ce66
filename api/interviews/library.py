"""Plans and questions as the prompts package ships them, read once."""

from functools import cached_property
from typing import Any

from pydantic import ValidationError

from api.errors import Complaint, Invalid
from api.interviews.schemas import BankQuestionOut, CreateInterview
from bot.plan import Plan
from bot.spec import Mode
from prompts import Bank, languages, load_bank, load_plan, plan_from_bank, plan_names
from prompts import NotFound as NoSuch


class Library:
    """Makes the plan of a new interview out of what was asked for."""

    @cached_property
    def bank(self) -> Bank:
        """The question bank."""
        return load_bank()

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
                **question.model_dump(
                    mode="json", include={"id", "text", "measures", "expects", "probes", "anchors", "minutes"}
                ),
            )
            for skill, question in self.bank.by_id.values()
        ]

    def plan_for(self, wanted: CreateInterview) -> Plan:
        """Return the plan of a new interview; raise `Invalid` saying what can't be and what can."""
        if wanted.mode is not Mode.SOLO:
            raise Invalid(
                Complaint(
                    ("body", "mode"), f"mode {wanted.mode.value!r} can't be held yet", "leave it out or send solo"
                )
            )
        plan = self._plan(wanted)
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
        return plan

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
        minutes = wanted.minutes or 5.0 + sum(self.bank.question(question_id).minutes for question_id in ids)
        try:
            values = plan_from_bank(title, ids, wanted.language or "en", minutes, bank=self.bank)
            return Plan.model_validate(values)
        except NoSuch as error:
            raise Invalid(Complaint(("body", "language"), str(error), "give a plan in that language instead")) from None
        except ValidationError as error:
            raise Invalid(Complaint(("body", "question_ids"), _first(error), "choose other questions")) from None


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

"""An interview's questions: told from its plan, and taken back as a whole list."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from pydantic import ValidationError

from api.dialects.jobmojito.answers import JobMojitoQuestionsDiff, JobMojitoReplaced
from api.dialects.jobmojito.schemas import JobMojitoExpectations, JobMojitoQuestion
from api.dialects.jobmojito.tables import MODERATE, STRONG, WEAK
from api.errors import Complaint, Invalid
from api.languages import primary
from api.postings import PostingStatus
from api.publishing.schemas import Offer
from bot.plan import Criterion, Plan, Question, Section

OWN_SECTION, OWN_SECTION_NAME = "own", "some questions of our own"
USUAL_MINUTES = 30.0


def told(plan: Plan, code: str) -> list[JobMojitoQuestion]:
    """Return a plan's questions in order. code: of their language."""
    known = {criterion.id: criterion for criterion in plan.criteria}
    return [
        JobMojitoQuestion(
            id=question.id,
            question=question.text,
            duration=question.minutes * 60,
            mojito_language_code=code,
            candidate_expectations_json=expectations(_scales(question, known)),
        )
        for question in plan.questions
    ]


def expectations(scales: Iterable[Mapping[int, str]]) -> JobMojitoExpectations:
    """Return what answers of each strength show, by the anchors they are rated by."""
    known = list(scales)
    weak, moderate, strong = (
        [text for anchors in known if (text := anchors.get(level))] for level in (WEAK, MODERATE, STRONG)
    )
    return JobMojitoExpectations(weak=weak, moderate=moderate, strong=strong)


def _scales(question: Question, criteria: Mapping[str, Criterion]) -> list[Mapping[int, str]]:
    """A question's own anchors, else those of its criteria."""
    return [question.anchors] if question.anchors else [criteria[name].anchors for name in question.criteria]


def replanned(offer: Offer, wanted: Sequence[JobMojitoQuestion]) -> tuple[Plan, JobMojitoQuestionsDiff]:
    """Return the plan that asks `wanted`, in that order, and what became of each question; raise `Invalid`.

    A question with other words is another one: what it was rated by does not apply to it.
    """
    before = offer.template.plan
    known = {question.id: question for question in before.questions} if before else {}
    kept, added, replaced = list[str](), list[str](), list[JobMojitoReplaced]()
    asked: list[Question] = []
    for entry in wanted:
        old = known.get(entry.id or "")
        question = _question(entry, old)
        if old is None:
            added.append(question.id)
        elif question == old:
            kept.append(question.id)
        else:
            replaced.append(JobMojitoReplaced.model_validate({"from": old.id, "to": question.id}))
        asked.append(question)
    removed = [id_ for id_ in known if id_ not in {entry.id for entry in wanted}]
    diff = JobMojitoQuestionsDiff(
        kept=kept,
        added=added,
        removed=removed,
        replaced=replaced,
        question_ids=[question.id for question in asked],
        reactivated=offer.posting.status is PostingStatus.ACTIVE and bool(added or removed or replaced),
    )
    return _plan(offer, before, asked), diff


def _question(entry: JobMojitoQuestion, old: Question | None) -> Question:
    minutes = {"minutes": entry.duration / 60} if entry.duration is not None else {}
    if old is not None and entry.question == old.text:
        return old.model_copy(update=minutes)
    try:
        return Question.model_validate({"id": f"q-{secrets.token_hex(4)}", "text": entry.question, **minutes})
    except ValidationError as error:
        what = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Invalid(Complaint(("body", "questions"), f"{entry.question[:60]!r} {what}", "word it anew")) from None


def _plan(offer: Offer, before: Plan | None, asked: Sequence[Question]) -> Plan:
    names = {criterion for question in asked for criterion in question.criteria}
    criteria = tuple(one for one in before.criteria if one.id in names) if before else ()
    try:
        return Plan(
            title=offer.posting.name or offer.template.name,
            minutes=before.minutes if before else USUAL_MINUTES,
            language=primary(offer.agent.language),
            criteria=criteria,
            sections=_sections(before, asked),
            facts=before.facts if before else (),
        )
    except ValidationError as error:
        what = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Invalid(Complaint(("body", "questions"), what, "send other questions")) from None


def _sections(before: Plan | None, asked: Sequence[Question]) -> tuple[Section, ...]:
    """Neighbours that were of one section stay together; new ones have a section of their own."""
    home = {question.id: section for section in (before.sections if before else ()) for question in section.questions}
    runs = [(section, list(group)) for section, group in groupby(asked, key=lambda question: home.get(question.id))]
    return tuple(
        Section(
            id=f"{section.id if section else OWN_SECTION}-{number}"[-64:],
            name=section.name if section else OWN_SECTION_NAME,
            questions=tuple(group),
        )
        for number, (section, group) in enumerate(runs, 1)
    )

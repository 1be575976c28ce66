"""What a drafted plan is answered with: all of it, taken apart for people to read. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from api.drafting.planning import CLOSING_ID, RAPPORT_ID, Note, Planned
from api.drafting.schemas import (
    CriterionOut,
    DraftOut,
    GeneratedOut,
    ListenFor,
    PlainQuestionOut,
    QuestionOut,
    SectionOut,
    SeniorityOut,
    SkillOut,
)
from api.drafting.vocabulary import Recognised
from bot.plan import Criterion, Plan, Question, Section
from prompts import Skill


def draft(
    planned: Planned,
    recognised: Sequence[Recognised],
    seniority: SeniorityOut | None,
    because: Sequence[str],
    warnings: Sequence[str],
) -> DraftOut:
    """Return a whole interview."""
    return DraftOut(
        **_made(planned, recognised, seniority, because, warnings),
        minutes=planned.plan.minutes,
        question_ids=[id_ for id_, note in planned.notes.items() if note.bank],
    )


def generated(
    planned: Planned,
    recognised: Sequence[Recognised],
    seniority: SeniorityOut | None,
    because: Sequence[str],
    warnings: Sequence[str],
    unmatched: Sequence[str],
    capped_by: Literal["minutes", "bank"] | None,
) -> GeneratedOut:
    """Return questions for a job."""
    return GeneratedOut(
        **_made(planned, recognised, seniority, because, warnings),
        unmatched_skills=list(unmatched),
        questions_generated=len(planned.notes),
        capped_by=capped_by,
    )


def listen_for(anchors: Mapping[int, str]) -> ListenFor:
    """Return what answers sound like: levels 1 and 2 are weak, 3 is moderate, 4 and 5 are strong."""
    weak, moderate, strong = (
        [anchors[level] for level in levels if level in anchors] for levels in ((1, 2), (3,), (4, 5))
    )
    return ListenFor(weak=weak, moderate=moderate, strong=strong)


def _made(
    planned: Planned,
    recognised: Sequence[Recognised],
    seniority: SeniorityOut | None,
    because: Sequence[str],
    warnings: Sequence[str],
) -> dict[str, Any]:
    plan, notes = planned.plan, planned.notes
    plain = [PlainQuestionOut(id=one.id, text=one.text) for one in plan.questions if one.id not in notes]
    return {
        "title": plan.title,
        "seniority": seniority,
        "language": plan.language,
        "skills": _skills(planned.skills, recognised),
        "criteria": [_criterion(criterion, plan) for criterion in plan.criteria],
        "sections": [_section(section) for section in plan.sections if section.questions[0].id in notes],
        "questions": [_question(one, notes[one.id], plan) for one in plan.questions if one.id in notes],
        "rapport": next((one for one in plain if one.id == RAPPORT_ID), None),
        "opening": [one for one in plain if one.id not in {RAPPORT_ID, CLOSING_ID}],
        "closing": next((one for one in plain if one.id == CLOSING_ID), None),
        "plan": plan,
        "because": list(because),
        "warnings": list(warnings),
    }


def _skills(asked_about: Sequence[Skill], recognised: Sequence[Recognised]) -> list[SkillOut]:
    words = {one.skill.skill: one.words for one in recognised}
    skills = {one.skill.skill: one.skill for one in recognised} | {one.skill: one for one in asked_about}
    return [
        SkillOut(id=id_, name=skill.name, category=skill.category, words=list(words.get(id_, ())))
        for id_, skill in skills.items()
    ]


def _criterion(criterion: Criterion, plan: Plan) -> CriterionOut:
    asked = [question.id for question in plan.questions if criterion.id in question.criteria]
    return CriterionOut(**criterion.model_dump(), question_ids=asked)


def _section(section: Section) -> SectionOut:
    return SectionOut(
        id=section.id,
        name=section.name,
        minutes=round(sum(question.minutes for question in section.questions), 1),
        question_ids=[question.id for question in section.questions],
    )


def _question(question: Question, note: Note, plan: Plan) -> QuestionOut:
    criterion = next(one for one in plan.criteria if one.id in question.criteria)
    anchors = question.anchors or criterion.anchors
    values = question.model_dump(mode="json", exclude={"anchors", "max_followups", "terms"})
    return QuestionOut(
        **values,
        skill=note.skill,
        category=note.category,
        measures=note.measures,
        because=note.because,
        anchors=dict(anchors),
        listen_for=listen_for(anchors),
    )

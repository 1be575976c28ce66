"""A plan as Maya tells it: sections in whole minutes, and what they are about. Pure functions."""

from collections.abc import Sequence

from api.dialects.maya.schemas import MayaPlan, MayaSection, MayaStructure
from api.interviews.plans import PlanOut
from bot.plan import Plan, Section


def plan(found: PlanOut) -> MayaPlan:
    """Return a version of a plan; its opening and closing minutes are shared out among the sections."""
    weights = [sum(question.minutes for question in section.questions) for section in found.plan.sections]
    minutes = whole_minutes(found.plan.minutes, weights)
    return MayaPlan(
        id=found.id,
        interview_id=found.interview_id,
        structure=MayaStructure(
            duration=sum(minutes),
            sections=[
                MayaSection(name=section.name, duration=length, topics=_topics(section, found.plan))
                for section, length in zip(found.plan.sections, minutes, strict=True)
            ],
        ),
        created_at=found.created_at,
    )


def whole_minutes(minutes: float, weights: Sequence[float]) -> list[int]:
    """Return `minutes`, rounded, in parts by weight: whole ones of at least 1, so that a short plan may get longer."""
    total = max(round(minutes), len(weights))
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [max(1, int(share)) for share in exact]
    while missing := total - sum(parts):
        step = 1 if missing > 0 else -1
        able = [place for place, part in enumerate(parts) if part + step > 0]
        place = max(able, key=lambda place: step * (exact[place] - parts[place]))
        parts[place] += step
    return parts


def _topics(section: Section, of: Plan) -> list[str]:
    """What the section's questions measure; a question that names no criterion says nothing of it."""
    names = {criterion.id: criterion.name for criterion in of.criteria}
    return list(dict.fromkeys(names[one] for question in section.questions for one in question.criteria))

"""Criteria that are given by name alone: the scale of the question bank that is called so, or none. Pure functions."""

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.plan import Criterion, Plan, Question
from prompts import Bank, Skill

_FILLING = frozenset({"skill", "skills", "ability", "abilities"})


def skills_called(names: Iterable[str], bank: Bank) -> list[Skill]:
    """Return the bank's skills that are called by these names, whatever their case: "Problem-solving skills"."""
    known = {_plain(name): skill for skill in bank.skills for name in (skill.skill, skill.name)}
    return [known[name] for name in dict.fromkeys(map(_plain, names)) if name in known]


def judging(plan: Plan, names: Sequence[str], bank: Bank) -> Plan:
    """Return `plan` judged by criteria of these names too, and with weights that add up to what they were.

    One called like a criterion of the plan is that one, under the name given. One called like what a question measures
    is rated by that question, one called like a skill that is not asked about has its anchors. Every question may speak
    to any other, which has no anchors: quotes are found for it, and no level.
    """
    criteria = {criterion.id: criterion for criterion in plan.criteria}
    called = {_plain(name): one.id for one in plan.criteria for name in (one.id, one.name)}
    measured = {_plain(bank.question(one.id).measures): one for one in plan.questions if one.id in bank.by_id}
    skills = {_plain(name): skill for skill in bank.skills for name in (skill.skill, skill.name)}
    speak: dict[str, list[str]] = {}  # by questions, the criteria that are added to them
    usual = sum(one.weight for one in plan.criteria) / len(plan.criteria) if plan.criteria else 1.0
    for plain, name in reversed({_plain(name): name for name in reversed(names)}.items()):
        if (same := called.get(plain)) is not None:
            criteria[same] = criteria[same].model_copy(update={"name": name})
            continue
        key = _key(name, criteria)
        question, skill = measured.get(plain), skills.get(plain)
        anchors = question.anchors if question else (skill.anchors or {}) if skill else {}
        criteria[key] = Criterion(id=key, name=name, weight=usual, anchors=dict(anchors))
        called[plain] = key
        about = [question] if question else [] if skill else plan.questions
        for one in about:
            speak.setdefault(one.id, []).append(key)
    return _with(plan, criteria, speak)


def _with(plan: Plan, criteria: Mapping[str, Criterion], speak: Mapping[str, Sequence[str]]) -> Plan:
    def spoken(question: Question) -> Question:
        return question.model_copy(update={"criteria": (*question.criteria, *speak.get(question.id, ()))})

    before, now = (sum(one.weight for one in group) for group in (plan.criteria, criteria.values()))
    share = before / now if plan.criteria else 1.0
    weighed = tuple(one.model_copy(update={"weight": one.weight * share}) for one in criteria.values())
    sections = (one.model_copy(update={"questions": tuple(map(spoken, one.questions))}) for one in plan.sections)
    return plan.model_copy(update={"criteria": weighed, "sections": tuple(sections)})


def _plain(name: str) -> str:
    """A name as it is compared: small words of letters and digits, without what only fills it."""
    words = re.findall(r"[^\W_]+[+#]*", name.casefold())  # C++ and C# are no C
    return " ".join(word for word in words if word not in _FILLING) or " ".join(words) or name


def _key(name: str, taken: Mapping[str, Criterion]) -> str:
    """A criterion's id from its name: what of it an id may hold, and not one that is taken."""
    key = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "criterion"
    while key in taken:
        key += "-"
    return key

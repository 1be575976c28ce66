"""Choosing questions: the same request gets the same ones, spread over what was asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Literal

from api.drafting.vocabulary import Recognised
from prompts import Bank, BankQuestion, Skill

MINUTES_PER_QUESTION = 2.0  # what the shortest exchange takes
OPENING_MINUTES = 5.0  # hello, consent and good-bye
GENERAL = ("problem-solving", "communication", "teamwork", "ownership")  # asked of everybody when room is left


@dataclass(frozen=True, slots=True)
class Chosen:
    """One question and why it is here. because: the words of the request that name its skill, if any."""

    skill: Skill
    question: BankQuestion
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The questions, skill by skill. capped_by: what kept them fewer than asked for."""

    questions: tuple[Chosen, ...]
    capped_by: Literal["minutes", "bank"] | None


def ranked(recognised: Sequence[Recognised], bank: Bank, categories: frozenset[str]) -> list[Recognised]:
    """Return the skills to ask about: those recognised, then the general ones, as far as `categories` allow.

    categories: of skills, or skills by name; none allows all. One that nothing falls into brings all of its own.
    """
    general = [skill for name in GENERAL for skill in bank.skills if skill.skill == name]
    found = {one.skill.skill: one for one in recognised}
    for skill in general:
        found.setdefault(skill.skill, _unnamed(skill))
    if not categories:
        return list(found.values())
    allowed = {name: one for name, one in found.items() if categories & {one.skill.category, name}}
    present = {one.skill.category for one in allowed.values()} | allowed.keys()
    for skill in bank.skills:
        if (categories - present) & {skill.category, skill.skill}:
            allowed.setdefault(skill.skill, _unnamed(skill))
    return list(allowed.values())


def choose(skills: Sequence[Recognised], count: int, minutes: float | None) -> Choice:
    """Return at most `count` questions, in turn from each category and within it from each skill.

    minutes: the whole interview; what opens and closes it comes off.
    """
    room = None if minutes is None else max(1, int((minutes - OPENING_MINUTES) / MINUTES_PER_QUESTION))
    wanted = count if room is None else min(count, room)
    taken = list(islice(_in_turn(skills), wanted))
    capped_by: Literal["minutes", "bank"] | None = (
        "bank" if len(taken) < wanted else "minutes" if wanted < count else None
    )
    return Choice(_together(taken, skills), capped_by)


def fit(skills: Sequence[Recognised], minutes: float) -> tuple[Chosen, ...]:
    """Return as many questions as their own minutes allow in an interview of `minutes`, at least one."""
    left = minutes - OPENING_MINUTES
    taken: list[Chosen] = []
    for one in _in_turn(skills):
        if not taken or one.question.minutes <= left:
            taken.append(one)
            left -= one.question.minutes
    return _together(taken, skills)


def _together(taken: Sequence[Chosen], skills: Sequence[Recognised]) -> tuple[Chosen, ...]:
    """What belongs to one skill is asked together, the most wanted skill first."""
    order = {one.skill.skill: number for number, one in enumerate(skills)}
    return tuple(sorted(taken, key=lambda one: order[one.skill.skill]))


def _unnamed(skill: Skill) -> Recognised:
    return Recognised(skill, (), 0)


def _in_turn(skills: Sequence[Recognised]) -> Iterator[Chosen]:
    """Yield one question of each category after another, and within a category of each skill after another."""
    categories = list(dict.fromkeys(one.skill.category for one in skills))
    lanes = [_lane([one for one in skills if one.skill.category == category]) for category in categories]
    for row in zip_longest(*lanes):
        yield from (one for one in row if one is not None)


def _lane(skills: Sequence[Recognised]) -> Iterator[Chosen]:
    for row in zip_longest(*([Chosen(one.skill, q, one.words) for q in one.skill.questions] for one in skills)):
        yield from (one for one in row if one is not None)

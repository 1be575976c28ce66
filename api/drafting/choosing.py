"""Choosing questions: the same request gets the same ones, spread over what was asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Literal, TypeVar

from api.drafting.shaping import Shape
from api.drafting.vocabulary import Recognised
from prompts import Bank, BankQuestion, Skill

MINUTES_PER_QUESTION = 2.0  # what the shortest exchange takes
USUAL_QUESTION_MINUTES = 4.0
OPENING_MINUTES = 5.0  # hello, consent and good-bye
OPENING_SHARE = 0.25  # of a short interview, at most
PLAIN_MINUTES = 1.0  # a question that is not judged
FEWEST, MOST_SKILLS = 2, 7
SPECIAL_AFTER = 3  # so many questions of the bank comes one made for this request
BEHAVIOURAL = "behavioural"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One question and why it is here. words: those of the request that name its skill, if any."""

    skill: Skill
    question: BankQuestion
    words: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The questions in the order they were taken. capped_by: what kept them fewer than asked for."""

    questions: tuple[Chosen, ...]
    capped_by: Literal["minutes", "bank"] | None


def ranked(recognised: Sequence[Recognised], bank: Bank, categories: frozenset[str], shape: Shape) -> list[Recognised]:
    """Return the skills to ask about: what the style puts first, those recognised, then the general ones.

    categories: of skills, or skills by name; none allows all. One that nothing falls into brings all of its own.
    """
    found = {one.skill.skill: one for one in recognised}
    for name in (*shape.first, *shape.general):
        if name in bank.skill:
            found.setdefault(name, Recognised(bank.skill[name], (), 0))
    if categories:
        found = {name: one for name, one in found.items() if categories & {one.skill.category, name}}
        present = {one.skill.category for one in found.values()} | found.keys()
        for skill in bank.skills:
            if (categories - present) & {skill.category, skill.skill}:
                found.setdefault(skill.skill, Recognised(skill, (), 0))
    return sorted(found.values(), key=lambda one: not {one.skill.category, one.skill.skill} & set(shape.first))


def budget(minutes: float, plain: int = 0) -> float:
    """Return the minutes left for questions that are judged, in an interview of `minutes` with `plain` others."""
    opening = min(OPENING_MINUTES, minutes * OPENING_SHARE)
    return max(minutes - opening - plain * PLAIN_MINUTES, minutes / 2)


def spread(skills: Sequence[Recognised], bank: Bank, minutes: float, shape: Shape) -> list[Recognised]:
    """Return as many skills as can be gone into in `minutes`: a quarter of the questions goes deeper into one.

    Where there are too few, further ways of working are added.
    """
    present = {one.skill.skill for one in skills}
    further = [bank.skill[name] for name in shape.further if name in bank.skill and name not in present]
    skills = [*skills, *(Recognised(skill, (), 0) for skill in further)]
    questions = max(FEWEST, int(minutes / min(USUAL_QUESTION_MINUTES, shape.longest or USUAL_QUESTION_MINUTES)))
    most = min(MOST_SKILLS, questions - questions // 4, -(-questions // shape.per_skill))
    share = most if shape.own_share and most <= SPECIAL_AFTER else shape.own_share  # what is named comes first then
    kept = {one.skill.skill for one in islice(_shared(*_sides(skills), share), max(FEWEST, most))}
    return [one for one in skills if one.skill.skill in kept]


def choose(sequence: Iterable[Chosen], count: int, minutes: float | None) -> Choice:
    """Return the first `count` questions. minutes: the whole interview; what opens and closes it comes off."""
    room = None if minutes is None else max(1, int((minutes - OPENING_MINUTES) / MINUTES_PER_QUESTION))
    wanted = count if room is None else min(count, room)
    taken = tuple(islice(sequence, wanted))
    capped_by: Literal["minutes", "bank"] | None = (
        "bank" if len(taken) < wanted else "minutes" if wanted < count else None
    )
    return Choice(taken, capped_by)


def fit(sequence: Iterable[Chosen], minutes: float, count: int | None) -> tuple[Chosen, ...]:
    """Return as many questions as their own minutes allow in `minutes`, at least two where there are two."""
    left = minutes
    taken: list[Chosen] = []
    fewest = FEWEST if count is None else min(FEWEST, count)
    for one in sequence:
        if count is not None and len(taken) == count:
            break
        if len(taken) < fewest or one.question.minutes <= left:
            taken.append(one)
            left -= one.question.minutes
    return tuple(taken)


def in_turn(skills: Sequence[Recognised], shape: Shape) -> Iterator[Chosen]:
    """Yield questions of the bank: of the role's own skills and of ways of working in the style's shares."""
    own, ways = _sides(skills)
    share = min(shape.own_share, len(own)) or shape.own_share  # of one skill not two in a row
    return _shared(_lane(own, shape), _lane(ways, shape), share)


def mixed(usual: Iterable[T], special: Iterable[T]) -> Iterator[T]:
    """Yield some of the usual, then one of the special, and so on; what is left of either in the end."""
    rest, others = iter(usual), iter(special)
    while some := list(islice(rest, SPECIAL_AFTER)):
        yield from some
        yield from islice(others, 1)
    yield from others


def _sides(skills: Sequence[Recognised]) -> tuple[list[Recognised], list[Recognised]]:
    own = [one for one in skills if one.skill.category != BEHAVIOURAL]
    return own, [one for one in skills if one.skill.category == BEHAVIOURAL]


def _shared(own: Iterable[T], ways: Iterable[T], share: int) -> Iterator[T]:
    first, second = iter(own), iter(ways)
    if not share:
        first, second = second, first
    while True:
        some = [*islice(first, share or SPECIAL_AFTER), *islice(second, 1)]
        if not some:
            return
        yield from some


def _lane(skills: Sequence[Recognised], shape: Shape) -> Iterator[Chosen]:
    """Yield `per_skill` questions of each skill after another, and so on until there are none left."""
    rounds = [
        [questions[at : at + shape.per_skill] for at in range(0, len(questions), shape.per_skill)]
        for questions in (shape.in_depth(one.skill) for one in skills)
    ]
    for row in zip_longest(*rounds, fillvalue=()):
        for one, questions in zip(skills, row, strict=True):
            yield from (Chosen(one.skill, question, one.words, _why(one)) for question in questions)


def _why(one: Recognised) -> str:
    if one.words:
        return f"{one.skill.name}: named by {', '.join(one.words)}."
    return f"{one.skill.name}: asked where a text leaves room for it."

"""From chosen questions to a plan that can be held: wording, patience, priorities, and minutes that fit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.drafting.choosing import OPENING_MINUTES, PLAIN_MINUTES, Chosen, budget
from api.drafting.judging import Group, criteria_of, grouped
from api.drafting.schemas import ScoringIn
from api.drafting.shaping import Shape
from api.errors import Complaint, Invalid
from bot.plan import Plan, Priority, Question, Section, Signal
from prompts import Bank, Skill
from prompts.shapes import PlainQuestion

OPENING, CLOSING = "getting-started", "closing"
OPENING_NAME, CLOSING_NAME = "how we begin", "what we have left out"
_FRAME = re.compile(rf"(?:{OPENING}|{CLOSING})(?:-\d+)*")
RAPPORT_ID, CLOSING_ID = "rapport", "closing-word"
MOST_MINUTES = 240.0
LEAST_MINUTES = 0.1  # that a plan counts in
SHORTEST_MINUTES = 0.5  # in which somebody can be asked anything
OPTIONAL_SHARE = 4  # one question in so many, of those that go deeper into a skill, can be left out


@dataclass(frozen=True, slots=True)
class Framing:
    """What is asked before and after, and not judged."""

    opening: tuple[PlainQuestion, ...]
    closing: tuple[PlainQuestion, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of a judged question beside what a plan holds. bank: whether it is the question bank's."""

    skill: str
    category: str
    measures: str
    because: str
    bank: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with a note on each question that is judged, in its order. skills: those of the bank it asks about."""

    plan: Plan
    notes: Mapping[str, Note]
    skills: tuple[Skill, ...]


def frames(section: Section) -> bool:
    """Tell whether a section of a plan is what opens or closes it, and not judged; also where its id got a number."""
    return _FRAME.fullmatch(section.id) is not None


def framing_of(shape: Shape, rapport: bool, closing: bool) -> Framing:
    """Return what a style and two wishes put around the questions."""
    tone = shape.tone
    easy = (PlainQuestion(id=RAPPORT_ID, text=tone.rapport, rephrase=tone.rapport),) if rapport else ()
    last = (PlainQuestion(id=CLOSING_ID, text=tone.closing, rephrase=tone.closing),) if closing else ()
    return Framing((*easy, *shape.plain), last)


def needed(chosen: Sequence[Chosen], shape: Shape) -> float:
    """Return the minutes of an interview that asks all of this at its own length."""
    own = sum(_length(one, shape) for one in chosen)
    return min(MOST_MINUTES, OPENING_MINUTES + own + len(shape.plain) * PLAIN_MINUTES)


def plan_of(
    title: str,
    minutes: float,
    chosen: Sequence[Chosen],
    bank: Bank,
    shape: Shape,
    *,
    framing: Framing,
    scoring: Mapping[str, ScoringIn],
    optional: bool,
) -> Planned:
    """Return the plan that asks `chosen`, shortened alike where they are longer than `minutes` allow.

    optional: some of what goes deeper may be left out when time runs short. Raises `Invalid` for too few
    minutes, and for what `scoring` names and the plan has not.
    """
    groups = grouped(chosen, bank)
    room = budget(minutes, len(shape.plain))
    share = min(1.0, room / sum(_length(one, shape) for one in chosen))
    if share < 1 and room / len(chosen) < SHORTEST_MINUTES:
        raise Invalid(
            Complaint(("body", "minutes"), f"no question fits into {minutes:g} minutes", "give it more minutes")
        )
    spare = _spare(chosen) if optional else frozenset[str]()
    sections = [
        Section(
            id=group.id,
            name=group.topic,
            questions=tuple(_question(one, group, share, shape, spare, scoring) for one in group.members),
        )
        for group in groups
    ]
    around = _plain_minutes(minutes, len(framing.opening) + len(framing.closing))
    plan = Plan(
        title=title,
        minutes=minutes,
        language="en",
        criteria=criteria_of(groups, scoring),
        sections=(
            *_plain(OPENING, OPENING_NAME, framing.opening, around, shape),
            *sections,
            *_plain(CLOSING, CLOSING_NAME, framing.closing, around, shape),
        ),
    )
    members = [one for group in groups for one in group.members]
    skills = {one.skill.skill: one.skill for one in members if one.skill.skill in bank.skill}
    return Planned(plan, {one.question.id: _note(one, bank) for one in members}, tuple(skills.values()))


def _note(one: Chosen, bank: Bank) -> Note:
    question = one.question
    return Note(one.skill.skill, one.skill.category, question.measures, one.because, question.id in bank.by_id)


def _length(one: Chosen, shape: Shape) -> float:
    return min(one.question.minutes, shape.longest or one.question.minutes)


def _spare(chosen: Sequence[Chosen]) -> frozenset[str]:
    """The last questions taken that are not the first on their skill, at most a quarter of all."""
    firsts = {one.skill.skill: one.question.id for one in reversed(chosen)}
    deeper = [one.question.id for one in chosen if one.question.id not in firsts.values()]
    most = len(chosen) // OPTIONAL_SHARE
    return frozenset(deeper[-most:] if most else ())


def _question(
    one: Chosen, group: Group, share: float, shape: Shape, spare: frozenset[str], scoring: Mapping[str, ScoringIn]
) -> Question:
    question = one.question
    text, rephrase = shape.wording(question)
    judged_anew = group.id in scoring and scoring[group.id].anchors
    return Question(
        id=question.id,
        text=text,
        rephrase=rephrase,
        criteria=(group.id,),
        expects=tuple(Signal(signal) for signal in question.expects),
        probes={Signal(signal): probe for signal, probe in question.probes.items()},
        max_followups=min(question.max_followups, shape.max_followups),
        patience=shape.waits(question),
        priority=Priority.OPTIONAL if question.id in spare else Priority.CORE,
        minutes=max(LEAST_MINUTES, floored(_length(one, shape) * share)),
        anchors={} if judged_anew else dict(question.anchors),
        terms=question.terms,
    )


def _plain(
    id_: str, name: str, questions: Sequence[PlainQuestion], minutes: float, shape: Shape
) -> tuple[Section, ...]:
    if not questions:
        return ()
    asked = []
    for question in questions:
        text, rephrase = shape.wording(question)
        asked.append(
            Question(
                id=question.id,
                text=text,
                rephrase=rephrase,
                expects=(),
                max_followups=0,
                priority=Priority.OPTIONAL,
                minutes=minutes,
            )
        )
    return (Section(id=id_, name=name, questions=tuple(asked)),)


def _plain_minutes(minutes: float, count: int) -> float:
    """What each question around the others takes: a minute, less in a short interview."""
    return max(LEAST_MINUTES, min(PLAIN_MINUTES, floored((minutes - budget(minutes)) / (count + 1))))


def floored(minutes: float) -> float:
    """Return minutes cut to tenths."""
    return int(minutes * 10 + 1e-9) / 10

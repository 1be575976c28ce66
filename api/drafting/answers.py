"""What a chat model answers when it drafts an interview, and what may be wrong with it that a schema can't say."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.jobs import Seniority
from bot.interview.off_limits import wanted
from bot.plan import Key, Signal
from prompts import the_detector

MOST_WORDS = 40  # of a question; more can't be followed by ear
LATE_MINUTES = 0.5  # that all questions together may take more than there is time for

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class DraftedCriterion(_Answer):
    """What is judged. anchors: what one sees on the levels 1 to 5, in this order."""

    id: Key
    name: Name
    description: Line
    weight: Annotated[float, Field(gt=0, le=100)]
    anchors: Annotated[list[Line], Field(min_length=5, max_length=5)]


class DraftedProbe(_Answer):
    """What is asked when an answer lacks something."""

    lacks: Signal
    text: Line


class DraftedQuestion(_Answer):
    """One question, and what answers to it sound like."""

    text: Line
    rephrase: Line
    criterion: Key
    kind: Literal["technical", "role", "behavioural"]
    measures: Name
    expects: Annotated[list[Signal], Field(min_length=1, max_length=7)]
    probes: Annotated[list[DraftedProbe], Field(max_length=7)]
    weak: Line
    moderate: Line
    strong: Line
    minutes: Annotated[float, Field(gt=0, le=30)]
    optional: bool


class DraftedSection(_Answer):
    """Questions that belong together."""

    name: Name
    questions: Annotated[list[DraftedQuestion], Field(min_length=1, max_length=40)]


class DraftedInterview(_Answer):
    """A whole interview."""

    title: Name
    seniority: Seniority | None
    criteria: Annotated[list[DraftedCriterion], Field(min_length=2, max_length=7)]
    sections: Annotated[list[DraftedSection], Field(min_length=1, max_length=12)]
    opening: Line
    closing: Line

    @property
    def questions(self) -> list[DraftedQuestion]:
        """All questions, in their order."""
        return [question for section in self.sections for question in section.questions]


def faults(
    answer: DraftedInterview, room: float, least: int, most: int, must_judge: frozenset[str], language: str = "en"
) -> list[str]:
    """Return what is wrong with an answer, one sentence for each thing, for its author to put right.

    room: minutes for all questions together; least, most: how many there may be; language: what it is written in.
    """
    return [*_counts(answer, room, least, most), *_ties(answer, must_judge), *_words(answer, language)]


def _counts(answer: DraftedInterview, room: float, least: int, most: int) -> Iterator[str]:
    count = len(answer.questions)
    if not least <= count <= most:
        yield f"there are {count} questions; write {most if least == most else f'{least} to {most}'}"
    if (minutes := sum(question.minutes for question in answer.questions)) > room + LATE_MINUTES:
        yield f"the questions take {minutes:g} minutes together; there are {room:g} for them"


def _ties(answer: DraftedInterview, must_judge: frozenset[str]) -> Iterator[str]:
    ids = [criterion.id for criterion in answer.criteria]
    yield from (f"criterion id {id_!r} is used more than once" for id_, times in Counter(ids).items() if times > 1)
    yield from (f"criterion {id_!r} has to be among the criteria" for id_ in sorted(must_judge.difference(ids)))
    reached = {question.criterion for question in answer.questions}
    yield from (f"no question is about criterion {id_!r}" for id_ in sorted(set(ids) - reached))
    yield from (f"a question names criterion {id_!r}, which there is not" for id_ in sorted(reached.difference(ids)))


def _words(answer: DraftedInterview, language: str) -> Iterator[str]:
    asked = Counter(" ".join(question.text.casefold().split()) for question in answer.questions)
    yield from (f"this is asked more than once: {text[:80]!r}" for text, times in asked.items() if times > 1)
    spoken = [answer.opening, answer.closing, *(section.name for section in answer.sections)]
    for question in answer.questions:
        spoken += [question.text, question.rephrase, *(probe.text for probe in question.probes)]
    for text in spoken:
        if not any(character.isalnum() for character in text):
            yield f"holds no word that could be said: {text[:80]!r}"
        if len(text.split()) > MOST_WORDS:
            yield f"has more than {MOST_WORDS} words: {text[:80]!r}"
        if text.count("?") > 1:
            yield f"asks more than one thing: {text[:80]!r}"
    written = [answer.title, *(anchor for criterion in answer.criteria for anchor in criterion.anchors)]
    written += [text for question in answer.questions for text in (question.weak, question.moderate, question.strong)]
    for text in (*spoken, *written):
        if wanted(text, language):
            yield f"touches what no interview may ask about: {text[:80]!r}"
        if the_detector().find(text):
            yield f"is an order to whoever rates, not for people: {text[:80]!r}"

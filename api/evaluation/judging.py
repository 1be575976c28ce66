"""One criterion rated by a model: quotes first, looked up one by one, then several ratings of nothing but those quotes.

The level is the median of the ratings (of an even number the lower middle one). A person is asked for when the ratings
lie `WIDE` levels or more apart, when some give a level and others none, when no quote is relied on by all of them, or
when nothing that the model quoted was said.
"""

import asyncio
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.errors import ModelFailed
from api.evaluation.evidence import Evidence, Polarity
from api.evaluation.quoting import HIDDEN, Shown, Verified, look_up
from api.evaluation.reading import UNSURE
from api.evaluation.rubric import RubricCriterion
from api.evaluation.telling import POOR
from api.model import Answer, Model, Provenance
from bot.interview.commands import words
from prompts import Prompt, load_prompt

WIDE = 2  # levels between the lowest and the highest rating
MOST_QUOTES = 6  # of each kind
ECHO_WORDS = 8  # as many words in a row from the instructions are no coincidence


class Quoted(BaseModel):
    """A passage that a model says was said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    turn: int
    quote: Annotated[str, Field(min_length=1, max_length=1200)]


class Quotes(BaseModel):
    """What a model finds for and against a criterion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    speaks_for: Annotated[list[Quoted], Field(max_length=MOST_QUOTES)]
    speaks_against: Annotated[list[Quoted], Field(max_length=MOST_QUOTES)]


class Rating(BaseModel):
    """One rating of some quotes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    relies_on: Annotated[list[str], Field(max_length=2 * MOST_QUOTES)]
    reason: Annotated[str, Field(max_length=400)]
    level: Annotated[int, Field(ge=1, le=5)] | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model's answers come to for one criterion. level: 1-5, None where the quotes allow none.

    ratings: in plain values, their quotes by their place in `evidence`; dropped: quotes that nobody said.
    """

    level: int | None
    why: str
    evidence: tuple[Evidence, ...] = ()
    ratings: tuple[dict[str, Any], ...] = ()
    spread: int | None = None
    needs_human: bool = False
    dropped: int = 0
    provenance: tuple[Provenance, ...] = ()


class Judge:
    """Has a model rate criteria. raters: how many ratings of each, 3 or more."""

    def __init__(self, model: Model, raters: int) -> None:
        self._model, self._raters = model, raters
        self._quotes, self._level = load_prompt("rating_quotes"), load_prompt("rating_level")

    @property
    def prompts(self) -> Mapping[str, str]:
        """The prompts in use with the hashes of their texts."""
        return {prompt.reference: prompt.hash for prompt in (self._quotes, self._level)}

    async def judge(self, criterion: RubricCriterion, questions: Sequence[str], turns: Sequence[Shown]) -> Judged:
        """Rate what was said to the questions of a criterion that has anchors; raises `ModelFailed`."""
        told: dict[str, Any] = {"criterion": criterion.name, "questions": questions}
        lines = [f"{number}: {one.text.replace(HIDDEN, '')}" for number, one in enumerate(turns, 1)]
        cut = sum(map(len, lines)) > self._quotes.inputs["turns"].max_chars
        found = await self._model.ask(self._quotes, Quotes, anchors=_anchors(criterion), turns=lines, **told)
        said, dropped = _looked_up(criterion.id, found.value, turns)
        usable = [one for one in said if one.evidence.polarity is Polarity.SUPPORTS or one.sure]
        if not usable:
            judged, answers = Judged(None, _nothing(said, dropped), needs_human=dropped > 0), []
        else:
            answers = await self._rate(criterion, told, {f"q{1 + said.index(one)}": one for one in usable})
            judged = _agreed(usable, said, answers)
        return replace(
            judged,
            why=judged.why + " Only the beginning and the end of the answers were read." * cut,
            evidence=tuple(one.evidence for one in said),
            needs_human=judged.needs_human or cut,
            dropped=dropped,
            provenance=(found.provenance, *(answer.provenance for answer in answers)),
        )

    async def _rate(
        self, criterion: RubricCriterion, told: Mapping[str, Any], quotes: "Mapping[str, _Said]"
    ) -> list[Answer[Rating]]:
        """Return the ratings, each of the same quotes and anchors in another order."""
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(self._rate_once(criterion, told, quotes, turn)) for turn in range(self._raters)]
        answers: list[Answer[Rating]] = []
        for task in asked:
            if isinstance(answer := task.result(), ModelFailed):
                raise answer
            answers.append(answer)
        return answers

    async def _rate_once(
        self, criterion: RubricCriterion, told: Mapping[str, Any], quotes: "Mapping[str, _Said]", turn: int
    ) -> Answer[Rating] | ModelFailed:
        lines = [f"{name}: {one.shown}" for name, one in quotes.items()]
        at = turn * len(lines) // self._raters
        lines = lines[at:] + lines[:at]
        anchors = _anchors(criterion)[:: -1 if turn % 2 else 1]
        try:
            return await self._model.ask(
                self._level,
                Rating,
                check=lambda rating: _complaints(rating, quotes, self._level),
                anchors=anchors,
                quotes=lines,
                **told,
            )
        except ModelFailed as failure:  # the others are not cancelled for it
            return failure


@dataclass(frozen=True, slots=True)
class _Said:
    """A quote that was said. shown: as the model read it."""

    evidence: Evidence
    shown: str

    @property
    def sure(self) -> bool:
        """Whether it was heard well enough to speak against somebody."""
        confidence = self.evidence.quote.turn.confidence
        return confidence is None or confidence >= UNSURE


def _looked_up(criterion_id: str, found: Quotes, turns: Sequence[Shown]) -> tuple[list[_Said], int]:
    """Return each quote that was said, once, and how many were not."""
    said: dict[tuple[int, int], _Said] = {}
    dropped = 0
    for quoted, polarity in (
        *((one, Polarity.SUPPORTS) for one in found.speaks_for),
        *((one, Polarity.CONTRADICTS) for one in found.speaks_against),
    ):
        verified: Verified | None = look_up(quoted.quote, quoted.turn, turns)
        if verified is None:
            dropped += 1
            continue
        evidence = Evidence(criterion_id, verified.quote, f"model:{polarity.value}", polarity)
        said.setdefault((verified.quote.turn.seq, verified.quote.start), _Said(evidence, verified.shown))
    return list(said.values()), dropped


def _complaints(rating: Rating, quotes: "Mapping[str, _Said]", prompt: Prompt) -> list[str]:
    """What is wrong with a rating that a schema can't say."""
    unknown = [name for name in rating.relies_on if name not in quotes]
    wrong = [f"relies_on: there is no quote {name[:20]!r}; use {', '.join(quotes)}" for name in unknown[:3]]
    if rating.level is not None and not rating.relies_on:
        wrong.append("relies_on: a level needs a quote")
    if _echoes(rating.reason, prompt.system):
        wrong.append("reason: repeats the instructions; say what is in the quotes")
    return wrong


def _echoes(text: str, instructions: str) -> bool:
    said, given = words(text), " ".join(words(instructions))
    return any(" ".join(said[at : at + ECHO_WORDS]) in given for at in range(len(said) - ECHO_WORDS + 1))


def _agreed(usable: "Sequence[_Said]", said: "Sequence[_Said]", answers: Sequence[Answer[Rating]]) -> Judged:
    """What several ratings come to. said: all quotes, by whose places the ratings name theirs."""
    ratings = [answer.value for answer in answers]
    levels = [rating.level for rating in ratings if rating.level is not None]
    told = tuple(
        {"level": one.level, "reason": one.reason, "evidence": sorted({int(name[1:]) - 1 for name in one.relies_on})}
        for one in ratings
    )
    shown = ", ".join(str(one.level or "none") for one in ratings)
    if 2 * len(levels) <= len(ratings):
        return Judged(None, f"{len(ratings)} ratings of its quotes: {shown}.", ratings=told, needs_human=bool(levels))
    level, spread = statistics.median_low(levels), max(levels) - min(levels)
    if level <= POOR and not any(one.sure for one in usable):
        return Judged(None, "A low level would stand on words that were not heard surely.", ratings=told)
    common = set.intersection(*(set(rating.relies_on) for rating in ratings))
    needs_human = spread >= WIDE or len(levels) < len(ratings) or not common
    why = f"Median of {len(ratings)} ratings of {len(usable)} quotes: {shown}."
    why += " They disagree; a person should look." * needs_human
    return Judged(level, why, ratings=told, spread=spread, needs_human=needs_human)


def _nothing(said: "Sequence[_Said]", dropped: int) -> str:
    if said:
        return "What speaks against it was not heard surely enough to count, and nothing speaks for it."
    if dropped:
        return f"None of the {dropped} quotes that the model named was said."
    return "The model found nothing in the answers that speaks for it or against it."


def _anchors(criterion: RubricCriterion) -> list[str]:
    return [f"level {level}: {text}" for level, text in criterion.anchors.items()]

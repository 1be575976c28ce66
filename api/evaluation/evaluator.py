"""Phase 2 of an evaluation without a model: levels by rules a reader can check, each on quoted words of the candidate.

A criterion gets a level only when it has anchors, an answer to one of its questions shows everything the question
expects (`bot/interview/signals.py`), and what was said covers an anchor (`anchors.py`). Of the anchors that are covered
the highest counts, unless low and higher ones are covered at once. Everything else has no level.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.evaluation import anchors, scoring
from api.evaluation.evidence import Evidence, Polarity, signal_quotes
from api.evaluation.injection import flags, found_in, meant_for_people
from api.evaluation.rubric import Rubric, RubricCriterion
from api.evaluation.scoring import Scored
from api.evaluation.transcript import Quote, Turn
from bot.interview import Role
from bot.plan import Plan, Question
from prompts import Found

NAME, VERSION = "structured", "1"
UNSURE = 0.6  # a quote that was heard less surely than this is marked; its weight stays the same
GOOD, POOR = 4, 2  # levels from and up to which a criterion is told among strengths and concerns
NO_RECOMMENDATION = "coaching"  # a product that practises with people and never says whom to take


class CriterionStatus(StrEnum):
    """What an evaluation could say about a criterion."""

    SCORED = "scored"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found. result: plain values; its criteria name their evidence by its place in `evidence`, from 0."""

    result: dict[str, Any]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Rated:
    criterion: RubricCriterion
    status: CriterionStatus
    level: int | None
    rationale: str
    expected: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()

    @property
    def scored(self) -> Scored:
        one = self.criterion
        return Scored(one.id, one.weight, self.level, one.required, one.min_level)


def assess(
    plan: Plan, rubric: Rubric, turns: Sequence[Turn], qa: Sequence[Mapping[str, Any]], product: str = "interview"
) -> Assessment:
    """Return levels, the overall figure and what they add up to. qa: that of phase 1, for which turns answer what."""
    answers = {str(entry["question_id"]): entry for entry in qa}
    suspicious = found_in(turns)
    rated = [_rate(criterion, plan, turns, answers, suspicious) for criterion in rubric.criteria]
    scored = [one.scored for one in rated]
    figure = scoring.overall(scored, rubric.least_scored_weight)
    verdict, capped_by = scoring.recommendation(figure.value, scored)
    evidence: list[Evidence] = []
    criteria = []
    for one in rated:
        criteria.append(_told(one, len(evidence)))
        evidence += one.evidence
    result = {
        "phase": 2,
        "scale": {"min": scoring.LOWEST, "max": scoring.HIGHEST},
        "criteria": criteria,
        "overall": figure.value,
        "formula": scoring.FORMULA,
        "scored_weight": figure.scored_weight,
        "least_scored_weight": rubric.least_scored_weight,
        "effective_weights": figure.weights,
        "recommendation": None if product == NO_RECOMMENDATION else verdict.value,
        "capped_by": [] if product == NO_RECOMMENDATION else capped_by,
        "strengths": [one.criterion.id for one in rated if one.level is not None and one.level >= GOOD],
        "concerns": [one.criterion.id for one in rated if one.level is not None and one.level <= POOR],
        "injection_flags": [quote.told() for quote in flags(turns)],
    }
    return Assessment(result, tuple(evidence))


def _rate(
    criterion: RubricCriterion,
    plan: Plan,
    turns: Sequence[Turn],
    answers: Mapping[str, Mapping[str, Any]],
    suspicious: Mapping[int, Sequence[Found]],
) -> _Rated:
    questions = [question for question in plan.questions if question.id in criterion.question_ids]
    expected = tuple(dict.fromkeys(signal.value for question in questions for signal in question.expects))
    if not any(_was_asked(answers.get(question.id)) for question in questions):
        return _Rated(criterion, CriterionStatus.NOT_ASKED, None, "No question about it was asked.", expected)
    evidence: list[Evidence] = []
    levels: set[int] = set()
    missing: list[str] = []
    for question in questions:
        said = _said(turns, answers.get(question.id), suspicious)
        found = signal_quotes(said, question.expects, plan.language)
        evidence += [Evidence(criterion.id, quote, f"signal:{signal}") for signal, quote in found.items()]
        lacking = [signal.value for signal in question.expects if signal not in found]
        if not said or lacking:
            missing += lacking
            continue
        scale = criterion.scales.get(question.id, criterion.anchors)
        for level in scale:
            if (proof := anchors.covered(scale, level, said)) is not None:
                levels.add(level)
                evidence += [Evidence(criterion.id, quote, f"anchor:{level}: {part}") for part, quote in proof]
    given, why = _level(criterion, questions, levels, missing, plan.language)
    status = CriterionStatus.INSUFFICIENT_EVIDENCE if given is None else CriterionStatus.SCORED
    return _Rated(criterion, status, given, why, expected, _with_polarity(evidence, levels))


def _level(
    criterion: RubricCriterion, questions: Sequence[Question], levels: set[int], missing: Sequence[str], language: str
) -> tuple[int | None, str]:
    if not criterion.anchors:
        return None, "It has no anchors, so nothing says what a level looks like."
    if language != "en":
        return None, f"The rules read English; the interview was held in {language!r}."
    if levels and (max(levels) <= anchors.LOW or min(levels) > anchors.LOW):
        best = max(levels)
        return best, f"Each part of the anchor of level {best} is covered by a quote."
    if levels:
        told = " and ".join(str(level) for level in sorted(levels))
        return None, f"What was said covers the anchors of levels {told}, which contradict each other; listen to it."
    if missing:
        asked = len(questions)
        where = "The answer does" if asked == 1 else f"The answers to {asked} questions do"
        return None, f"{where} not show: {', '.join(dict.fromkeys(missing)).replace('_', ' ')}."
    return None, "The answer is whole, but its words do not cover an anchor; listen to it."


def _was_asked(entry: Mapping[str, Any] | None) -> bool:
    if entry is None:
        return False
    skipped = entry["outcome"] == "skipped" and entry["reason"] != "time"
    return entry["asked_at_ms"] is not None or bool(entry["answer_turns"]) or skipped


def _said(
    turns: Sequence[Turn], entry: Mapping[str, Any] | None, suspicious: Mapping[int, Sequence[Found]]
) -> list[Quote]:
    """What the candidate said to a question, without what was meant for whoever rates it."""
    numbers = set(entry["answer_turns"]) if entry else set()
    own = (turn for turn in turns if turn.seq in numbers and turn.role == Role.CANDIDATE)
    return [one for turn in own for one in meant_for_people(turn, suspicious)]


def _with_polarity(evidence: Sequence[Evidence], levels: set[int]) -> tuple[Evidence, ...]:
    """Quotes for a low level contradict when a higher one is covered as well."""
    against = tuple(f"anchor:{level}:" for level in levels if level <= anchors.LOW < max(levels))
    told = {
        (one.quote.turn.seq, one.quote.start, one.shows): Evidence(
            one.criterion_id,
            one.quote,
            one.shows,
            Polarity.CONTRADICTS if against and one.shows.startswith(against) else Polarity.SUPPORTS,
        )
        for one in evidence
    }
    return tuple(told.values())


def _unsure(one: Evidence) -> bool:
    return one.quote.turn.confidence is not None and one.quote.turn.confidence < UNSURE


def _told(one: _Rated, first: int) -> dict[str, Any]:
    numbered = list(enumerate(one.evidence, first))
    shown = {e.shows.removeprefix("signal:") for e in one.evidence if e.shows.startswith("signal:")}
    return {
        "criterion_id": one.criterion.id,
        "name": one.criterion.name,
        "weight": one.criterion.weight,
        "required": one.criterion.required,
        "min_level": one.criterion.min_level,
        "status": one.status.value,
        "level": one.level,
        "raw": one.level,
        "norm": scoring.norm(one.level),
        "rationale": one.rationale,
        "signals_expected": list(one.expected),
        "signals_shown": [signal for signal in one.expected if signal in shown],
        "evidence": [number for number, e in numbered if e.polarity is Polarity.SUPPORTS],
        "counter_evidence": [number for number, e in numbered if e.polarity is Polarity.CONTRADICTS],
        "unsure_evidence": [number for number, e in numbered if _unsure(e)],
    }

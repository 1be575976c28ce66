"""An assessment as plain values: what each criterion came to, on which quotes, and what follows by the stated rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.evaluation import scoring
from api.evaluation.evidence import Evidence, Polarity
from api.evaluation.reading import UNSURE
from api.evaluation.rubric import Rubric, RubricCriterion
from api.evaluation.scoring import Scored
from api.evaluation.transcript import Quote
from bot.plan import Signal

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
class Rated:
    """One criterion, rated. dropped: quotes that did not hold; readings: levels that other readings of it come to.

    reasons: why people should look at it, none when they need not.
    """

    criterion: RubricCriterion
    status: CriterionStatus
    level: int | None
    rationale: str
    expected: tuple[Signal, ...]
    shown: frozenset[Signal] = frozenset()
    evidence: tuple[Evidence, ...] = ()
    dropped: int = 0
    readings: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def scored(self) -> Scored:
        """As the arithmetic sees it."""
        one = self.criterion
        return Scored(one.id, one.weight, self.level, one.required, one.min_level)

    @property
    def spread(self) -> int | None:
        """How far the readings are apart, in levels."""
        readings = self.readings if self.level is None else (*self.readings, self.level)
        return max(readings) - min(readings) if readings else None


def assessment(
    rated: Sequence[Rated],
    rubric: Rubric,
    product: str,
    language: str,
    flagged: Iterable[Quote],
    contradictions: Iterable[tuple[str, Quote, Quote]] = (),
) -> Assessment:
    """Return an assessment of what was rated.

    flagged: words that were meant for a rater; contradictions: what is contradicted, with both quotes.
    """
    scored = [one.scored for one in rated]
    figure = scoring.overall(scored, rubric.least_scored_weight)
    verdict, capped_by = scoring.recommendation(figure.value, scored)
    evidence: list[Evidence] = []
    criteria = []
    for one in rated:
        criteria.append(_criterion(one, len(evidence)))
        evidence += one.evidence
    dropped = sum(one.dropped for one in rated)
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
        "needs_human": [one.criterion.id for one in rated if one.reasons],
        "contradictions": [
            {"about": about, "earlier": earlier.told(), "later": later.told()}
            for about, earlier, later in contradictions
        ],
        "verification": {"found": len(evidence) + dropped, "verified": len(evidence), "dropped": dropped},
        "language": {"held_in": language, "rules_read_it": language == "en"},
        "injection_flags": [quote.told() for quote in flagged],
    }
    return Assessment(result, tuple(evidence))


def _criterion(one: Rated, first: int) -> dict[str, Any]:
    numbered = list(enumerate(one.evidence, first))
    return {
        "criterion_id": one.criterion.id,
        "name": one.criterion.name,
        "weight": one.criterion.weight,
        "required": one.criterion.required,
        "min_level": one.criterion.min_level,
        "anchors": {str(level): text for level, text in one.criterion.anchors.items()},
        "status": one.status.value,
        "level": one.level,
        "raw": one.level,
        "norm": scoring.norm(one.level),
        "rationale": one.rationale,
        "signals_expected": [signal.value for signal in one.expected],
        "signals_shown": [signal.value for signal in one.expected if signal in one.shown],
        "evidence": [number for number, e in numbered if e.polarity is Polarity.SUPPORTS],
        "counter_evidence": [number for number, e in numbered if e.polarity is Polarity.CONTRADICTS],
        "unsure_evidence": [number for number, e in numbered if _unsure(e)],
        "quotes_dropped": one.dropped,
        "readings": list(one.readings),
        "spread": one.spread,
        "needs_human": bool(one.reasons),
        "needs_human_reasons": list(one.reasons),
    }


def _unsure(one: Evidence) -> bool:
    return one.quote.turn.confidence is not None and one.quote.turn.confidence < UNSURE

"""The arithmetic of an evaluation. What was not scored is null: never a zero, never part of a mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

FORMULA = "weighted_mean@v1"
LEAST_SCORED_WEIGHT = 0.6  # of all weight; with less, one number would stand for what nobody heard
LOWEST, HIGHEST = 1, 5


class Recommendation(StrEnum):
    """What the levels add up to; a person decides."""

    STRONG_YES = "strong_yes"
    YES = "yes"
    MIXED = "mixed"
    NO = "no"
    STRONG_NO = "strong_no"
    INSUFFICIENT = "insufficient_evidence"


# The overall figure from which each is given: halfway between two levels of the scale.
_FROM = (
    (87.5, Recommendation.STRONG_YES),
    (62.5, Recommendation.YES),
    (37.5, Recommendation.MIXED),
    (12.5, Recommendation.NO),
)
_ABOVE_MIXED = frozenset({Recommendation.STRONG_YES, Recommendation.YES})


@dataclass(frozen=True, slots=True)
class Scored:
    """One criterion as the arithmetic sees it. level: 1-5, None where it was not scored."""

    criterion_id: str
    weight: float
    level: int | None
    required: bool = False
    min_level: int = 3

    @property
    def failed(self) -> bool:
        """Whether it is required and was scored below what it requires."""
        return self.required and self.level is not None and self.level < self.min_level


@dataclass(frozen=True, slots=True)
class Overall:
    """One figure for all criteria. value: 0-100, None where it is withheld; scored_weight: share 0-1 that was scored.

    weights: by criterion, renormalised over those that were scored.
    """

    value: float | None
    scored_weight: float
    weights: dict[str, float]


def norm(level: int | None) -> float | None:
    """Return a level as a share 0-1 of its scale: (raw - min) / (max - min)."""
    return None if level is None else (level - LOWEST) / (HIGHEST - LOWEST)


def overall(criteria: Sequence[Scored], least: float = LEAST_SCORED_WEIGHT) -> Overall:
    """Return the weighted mean of what was scored, withheld when a smaller share of the weight than `least` was."""
    weight = sum(one.weight for one in criteria)
    scored = [(one, share) for one in criteria if (share := norm(one.level)) is not None]
    scored_weight = sum(one.weight for one, _ in scored)
    if not scored:
        return Overall(None, 0.0, {})
    weights = {one.criterion_id: one.weight / scored_weight for one, _ in scored}
    share = scored_weight / weight
    mean = 100 * sum(weights[one.criterion_id] * share_of for one, share_of in scored)
    withheld = share < least - 1e-9
    return Overall(
        None if withheld else round(mean, 1), round(share, 4), {id_: round(w, 4) for id_, w in weights.items()}
    )


def recommendation(figure: float | None, criteria: Iterable[Scored]) -> tuple[Recommendation, list[str]]:
    """Return what the levels add up to, and the required criteria that capped it.

    A required criterion below its level caps it at mixed; one that was not scored leaves too little to say.
    """
    known = list(criteria)
    if figure is None or any(one.required and one.level is None for one in known):
        return Recommendation.INSUFFICIENT, []
    plain = next((word for least, word in _FROM if figure >= least), Recommendation.STRONG_NO)
    failed = [one.criterion_id for one in known if one.failed]
    if failed and plain in _ABOVE_MIXED:
        return Recommendation.MIXED, failed
    return plain, []

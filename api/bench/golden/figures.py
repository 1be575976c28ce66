"""How far the levels an engine gave are from those that were expected."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from api.evaluation.scoring import HIGHEST, LOWEST
from prompts.golden import STRENGTHS, Golden

Levels = dict[str, int | None]  # of one interview, by criterion; None where there is no level


@dataclass(frozen=True, slots=True)
class Pair:
    """One criterion of one interview. expected, given: 1-5, None where there is no level."""

    role: str
    strength: str
    expected: int | None
    given: int | None


def pairs(interviews: Iterable[tuple[Golden, Levels]]) -> list[Pair]:
    """Return what was expected of each criterion beside what was given."""
    return [
        Pair(one.role, one.strength, wanted.level if isinstance(wanted.level, int) else None, given[wanted.criterion])
        for one, given in interviews
        for wanted in one.expected
    ]


def kappa(found: Sequence[Pair]) -> float | None:
    """Return Cohen's kappa with quadratic weights where both gave a level; None where chance alone can't be told.

    Cohen (1968), "Weighted kappa"; 1 is perfect agreement, 0 what chance gives.
    """
    both = [(one.expected, one.given) for one in found if one.expected is not None and one.given is not None]
    scale = range(LOWEST, HIGHEST + 1)
    seen = sum((expected - given) ** 2 for expected, given in both)
    chance = sum(
        (one - other) ** 2 * sum(e == one for e, _ in both) * sum(g == other for _, g in both)
        for one in scale
        for other in scale
    )
    return round(1 - seen * len(both) / chance, 3) if chance else None


def mae(found: Sequence[Pair]) -> float | None:
    """Return the mean distance in levels where both gave one."""
    apart = [abs(one.expected - one.given) for one in found if one.expected is not None and one.given is not None]
    return round(fmean(apart), 3) if apart else None


def abstention(found: Sequence[Pair]) -> dict[str, float | int]:
    """Return the share of criteria where both or neither gave a level, and how many differ in which direction."""
    missed = sum(one.expected is None and one.given is not None for one in found)
    needless = sum(one.expected is not None and one.given is None for one in found)
    return {
        "agreement": round(1 - (missed + needless) / len(found), 3),
        "expected": sum(one.expected is None for one in found),
        "missed": missed,
        "needless": needless,
    }


def means(found: Sequence[Pair], role: str) -> list[float | None]:
    """Return a role's mean levels, of the strong, the middling and the weak interview."""
    of = {
        strength: [one.given for one in found if (one.role, one.strength) == (role, strength) and one.given is not None]
        for strength in STRENGTHS
    }
    return [round(fmean(levels), 2) if levels else None for levels in of.values()]


def in_order(levels: Sequence[float | None]) -> bool:
    """Tell whether each of some mean levels is higher than the next."""
    known = [level for level in levels if level is not None]
    return len(known) == len(levels) and all(one > other for one, other in pairwise(known))


def moved(before: Iterable[Levels], after: Iterable[Levels]) -> float:
    """Return by how much a change moved the levels in the mean; a level gained or lost counts as one."""

    def apart(one: int | None, other: int | None) -> int:
        if one is None or other is None:
            return int(one is not other)
        return abs(one - other)

    found = [apart(one[id_], other[id_]) for one, other in zip(before, after, strict=True) for id_ in one]
    return round(fmean(found), 3) if found else 0.0


def halves(found: Sequence[Pair], is_in: Callable[[str], bool]) -> tuple[float | None, float | None]:
    """Return kappa over the roles that are in a group and over those that are not."""
    return kappa([one for one in found if is_in(one.role)]), kappa([one for one in found if not is_in(one.role)])

"""What is made of samples: rates, percentiles and their ratios. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from api.bench.api.load import Round


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two servers in alternating rounds; milliseconds, and requests per second.

    rate_ratio: the middle of the pairs' ratios, so that a round that something else on the machine disturbed does not
    count; p99_ratio: of all requests of either side.
    """

    plain_rate: float
    our_rate: float
    plain_p50: float
    our_p50: float
    plain_p99: float
    our_p99: float
    rate_ratio: float
    p99_ratio: float


def compared(plain: Sequence[Round], ours: Sequence[Round]) -> Comparison:
    """Return how `ours` do beside `plain`; both hold as many rounds, taken in pairs."""
    plain_p50, plain_p99 = _percentiles([ms for each in plain for ms in each.took_ms])
    our_p50, our_p99 = _percentiles([ms for each in ours for ms in each.took_ms])
    return Comparison(
        plain_rate=median(each.rate for each in plain),
        our_rate=median(each.rate for each in ours),
        plain_p50=plain_p50,
        our_p50=our_p50,
        plain_p99=plain_p99,
        our_p99=our_p99,
        rate_ratio=median(mine.rate / theirs.rate for theirs, mine in zip(plain, ours, strict=True)),
        p99_ratio=our_p99 / plain_p99,
    )


@dataclass(frozen=True, slots=True)
class MiddleRatio:
    """The middle of two rows of times, in milliseconds."""

    plain: float
    ours: float

    @property
    def ratio(self) -> float:
        """How many times as long ours take."""
        return self.ours / self.plain


def middle_ratio(plain: Sequence[float], ours: Sequence[float]) -> MiddleRatio:
    """Return how the middle times compare."""
    return MiddleRatio(median(plain), median(ours))


@dataclass(frozen=True, slots=True)
class Received:
    """What one reader was given. numbers: of the events that were meant for it, as they came; ages_ms: how old each."""

    numbers: Sequence[int]
    ages_ms: Sequence[float]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Events at their readers. expected: how many there should have been in all."""

    expected: int
    lost: int
    twice: int
    out_of_order: int
    ages_ms: Sequence[float]

    @property
    def wrong(self) -> int:
        """How many came in a way they should not have."""
        return self.twice + self.out_of_order


def delivered(sent: Mapping[str, int], received: Sequence[tuple[str, Received]]) -> Delivery:
    """Return what became of events. sent: how many each interview's bot sent, numbered from 0; received: by reader."""
    lost = twice = out_of_order = 0
    for interview_id, reader in received:
        distinct = set(reader.numbers)
        lost += len(set(range(sent[interview_id])) - distinct)
        twice += len(reader.numbers) - len(distinct)
        out_of_order += sum(later < earlier for earlier, later in zip(reader.numbers, reader.numbers[1:], strict=False))
    return Delivery(
        expected=sum(sent[interview_id] for interview_id, _ in received),
        lost=lost,
        twice=twice,
        out_of_order=out_of_order,
        ages_ms=[age for _, reader in received for age in reader.ages_ms],
    )


def rounds_as_json(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Return what the rounds were like, without every request."""
    return [
        {"requests": len(each.took_ms), "seconds": round(each.seconds, 3), "p50_ms": p50, "p99_ms": p99}
        for each in rounds
        for p50, p99 in [tuple(round(value, 2) for value in _percentiles(each.took_ms))]
    ]


def _percentiles(samples: Sequence[float]) -> tuple[float, float]:
    middle, slow = np.percentile(np.asarray(samples, dtype=np.float64), [50, 99])
    return float(middle), float(slow)

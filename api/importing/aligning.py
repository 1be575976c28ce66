"""Which turn asks which question of a plan, and which turns answer it.

Whoever asks is matched with the plan's questions by their words; of several turns that could ask a question the better
one counts, and the plan's order decides where words do not. What is said until the next question belongs to the one
that is open; where another one is announced that is none of the plan's, none is. What belongs to none stays so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.interview.closings import closes, moves_on
from bot.interview.matching import ANNOUNCED, ASKED, IN_ORDER, Matcher
from bot.plan import Plan

TURNS_EACH = 20  # that are looked at for one question, the best


class Part(StrEnum):
    """What a turn is to the question it belongs to."""

    ASKS = "asks"
    FOLLOWS_UP = "follows_up"
    ANSWERS = "answers"
    BESIDE = "beside"  # said by the one who asks, and no question; or by somebody else


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as it is laid to questions. asks, answers: who speaks; neither: somebody else."""

    text: str
    asks: bool
    answers: bool
    question_id: str | None = None  # where the transcript says it


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a turn belongs. question_id: None where to no question."""

    question_id: str | None
    part: Part


def align(plan: Plan, lines: Sequence[Line]) -> list[Placed]:
    """Return the place of each line. Where lines name questions of the plan themselves, they are believed."""
    known = {question.id for question in plan.questions}
    told = [line.question_id if line.question_id in known else None for line in lines]
    matcher = Matcher(plan)
    asked = {} if any(told) else asking(plan, lines, matcher)
    return list(_placed(lines, told if any(told) else _opened(lines, asked), matcher))


def asking(plan: Plan, lines: Sequence[Line], matcher: Matcher) -> dict[int, str]:
    """Return by the number of a line the question it asks first."""
    order = {question.id: place for place, question in enumerate(plan.questions)}
    best: dict[str, list[tuple[float, int]]] = {}
    for number, line in enumerate(lines):
        if line.asks:
            for id_, share in matcher.shares(line.text).items():
                if (likely := share + ANNOUNCED * moves_on(line.text)) >= ASKED - IN_ORDER:
                    best.setdefault(id_, []).append((likely, number))
    left = {
        (id_, number): share
        for id_, found in best.items()
        for share, number in sorted(found, key=lambda one: (-one[0], one[1]))[:TURNS_EACH]
    }
    chosen: dict[int, str] = {}
    while left:
        worth = {pair: share + IN_ORDER * _in_order(pair, chosen, order) for pair, share in left.items()}
        pair = max(worth, key=lambda pair: (worth[pair], -pair[1]))
        if worth[pair] < ASKED:
            break
        chosen[pair[1]] = pair[0]
        left = {one: share for one, share in left.items() if one[0] != pair[0] and one[1] != pair[1]}
    return chosen


def _in_order(pair: tuple[str, int], chosen: Mapping[int, str], order: Mapping[str, int]) -> bool:
    id_, number = pair
    return bool(chosen) and all((other < number) == (order[asked] < order[id_]) for other, asked in chosen.items())


def _opened(lines: Sequence[Line], asked: Mapping[int, str]) -> list[str | None]:
    """The question that is open at each line."""
    found: list[str | None] = []
    now: str | None = None
    for number, line in enumerate(lines):
        if number in asked:
            now = asked[number]
        elif line.asks and (closes(line.text) or moves_on(line.text)):
            now = None
        found.append(now)
    return found


def _placed(lines: Sequence[Line], opened: Sequence[str | None], matcher: Matcher) -> Iterator[Placed]:
    begun, answered = set[str](), set[str]()
    for line, id_ in zip(lines, opened, strict=True):
        if id_ is None or not (line.asks or line.answers):
            yield Placed(None, Part.BESIDE)
        elif line.answers:
            answered.add(id_)
            yield Placed(id_, Part.ANSWERS)
        elif id_ not in begun:
            begun.add(id_)
            yield Placed(id_, Part.ASKS)
        else:
            follows = id_ in answered and matcher.follows_up(line.text)
            yield Placed(id_, Part.FOLLOWS_UP if follows else Part.BESIDE)

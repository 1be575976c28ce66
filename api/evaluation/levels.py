"""From an answer to points, and from points to a level: a rule that a reader can follow with a pencil.

An answer earns a point for each kind of sign it shows (`marks.Sign`), one more for the kinds that the upper anchors of
most scales ask for, and two for each concrete sentence, of which at most six count. It loses two for each sentence of
weak behaviour (`marks.Weakness`), one for each that only claims, and two for a follow-up that brought nothing concrete.
A criterion has the mean of the answers to its questions. How long and how smoothly somebody speaks earns nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from api.evaluation.marks import (
    Sign,
    Weakness,
    adds_nothing,
    asks_for_a_way,
    is_claim,
    is_concrete,
    signs,
    weaknesses,
)
from api.evaluation.reading import Sentence
from api.evaluation.transcript import Quote
from bot.plan import Question, Signal

LEVEL_FROM = ((15.0, 5), (12.0, 4), (9.0, 3), (5.0, 2))  # points, and the level they make; below all of them it is 1
BEYOND = frozenset({Sign.FIGURE, Sign.TRADE_OFF, Sign.FORESIGHT, Sign.LASTING, Sign.LESSON})  # each counts twice
CONCRETE, MOST_CONCRETE = 2, 6  # points for a concrete sentence, and how many count
WEAK, MOST_WEAK = 2, 6  # points taken for a sentence of weak behaviour, and how many count
CLAIM, MOST_CLAIMS = 1, 3  # for a sentence that only claims
FRUITLESS, MOST_FRUITLESS = 2, 2  # for a follow-up without anything concrete
FEWEST_SIGNS = 3  # an answer with fewer, and nothing against it, says too little to be rated

SIGNAL_OF = {
    Sign.SITUATION: Signal.SITUATION,
    Sign.OWN_PART: Signal.OWN_PART,
    Sign.ACTION: Signal.ACTION,
    Sign.RESULT: Signal.RESULT,
    Sign.FIGURE: Signal.NUMBER,
    Sign.TRADE_OFF: Signal.TRADE_OFF,
    Sign.LESSON: Signal.LESSON,
}
# What is missing rather than wrong makes an answer thin, not weak; so does what goes with passing on a question.
_SAYS_LITTLE = frozenset({Weakness.EVASION, Weakness.GENERALITY})
_PASSES_ON = _SAYS_LITTLE | {Weakness.INACTION, Weakness.DISMISSAL}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it counts: what it shows with the first quote for each, and what speaks against it.

    told: the signs outside sentences that say that there is nothing to say.
    """

    question: Question
    signs: dict[Sign, Quote]
    told: frozenset[Sign]
    concrete: tuple[Quote, ...]
    weak: tuple[tuple[Weakness, Quote], ...]
    claims: tuple[Quote, ...]
    fruitless: int

    @property
    def points(self) -> int:
        """What it earned less what it lost."""
        earned = len(self.signs) + len(BEYOND & self.signs.keys()) + CONCRETE * min(MOST_CONCRETE, len(self.concrete))
        weak = len({(quote.turn.seq, quote.start) for _, quote in self.weak})
        lost = WEAK * min(MOST_WEAK, weak) + CLAIM * min(MOST_CLAIMS, len(self.claims))
        return earned - lost - FRUITLESS * min(MOST_FRUITLESS, self.fruitless)

    @property
    def is_thin(self) -> bool:
        """Whether it says too little, for or against, to be rated."""
        against = {weakness for weakness, _ in self.weak}
        little = _PASSES_ON if Weakness.EVASION in against else _SAYS_LITTLE
        return len(self.told) < FEWEST_SIGNS and against <= little

    @property
    def shown(self) -> frozenset[Signal]:
        """The signals it shows."""
        return frozenset(SIGNAL_OF[sign] for sign in self.signs if sign in SIGNAL_OF)


def answer(
    question: Question, said: Sequence[Sentence], to_follow_ups: Iterable[Sequence[Sentence]], *, trusting: bool = False
) -> Answer:
    """Return what an answer holds. to_follow_ups: the sentences said to each follow-up.

    Sentences that were heard unsurely speak for somebody and not against, unless `trusting`.
    """
    a_way = asks_for_a_way(question.text)
    found: dict[Sign, Quote] = {}
    told: set[Sign] = set()
    for one in said:
        shown = list(signs(one.text, a_way))
        for sign, start, end in shown:
            found.setdefault(sign, one.quote(start, end))
        if all(kind is not Weakness.EVASION for kind, _, _ in weaknesses(one.text, a_way)):
            told.update(sign for sign, _, _ in shown)
    sure = [one for one in said if one.sure or trusting]
    weak = [(kind, one.quote(at, to)) for one in sure for kind, at, to in weaknesses(one.text, a_way)]
    replies = [reply for reply in to_follow_ups if reply and (trusting or all(one.sure for one in reply))]
    return Answer(
        question,
        found,
        frozenset(told),
        tuple(one.quote(0, len(one.text)) for one in said if is_concrete(one.text, a_way)),
        tuple(weak),
        tuple(one.quote(0, len(one.text)) for one in sure if is_claim(one.text, a_way)),
        sum(all(adds_nothing(one.text, a_way) for one in reply) for reply in replies),
    )


def points_of(answers: Sequence[Answer]) -> float | None:
    """Return the mean of what the answers earned that say enough; None when none does."""
    rated = [one.points for one in answers if not one.is_thin]
    return round(sum(rated) / len(rated), 2) if rated else None


def level_of(points: float) -> int:
    """Return the level that so many points make."""
    return next((level for least, level in LEVEL_FROM if points >= least), 1)


def told(answers: Sequence[Answer], points: float, level: int) -> str:
    """Say how a level came about, in plain words."""
    rated = [one for one in answers if not one.is_thin]
    kinds = list(dict.fromkeys(sign.value for sign in Sign for one in rated if sign in one.signs))
    against = list(dict.fromkeys(weakness.value for weakness, _ in chain.from_iterable(one.weak for one in rated)))
    lacking = {signal for one in rated for signal in one.question.expects} - {
        signal for one in rated for signal in one.shown
    }
    concrete, claims = sum(len(one.concrete) for one in rated), sum(len(one.claims) for one in rated)
    fruitless = sum(one.fruitless for one in rated)
    lines = [f"{points:g} points in the mean of {len(rated)} answers" if len(rated) > 1 else f"{points:g} points"]
    lines[0] += f" make level {level}; {_scale()}."
    if level > level_of(points):
        lines.append("The level was lifted: what speaks against it was heard unsurely, or is not said.")
    lines.append(f"Shown: {', '.join(kinds) or 'nothing'}; {_counted(concrete, 'concrete passage')}.")
    if lacking:
        lines.append(f"Expected and not shown: {', '.join(sorted(one.value.replace('_', ' ') for one in lacking))}.")
    if against:
        lines.append(f"Against it: {', '.join(against)}.")
    if claims:
        lines.append(f"{_counted(claims, 'passage')} only {'claims' if claims == 1 else 'claim'}.")
    if fruitless:
        lines.append(f"{_counted(fruitless, 'follow-up')} brought nothing concrete.")
    return " ".join(lines)


def _scale() -> str:
    return ", ".join(f"{level} from {least:g}" for least, level in reversed(LEVEL_FROM))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"

"""From an answer to points, and from points to a level: a rule that a reader can follow with a pencil.

An answer earns a point for each sentence with an act of the candidate's own, three for each with a figure, and two for
each of the kinds that tell levels apart (`TELLING`). It loses three for each sentence of weak behaviour, one where that
only leaves something open, and two for a follow-up to which little was told. What sentences earn and lose counts per
`USUAL_WORDS` of a longer answer: more of the same is no better. A criterion has the mean of the answers to its
questions, and the highest level only where one of them says what became of it later. How smoothly and how surely
somebody speaks earns nothing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from api.evaluation.marks import Sign, Weakness, asks_for_a_way, has_own_act, signs, tells, weaknesses
from api.evaluation.reading import Sentence
from api.evaluation.scoring import HIGHEST, LOWEST
from api.evaluation.transcript import Quote
from bot.plan import Question, Signal

LEVEL_FROM = ((15.0, 5), (11.0, 4), (7.0, 3), (3.0, 2))  # points, and the level they make; below all of them it is 1
OWN, FIGURE = 1, 3  # points for a sentence with an own act, and for one with a figure
TELLING = frozenset({Sign.INQUIRY, Sign.FORESIGHT, Sign.LASTING, Sign.REGULARITY, Sign.TRADE_OFF})
KIND = 2  # points for a sentence of such a kind
WEAK, MILD = 3, 1  # points taken for a sentence of weak behaviour
USUAL_WORDS = 90  # of an answer, without fillers and remarks
REMARK = 8  # words; a sentence of no more that shows nothing is not counted
ONLY_MILD = frozenset({Weakness.INACTION, Weakness.EVASION, Weakness.PRAISE})
FRUITLESS = 2  # for a follow-up to which fewer than `FEWEST_TOLD` sentences tell anything
FEWEST_TOLD = 2
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
_SAYS_LITTLE = frozenset({Weakness.EVASION, Weakness.GENERALITY, Weakness.PRAISE})
_PASSES_ON = _SAYS_LITTLE | {Weakness.INACTION, Weakness.DISMISSAL}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it counts: what it shows with the first quote for each, and what speaks against it.

    counts: in how many sentences each sign is; told: the signs outside sentences that say that there is nothing to say;
    acts: how many sentences have an own act that happened; words: how many it has, without fillers.
    """

    question: Question
    signs: dict[Sign, Quote]
    counts: Counter[Sign]
    told: frozenset[Sign]
    acts: int
    words: int
    weak: tuple[tuple[Weakness, Quote], ...]
    fruitless: int

    @property
    def points(self) -> float:
        """What it earned less what it lost."""
        earned = OWN * self.acts + FIGURE * self.counts[Sign.FIGURE] + KIND * sum(self.counts[one] for one in TELLING)
        weak, harsh = self._sentences(), self._sentences(but=ONLY_MILD)
        lost = WEAK * len(harsh) + MILD * len(weak - harsh)
        return (earned - lost) * USUAL_WORDS / max(USUAL_WORDS, self.words) - FRUITLESS * self.fruitless

    def _sentences(self, but: frozenset[Weakness] = frozenset()) -> set[tuple[int, int]]:
        """Where the sentences of weak behaviour are, but some kinds of it."""
        return {(quote.turn.seq, quote.start) for weakness, quote in self.weak if weakness not in but}

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
    counts: Counter[Sign] = Counter()
    told: set[Sign] = set()
    words = 0
    for one in said:
        shown = list(signs(one.text, a_way))
        counts.update(sign for sign, _, _ in shown)
        for sign, start, end in shown:
            found.setdefault(sign, one.quote(start, end))
        against = {kind for kind, _, _ in weaknesses(one.text, a_way)}
        words += len(one.starts) if shown or against or len(one.starts) > REMARK else 0
        if Weakness.EVASION not in against:
            told.update(sign for sign, _, _ in shown)
    sure = [one for one in said if one.sure or trusting]
    weak = [(kind, one.quote(at, to)) for one in sure for kind, at, to in weaknesses(one.text, a_way)]
    replies = [reply for reply in to_follow_ups if reply and (trusting or all(one.sure for one in reply))]
    return Answer(
        question,
        found,
        counts,
        frozenset(told),
        sum(has_own_act(one.text) for one in said),
        words,
        tuple(weak),
        sum(sum(tells(one.text, a_way) for one in reply) < FEWEST_TOLD for reply in replies),
    )


def points_of(answers: Sequence[Answer]) -> float | None:
    """Return the mean of what the answers earned that say enough; None when none does."""
    rated = [one.points for one in answers if not one.is_thin]
    return round(sum(rated) / len(rated), 2) if rated else None


def level_of(answers: Sequence[Answer]) -> int | None:
    """Return the level that some answers make; None where none of them says enough."""
    points = points_of(answers)
    if points is None:
        return None
    level = next((level for least, level in LEVEL_FROM if points >= least), LOWEST)
    lasting = any(Sign.LASTING in one.signs for one in answers if not one.is_thin)
    return level if lasting else min(level, HIGHEST - 1)


def told(answers: Sequence[Answer], level: int) -> str:
    """Say how a level came about, in plain words."""
    rated = [one for one in answers if not one.is_thin]
    kinds = list(dict.fromkeys(sign.value for sign in Sign for one in rated if sign in one.signs))
    against = list(dict.fromkeys(weakness.value for weakness, _ in chain.from_iterable(one.weak for one in rated)))
    lacking = {signal for one in rated for signal in one.question.expects} - {
        signal for one in rated for signal in one.shown
    }
    acts = sum(one.acts for one in rated)
    figures = sum(one.counts[Sign.FIGURE] for one in rated)
    fruitless = sum(one.fruitless for one in rated)
    points = points_of(answers) or 0.0
    lines = [f"{points:.3g} points in the mean of {len(rated)} answers" if len(rated) > 1 else f"{points:.3g} points"]
    lines[0] += f" make level {level}; {_scale()}."
    if level > (level_of(answers) or LOWEST):
        lines.append("The level was lifted: what speaks against it was heard unsurely, or is not said.")
    lines.append(
        f"Shown: {', '.join(kinds) or 'nothing'}; {_counted(acts, 'passage')} with an own act, {figures} with a figure."
    )
    if lacking:
        lines.append(f"Expected and not shown: {', '.join(sorted(one.value.replace('_', ' ') for one in lacking))}.")
    if against:
        lines.append(f"Against it: {', '.join(against)}.")
    if fruitless:
        lines.append(f"{_counted(fruitless, 'follow-up')} brought little.")
    return " ".join(lines)


def _scale() -> str:
    return ", ".join(f"{level} from {least:g}" for least, level in reversed(LEVEL_FROM))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"

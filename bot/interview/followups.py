"""The policy for follow-ups: whether an answer gets one, what it asks for, and why. Rules in order; no language model.

`RULES` is the policy. Its reasons go to the record with every follow-up that is asked and every one that is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.interview import Lines
from bot.interview.claims import Contradiction, Kind, find
from bot.interview.commands import words
from bot.interview.cursor import Cursor, Progress
from bot.interview.off_limits import of_the_work
from bot.interview.signals import signals_in
from bot.plan import Question, Signal

NOTHING_TO_ASK = "NOTHING_TO_ASK"  # what the chat model answers when nothing sensible is left to ask
RICH_WORDS = 110  # an answer of this length that lacks one thing is good enough
FULL_WORDS = 220  # some ninety seconds of speech: nobody wants to hear a probe after that
SHORT_WORDS, MIDDLING_WORDS = 25, 60  # where only the length is known
SUFFICIENT = 0.75  # share of what a question expects that makes an answer speak for its criteria


class Reason(StrEnum):
    """Why a follow-up is asked, or why none is."""

    CONTRADICTION = "contradiction"
    MISSING = "missing"
    LIMIT = "limit"
    LONG_ANSWER = "long_answer"
    ENOUGH = "enough"
    ASKED_ALREADY = "asked_already"  # what is still missing was asked for and did not come
    OFF_LIMITS = "off_limits"
    CRITERION_COVERED = "criterion_covered"
    TIME = "time"
    DECLINED = "declined"  # the candidate has nothing to add
    MODEL = "model_found_nothing"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about an answer. wanted: what it lacks, the most wanted first."""

    reason: Reason
    wanted: tuple[Signal, ...] = ()
    contradiction: Contradiction | None = None

    @property
    def asks(self) -> bool:
        """Whether there is to be a follow-up."""
        return self.reason in (Reason.CONTRADICTION, Reason.MISSING)


@dataclass(frozen=True, slots=True)
class Case:
    """One answer, with everything that the rules look at. contradiction: what was told otherwise before."""

    progress: Progress
    cursor: Cursor
    now: float
    language: str
    contradiction: Contradiction | None

    @property
    def criteria(self) -> tuple[str, ...]:
        """What the question is asked for."""
        return self.progress.question.criteria

    @property
    def lacking(self) -> tuple[Signal, ...]:
        """What to ask for: first what no other answer has shown for the same criteria."""
        shown = {
            signal
            for other in self._others()
            if set(other.question.criteria) & set(self.criteria)
            for signal in signals_in(other.answer, self.language)
        }
        return tuple(sorted(missing(self.progress, self.language), key=lambda signal: signal in shown))

    @property
    def covered(self) -> bool:
        """Whether every criterion of the question has a sufficient answer without this one."""
        return bool(self.criteria) and all(
            any(
                key in other.question.criteria and share(other, self.language) >= SUFFICIENT for other in self._others()
            )
            for key in self.criteria
        )

    @property
    def last_chance(self) -> bool:
        """Whether a criterion is still thin, and no question to come speaks to it."""
        open_ones = [other for other in self.cursor.all if other is not self.progress and other.outcome is None]
        coming = {key for other in open_ones for key in other.question.criteria}
        thin = share(self.progress, self.language) < SUFFICIENT
        return thin and not self.covered and bool(set(self.criteria) - coming)

    def _others(self) -> list[Progress]:
        return [other for other in self.cursor.all if other is not self.progress and other.parts]


def _off_limits(case: Case) -> bool:
    """The last thing that was said is the candidate's own affair: any "tell me more" would be about that."""
    last = case.progress.parts[-1] if case.progress.parts else ""
    return len(words(of_the_work(last, case.language))) < len(words(last)) / 2


def _covered(case: Case) -> bool:
    return case.covered and (len(case.lacking) <= 1 or case.progress.follow_ups > 0)


def _no_time(case: Case) -> bool:
    """Follow-ups go first: before optional questions where the criterion has its answer, then before core ones."""
    return not case.cursor.time_for_follow_up(case.now, worth_more=case.last_chance, worth_less=case.covered)


RULES: tuple[tuple[Reason, Callable[[Case], bool]], ...] = (
    (Reason.LIMIT, lambda case: case.progress.follow_ups >= case.progress.question.max_followups),
    (Reason.OFF_LIMITS, _off_limits),
    (Reason.TIME, lambda case: case.contradiction is not None and _no_time(case)),
    (Reason.CONTRADICTION, lambda case: case.contradiction is not None),
    (Reason.LONG_ANSWER, lambda case: len(words(case.progress.answer)) >= FULL_WORDS),
    (Reason.ASKED_ALREADY, lambda case: not case.lacking and bool(unanswered(case.progress, case.language))),
    (Reason.ENOUGH, lambda case: not case.lacking),
    (Reason.ENOUGH, lambda case: _is_rich(case.progress, case.lacking) and not case.last_chance),
    (Reason.CRITERION_COVERED, _covered),
    (Reason.TIME, _no_time),
    (Reason.MISSING, lambda case: True),
)


def decide(progress: Progress, cursor: Cursor, now: float, language: str) -> Decision:
    """Return what to do about the answer so far: the first of `RULES` that applies."""
    case = Case(progress, cursor, now, language, _contradiction(progress, cursor, language))
    reason = next(reason for reason, applies in RULES if applies(case))
    return Decision(reason, case.lacking, case.contradiction if reason is Reason.CONTRADICTION else None)


def _contradiction(progress: Progress, cursor: Cursor, language: str) -> Contradiction | None:
    """What the last part of the answer tells otherwise than something before; nobody is asked about a thing twice."""
    if not progress.parts:
        return None
    before = [
        (other is progress, part)
        for other in cursor.all
        for part in (other.parts[:-1] if other is progress else other.parts)
    ]
    found = find(of_the_work(progress.parts[-1], language), before, language)
    if found is None or found.thing in cursor.raised:
        return None
    # "What was your own part?": whoever said "we" before says "I" now because they were asked to.
    return None if found.later.kind is Kind.DOER and Signal.OWN_PART in progress.probed else found


# ---- what an answer lacks ------------------------------------------------------------------------------------------


def is_whole(progress: Progress, language: str) -> bool:
    """Whether the answer so far leaves nothing to ask for."""
    lacking = missing(progress, language)
    return not lacking or len(words(progress.answer)) >= FULL_WORDS or _is_rich(progress, lacking)


def missing(progress: Progress, language: str) -> tuple[Signal, ...]:
    """What the whole answer so far lacks and was not asked for yet, in the order of the plan."""
    if language != "en":
        return _by_length(progress, len(words(progress.answer)))
    return tuple(signal for signal in unanswered(progress, language) if signal not in progress.probed)


def unanswered(progress: Progress, language: str) -> tuple[Signal, ...]:
    """What the whole answer so far lacks, asked for or not; empty in a language without rules."""
    if language != "en":
        return ()
    found = signals_in(progress.answer, language)
    return tuple(signal for signal in progress.question.expects if signal not in found)


def share(progress: Progress, language: str) -> float:
    """How much of what its question expects an answer holds, from 0 to 1."""
    expects = progress.question.expects
    if not expects or language != "en":
        return min(1.0, len(words(progress.answer)) / MIDDLING_WORDS)
    return 1 - len(unanswered(progress, language)) / len(expects)


def _is_rich(progress: Progress, lacking: tuple[Signal, ...]) -> bool:
    return len(words(progress.answer)) >= RICH_WORDS and len(lacking) <= 1


def _by_length(progress: Progress, count: int) -> tuple[Signal, ...]:
    if count >= MIDDLING_WORDS or (count >= SHORT_WORDS and progress.follow_ups):
        return ()
    return tuple(signal for signal in _with_probes_first(progress.question) if signal not in progress.probed)


def _with_probes_first(question: Question) -> list[Signal]:
    return sorted(question.expects, key=lambda signal: signal not in question.probes)


# ---- the words ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Probe:
    """One follow-up. signal: what it asks for; by: who worded it: `plan`, `lines` or `model`."""

    text: str
    signal: Signal | None
    reason: Reason
    by: str


def probe_for(progress: Progress, wanted: tuple[Signal, ...], lines: Lines, language: str) -> Probe | None:
    """The follow-up for the first of `wanted` whose words were not used with this question; None when all were."""
    question = progress.question
    for signal in wanted:
        text, by = question.probes.get(signal), "plan"
        if text is None:
            text, by = lines.say(f"probe_{signal}") if language == "en" else lines.say("probe_more"), "lines"
        if is_new(text, progress):
            return Probe(text, signal, Reason.MISSING, by)
    return None


def about(contradiction: Contradiction, lines: Lines) -> Probe:
    """The neutral question which of two things is right."""
    earlier, later = contradiction.earlier, contradiction.later
    match later.kind:
        case Kind.TEAM:
            text = lines.say("contradiction_team", earlier=earlier.told, later=later.told)
        case Kind.TIME:
            text = lines.say("contradiction_time", about=later.about, earlier=earlier.told, later=later.told)
        case Kind.DOER:
            text = lines.say("contradiction_doer", about=later.about)
    return Probe(text, None, Reason.CONTRADICTION, "lines")


def is_new(text: str, progress: Progress, *, more: bool = False) -> bool:
    """Whether `text` differs from everything that was asked with this question. more: it is the beginning of a line."""
    said = words(text)
    before = (words(line) for line in (*progress.lines, progress.question.text))
    return bool(said) and all((line[: len(said)] if more else line) != said for line in before)

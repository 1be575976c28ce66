"""Where an interview stands in its plan: what was asked, what came of it, and what the time still allows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.interview.signals import signals_in
from bot.plan import Plan, Priority, Question, Section, Signal


class Outcome(StrEnum):
    """What became of a planned question."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    NOT_REACHED = "not_reached"


CLOSING_SHARE, CLOSING_MOST_S = 0.1, 60.0  # of the plan's time: kept for the candidate's questions and the closing
SQUEEZE = 0.6  # an optional question that is planned for five minutes is worth asking when there are three
SHORTEST_QUESTION_S = 30.0  # a core question is given up only when not even this is left
SHORTEST_FOLLOW_UP_S = 20.0


@dataclass(slots=True)
class Progress:
    """One planned question and everything that came of it.

    parts: what the candidate said to it, in order; turns: the numbers of those turns in the transcript. A part without
    words said that there is no more to say.
    stopped: why no further follow-up was asked, and lacking: what was missing then.
    noted: `question.closed` went to the record.
    """

    question: Question
    section: Section
    asked: bool = False
    begun_at: float | None = None
    follow_ups: int = 0
    probed: list[Signal] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    offered: bool = False
    stopped: str | None = None
    lacking: tuple[Signal, ...] = ()
    outcome: Outcome | None = None
    reason: str | None = None
    noted: bool = False

    @property
    def answer(self) -> str:
        """The whole answer so far."""
        return " ".join(part for part in self.parts if part)

    def reword(self, before: str, after: str) -> None:
        """A line that was being written went on; one that was withdrawn meanwhile stays so."""
        if before in self.lines:
            self.lines[self.lines.index(before)] = after

    def close(self, outcome: Outcome, reason: str | None = None) -> None:
        """Settle what became of the question."""
        self.outcome, self.reason = outcome, reason

    def reopen(self) -> None:
        """The candidate went on with the answer after all; what becomes of it goes to the record anew."""
        self.outcome, self.reason, self.stopped, self.lacking, self.noted = None, None, None, (), False

    def signals(self, language: str) -> list[str]:
        """The signals found in the whole answer, in alphabetical order."""
        return sorted(signal.value for signal in signals_in(self.answer, language))


class Cursor:
    """Walks the plan in order and keeps its time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._begun = 0.0
        self.all = tuple(Progress(question, section) for section in plan.sections for question in section.questions)
        self.current: Progress | None = None
        self.previous: Progress | None = None  # the one before, while the current one has not been heard
        self.raised: set[tuple[str, str]] = set()  # the contradictions that were asked about
        self._reserve_s = min(CLOSING_MOST_S, CLOSING_SHARE * plan.minutes * 60)
        core_s = sum(p.question.minutes for p in self.all if p.question.priority is Priority.CORE) * 60
        self._scale = min(1.0, (plan.minutes * 60 - self._reserve_s) / core_s) if core_s else 1.0

    def begin(self, now: float) -> None:
        """The plan's clock starts."""
        self._begun = now

    def left_s(self, now: float) -> float:
        """Seconds left for questions, with the time for a proper ending set aside."""
        return self._plan.minutes * 60 - self._reserve_s - (now - self._begun)

    def allotted_s(self, progress: Progress) -> float:
        """Seconds planned for one question; all shrink alike when the core questions exceed the plan's time."""
        return progress.question.minutes * 60 * self._scale

    def advance(self, now: float) -> bool:
        """Move to the next question that the time allows and return whether any was given up for lack of it.

        `current` is None afterwards when the plan is through.
        """
        self.previous = self.current if self.current is not None and self.current.asked else self.previous
        self.current, gave_up = None, False
        for progress in self.all:
            if progress.outcome is not None:
                continue
            if self._affordable(progress, now):
                self.current = progress
                break
            progress.close(Outcome.SKIPPED, "time")
            gave_up = True
        return gave_up

    def back(self) -> bool:
        """Return to the question before, because the candidate goes on answering it; False when there is none."""
        if self.previous is None:
            return False
        self.current, self.previous = self.previous, None
        self.current.reopen()
        return True

    def let_go(self) -> None:
        """Somebody else asks from here on: the last question that was heard is the open one for them."""
        if self.current is None or not self.current.asked:
            self.current, self.previous = self.previous, None
        if self.current is not None and self.current.outcome is Outcome.ANSWERED:
            self.current.reopen()
        elif self.current is not None and self.current.outcome is not None:
            self.current = None

    def time_for_follow_up(self, now: float, *, worth_more: bool = False, worth_less: bool = False) -> bool:
        """Whether the current question has time of its own left and the ones after it don't need it.

        Core questions always keep their time; optional ones too where a follow-up is worth less. One that is worth more
        may take the time that all of them leave.
        """
        progress = self.current
        if progress is None or progress.begun_at is None:
            return False
        own = self.allotted_s(progress) - (now - progress.begun_at)
        core, everything = self._after_s(progress, Priority.CORE), self._after_s(progress, *Priority)
        spare = self.left_s(now) - (everything if worth_less or own <= 0 else core)
        return (own > 0 or worth_more) and spare > SHORTEST_FOLLOW_UP_S

    @property
    def unasked(self) -> list[Progress]:
        """What nobody has asked and nothing has settled, in the order of the plan."""
        return [progress for progress in self.all if not progress.asked and progress.outcome is None]

    def is_last(self, progress: Progress) -> bool:
        """Whether nothing remains to be asked after `progress`."""
        return all(other.outcome is not None for other in self.all if other is not progress)

    def unnoted(self) -> Iterator[Progress]:
        """Questions that are settled and not yet on the record; each is given out once."""
        for progress in self.all:
            if progress.outcome is not None and not progress.noted:
                progress.noted = True
                yield progress

    def close_all(self, reason: str) -> None:
        """The call ends: settle whatever is open. An answer that was not at its end keeps the reason, too."""
        for progress in self.all:
            if progress.outcome is not None:
                continue
            if progress.parts:
                progress.close(Outcome.ANSWERED, reason)
            elif progress.asked:
                progress.close(Outcome.SKIPPED, reason)
            else:
                progress.close(Outcome.NOT_REACHED, reason)

    def report(self) -> list[dict[str, Any]]:
        """One entry per planned question, in the order of the plan."""
        return [
            {
                "question_id": progress.question.id,
                "text": progress.question.text,
                "outcome": (progress.outcome or Outcome.NOT_REACHED).value,
                "reason": progress.reason,
                "follow_ups": progress.follow_ups,
                "signals": progress.signals(self._plan.language),
                "answer_turns": list(progress.turns),
            }
            for progress in self.all
        ]

    def _affordable(self, progress: Progress, now: float) -> bool:
        left = self.left_s(now)
        if progress.question.priority is Priority.OPTIONAL:
            # Core questions keep the plan's own minutes: an overfull plan gives its optional questions up first.
            core_s = self._after_s(progress, Priority.CORE) / self._scale
            return left >= SQUEEZE * progress.question.minutes * 60 + core_s
        return left > min(SHORTEST_QUESTION_S, self.allotted_s(progress) / 4)

    def _after_s(self, progress: Progress, *priorities: Priority) -> float:
        after = self.all[self.all.index(progress) + 1 :]
        return sum(
            self.allotted_s(other) for other in after if other.outcome is None and other.question.priority in priorities
        )

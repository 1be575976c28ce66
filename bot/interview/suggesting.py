"""What an interviewer may ask next: one sentence, where it comes from, and what strong and weak answers sound like."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.interview import InterviewerSaid
from bot.interview.cursor import Progress
from bot.interview.desk import Desk
from bot.interview.followups import about, decide, probe_for
from bot.interview.jargon import unexplained
from bot.interview.leading import Leading, leading
from bot.interview.off_limits import of_the_work
from bot.plan import Priority
from prompts import CopilotWords, load_copilot

CONTRADICTION, LEADING, RESULT, PROBE = "contradiction", "rephrase_leading", "result", "probe"
CLARIFY, MISSING_CRITERION = "clarify", "missing_criterion"
IN_GENERAL = frozenset({CONTRADICTION, LEADING, CLARIFY})  # the plan's scales say nothing about answers to these


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an interviewer may ask next. quotes: what was said that it comes from, each with its turn.

    strong, weak: what answers to it sound like.
    """

    kind: str
    text: str
    rationale: str
    question_id: str
    criteria: tuple[str, ...]
    quotes: tuple[tuple[int | None, str], ...]
    strong: str
    weak: str


class Suggesting:
    """Finds the one thing that is worth an interviewer's eye. Call it after the turn has been laid to its question."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._led: tuple[InterviewerSaid, Leading] | None = None  # the last thing that was asked, where it leads
        self._asked: list[str] = []

    def interviewer_said(self, turn: InterviewerSaid, *, asks: bool) -> None:
        """Take note of how something was asked."""
        self._asked.append(turn.text)
        found = leading(turn.text, self._desk.language)
        if found is not None or asks:
            self._led = None if found is None else (turn, found)

    def next(self, wanting: Collection[str], muted: Collection[str], offered: Collection[str]) -> Suggestion | None:
        """Return what to suggest now; None when nothing is worth it.

        wanting: the criteria without sufficient answers; muted: kinds that are left out; offered: texts there were.
        """
        for found in self._candidates(wanting, offered):
            if found.kind not in muted and found.text not in offered:
                if found.kind == LEADING:
                    self._led = None
                return found
        return None

    def _candidates(self, wanting: Collection[str], offered: Collection[str]) -> Iterator[Suggestion]:
        current = self._desk.cursor.current
        if current is not None and current.parts:
            yield from self._about_the_answer(current, offered)
        if current is None or current.parts:
            yield from self._missing_criterion(wanting)

    def _about_the_answer(self, current: Progress, offered: Collection[str]) -> Iterator[Suggestion]:
        desk, last = self._desk, (current.turns[-1], current.parts[-1])
        decision = decide(current, desk.cursor, desk.now, desk.language)
        if decision.contradiction is not None:
            earlier, later = decision.contradiction.earlier, decision.contradiction.later
            desk.cursor.raised.add(decision.contradiction.thing)
            quotes = (self._quoted(earlier.told), (last[0], last[1] or later.told))
            yield self._suggestion(CONTRADICTION, about(decision.contradiction, desk.lines).text, current, *quotes)
            decision = decide(current, desk.cursor, desk.now, desk.language)
        if self._led is not None:
            turn, found = self._led
            yield self._suggestion(LEADING, self._openly(found), current, (turn.turn, turn.text))
        asked = probe_for(current, decision.wanted, desk.lines, desk.language) if decision.asks else None
        if asked is not None and asked.signal is not None:
            kind = RESULT if asked.signal == "result" else PROBE
            yield self._suggestion(kind, asked.text, current, last, signal=asked.signal.value)
        term = unexplained(of_the_work(last[1], desk.language), (*self._familiar(), *offered))
        if term is not None:
            yield self._suggestion(CLARIFY, self._words.cards.clarify.format(term=term), current, last)

    def _missing_criterion(self, wanting: Collection[str]) -> Iterator[Suggestion]:
        """The questions not asked yet that speak to a criterion without sufficient answers, core ones first."""
        coming = [one for one in self._desk.cursor.all if not one.asked]
        for progress in sorted(coming, key=lambda one: one.question.priority is not Priority.CORE):
            lacking = tuple(key for key in progress.question.criteria if key in wanting)
            if lacking:
                yield self._suggestion(MISSING_CRITERION, progress.question.text, progress, criteria=lacking)

    # ---- what stands on a card ---------------------------------------------------------------------------------------

    @property
    def _words(self) -> CopilotWords:
        return load_copilot(self._desk.language)  # not kept: a call is copied to try a reply

    def _suggestion(
        self,
        kind: str,
        text: str,
        progress: Progress,
        *quotes: tuple[int | None, str],
        signal: str | None = None,
        criteria: tuple[str, ...] | None = None,
    ) -> Suggestion:
        question = progress.question
        for_ = question.criteria if criteria is None else criteria
        why = {PROBE: f"missing:{signal}", RESULT: f"missing:{signal}", MISSING_CRITERION: "not_covered"}.get(
            kind, kind
        )
        strong, weak = self._sounds_like(kind, signal, progress, for_)
        return Suggestion(kind, text, why, question.id, for_, quotes, strong, weak)

    def _sounds_like(
        self, kind: str, signal: str | None, progress: Progress, criteria: tuple[str, ...]
    ) -> tuple[str, str]:
        """What a strong and a weak answer sound like: in the plan's own words, where it has some."""
        plan = self._desk.plan
        scales = [progress.question.anchors, *(one.anchors for one in plan.criteria if one.id in criteria)]
        scale = next((scale for scale in scales if len(scale) > 1), {})
        if scale and kind not in IN_GENERAL:
            return scale[max(scale)], scale[min(scale)]
        sounds = self._words.sounds[signal or kind]
        return sounds.strong, sounds.weak

    def _openly(self, found: Leading) -> str:
        cards = self._words.cards
        return cards.open_question if found.claim is None else cards.both_sides.format(rest=found.claim)

    def _quoted(self, told: str) -> tuple[int | None, str]:
        """The turn in which something was told."""
        said = (
            (turn, part)
            for progress in self._desk.cursor.all
            for turn, part in zip(progress.turns, progress.parts, strict=True)
        )
        return next(((turn, part) for turn, part in said if told.casefold() in part.casefold()), (None, told))

    def _familiar(self) -> Iterator[str]:
        """What the interviewer knows: the plan, and what was asked."""
        plan = self._desk.plan
        yield plan.title
        for question in plan.questions:
            yield from (question.text, *question.terms)
        yield from (f"{one.name} {one.description}" for one in plan.criteria)
        yield from plan.facts
        yield from self._asked

"""What the interviewer alone is told while they hold the interview: coverage, one suggestion at a time, time, warnings.

Everything is a `Tell`: it goes to the panel of those who may see it, never to the room. Nothing here is ever said.
Suggestions come at the end of the candidate's turns only, seldom, and are gone once they are overtaken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.interview import CandidateSaid, InterviewerSaid, Tell
from bot.interview.coverage import Covered, State, ledger
from bot.interview.cursor import Progress
from bot.interview.desk import Desk, Timer
from bot.interview.followups import about, decide, probe_for
from bot.interview.off_limits import ground, of_the_work
from bot.plan import Priority

SPACING_S = 45.0  # between two suggestions
GOOD_FOR_S = 60.0
BUDGET = 12  # suggestions in one interview; nobody reads more beside a conversation
MOST_TIME_S = 30.0  # the time is told when a question opens or closes, and this often
LONGEST_QUOTE = 240  # characters
MOST_EVIDENCE = 3  # turns that are quoted for a criterion


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an interviewer may ask next. quote: what the candidate said that it comes from, with its turn."""

    kind: str
    text: str
    rationale: str
    question_id: str
    criteria: tuple[str, ...]
    quotes: tuple[tuple[int | None, str], ...] = ()


class Copilot:
    """Looks over the interviewer's shoulder. Call it after the turn has been laid to its question."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shown: Mapping[str, Covered] = {}
        self._number = 0
        self._open: str | None = None  # the id of the suggestion that is shown
        self._last_at: float | None = None
        self._time: tuple[str | None, float] | None = None
        self._offered: set[str] = set()

    def began(self) -> None:
        """The interview begins: show where everything stands."""
        self._coverage()
        self._tell_time()

    def candidate_said(self, turn: CandidateSaid) -> None:
        """A turn of the candidate has ended: a moment to suggest something."""
        desk = self._desk
        if of_the_work(turn.text, desk.language) != turn.text.strip():
            self._tell("guard.warning", who="candidate", turn=turn.turn, advice="do_not_probe")
        self._coverage()
        self._tell_time()
        now = desk.now
        rested = self._last_at is None or now - self._last_at >= SPACING_S
        if self._open is None and rested and self._number < BUDGET and not desk.speaking:
            suggestion = self._next()
            if suggestion is not None:
                self._suggest(suggestion)

    def interviewer_said(self, turn: InterviewerSaid, *, asks: bool) -> None:
        """An interviewer spoke: what nobody may ask is told at once. asks: what was suggested is overtaken."""
        for found in ground(turn.text, self._desk.language):
            self._tell(
                "guard.warning",
                who="interviewer",
                turn=turn.turn,
                category=found.category,
                words=found.words,
                reason=found.reason,
                rephrase=found.rephrase,
            )
        if asks:
            self.expire("overtaken")
        self._coverage()
        self._tell_time()

    def expire(self, why: str = "late") -> None:
        """Take back what is shown."""
        self._desk.clear(Timer.CARD)
        if self._open is not None:
            self._tell("suggestion.expired", id=self._open, reason=why)
            self._open = None

    # ---- what is shown -----------------------------------------------------------------------------------------

    def _tell(self, type_: str, **data: Any) -> None:
        self._desk.act(Tell(type_, data))

    def _coverage(self) -> None:
        stands = {covered.criterion_id: covered for covered in ledger(self._desk.plan, self._desk.cursor)}
        for key, covered in stands.items():
            if self._shown.get(key) != covered:
                self._tell(
                    "coverage.updated",
                    criterion_id=key,
                    name=covered.name,
                    state=covered.state.value,
                    evidence_turns=list(covered.turns),
                    evidence=self._evidence(covered.turns),
                )
        self._shown = stands

    def _evidence(self, turns: tuple[int, ...]) -> list[dict[str, Any]]:
        """The newest of these turns in the candidate's own words."""
        parts = {
            turn: part
            for progress in self._desk.cursor.all
            for turn, part in zip(progress.turns, progress.parts, strict=True)
        }
        return [{"turn": turn, "text": parts[turn][:LONGEST_QUOTE]} for turn in turns[-MOST_EVIDENCE:]]

    def _tell_time(self) -> None:
        cursor, now = self._desk.cursor, self._desk.now
        open_id = None if cursor.current is None else cursor.current.question.id
        if self._time is not None and self._time[0] == open_id and now - self._time[1] < MOST_TIME_S:
            return
        self._time = open_id, now
        left_s = cursor.left_s(now)
        core = [one for one in self._unasked() if one.question.priority is Priority.CORE]
        needed_s = sum(cursor.allotted_s(one) for one in core)
        spare = [one for one in self._unasked() if one.question.priority is Priority.OPTIONAL]
        too_much = needed_s + sum(cursor.allotted_s(one) for one in spare) > left_s
        self._tell(
            "time.updated",
            question_id=open_id,
            asked_question_ids=[one.question.id for one in cursor.all if one.asked],
            left_s=round(left_s),
            core_needed_s=round(needed_s),
            core_question_ids=[one.question.id for one in core],
            drop_question_ids=[one.question.id for one in spare] if too_much else [],
            shorten=needed_s > left_s,
        )

    def _unasked(self) -> list[Progress]:
        return [one for one in self._desk.cursor.all if not one.asked]

    # ---- suggestions -------------------------------------------------------------------------------------------

    def _suggest(self, suggestion: Suggestion) -> None:
        self._number += 1
        self._open, self._last_at = f"s{self._number}", self._desk.now
        self._offered.add(suggestion.text)
        self._desk.set(Timer.CARD, GOOD_FOR_S)
        strong, weak = self._sounds_like(suggestion)
        self._tell(
            "suggestion.created",
            id=self._open,
            kind=suggestion.kind,
            text=suggestion.text,
            rationale=suggestion.rationale,
            question_id=suggestion.question_id,
            criterion_ids=list(suggestion.criteria),
            quotes=[{"turn": turn, "text": text[:LONGEST_QUOTE]} for turn, text in suggestion.quotes],
            strong=strong,
            weak=weak,
            expires_in_s=GOOD_FOR_S,
        )

    def _next(self) -> Suggestion | None:
        """The one thing that is worth the interviewer's eye now; None when nothing is."""
        current = self._desk.cursor.current
        found = None if current is None or not current.parts else self._about_the_answer(current)
        if found is None and (current is None or current.parts):
            found = self._missing_criterion()
        return None if found is None or found.text in self._offered else found

    def _about_the_answer(self, current: Progress) -> Suggestion | None:
        desk, question = self._desk, current.question
        decision = decide(current, desk.cursor, desk.now, desk.language)
        if decision.contradiction is not None:
            probe = about(decision.contradiction, desk.lines)
            earlier, later = decision.contradiction.earlier, decision.contradiction.later
            quotes = (self._quoted(earlier.told), (current.turns[-1], current.parts[-1] or later.told))
            desk.cursor.raised.add(decision.contradiction.thing)
            return Suggestion("contradiction", probe.text, "contradiction", question.id, question.criteria, quotes)
        if not decision.asks:
            return None
        asked = probe_for(current, decision.wanted, desk.lines, desk.language)
        if asked is None or asked.signal is None:
            return None
        quote = ((current.turns[-1], current.parts[-1]),)
        kind = "result" if asked.signal == "result" else "probe"
        return Suggestion(kind, asked.text, f"missing:{asked.signal}", question.id, question.criteria, quote)

    def _quoted(self, told: str) -> tuple[int | None, str]:
        """The turn in which something was told."""
        said = (
            (turn, part)
            for progress in self._desk.cursor.all
            for turn, part in zip(progress.turns, progress.parts, strict=True)
        )
        return next(((turn, part) for turn, part in said if told.casefold() in part.casefold()), (None, told))

    def _missing_criterion(self) -> Suggestion | None:
        """The first question not asked yet that speaks to a criterion without sufficient answers."""
        wanting = {key for key, covered in self._shown.items() if covered.state is not State.SUFFICIENT}
        coming = sorted(self._unasked(), key=lambda one: one.question.priority is not Priority.CORE)
        for progress in coming:
            lacking = tuple(key for key in progress.question.criteria if key in wanting)
            if lacking:
                text = progress.question.text
                return Suggestion("missing_criterion", text, "not_covered", progress.question.id, lacking)
        return None

    def _sounds_like(self, suggestion: Suggestion) -> tuple[str | None, str | None]:
        """What a strong and a weak answer sound like, in the plan's own words."""
        plan = self._desk.plan
        question = next(one for one in plan.questions if one.id == suggestion.question_id)
        scales = [question.anchors, *(one.anchors for one in plan.criteria if one.id in suggestion.criteria)]
        scale = next((scale for scale in scales if scale), {})
        return (scale[max(scale)], scale[min(scale)]) if len(scale) > 1 else (None, None)

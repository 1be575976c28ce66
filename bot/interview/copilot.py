"""What the interviewer alone is told while they hold the interview: coverage, one suggestion at a time, time, warnings.

Everything is a `Tell`: it goes to the panel of those who may see it, never to the room. Nothing here is ever said.
Suggestions come after the candidate's turns only, while nobody speaks, seldom, never while the quiet key is on, and
are gone once they are overtaken. Warnings come at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bot.interview import CandidateSaid, InterviewerSaid, InterviewerSaying, InterviewerSpeaking, Tell
from bot.interview.commands import words
from bot.interview.coverage import Covered, State, ledger
from bot.interview.cursor import Progress
from bot.interview.desk import Desk, Timer
from bot.interview.off_limits import Found, ground, of_the_work
from bot.interview.suggesting import Suggesting, Suggestion
from bot.plan import Priority
from bot.resume import CopilotSoFar

SPACING_S = 45.0  # between two suggestions
GOOD_FOR_S = 60.0
BUDGET = 12  # suggestions in one call, whichever bot makes them; nobody reads more beside a conversation
MOST_TIME_S = 30.0  # the time is told when a question opens or closes, and this often
LONGEST_QUOTE = 240  # characters
MOST_EVIDENCE = 3  # turns that are quoted for a criterion
WORDS_AFTER = 3  # "are you married" may go on "to this approach": so many words show what was meant
WARNS_FOR_S = 60.0  # a warning that was lost is given again; what was said longer ago is past


class Copilot:
    """Looks over the interviewer's shoulder. Call it after the turn has been laid to its question."""

    def __init__(self, desk: Desk, so_far: CopilotSoFar) -> None:
        """so_far: how the panel stands, which may have been shown something before."""
        self._desk = desk
        self._suggesting = Suggesting(desk)
        self._shown: Mapping[str, Covered] = {}
        self._number, self._spent = so_far.numbered, so_far.spent
        self._open = so_far.shown  # the id of the suggestion that is shown
        self._card: dict[str, Any] = {}  # what it says, where this bot made it
        self._over: dict[str, str] = {}  # why those before it are not shown any more
        self._due = False  # an answer is over, and nobody has asked on since
        self._early: dict[str, Counter[str]] = {}  # by speaker: the warnings that their open turn has brought
        self._warned: list[tuple[float, dict[str, Any]]] = []
        self._offered = set(so_far.offered)
        self._muted, self._quiet = so_far.muted, so_far.quiet
        self._last_at: float | None = None
        self._time: tuple[str | None, float] | None = None

    def began(self) -> None:
        """The interview begins, or goes on with another bot, or the bot asks: show where everything stands."""
        if self._spent and self._last_at is None:  # another bot made the last one, nobody knows how long ago
            self._last_at = self._desk.now
        self.expire("overtaken")
        self._coverage()
        self._tell_time()

    def guard(self, turn: CandidateSaid | InterviewerSaid | InterviewerSaying) -> None:
        """Warn at once of what nobody may ask, and of asking on where the candidate tells of their own life."""
        language = self._desk.language
        if isinstance(turn, CandidateSaid):
            said = " ".join(turn.text.split())
            if of_the_work(said, language) != said:
                self._warn(who="candidate", turn=turn.turn, advice="do_not_probe")
            return
        found = ground(turn.text, language)
        if isinstance(turn, InterviewerSaying):
            sure = [one for one in found if len(words(turn.text[one.end :])) >= WORDS_AFTER]
            self._warn_of(sure, turn.who, None)
        else:
            self._warn_of(found, turn.who, turn.turn)
            self._early.pop(turn.who, None)

    def candidate_said(self, *, answers: bool) -> None:
        """A turn of the candidate has ended: where it answers anything, a moment to suggest something."""
        self._coverage()
        self._tell_time()
        self._due = answers
        self._at_a_boundary()

    def interviewer_speaking(self, voice: InterviewerSpeaking) -> None:
        """An interviewer's voice came up or stopped: what is worth suggesting waits meanwhile."""
        if not voice.speaking and not voice.words:
            self._early.pop(voice.who, None)
            self._at_a_boundary()

    def interviewer_said(self, turn: InterviewerSaid, *, asks: bool) -> None:
        """An interviewer spoke. asks: what was suggested is overtaken."""
        if asks:
            self.expire("overtaken")
        self._suggesting.interviewer_said(turn, asks=asks)
        self._coverage()
        self._tell_time()
        self._at_a_boundary()

    def quiet(self, on: bool) -> None:
        """The quiet key: nothing is suggested while it is on."""
        self._quiet = on
        if on:
            self.expire("quiet")

    def decided(self, id_: str) -> None:
        """An interviewer has done something with a card: if it is the one that is shown, its place is free."""
        if id_ == self._open:
            self._desk.clear(Timer.CARD)
            self._open = None

    def expire(self, why: str = "late") -> None:
        """Take back what is shown; unless that is only late, with what was to be."""
        self._desk.clear(Timer.CARD)
        self._due = self._due and why == "late"
        if self._open is not None:
            self._tell("suggestion.expired", id=self._open, reason=why)
            self._over[self._open], self._open = why, None

    def tell_again(self) -> None:
        """Say everything that holds once more, in one: the panel gets what it lacks (`api/copilot/catching_up.py`)."""
        now = self._desk.now
        told = [("coverage.updated", self._covered(one)) for one in self._shown.values()]
        told += [("suggestion.expired", {"id": id_, "reason": why}) for id_, why in self._over.items()]
        if self._card and self._card["id"] == self._open:
            left_s = max(0.0, self._desk.timers.get(Timer.CARD, now) - now)
            told.append(("suggestion.created", self._card | {"expires_in_s": round(left_s, 1)}))
        told += [("guard.warning", warning) for at, warning in self._warned if now - at < WARNS_FOR_S]
        if self._time is not None:
            told.append(("time.updated", self._left()))
        if told:
            self._tell("panel.stands", told=[{"type": type_, "data": data} for type_, data in told])

    # ---- what is shown -----------------------------------------------------------------------------------------

    def _tell(self, type_: str, **data: Any) -> None:
        self._desk.act(Tell(type_, data))

    def _warn_of(self, found: Iterable[Found], who: str, turn: int | None) -> None:
        """Warn of each thing once, whether it is found before the turn is over or after. turn: None before."""
        warned, seen = self._early.setdefault(who, Counter()), Counter[str]()
        for one in found:
            seen[one.category] += 1
            if seen[one.category] <= warned[one.category]:
                continue
            warned[one.category] += 1
            self._warn(
                who="interviewer",
                turn=turn,
                category=one.category,
                words=one.words,
                reason=one.reason,
                rephrase=one.rephrase,
            )

    def _warn(self, **data: Any) -> None:
        self._warned = [(at, warning) for at, warning in self._warned if self._desk.now - at < WARNS_FOR_S]
        self._warned.append((self._desk.now, data))
        self._tell("guard.warning", **data)

    def _coverage(self) -> None:
        stands = {covered.criterion_id: covered for covered in ledger(self._desk.plan, self._desk.cursor)}
        for key, covered in stands.items():
            if self._shown.get(key) != covered:
                self._tell("coverage.updated", **self._covered(covered))
        self._shown = stands

    def _covered(self, covered: Covered) -> dict[str, Any]:
        return {
            "criterion_id": covered.criterion_id,
            "name": covered.name,
            "state": covered.state.value,
            "evidence_turns": list(covered.turns),
            "evidence": self._evidence(covered.turns),
        }

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
        self._tell("time.updated", **self._left())

    def _left(self) -> dict[str, Any]:
        """The time that is left, and what is to be asked in it."""
        cursor = self._desk.cursor
        left_s = cursor.left_s(self._desk.now)
        core = [one for one in self._unasked() if one.question.priority is Priority.CORE]
        needed_s = sum(cursor.allotted_s(one) for one in core)
        spare = [one for one in self._unasked() if one.question.priority is Priority.OPTIONAL]
        too_much = needed_s + sum(cursor.allotted_s(one) for one in spare) > left_s
        return {
            "question_id": None if cursor.current is None else cursor.current.question.id,
            "asked_question_ids": [one.question.id for one in cursor.all if one.asked],
            "left_s": round(left_s),
            "core_needed_s": round(needed_s),
            "core_question_ids": [one.question.id for one in core],
            "drop_question_ids": [one.question.id for one in spare] if too_much else [],
            "shorten": needed_s > left_s,
        }

    def _unasked(self) -> list[Progress]:
        return [one for one in self._desk.cursor.all if not one.asked]

    # ---- suggestions -------------------------------------------------------------------------------------------

    def _at_a_boundary(self) -> None:
        """Suggest what an answer makes worth it, where nobody speaks."""
        desk = self._desk
        if not self._due or desk.interviewer_speaks or desk.speaking:
            return
        self._due = False
        rested = self._last_at is None or desk.now - self._last_at >= SPACING_S
        if self._open is None and rested and self._spent < BUDGET and not self._quiet:
            wanting = {key for key, covered in self._shown.items() if covered.state is not State.SUFFICIENT}
            suggestion = self._suggesting.next(wanting, self._muted, self._offered)
            if suggestion is not None:
                self._suggest(suggestion)

    def _suggest(self, suggestion: Suggestion) -> None:
        self._number, self._spent = self._number + 1, self._spent + 1
        self._open, self._last_at = f"s{self._number}", self._desk.now
        self._offered.add(suggestion.text)
        self._desk.set(Timer.CARD, GOOD_FOR_S)
        self._card = {
            "id": self._open,
            "kind": suggestion.kind,
            "text": suggestion.text,
            "rationale": suggestion.rationale,
            "question_id": suggestion.question_id,
            "criterion_ids": list(suggestion.criteria),
            "quotes": [{"turn": turn, "text": text[:LONGEST_QUOTE]} for turn, text in suggestion.quotes],
            "strong": suggestion.strong,
            "weak": suggestion.weak,
            "expires_in_s": GOOD_FOR_S,
        }
        self._tell("suggestion.created", **self._card)

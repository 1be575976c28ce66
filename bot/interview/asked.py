"""Which planned questions people put, in whatever words, and what the candidate answered to them."""

from bot.interview import CandidateSaid, Expecting, InterviewerSaid
from bot.interview.closings import closes, moves_on
from bot.interview.commands import holds_answer, is_bare_no, is_filler
from bot.interview.cursor import Outcome, Progress
from bot.interview.desk import Ask, Desk
from bot.interview.matching import ANNOUNCED, ASKED, IN_ORDER, Matcher
from bot.interview.off_limits import ground
from bot.interview.signals import asked_in
from bot.plan import Patience

HEARING = Patience.BRIEF  # nobody waits for the bot and nobody is cut off by it: what was said is shown soon


class AskedByPeople:
    """Walks the plan as people do: in any order, back and forth, beside it."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._cursor = desk, desk.cursor
        self._matcher = Matcher(desk.plan)
        self._order = {progress.question.id: place for place, progress in enumerate(self._cursor.all)}

    def recognised(self, text: str) -> str | None:
        """The planned question that `text` puts; None where it puts none."""
        current = self._cursor.current
        here = -1 if current is None else self._order[current.question.id]
        announced = ANNOUNCED if moves_on(text) else 0.0
        worth = {
            id_: share + IN_ORDER * (self._order[id_] > here) + announced
            for id_, share in self._matcher.shares(text).items()
        }
        best = max(worth, key=lambda id_: worth[id_], default=None)
        return best if best is not None and worth[best] >= ASKED else None

    def put(self, turn: InterviewerSaid) -> bool:
        """An interviewer spoke: open the question it puts, follow the open one up, or end the questions.

        Returns whether anything was asked, of the plan or beside it.
        """
        current, found = self._cursor.current, self.recognised(turn.text)
        if is_filler(turn.text, self._desk.language):
            return False
        if found is None and ground(turn.text, self._desk.language):
            self._set_aside()
            return self._matcher.follows_up(turn.text)
        self._come_back(current)
        if found is not None and (current is None or found != current.question.id):
            self.close()
            self._open(self._cursor.all[self._order[found]], turn)
        elif found is None and (closes(turn.text) or moves_on(turn.text)):
            self.close()
        elif current is not None and current.parts and found is None and self._matcher.follows_up(turn.text):
            current.follow_ups += 1
            current.lines.append(turn.text)
            current.probed.extend(sorted(asked_in(turn.text, self._desk.language) - set(current.probed)))
            self._note_asked(current, turn)
        return found is not None or self._matcher.follows_up(turn.text)

    def answered(self, turn: CandidateSaid) -> bool:
        """The candidate spoke: it belongs to the question that is open, unless they were asked what nobody may ask.

        Returns whether they answered anything, instead of asking back, wanting a moment or having nothing to say.
        """
        current, language = self._cursor.current, self._desk.language
        question = None if current is None else current.question
        short = question is not None and (question.patience is Patience.BRIEF or not question.expects)
        if not (holds_answer(turn.text, language) or (short and is_bare_no(turn.text, language))):
            return False
        if current is not None and not self._desk.aside:
            current.parts.append(turn.text.strip())
            current.turns.append(turn.turn)
        return True

    def close(self) -> None:
        """The open question is over: settle what came of it."""
        current, self._cursor.current = self._cursor.current, None
        if current is not None:
            self._cursor.previous = current
            current.close(Outcome.ANSWERED if current.parts else Outcome.SKIPPED)
            self._desk.note_closed()
            self._desk.listen(None, HEARING)

    def _set_aside(self) -> None:
        """Whatever is answered now must not speak for or against anybody."""
        self._desk.aside = True
        self._desk.listen(None, HEARING)

    def _come_back(self, current: Progress | None) -> None:
        if self._desk.aside and current is not None:
            self._listen(current)
        self._desk.aside = False

    def take_up(self) -> None:
        """Listen for the answer to what was open when another incarnation was lost."""
        if self._cursor.current is not None and not self._desk.aside:
            self._listen(self._cursor.current)

    def _open(self, progress: Progress, turn: InterviewerSaid) -> None:
        if progress.outcome is not None:  # they come back to it
            progress.reopen()
        progress.asked = True
        progress.begun_at = self._desk.now if progress.begun_at is None else progress.begun_at
        self._cursor.current = progress
        self._note_asked(progress, turn)
        self._listen(progress)

    def _note_asked(self, progress: Progress, turn: InterviewerSaid) -> None:
        self._desk.note(
            "question.asked",
            question_id=progress.question.id,
            follow_up=progress.follow_ups,
            text=turn.text,
            by="interviewer",
            turn=turn.turn,
        )

    def _listen(self, progress: Progress) -> None:
        question = progress.question
        ask = Ask(question.text, Expecting.ANSWER, question.id, question.patience, question.terms)
        self._desk.listen(ask, HEARING)

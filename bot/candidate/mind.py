"""When the candidate speaks and what: by the room's floor, and by ear."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from bot.candidate.answers import Answers, Clip, Phrases
from bot.candidate.ear import Listener
from bot.candidate.microphone import Purpose, Utterance
from bot.interview import Expecting

UNTOLD_QUIET_S = 2.0  # with the room's server away, so long a silence means: your turn
SILENCE_LASTS_S = 0.5


@dataclass(frozen=True, slots=True)
class Manners:
    """How the candidate behaves. Seconds.

    interrupt_every: speak over every n-th question, `interrupt_after_s` into it, at most `interruptions` times.
    leave_after: after so many answers, leave in the middle of the next one and come back `away_s` later.
    silent: never say anything; noise: nothing but a loud room.
    """

    reaction_s: float = 0.3
    interrupt_every: int = 0
    interruptions: int = 1_000_000
    interrupt_after_s: float = 1.0
    leave_after: int | None = None
    away_s: float = 3.0
    silent: bool = False
    noise: bool = False
    bot_missing_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Floor:
    """What the room last said about whose turn it is."""

    floor: str = "waiting"
    expecting: Expecting = Expecting.NOTHING
    question_id: str | None = None
    number: int = 0
    of: int = 0

    @classmethod
    def of_frame(cls, frame: dict[str, Any]) -> "Floor":
        """Read a `floor` frame of the room's protocol."""
        expecting = Expecting(frame.get("expecting") or Expecting.NOTHING)
        return cls(
            str(frame.get("floor")), expecting, frame.get("question_id"), frame.get("number") or 0, frame.get("of") or 0
        )


class Mind:
    """Decides, frame by frame. Reads no clock and makes no sound itself."""

    def __init__(self, answers: Answers, phrases: Phrases, manners: Manners, listener: Listener) -> None:
        self._answers, self._phrases, self._manners, self._ear = answers, phrases, manners, listener
        self._floor = Floor()
        self._told = True  # the room's server can be heard
        self._expected = Expecting.ANSWER  # the last thing that anybody waited for
        self._line_at = 0.0  # when the interviewer took the floor
        self._questions = 0
        self._interruptible = False
        self._given: Counter[str | None] = Counter()
        self._unfinished: tuple[str | None, Clip] | None = None
        self._seated = 0.0
        self.said: list[Utterance] = []

    def sit_down(self, now: float) -> None:
        """Take the seat (again); what was known of the floor is of no use any more."""
        self._floor, self._told, self._seated = Floor(), True, now

    def take_floor(self, floor: Floor, now: float) -> None:
        """Hear from the room whose turn it is."""
        before = self._floor
        began = floor.floor == "speaking" and (before.floor, before.question_id) != ("speaking", floor.question_id)
        self._line_at = now if began else self._line_at
        repeating = bool(self.said) and self.said[-1].purpose is Purpose.INTERRUPTION
        if began and floor.question_id is not None and not repeating:
            self._questions += 1
            every = self._manners.interrupt_every
            self._interruptible = every > 0 and self._questions % every == 0
        elif floor.floor != "speaking":
            self._interruptible = False
        if floor.expecting is not Expecting.NOTHING:
            self._expected = floor.expecting
        self._floor, self._told = floor, True

    def lose_room(self) -> None:
        """The room's server is away; go by ear until it speaks again."""
        self._told = False

    def wants_to_leave(self, now: float) -> bool:
        """Return whether this is the moment to walk out in the middle of an answer."""
        after = self._manners.leave_after
        if after is None or not self.said:
            return False
        last, answers = self.said[-1], sum(one.purpose is Purpose.ANSWER for one in self.said)
        in_answer = last.purpose is Purpose.ANSWER and last.done is None and last.onset is not None
        return answers == after + 1 and in_answer and now - (last.onset or now) >= 1.0 and not self._left()

    def broke_off(self) -> None:
        """Remember that the last answer was not finished; it is given again."""
        last = self.said[-1]
        self._given[last.question_id] -= 1
        self._unfinished = (last.question_id, last.clip)

    def step(self, now: float, *, speaking: bool) -> Utterance | None:
        """Return what to say from now on, or None."""
        if self.said:
            self._settle(self.said[-1], now)
        if speaking or self._manners.silent or self._manners.noise:
            return None
        if self._may_interrupt(now):
            self._interruptible = False
            return self._say(self._phrases.interruption, Purpose.INTERRUPTION)
        return self._reply() if self._is_my_turn(now) else None

    def _is_my_turn(self, now: float) -> bool:
        quiet = self._ear.quiet_for(now)
        if self._told:
            asked = self._floor.floor == "listening" and self._floor.expecting is not Expecting.NOTHING
            open_ = asked and quiet >= self._manners.reaction_s
        else:
            open_ = quiet >= UNTOLD_QUIET_S
        return open_ and self._ear.first_sound_after(self._last_word()) is not None

    def _last_word(self) -> float:
        last = self.said[-1] if self.said else None
        if last is None or last.broken_off or last.done is None:
            return self._seated
        return max(self._seated, last.done if last.end is None else last.end)

    def _reply(self) -> Utterance:
        match self._expected:
            case Expecting.CONSENT:
                return self._say(self._phrases.consent, Purpose.CONSENT)
            case Expecting.QUESTIONS:
                return self._say(self._phrases.no_questions, Purpose.NO_QUESTIONS)
        question = self._floor.question_id
        if self._unfinished is not None and self._unfinished[0] == question:
            (_, clip), self._unfinished = self._unfinished, None
        else:
            known = self._answers.take(question, self._given[question], number=self._floor.number)
            if known is None:
                return self._say(self._phrases.nothing_to_add, Purpose.NOTHING_TO_ADD)
            clip = known
        self._given[question] += 1
        return self._say(clip, Purpose.ANSWER)

    def _say(self, clip: Clip, purpose: Purpose) -> Utterance:
        utterance = Utterance(clip, purpose, self._floor.question_id)
        self.said.append(utterance)
        return utterance

    def _may_interrupt(self, now: float) -> bool:
        if not self._interruptible or self._floor.floor != "speaking":
            return False
        done = sum(one.purpose is Purpose.INTERRUPTION for one in self.said)
        heard = self._ear.quiet_for(now) <= 0.05
        return done < self._manners.interruptions and heard and now - self._line_at >= self._manners.interrupt_after_s

    def _left(self) -> bool:
        return any(one.broken_off for one in self.said)

    def _settle(self, said: Utterance, now: float) -> None:
        """Take down what was heard after it."""
        ear = self._ear
        if said.purpose is Purpose.INTERRUPTION:
            if said.onset is not None and said.silence is None:
                said.silence = ear.silence_after(said.onset, lasting=SILENCE_LASTS_S, now=now)
        elif said.onset is not None and said.end is None and said.cut_off is None and not said.broken_off:
            said.cut_off = ear.first_begun_after(said.onset)
        if said.end is not None and said.cut_off is None and said.reply is None:
            said.reply = ear.first_sound_after(said.end)

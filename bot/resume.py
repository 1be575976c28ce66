"""What the earlier incarnations of a bot had come to, for the one that goes on in their place."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from bot.plan import Key, Signal


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerPart(_Frozen):
    """One turn of the candidate that belongs to a question. turn: its number in the transcript."""

    turn: int
    text: str


class Asked(_Frozen):
    """Something that was asked, as the candidate heard it. signal: what a follow-up asked for."""

    text: str
    signal: Signal | None = None


class QuestionSoFar(_Frozen):
    """One planned question that was put, or settled without. asked: the question, then each follow-up.

    asked_at_ms: call time of the first; parts: what was said to it; answered: also since the last of `asked`.
    outcome, reason: what became of it, None while it is open.
    """

    id: Key
    asked: tuple[Asked, ...] = ()
    asked_at_ms: int | None = None
    parts: tuple[AnswerPart, ...] = ()
    answered: bool = False
    outcome: str | None = None
    reason: str | None = None


class Resume(_Frozen):
    """Where a call stood when its bot was lost. Times: ms of the call.

    reached_ms, reached_at: of the last that is known; what passed since was nobody's interview time. turns: how many
    final turns there are. consent: None while the candidate has not been heard about it. disclosed: a silent bot has
    said what it is there for. lent: for how many more questions the bot had the interviewer's floor; None when it had
    not. questions: in the order they were put.
    """

    reached_ms: int
    reached_at: AwareDatetime
    turns: int
    candidate_name: str = ""
    consent: bool | None = None
    consent_method: str | None = None
    disclosed: bool = False
    lent: int | None = None
    questions: tuple[QuestionSoFar, ...] = ()

    def elapsed_s(self, now: datetime) -> float:
        """Return how long the call has lasted. A clock that was set counts only if that was since the last event."""
        return self.reached_ms / 1000 + max(0.0, (now - self.reached_at).total_seconds())


class CopilotSoFar(_Frozen):
    """Where an interview's copilot stands. quiet: the key is on; muted: kinds of cards that it makes no more.

    numbered: cards in all of the interview's calls; spent: in this one; shown: the id of the one that is still to be
    seen; offered: what was on those of this call.
    """

    quiet: bool = False
    muted: tuple[str, ...] = ()
    numbered: int = 0
    spent: int = 0
    shown: str | None = None
    offered: tuple[str, ...] = ()

"""What the parts of a conversation have in common."""

from typing import Protocol

from bot.interview import CandidateSaid
from bot.interview.desk import Ask
from bot.interview.phrases import Command


class Part(Protocol):
    """One part of the conversation: the opening, the questions, the farewell."""

    @property
    def ask(self) -> Ask | None:
        """What the candidate is expected to answer."""

    def line_ended(self) -> None:
        """A line of this part ended; the desk knows how much of it was heard."""

    def said(self, turn: CandidateSaid, body: str) -> None:
        """The candidate said `body`, which is `turn` without the command at its end."""

    def overheard(self, turn: CandidateSaid, body: str) -> None:
        """Words that need no reaction now: said while leaving, or just before a command."""

    def command(self, command: Command, turn: CandidateSaid | None) -> None:
        """A wish about the conversation, by voice (`turn`) or button (None)."""

    def composed(self, text: str | None, *, more: bool) -> None:
        """The chat model's line, its first sentence when there is to be `more`, or None."""

    def wrote(self, text: str | None, *, more: bool) -> None:
        """The chat model's next sentence of a line that has begun; None when no other comes."""

    def again(self, lead: str, *, wished: bool = False) -> None:
        """Say what is open once more, after `lead`."""

    def silent(self, *, over: bool) -> None:
        """The candidate is silent; over: for longer than the limits allow."""

""" "Shall I end the interview here?": asked once before a candidate's wish to stop is carried out."""

from collections.abc import Callable

from bot.interview import CandidateSaid, Expecting
from bot.interview.commands import words, yes_or_no
from bot.interview.desk import Ask, Desk
from bot.interview.phrases import Command
from bot.plan import Patience
from bot.state import EndReason

LONGEST_REPLY_WORDS = 8  # more than this is no yes or no: the candidate goes on with the interview


class Stopping:
    """Open while the confirmation is awaited; `ask` is None otherwise."""

    def __init__(self, desk: Desk, *, go_on: Callable[[CandidateSaid | None], None]) -> None:
        self._desk, self._go_on = desk, go_on
        self.ask: Ask | None = None

    def begin(self, question_id: str | None, *, unsure: bool = False) -> None:
        """Ask for the confirmation. question_id: what was open before; unsure: this is the second time."""
        text = self._desk.lines.say("stop_confirm")
        self.ask = Ask(text, Expecting.ANSWER, question_id, Patience.BRIEF, unsure=unsure)
        self._desk.ask(self.ask)

    def close(self) -> None:
        """Nothing is to be confirmed any more."""
        self.ask = None

    def line_ended(self) -> None:
        """Listen."""
        self._desk.wait()

    def said(self, turn: CandidateSaid, body: str) -> None:
        """Stop on a yes, go on after a no or a longer answer, ask once more when it is neither."""
        ask = self.ask
        if ask is None:
            return
        short = len(words(body)) <= LONGEST_REPLY_WORDS
        reply = yes_or_no(body, self._desk.language) if short else None
        if reply is True:
            self.stop()
        elif reply is None and short and not ask.unsure:
            self.begin(ask.question_id, unsure=True)
        else:
            self.close()
            self._go_on(None if short else turn)

    def overheard(self, turn: CandidateSaid, body: str) -> None:
        """Words that came with a command; the command decides."""

    def command(self, command: Command, turn: CandidateSaid | None) -> None:
        """Every command but another "stop" closes this question; see `Interview`."""

    def composed(self, text: str | None, *, more: bool) -> None:
        """Nothing is composed here."""

    def wrote(self, text: str | None, *, more: bool) -> None:
        """Nothing is composed here."""

    def again(self, lead: str, *, wished: bool = False) -> None:
        """Ask again."""
        if self.ask is not None:
            self._desk.ask(self.ask, lead, again=wished)

    def silent(self, *, over: bool) -> None:
        """Remind once; no reply then means that the wish stands."""
        desk = self._desk
        if over or desk.prompts or self.ask is None:
            self.stop()
        else:
            desk.remark(f"{desk.lines.say('silence_confirm')} {self.ask.text}", self.ask, prompting=True)

    def stop(self) -> None:
        """Say goodbye and end."""
        self._desk.finish(EndReason.STOPPED_BY_CANDIDATE, self._desk.lines.say("stop_goodbye"))

"""What is asked once before it is carried out: a wish to stop, and words that may object to the recording."""

from collections.abc import Callable

from bot.interview import CandidateSaid, Expecting
from bot.interview.commands import words, yes_or_no
from bot.interview.desk import Ask, Desk
from bot.interview.objections import still_objects
from bot.interview.phrases import Command
from bot.plan import Patience
from bot.state import EndReason

LONGEST_REPLY_WORDS = 8  # more than this is no yes or no: the candidate goes on with the interview


class Confirming:
    """Open while the confirmation is awaited; `ask` is None otherwise.

    While `Desk.doubted` is set, it is an objection that is to be confirmed; in doubt that one holds, and a wish to stop
    doesn't. go_on: is told what was doubted, and a reply that is more than a no.
    """

    def __init__(self, desk: Desk, *, go_on: Callable[[CandidateSaid | None, CandidateSaid | None], None]) -> None:
        self._desk, self._go_on = desk, go_on
        self.ask: Ask | None = None

    def begin(self, question_id: str | None, *, unsure: bool = False) -> None:
        """Ask for the confirmation. question_id: what was open before; unsure: this is the second time."""
        text = self._desk.lines.say("stop_confirm" if self._desk.doubted is None else "objection_confirm")
        self.ask = Ask(text, Expecting.ANSWER, question_id, Patience.BRIEF, unsure=unsure)
        self._desk.ask(self.ask)

    def close(self) -> None:
        """Nothing is to be confirmed any more."""
        self.ask = self._desk.doubted = None

    def line_ended(self) -> None:
        """Listen."""
        self._desk.wait()

    def said(self, turn: CandidateSaid, body: str) -> None:
        """Carry it out on a yes, go on after a no, ask once more when it is neither."""
        ask, doubted = self.ask, self._desk.doubted
        if ask is None:
            return
        short = len(words(body)) <= LONGEST_REPLY_WORDS
        if doubted is not None:
            reply = still_objects(body, self._desk.language)
        else:
            reply = yes_or_no(body, self._desk.language) if short else False
        if reply is None and not ask.unsure:
            self.begin(ask.question_id, unsure=True)
        elif reply or (reply is None and doubted is not None):
            self.confirm()
        else:
            self._cancel(None if short else turn)

    def overheard(self, turn: CandidateSaid, body: str) -> None:
        """Words that came with a command; the command decides."""

    def command(self, command: Command, turn: CandidateSaid | None) -> None:
        """A wish while an objection is in doubt: to go on is a no, anything else has it asked again."""
        if command in (Command.RESUME, Command.SKIP):
            self._cancel(None)
        else:
            self.again(self._desk.lines.say("repeat_lead"), wished=True)

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
            self.confirm()
        else:
            desk.remark(f"{desk.lines.say('silence_confirm')} {self.ask.text}", self.ask, prompting=True)

    def confirm(self) -> None:
        """Say goodbye and end."""
        desk = self._desk
        if desk.doubted is None:
            desk.finish(EndReason.STOPPED_BY_CANDIDATE, desk.lines.say("stop_goodbye"))
        else:
            desk.finish(EndReason.CONSENT_DECLINED, desk.lines.say("consent_declined"))

    def _cancel(self, turn: CandidateSaid | None) -> None:
        doubted = self._desk.doubted
        self.close()
        self._go_on(doubted, turn)

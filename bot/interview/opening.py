"""Greeting, disclosure and consent."""

from collections.abc import Callable
from typing import Any

from bot.interview import CandidateSaid, Expecting
from bot.interview.commands import is_filler, yes_or_no
from bot.interview.desk import Ask, Desk
from bot.interview.objections import may_object
from bot.interview.phrases import Command
from bot.plan import Patience
from bot.resume import Resume
from bot.state import EndReason

NOTICE = "spoken-1"  # raise it with every change of what `disclosure` means in prompts/lines
MOST_TRIES = 3  # the disclosure is said again when it was talked over, but not for ever


class Opening:
    """Says who conducts and records the interview and for whom; goes on only with consent."""

    def __init__(self, desk: Desk, *, bot: str, organisation: str, done: Callable[[str], None]) -> None:
        self._desk, self._bot, self._organisation, self._done = desk, bot, organisation, done
        self._unclear = 0
        self._greeting: Ask | None = None
        self._heard_at: float | None = None
        self.ask: Ask | None = None

    @property
    def on_page(self) -> bool:
        """Whether consent was given before joining."""
        return self._desk.consent.method == "page"

    @property
    def greeted(self) -> bool:
        """Whether the candidate has heard who speaks here."""
        return self._greeting is not None and self._greeting.heard

    def took_place(self, so_far: Resume) -> bool:
        """Whether the candidate has heard the disclosure from another incarnation, and agreed."""
        heard = so_far.disclosed or any(one.asked for one in so_far.questions)
        return bool(self._desk.consent.given) and (not self.on_page or heard)

    def begin(self) -> None:
        """Greet. Consent given on the page is named; otherwise it is asked for."""
        lines, name = self._desk.lines, self._desk.candidate
        hello = lines.say("hello", candidate=name) if name else lines.say("hello_unnamed")
        self.ask = self._greeting = self._disclosure()
        self._desk.forget_said()  # whoever left before hearing it is new to it
        self._desk.ask(self.ask, hello)

    def page_consent(self) -> None:
        """Consent was given before joining."""
        if self._desk.consent.given is None:
            self._desk.agree("page", "")

    def line_ended(self) -> None:
        """Go on as soon as the disclosure was heard and nothing is to be agreed to; listen otherwise."""
        if self._heard_at is None and self.greeted:
            self._heard_at = self._desk.now
        if self.on_page and self.ask is not None and (self.ask.heard or self.ask.tries >= MOST_TRIES):
            self._done("")
        else:
            self._desk.wait()

    def said(self, turn: CandidateSaid, body: str) -> None:
        """Understand a yes or a no."""
        desk, ask = self._desk, self.ask
        if ask is None or (not ask.heard and ask.tries < MOST_TRIES):
            self.again(desk.lines.say("back_to_question"))
            return
        if self.on_page:
            self.line_ended()
            return
        ask.heard = True
        answer = yes_or_no(body, desk.language)
        if answer is True and not may_object(body, desk.language):
            desk.agree("voice", turn.text, **self._notice())
            self._done(f"{desk.lines.say('consent_thanks')} {desk.lines.say('first_question')}")
        elif answer is False:
            self.refuse(turn.text)
        elif is_filler(body, desk.language):
            desk.wait(fresh=True)
        else:
            self._ask_once_more(turn.text)

    def overheard(self, turn: CandidateSaid, body: str) -> None:
        """Words of somebody who has just left consent to nothing."""

    def refuse(self, text: str, **how: Any) -> None:
        """Thank the candidate and end; no recording is kept, while the words of the refusal stay on the record."""
        self._desk.decline(text, **how, **self._notice())
        self._desk.finish(EndReason.CONSENT_DECLINED, self._desk.lines.say("consent_declined"))

    def command(self, command: Command, turn: CandidateSaid | None) -> None:
        """Say it again where that helps; nothing can be skipped here."""
        text = command if turn is None else turn.text
        if command in (Command.SKIP, Command.DONE) and not self.on_page:
            self._ask_once_more(text)
        else:
            self.again(self._desk.lines.say("repeat_lead"), wished=True)

    def composed(self, text: str | None, *, more: bool) -> None:
        """Nothing is composed here."""

    def wrote(self, text: str | None, *, more: bool) -> None:
        """Nothing is composed here."""

    def again(self, lead: str, *, wished: bool = False) -> None:
        """Say the disclosure again."""
        if self.on_page and self.ask is not None and self.ask.expecting is Expecting.CONSENT:
            self.ask = self._disclosure()
        if self.ask is None:
            self.begin()
        else:
            self._desk.ask(self.ask, lead, again=wished)

    def silent(self, *, over: bool) -> None:
        """Remind, then give up."""
        desk = self._desk
        if over:
            desk.finish(EndReason.CANDIDATE_SILENT, desk.lines.say("silence_goodbye"))
        else:
            desk.remark(desk.lines.say("silence_consent"), self.ask, prompting=True)

    def _notice(self) -> dict[str, Any]:
        """Which words the candidate answers, and how long before they had heard them."""
        heard, desk = self._heard_at, self._desk
        ago = None if heard is None else round((desk.now - heard) * 1000)
        return {"notice": f"{NOTICE}-{desk.language}", "shown_ms": ago}

    def _disclosure(self) -> Ask:
        lines = self._desk.lines
        if self._organisation:
            text = lines.say("disclosure", bot=self._bot, organisation=self._organisation)
        else:
            text = lines.say("disclosure_plain", bot=self._bot)
        if self.on_page:
            return Ask(f"{text} {lines.say('consent_noted')}", Expecting.NOTHING, patience=Patience.BRIEF)
        return Ask(f"{text} {lines.say('consent_ask')}", Expecting.CONSENT, patience=Patience.BRIEF)

    def _ask_once_more(self, text: str) -> None:
        self._unclear += 1
        if self._unclear > 1:
            self.refuse(text)
            return
        self.ask = Ask(self._desk.lines.say("consent_again"), Expecting.CONSENT, patience=Patience.BRIEF)
        self._desk.ask(self.ask)

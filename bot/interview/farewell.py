"""The candidate's own questions, then the closing."""

from collections.abc import Callable

from bot.interview import CandidateSaid, Expecting
from bot.interview.closings import closes
from bot.interview.commands import has_no_questions, is_bare_no, is_filler, words, yes_or_no
from bot.interview.desk import Ask, Desk
from bot.interview.facts import PASS_ON, best_fact
from bot.interview.phrases import Command
from bot.state import EndReason

BARELY = 0.35  # less heard than this: the candidate was still at the answer before
MOST_QUESTIONS = 8
FEWEST_WORDS = 4  # less adds nothing that a team could use
_THANKS = frozenset({"thank", "thanks", "danke", "vielen", "gracias", "muchas", "merci"})


def adds_something(text: str) -> bool:
    """Tell whether what somebody says while taking leave is more than thanks and a good-bye."""
    said = words(text)
    return len(said) >= FEWEST_WORDS and ("?" in text or not (closes(text) or said[0] in _THANKS))


class Farewell:
    """Answers from the approved facts or passes the question on; silence here means that there are none."""

    def __init__(self, desk: Desk, *, back: Callable[[CandidateSaid, str], None]) -> None:
        self._desk, self._back = desk, back
        self._question = ""
        self._count = 0
        self._unfinished = False  # the open line lacks its end, in which the floor is offered again
        self.ask: Ask | None = None

    def begin(self, lead: str = "") -> None:
        """Offer the floor."""
        self.ask = Ask(self._desk.lines.say("questions_ask"), Expecting.QUESTIONS)
        self._desk.ask(self.ask, lead)

    def line_ended(self) -> None:
        """Listen; from here on the last answer is settled."""
        if self.ask is not None and self.ask.heard:
            self._desk.note_closed()
        self._desk.wait()

    def said(self, turn: CandidateSaid, body: str) -> None:
        """Answer a question, or close when there is none."""
        desk, ask = self._desk, self.ask
        if ask is None:
            self.begin()
            return
        filler = is_filler(body, desk.language)
        if not ask.heard and ask.share < BARELY and self._count == 0 and ask.tries < 3:
            if filler or is_bare_no(body, desk.language):
                self.again(desk.lines.say("back_to_question"))
            else:
                self._back(turn, body)
            return
        ask.heard = True
        desk.note_closed()
        done = has_no_questions(body, desk.language) or is_bare_no(body, desk.language)
        if done or (filler and self._count) or self._count >= MOST_QUESTIONS:
            self.close()
        elif filler or (len(words(body)) <= 4 and yes_or_no(body, desk.language)):
            desk.wait(fresh=True)
        else:
            self._answer(body)

    def overheard(self, turn: CandidateSaid, body: str) -> None:
        """A question that was asked while leaving is passed on."""
        if not is_filler(body, self._desk.language) and not has_no_questions(body, self._desk.language):
            self.pass_on(body)

    def command(self, command: Command, turn: CandidateSaid | None) -> None:
        """Close when the candidate is done; say it again otherwise."""
        if command in (Command.SKIP, Command.DONE):
            self.close()
        else:
            self.again(self._desk.lines.say("repeat_lead"), wished=True)

    def composed(self, text: str | None, *, more: bool) -> None:
        """Take the model's answer, or find one in the facts when there is none."""
        if text is None:
            self._from_facts()
        elif text.strip().rstrip(".") == PASS_ON:
            self.pass_on(self._question)
            self._reply(self._desk.lines.say("questions_pass_on"))
        elif more:
            self._question = ""
            self.ask, self._unfinished = Ask(text, Expecting.QUESTIONS, open=True), True
            self._desk.ask(self.ask)
        else:
            self._reply(text)

    def wrote(self, text: str | None, *, more: bool) -> None:
        """Say the rest of the answer, then offer the floor again."""
        if self.ask is not None and self.ask.open:
            self._unfinished = more
            parts = [text, None if more else self._desk.lines.say("questions_more")]
            self._desk.say_on(self.ask, " ".join(part for part in parts if part), last=not more)

    def again(self, lead: str, *, wished: bool = False) -> None:
        """Say the last line again, or answer the question that is still open."""
        if self._question:
            self._from_facts(lead)
        elif self.ask is None:
            self.begin(lead)
        else:
            if self._unfinished and not self.ask.open:
                self.ask.text, self._unfinished = f"{self.ask.text} {self._desk.lines.say('questions_more')}", False
            self._desk.ask(self.ask, lead, again=wished)

    def silent(self, *, over: bool) -> None:
        """Remind once, then close as after a no."""
        if over or self._desk.prompts:
            self.close()
        else:
            self._desk.remark(self._desk.lines.say("silence_questions"), self.ask, prompting=True)

    def close(self) -> None:
        """Thank the candidate and end."""
        lines, name = self._desk.lines, self._desk.candidate
        text = lines.say("closing", candidate=name) if name else lines.say("closing_unnamed")
        self._desk.finish(EndReason.COMPLETED, text, sticky=False)

    def _answer(self, question: str) -> None:
        self._question = question
        self._count += 1
        if self._desk.has_model:
            context = {"question": question, "facts": list(self._desk.plan.facts), "language": self._desk.language}
            self._desk.compose("candidate_question", context, f"farewell/{self._count}")
        else:
            self._from_facts()

    def _from_facts(self, lead: str = "") -> None:
        lines = self._desk.lines
        fact = best_fact(self._question, self._desk.plan.facts, self._desk.language)
        if fact is None:
            self.pass_on(self._question)
            self._reply(lines.say("questions_pass_on"), lead)
        else:
            self._reply(lines.say("fact_answer", fact=fact), lead)

    def _reply(self, text: str, lead: str = "") -> None:
        self._question = ""
        self.ask = Ask(f"{text} {self._desk.lines.say('questions_more')}", Expecting.QUESTIONS)
        self._desk.ask(self.ask, lead)

    def pass_on(self, question: str, how: str = "asked") -> None:
        """Leave a question, or whatever else the candidate says last, to the team."""
        self._desk.note("task", kind="candidate_question", text=f"The candidate {how}: {question}", question=question)

"""The questions of the plan: asking, following up, skipping, moving on."""

from collections.abc import Callable
from dataclasses import replace

from bot.interview import CandidateSaid, Expecting
from bot.interview.commands import is_bare_no, is_decline, is_filler, understand, words, yes_or_no
from bot.interview.cursor import Outcome, Progress
from bot.interview.desk import Ask, Desk, again
from bot.interview.followups import NOTHING_TO_ASK, Probe, Reason, about, decide, is_new, is_whole, probe_for
from bot.interview.off_limits import of_the_work
from bot.interview.phrases import Command
from bot.interview.taking_up import restore
from bot.plan import Patience, Question, Signal
from bot.resume import Resume
from bot.state import EndReason

BARELY = 0.35  # less of a question heard than this: the candidate was still at the answer before
SHORT_ANSWER_WORDS, WORDS_A_PART = 12, 2  # an open question is seldom answered in fewer, or one with parts in as few
MOST_TRIES = 3  # a question that is talked over this often counts as asked
UNSURE, UNSURE_WORDS = 0.3, 12  # a short turn below this confidence is asked for again, once
FEW_WORDS = 4  # a reply of fewer words to "another way, or move on?" is no answer to the question itself
LONGEST_LINE_WORDS = 60  # a line of the chat model beyond this is none


class Questioning:
    """Walks the plan's questions; holds the one thing that is open at any time."""

    def __init__(self, desk: Desk, *, done: Callable[[str], None]) -> None:
        self._desk, self._cursor, self._done = desk, desk.cursor, done
        self._asked: Ask | None = None
        self._earlier: Ask | None = None  # what was asked before `_asked`
        self._offer: Ask | None = None  # "another way, or move on?" while that is open
        self._wanted: tuple[Signal, ...] = ()  # what the chat model was asked to ask for
        self._draft: Ask | None = None  # what it is still writing
        self._most: int | None = None  # questions that are the bot's to put; None: all there are
        self._put = 0  # of those

    @property
    def ask(self) -> Ask | None:
        """What the candidate is expected to answer."""
        return self._offer or self._asked

    def begin(self, lead: str) -> None:
        """Ask the first question that the time allows, after `lead`."""
        self._cursor.begin(self._desk.now)
        self._next(lead)

    def take_up(self, so_far: Resume) -> None:
        """Go on where another incarnation was lost: put the open question again, or react to what was said to it."""
        open_one = restore(self._cursor, so_far, self._desk.language, self._desk.now)
        progress = self._cursor.current
        if open_one is None or progress is None:
            self._next()
            return
        last = open_one.asked[-1]
        self._asked = self._ask_for(progress, last.text)
        self._asked.follow_up, self._asked.signal = progress.follow_ups, last.signal
        self._asked.heard = self._asked.noted = True
        if open_one.answered and progress.parts:
            self._react(progress)
        else:
            self.again("")

    def lead(self, lead: str, most: int | None) -> None:
        """Go on with the next question after `lead`, where others have asked; at most so many."""
        self._forget()
        self.limit(most)
        self._next(lead, parting=lead if most is None else "")

    def limit(self, most: int | None) -> None:
        """Put at most so many questions from here on, besides the open one; None: all there are."""
        self._most, self._put = most, 0

    @property
    def through(self) -> bool:
        """Whether as many questions were put as were to be."""
        return self._most is not None and self._put >= self._most

    def let_go(self) -> None:
        """Others ask from here on: what was not heard was not asked, and what was heard last stays open."""
        ask, progress = self._asked, self._cursor.current
        if ask is not None and progress is not None and ask.follow_up and not ask.heard:
            self._withdraw(ask, progress)
        self._cursor.let_go()
        self._desk.note_closed()
        self._forget()

    def line_ended(self) -> None:
        """Put a question that was heard on the record, then listen."""
        self._end_draft()
        self._note_asked()
        self._desk.wait()

    def sounds_whole(self, text: str) -> bool:
        """Whether `text`, said now, would be an answer that nothing need be added to."""
        desk, ask, progress = self._desk, self._asked, self._cursor.current
        if ask is None or progress is None or self._offer is not None:
            return True
        if understand(text, desk.language).command is not None or is_decline(text, desk.language):
            return True
        parts_to_come = 0 if progress.parts else len(progress.question.expects) - 1
        if len(words(text)) < SHORT_ANSWER_WORDS + WORDS_A_PART * max(0, parts_to_come):
            return False
        return is_whole(replace(progress, parts=[*progress.parts, text]), desk.language)

    # ---- what the candidate says -------------------------------------------------------------------------------

    def said(self, turn: CandidateSaid, body: str) -> None:
        """Take an answer, or understand what else it is, and react."""
        desk, ask, progress = self._desk, self._asked, self._cursor.current
        if ask is None or progress is None:
            return
        self._forget_model()
        if self._offer is not None:
            self._answer_offer(self._offer, turn, body)
        elif not ask.heard and ask.share < BARELY and ask.tries < MOST_TRIES:
            self.continued(turn, body)
        elif is_filler(body, desk.language):
            ask.heard = True
            self._note_asked()
            desk.wait(fresh=True)
        elif turn.confidence < UNSURE and len(words(body)) < UNSURE_WORDS and not ask.unsure:
            ask.heard = ask.unsure = True
            self._note_asked()
            desk.remark(desk.lines.say("not_caught"), ask)
        else:
            ask.heard = True
            self._note_asked()
            self._answered(progress, turn, body)

    def continued(self, turn: CandidateSaid, body: str) -> None:
        """The candidate went on with the answer before: what was about to be asked waits."""
        ask, progress, language = self._asked, self._cursor.current, self._desk.language
        if is_filler(body, language) or is_bare_no(body, language):
            self.again(self._desk.lines.say("back_to_question"))
            return
        if ask is not None and ask.follow_up and progress is not None:
            self._withdraw(ask, progress)
        elif not self._cursor.back():
            self.again(self._desk.lines.say("back_to_question"))
            return
        self._offer = None
        self._asked = self._earlier or ask
        before = self._cursor.current
        if before is not None:
            if self._asked is None or self._asked.question_id != before.question.id:  # somebody else had asked it
                self._asked = self._ask_for(before, before.question.text)
                self._asked.heard = self._asked.noted = True
            self._take(before, turn, body)
            self._react(before, interrupted="" if ask is None else ask.text)

    def overheard(self, turn: CandidateSaid, body: str) -> None:
        """Keep what was said just before leaving; the question stays open."""
        ask, progress = self._asked, self._cursor.current
        if progress is None or ask is None or is_filler(body, self._desk.language):
            return
        before = self._cursor.previous
        if not ask.heard and not ask.follow_up and before is not None:
            before.close(Outcome.ANSWERED)
            self._take(before, turn, body)
        elif ask.heard or ask.follow_up:
            self._take(progress, turn, body)

    def command(self, command: Command, turn: CandidateSaid | None) -> None:
        """Repeat, rephrase, skip, or move on after "I'm done"."""
        self._forget_model()
        ask, progress = self._asked, self._cursor.current
        if ask is None or progress is None:
            return
        unheard = turn is not None and not ask.heard and ask.share < BARELY and not progress.parts
        if command is Command.REPHRASE:
            self._rephrase(ask, progress.question)
        elif command not in (Command.SKIP, Command.DONE) and not (command is Command.RESUME and self._offer):
            self.again(self._desk.lines.say("repeat_lead"), wished=True)
        elif unheard:
            self.again(self._desk.lines.say("back_to_question"))
        elif self._offer is not None:
            self._move_on(progress, "declined")
        elif command is Command.SKIP:
            self._skip(progress)
        elif progress.parts:
            self._settle(progress, Outcome.ANSWERED)
            self._next()
        else:
            self._move_on(progress, "declined")  # "I have nothing to add" is final; "I don't know" is offered help

    def composed(self, text: str | None, *, more: bool) -> None:
        """Ask what the chat model wrote, within the plan's limits, or the structured probe in its place."""
        progress, wanted = self._cursor.current, self._wanted
        if progress is None or not wanted:
            return
        if text is not None and text.strip().rstrip(".") == NOTHING_TO_ASK:
            self._answer_is_enough(progress, Reason.MODEL, wanted)
            self._next()
        elif text is not None and len(words(text)) <= LONGEST_LINE_WORDS and is_new(text, progress, more=more):
            self._wanted = wanted if more else ()
            self._follow_up(progress, Probe(text.strip(), wanted[0], Reason.MISSING, "model"), open=more)
        else:
            self._desk.forget_model()
            self._wanted = ()
            self._probe(progress, wanted)

    def wrote(self, text: str | None, *, more: bool) -> None:
        """Go on with the line; one that would end without a question ends with the structured probe."""
        ask, progress = self._asked, self._cursor.current
        if ask is None or progress is None or not ask.open:
            return
        if not more:
            self._draft = None
            text = f"{text or ''} {self._question_for(ask, progress, text or '')}".strip()
        before = ask.text
        self._desk.say_on(ask, text or "", last=not more)
        progress.reword(before, ask.text)

    def again(self, lead: str, *, wished: bool = False) -> None:
        """Say what is open once more, or what was just being thought of."""
        progress = self._cursor.current
        self._end_draft()
        if self._wanted and progress is not None:
            wanted, self._wanted = self._wanted, ()
            self._probe(progress, wanted, lead=lead)
        elif self._asked is not None:
            self._offer = None
            self._desk.ask(self._asked, lead, again=wished)
            self._asked.heard = self._asked.heard or self._asked.tries > MOST_TRIES

    def silent(self, *, over: bool) -> None:
        """Encourage, offer help, then give up."""
        desk = self._desk
        if over:
            desk.finish(EndReason.CANDIDATE_SILENT, desk.lines.say("silence_goodbye"))
        else:
            key = "silence_answer" if desk.prompts == 0 else "silence_answer_again"
            desk.remark(desk.lines.say(key), self.ask, prompting=True)

    # ---- reacting ----------------------------------------------------------------------------------------------

    def _answered(self, progress: Progress, turn: CandidateSaid, body: str) -> None:
        language, question = self._desk.language, progress.question
        short = question.patience is Patience.BRIEF or not question.expects
        if is_decline(body, language) and not (short and yes_or_no(body, language) is not None):
            self._decline(progress, turn)
            return
        self._take(progress, turn, body)
        self._react(progress)

    def _answer_is_enough(self, progress: Progress, reason: Reason, lacking: tuple[Signal, ...] = ()) -> None:
        progress.stopped, progress.lacking = reason.value, lacking
        self._settle(progress, Outcome.ANSWERED)

    def _decline(self, progress: Progress, turn: CandidateSaid) -> None:
        """Nothing to say: the end of an answer that was begun; otherwise other words are offered, once."""
        if progress.parts:
            self._take(progress, turn, "")
            self._answer_is_enough(progress, Reason.DECLINED)
            self._next()
        elif progress.offered:
            self._move_on(progress, "declined")
        else:
            progress.offered = True
            self._offer_help("decline_offer", progress)

    def _offer_help(self, key: str, progress: Progress) -> None:
        text = self._desk.lines.say(key)
        self._offer = Ask(text, Expecting.ANSWER, progress.question.id, Patience.BRIEF)
        self._desk.ask(self._offer)

    def _answer_offer(self, offer: Ask, turn: CandidateSaid, body: str) -> None:
        language, progress, ask = self._desk.language, self._cursor.current, self._asked
        if progress is None or ask is None:
            return
        reply = yes_or_no(body, language) if len(words(body)) <= FEW_WORDS else None
        if is_filler(body, language) and reply is None:
            self._desk.wait(fresh=True)
        elif reply is True:
            self._rephrase(ask, progress.question)
        elif reply is False or is_decline(body, language):
            self._move_on(progress, "declined")
        elif len(words(body)) >= FEW_WORDS:
            self._offer = None
            self._answered(progress, turn, body)
        elif offer.unsure:
            self._move_on(progress, "declined")
        else:
            self._offer_help("decline_offer_again", progress)
            if self._offer is not None:
                self._offer.unsure = True

    def _react(self, progress: Progress, *, interrupted: str = "") -> None:
        """Follow up where the policy says so; otherwise move on."""
        desk = self._desk
        decision = decide(progress, self._cursor, desk.now, desk.language)
        if decision.contradiction is not None:
            self._cursor.raised.add(decision.contradiction.thing)
            self._follow_up(progress, about(decision.contradiction, desk.lines))
        elif not decision.asks:
            self._answer_is_enough(progress, decision.reason, decision.wanted)
            self._next(hurried=decision.reason is Reason.TIME, interrupted=interrupted)
        elif desk.has_model:
            self._wanted = decision.wanted
            place = f"{progress.question.id}/{progress.follow_ups + 1}"
            desk.compose("follow_up", self._context(progress, decision.wanted), place)
        else:
            self._probe(progress, decision.wanted, interrupted=interrupted)

    def _context(self, progress: Progress, wanted: tuple[Signal, ...]) -> dict[str, object]:
        return {
            "language": self._desk.language,
            "section": progress.section.name,
            "question": progress.question.text,
            "answer": of_the_work(progress.answer, self._desk.language),
            "missing": [str(signal) for signal in wanted],
            "asked_before": list(progress.lines),
        }

    def _probe(self, progress: Progress, wanted: tuple[Signal, ...], *, lead: str = "", interrupted: str = "") -> None:
        probe = probe_for(progress, wanted, self._desk.lines, self._desk.language)
        if probe is None:
            self._answer_is_enough(progress, Reason.ASKED_ALREADY, wanted)
            self._next(lead or None, parting=lead, interrupted=interrupted)
            return
        if probe.text == interrupted:
            lead = self._desk.lines.say("back_to_question")
        self._follow_up(progress, probe, lead)

    def _follow_up(self, progress: Progress, probe: Probe, lead: str = "", *, open: bool = False) -> None:
        progress.follow_ups += 1
        if probe.signal is not None:
            progress.probed.append(probe.signal)
        progress.lines.append(probe.text)
        self._earlier = self._asked
        self._asked = self._ask_for(progress, probe.text)
        self._asked.follow_up, self._asked.signal = progress.follow_ups, probe.signal
        self._asked.reason, self._asked.by, self._asked.open = probe.reason.value, probe.by, open
        self._draft = self._asked if open else None
        self._desk.ask(self._asked, lead or self._desk.lines.say("follow_up_lead"))

    def _question_for(self, ask: Ask, progress: Progress, text: str) -> str:
        """The structured probe, for a line of the chat model's that asks nothing by itself; else nothing."""
        wanted, self._wanted = self._wanted, ()
        if "?" in ask.text or "?" in text:
            return ""
        probe = probe_for(progress, wanted, self._desk.lines, self._desk.language)
        ask.by = "lines" if probe is None else probe.by
        return self._desk.lines.say("probe_more") if probe is None else probe.text

    def _end_draft(self) -> None:
        """A line that the chat model was still writing broke off: let it ask something when it is said again."""
        ask, progress = self._draft, self._cursor.current
        if ask is None or ask.open or progress is None:
            return
        self._draft = None
        if question := self._question_for(ask, progress, ""):
            before, ask.text = ask.text, f"{ask.text} {question}"
            ask.share, ask.heard = 0.0, False
            progress.reword(before, ask.text)

    def _withdraw(self, ask: Ask, progress: Progress) -> None:
        """A follow-up that was not heard was not asked."""
        progress.follow_ups -= 1
        if ask.signal in progress.probed:
            progress.probed.remove(ask.signal)
        if ask.text in progress.lines:
            progress.lines.remove(ask.text)
        if self._draft is ask:
            self._draft = None

    # ---- moving on ---------------------------------------------------------------------------------------------

    def _next(
        self, lead: str | None = None, *, parting: str = "", hurried: bool = False, interrupted: str = ""
    ) -> None:
        """Ask the next question after `lead` (None: one that fits); with none left, end after `parting`."""
        if self.through:
            self._done(parting)
            return
        before = self._cursor.current
        hurried = self._cursor.advance(self._desk.now) or hurried
        self._offer = self._draft = None
        self._earlier = self._asked or self._earlier
        progress = self._cursor.current
        if progress is None:
            self._asked = None
            self._done(parting)
            return
        if lead is None:
            lead = self._transition(before, progress, hurried=hurried, interrupted=interrupted)
        self._asked = self._ask_for(progress, progress.question.text)
        self._desk.ask(self._asked, lead)

    def _transition(self, before: Progress | None, to: Progress, *, hurried: bool, interrupted: str) -> str:
        lines = self._desk.lines
        if to.question.text == interrupted:
            return lines.say("back_to_question")
        if hurried:
            return lines.say("time_moving_on")
        if self._cursor.is_last(to):
            return lines.say("question_last")
        if before is not None and before.section.id != to.section.id:
            return lines.say("section_next", section=to.section.name)
        return lines.say("question_next")

    def _skip(self, progress: Progress) -> None:
        if progress.parts:
            self._settle(progress, Outcome.ANSWERED)
        else:
            self._settle(progress, Outcome.SKIPPED, "candidate")
        lead = self._desk.lines.say("skip_ok")
        self._next(lead, parting=lead)

    def _move_on(self, progress: Progress, reason: str) -> None:
        self._settle(progress, Outcome.SKIPPED, reason)
        self._next(self._desk.lines.say("moving_on"))

    def _settle(self, progress: Progress, outcome: Outcome, reason: str | None = None) -> None:
        self._wanted = ()
        progress.close(outcome, reason)

    def _rephrase(self, ask: Ask, question: Question) -> None:
        self._offer = None
        other = question.rephrase if not ask.follow_up else ""
        if other and other != ask.text:
            self._asked = again(ask, other)
            self._desk.ask(self._asked, self._desk.lines.say("rephrase_lead"), again=True)
        else:
            self._desk.ask(ask, self._desk.lines.say("repeat_lead"), again=True)

    # ---- small things ------------------------------------------------------------------------------------------

    def _ask_for(self, progress: Progress, text: str) -> Ask:
        question = progress.question
        return Ask(text, Expecting.ANSWER, question.id, question.patience, question.terms)

    def _take(self, progress: Progress, turn: CandidateSaid, body: str) -> None:
        progress.parts.append(body.strip())
        progress.turns.append(turn.turn)

    def _note_asked(self) -> None:
        ask, progress = self._asked, self._cursor.current
        if ask is None or progress is None or not ask.heard or ask.noted:
            return
        ask.noted = True
        if not progress.asked:
            progress.asked = True
            progress.begun_at = self._desk.now
            self._put += 1
        self._cursor.previous = None
        self._desk.note_closed()
        why = {"reason": ask.reason, "missing": ask.signal, "by": ask.by} if ask.follow_up else {}
        self._desk.note("question.asked", question_id=ask.question_id, follow_up=ask.follow_up, text=ask.text, **why)

    def _forget(self) -> None:
        self._asked = self._earlier = self._offer = self._draft = None
        self._wanted = ()

    def _forget_model(self) -> None:
        """The candidate went on while the chat model was thinking; it is asked anew about the whole answer."""
        if self._draft is not None:
            self._draft.open = False
            self._end_draft()
        if self._desk.thinking or self._desk.writing:
            self._desk.forget_model()
            self._wanted = ()

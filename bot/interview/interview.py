"""The bot leads: a whole interview from the empty room to the goodbye, or some questions of one that people hold."""

from collections.abc import Callable, Mapping

from bot.interview import (
    CandidateJoined,
    CandidateLeft,
    CandidateSaid,
    CandidateSpeaking,
    Composed,
    ControlPressed,
    Happening,
    Hush,
    InterviewerSaid,
    InterviewerSpeaking,
    NothingHeard,
    SpeechLost,
    Spoken,
    StopRequested,
    Tick,
)
from bot.interview.commands import is_bare_no, is_filler, understand, words
from bot.interview.confirming import Confirming
from bot.interview.desk import SLOW_SPEED, Desk, Timer
from bot.interview.farewell import Farewell, adds_something
from bot.interview.handover import Why
from bot.interview.objections import may_object
from bot.interview.off_limits import ground
from bot.interview.opening import Opening
from bot.interview.part import Part
from bot.interview.phase import Phase
from bot.interview.phrases import Command
from bot.interview.questioning import Questioning
from bot.interview.voice import Voice
from bot.resume import Resume
from bot.state import EndReason

SETTLE_S = 0.8  # between the door and the greeting
PAUSE_S = 45.0  # "give me a moment"
DEAF_AFTER = 2  # sounds without words before the bot says so
MOST_STALLS = 2  # lines in a row that never ended


class Interview:
    """Leads a call; pure logic on plain values. Candidates are expected one at a time.

    It has the whole call, or has borrowed the floor of interviewers who are in the room: then `back` takes it again,
    with what is to be said first and why.
    """

    def __init__(
        self,
        desk: Desk,
        voice: Voice,
        *,
        organisation: str,
        bot_name: str,
        so_far: Resume | None,
        back: Callable[[str, Why], None],
    ) -> None:
        """so_far: where the call stood when the bot before this one was lost."""
        self._desk, self._voice, self._so_far, self._back = desk, voice, so_far, back
        self._opening = Opening(desk, bot=bot_name, organisation=organisation, done=self._opened)
        self._questioning = Questioning(desk, done=self._questioned)
        self._farewell = Farewell(desk, back=self._answer_goes_on)
        self._confirming = Confirming(desk, go_on=self._not_confirmed)
        self._borrowed = so_far is not None and so_far.lent is not None
        if so_far is not None:
            self._questioning.limit(so_far.lent)
        self._deaf = 0
        self._stalls = 0
        self._added = False  # something to what was said before the end

    def lead(self, lead: str, *, most: int | None = None, borrowed: bool = False) -> None:
        """Lead from here on: after `lead`, ask what is still to be asked. most: so many questions.

        Consent has been given, and nobody is speaking.
        """
        self._borrowed = borrowed
        self._deaf = self._stalls = 0
        self._questioning.lead(lead, most)

    def keep(self, text: str) -> None:
        """Keep the floor that was borrowed; say so in `text`."""
        self._borrowed = False
        self._questioning.limit(None)
        self._desk.remark(text, self._part.ask)

    def let_go(self) -> None:
        """Others lead from here on: drop what is being said, thought of or waited for; the open question stays open."""
        desk = self._desk
        desk.hush()
        desk.drop_held()
        desk.forget_model()
        desk.hold = self._borrowed = False
        desk.clear(Timer.QUIET, Timer.PAUSE, Timer.SETTLE)
        self._confirming.close()
        if desk.phase is Phase.QUESTIONS:
            self._questioning.let_go()

    def objected(self, said: CandidateSaid | InterviewerSaid) -> None:
        """Somebody objects in words: nothing that was recorded is kept, and nothing is asked any more."""
        desk = self._desk
        if desk.phase is Phase.OPENING:
            self._opening.refuse(said.text, turn=said.turn)
            return
        desk.decline(said.text, turn=said.turn)
        spoken = desk.phase is not Phase.WAITING
        desk.finish(EndReason.CONSENT_DECLINED, desk.lines.say("consent_declined") if spoken else None)

    def spoken_into_the_goodbye(self, turn: CandidateSaid) -> None:
        """Pass on, once, what the candidate adds after the end; thanks and good-byes need no reply."""
        desk = self._desk
        if desk.ended is EndReason.COMPLETED and desk.consent.given and not self._added and adds_something(turn.text):
            self._added = True
            self._farewell.pass_on(turn.text, "added")
            desk.act(Hush())
            desk.say_last(desk.lines.say("last_words"))

    def handle(self, happening: Happening) -> None:
        """Take in what happened and tell the desk what to do."""
        desk = self._desk
        self._dispatch(happening)
        if desk.ended is None and desk.phase in (Phase.OPENING, Phase.QUESTIONS, Phase.FAREWELL):
            self._keep_holding()

    def sounds_whole(self, text: str) -> bool:
        """Whether `text`, said now, is likely all that the candidate means to say: then the wait may be short."""
        return self._part is not self._questioning or self._questioning.sounds_whole(text)

    # ---- phases ------------------------------------------------------------------------------------------------

    @property
    def _part(self) -> Part:
        if self._confirming.ask is not None:
            return self._confirming
        if self._desk.phase is Phase.QUESTIONS:
            return self._questioning
        if self._desk.phase is Phase.FAREWELL:
            return self._farewell
        return self._opening

    def _opened(self, lead: str) -> None:
        self._desk.move(Phase.QUESTIONS)
        self._questioning.begin(lead)

    def _questioned(self, lead: str) -> None:
        if self._borrowed:
            self._back(lead, Why.DONE if self._questioning.through else Why.NOTHING_LEFT)
            return
        self._desk.move(Phase.FAREWELL)
        self._farewell.begin(lead)

    def _answer_goes_on(self, turn: CandidateSaid, body: str) -> None:
        self._desk.move(Phase.QUESTIONS)
        self._questioning.continued(turn, body)

    # ---- what happens ------------------------------------------------------------------------------------------

    def _dispatch(self, happening: Happening) -> None:
        match happening:
            case CandidateJoined():
                self._joined(happening)
            case CandidateLeft():
                self._left()
            case CandidateSpeaking(speaking=True) if not self._desk.away and self._desk.phase is not Phase.WAITING:
                self._voice.up()
            case CandidateSpeaking():
                self._voice.down()
            case CandidateSaid():
                self._said(happening)
            case NothingHeard(lost):
                self._nothing_heard(lost=lost)
            case InterviewerSpeaking(who, speaking=True):
                self._voice.up(who)
            case InterviewerSpeaking(who, words=words_follow):
                if not words_follow:
                    self._voice.settled()
                self._voice.down(who)
            case InterviewerSaid() if self._borrowed:
                self._put_in(happening)
            case Spoken():
                self._spoken(happening)
            case ControlPressed("withdraw", by):
                self._withdrawn(by)
            case ControlPressed():
                self._pressed(happening.control)
            case Composed():
                self._composed(happening)
            case StopRequested(reason):
                spoken = self._desk.phase is not Phase.WAITING
                line = "consent_declined" if reason is EndReason.CONSENT_DECLINED else "cancelled"
                self._desk.finish(reason, self._desk.lines.say(line) if spoken else None)
            case SpeechLost():
                self._desk.finish(EndReason.SPEECH_UNAVAILABLE)
            case Tick():
                self._desk.ring(self._due)

    def _composed(self, reply: Composed) -> None:
        desk = self._desk
        if not desk.awaits(reply.request):
            return
        begun = desk.writing
        desk.composed(more=reply.more)
        if begun:
            self._part.wrote(reply.text, more=reply.more)
        else:
            self._part.composed(reply.text, more=reply.more)

    def _joined(self, joined: CandidateJoined) -> None:
        desk = self._desk
        if joined.consented:
            self._opening.page_consent()
        if self._desk.phase is Phase.WAITING:
            desk.candidate = desk.candidate or joined.name
            before_s = 0.0 if self._so_far is None else self._so_far.reached_ms / 1000
            desk.joined_at = desk.now - before_s
            desk.clear(Timer.NO_SHOW, Timer.LEFT)
            desk.set(Timer.MAX_DURATION, desk.limits.max_duration_s - before_s)
            desk.set(Timer.SETTLE, SETTLE_S)
            self._desk.move(Phase.SETTLING)
        elif desk.away:
            desk.away = False
            desk.clear(Timer.LEFT)
            desk.set(Timer.SETTLE, SETTLE_S)

    def _left(self) -> None:
        desk = self._desk
        if self._desk.phase is Phase.WAITING or desk.away:
            return
        desk.hush()
        desk.away, desk.hold = True, False
        self._voice.gone()
        if desk.doubted is None:
            self._confirming.close()
        desk.clear(Timer.QUIET, Timer.PAUSE, Timer.SETTLE)
        desk.forget_model()
        if desk.drop_held():
            desk.finish_silently()
        else:
            desk.set(Timer.LEFT, desk.limits.left_s)

    def _settled(self) -> None:
        """The candidate has arrived: greet, or go on where the conversation was left."""
        desk = self._desk
        if self._desk.phase is Phase.SETTLING and self._so_far is not None:
            desk.preface(desk.lines.say("resumed"))
            if self._opening.took_place(self._so_far):
                self._desk.move(Phase.QUESTIONS)
                self._questioning.take_up(self._so_far)
                return
        if self._desk.phase is Phase.SETTLING:
            self._desk.move(Phase.OPENING)
        if self._desk.phase is Phase.OPENING and not self._opening.greeted:
            self._opening.begin()
            return
        name = desk.candidate
        back = desk.lines.say("welcome_back_named", candidate=name) if name else desk.lines.say("welcome_back")
        self._part.again(back)

    def _said(self, turn: CandidateSaid) -> None:
        desk = self._desk
        if not words(turn.text):
            self._nothing_heard()
            return
        self._voice.settled()
        self._deaf = 0
        if desk.drop_held():
            if not desk.speaking:
                desk.release()
            return
        if self._desk.phase in (Phase.WAITING, Phase.SETTLING):
            return
        if self._may_object(turn):
            desk.forget_model()
            desk.hold = False
            open_ask = self._part.ask
            desk.doubted = turn
            self._confirming.begin(None if open_ask is None else open_ask.question_id)
        else:
            self._take_in(turn)

    def _may_object(self, turn: CandidateSaid) -> bool:
        """Whether `turn` is to be asked back for; before consent, that is asked for anyway.

        A plain no before any question was heard answers the disclosure.
        """
        desk = self._desk
        if not desk.consent.given or desk.doubted is not None:
            return False
        nothing_asked = not any(progress.asked for progress in desk.cursor.all)
        return (nothing_asked and is_bare_no(turn.text, desk.language)) or may_object(turn.text, desk.language)

    def _take_in(self, turn: CandidateSaid) -> None:
        desk = self._desk
        understood = understand(turn.text, desk.language)
        if desk.away or Timer.SETTLE in desk.timers:
            self._overheard(turn, understood.body)
            return
        if desk.line is not None:
            if not turn.cut_in and is_filler(turn.text, desk.language):
                return  # "mm-hm" under the bot's line
            desk.hush()
        desk.hold = desk.hold and understood.command is Command.PAUSE
        if understood.command is not None:
            if understood.body:
                self._overheard(turn, understood.body)
            self._command(understood.command, turn)
        elif desk.aside:
            desk.forget_model()
            self._part.again(desk.lines.say("back_to_question"))
        else:
            self._part.said(turn, turn.text)

    def _overheard(self, turn: CandidateSaid, body: str) -> None:
        if not self._desk.aside:
            self._part.overheard(turn, body)

    def _nothing_heard(self, *, lost: bool = False) -> None:
        desk = self._desk
        self._voice.settled()
        self._deaf += not lost
        if desk.holds():
            if not desk.speaking:
                desk.release()
            return
        quiet = desk.line is None and not (desk.away or desk.hold or desk.speaking or desk.thinking)
        listening = (
            self._desk.phase in (Phase.OPENING, Phase.QUESTIONS, Phase.FAREWELL) and Timer.SETTLE not in desk.timers
        )
        if lost and quiet and listening:
            desk.remark(desk.lines.say("not_caught"), self._part.ask)
        elif self._deaf >= DEAF_AFTER and quiet and listening:
            self._deaf = -1
            desk.note("incident", code="no_words", detail="sound without words, several times in a row")
            desk.remark(desk.lines.say("no_words"), self._part.ask, prompting=True)

    def _put_in(self, said: InterviewerSaid) -> None:
        """An interviewer says something to the candidate in between; what they ask is answered before the bot goes on.

        That answer belongs to the question that was heard last, as everything that comes before the next one; unless
        they asked what nobody may ask, after which the bot goes back to its own question.
        """
        desk = self._desk
        self._voice.settled()
        if is_filler(said.text, desk.language):
            return
        before, desk.aside = desk.aside, bool(ground(said.text, desk.language))
        if before or desk.aside:
            desk.listen(None if desk.aside else self._part.ask)
        if desk.speaking:
            return
        desk.hush()
        if "?" in said.text or desk.aside or not desk.holds():
            desk.drop_held()
            desk.wait(fresh=True)
        else:
            desk.release()

    def _spoken(self, spoken: Spoken) -> None:
        desk = self._desk
        line = desk.ended_line(spoken)
        if line is None:
            return
        self._stalls = 0
        if line.asks and (not spoken.interrupted or len(words(spoken.heard)) > line.lead):
            desk.aside = False  # what is said from here on may answer this
        if line.prompting:
            desk.prompts += 1
        if desk.hold:
            desk.set(Timer.PAUSE, PAUSE_S)
        else:
            self._part.line_ended()

    # ---- commands ----------------------------------------------------------------------------------------------

    def _pressed(self, control: str) -> None:
        desk = self._desk
        if control not in set(Command) or self._desk.phase is Phase.WAITING or desk.away or desk.drop_held():
            return
        if self._desk.phase is Phase.SETTLING or Timer.SETTLE in desk.timers:
            if control == Command.STOP:
                desk.finish(EndReason.STOPPED_BY_CANDIDATE, desk.lines.say("stop_goodbye"))
            return
        desk.hush()
        desk.hold = False
        self._command(Command(control), None)

    def _withdrawn(self, by: str) -> None:
        """The candidate takes the consent back on the page: no recording is kept, and nothing is asked any more."""
        desk = self._desk
        desk.decline("", method="page", participant_id=by)
        spoken = desk.phase is not Phase.WAITING
        desk.finish(EndReason.CONSENT_DECLINED, desk.lines.say("consent_declined") if spoken else None)

    def _command(self, command: Command, turn: CandidateSaid | None) -> None:
        desk = self._desk
        confirmed = self._confirming.ask is not None
        if desk.doubted is None:
            self._confirming.close()
        match command:
            case Command.HUMAN if self._borrowed and desk.interviewers:
                self._back("", Why.HUMAN_REQUESTED)
            case Command.HUMAN:
                desk.note("task", kind="human_requested", text="The candidate asked to speak to a person.")
                desk.finish(EndReason.HUMAN_REQUESTED, desk.lines.say("human_goodbye"))
            case Command.STOP if confirmed:
                self._confirming.confirm()
            case Command.STOP if desk.consent.given is None:
                self._opening.refuse(command if turn is None else turn.text)
            case Command.STOP:
                desk.forget_model()
                open_ask = self._part.ask
                self._confirming.begin(None if open_ask is None else open_ask.question_id)
            case Command.PAUSE:
                desk.forget_model()
                desk.hold = True
                desk.remark(desk.lines.say("pause_ok"), self._part.ask)
                self._keep_holding()
            case Command.SLOWER:
                desk.speed = SLOW_SPEED
                self._part.again(desk.lines.say("slower_ok"), wished=True)
            case _:
                self._part.command(command, turn)

    def _not_confirmed(self, doubted: CandidateSaid | None, turn: CandidateSaid | None) -> None:
        """Go on where it stood: with what was doubted, which is an answer then, and with a reply that says more."""
        if doubted is not None and turn is None:
            self._desk.preface(self._desk.lines.say("stop_cancelled"))
            self._take_in(doubted)
            return
        if doubted is not None:
            self._overheard(doubted, doubted.text)
        if turn is None:
            self._part.again(self._desk.lines.say("stop_cancelled"))
        else:
            self._part.said(turn, turn.text)

    # ---- time --------------------------------------------------------------------------------------------------

    def _due(self, timer: Timer) -> None:
        desk = self._desk
        handlers: Mapping[Timer, Callable[[], None]] = {
            Timer.NO_SHOW: lambda: desk.finish(EndReason.NO_SHOW),
            Timer.SETTLE: self._settled,
            Timer.QUIET: self._quiet,
            Timer.PAUSE: self._paused_long_enough,
            Timer.LEFT: self._stayed_away,
            Timer.COMPOSED: self._model_lost,
            Timer.LINE: self._line_lost,
            Timer.RELEASE: desk.release,
            Timer.GRACE: desk.finish_silently,
            Timer.SPEECH: self._voice_lost,
            Timer.MAX_DURATION: self._time_is_up,
        }
        handlers[timer]()

    def _quiet(self) -> None:
        desk, ask = self._desk, self._part.ask
        if self._borrowed and desk.interviewers and desk.doubted is None and desk.silence_is_over():
            self._back("", Why.SILENCE)
        elif ask is not None and (desk.aside or not ask.heard) and not desk.silence_is_over():
            self._part.again(desk.lines.say("back_to_question"))
        else:
            self._part.silent(over=desk.silence_is_over())

    def _paused_long_enough(self) -> None:
        self._desk.hold = False
        self._part.again(self._desk.lines.say("pause_over"))

    def _stayed_away(self) -> None:
        """Somebody who leaves after the last question has been through the interview."""
        done = self._desk.phase is Phase.FAREWELL
        self._desk.finish(EndReason.COMPLETED if done else EndReason.CANDIDATE_LEFT)

    def _model_lost(self) -> None:
        desk = self._desk
        begun = desk.writing
        desk.forget_model()
        desk.note("incident", code="model_lost", detail="no reply of the chat model in time")
        if begun:
            self._part.wrote(None, more=False)
        else:
            self._part.composed(None, more=False)

    def _line_lost(self) -> None:
        """A line has neither ended nor been interrupted: say what is open again, and give the call up the next time.

        The voice is tried again until it works, so the candidate hears the question as soon as there is sound again.
        """
        desk = self._desk
        desk.hush()
        self._stalls += 1
        desk.note("incident", code="line_lost", detail="a line of the bot never ended")
        if self._stalls >= MOST_STALLS:
            desk.finish(EndReason.SPEECH_UNAVAILABLE)
        elif not desk.hold:
            self._part.again(desk.lines.say("back_to_question"))

    def _voice_lost(self) -> None:
        desk = self._desk
        desk.note("incident", code="voice_without_words", detail="a voice neither stopped nor became words")
        self._voice.gone()
        desk.release()
        desk.wait(fresh=True)

    def _time_is_up(self) -> None:
        desk = self._desk
        desk.finish(EndReason.MAX_DURATION, desk.lines.say("max_duration"), at_once=True)

    def _keep_holding(self) -> None:
        """A moment that was asked for begins anew after every sound, and never lasts for ever."""
        desk = self._desk
        if desk.hold and desk.line is None and not desk.speaking and not desk.away:
            desk.timers.setdefault(Timer.PAUSE, desk.now + PAUSE_S)

"""One call, whoever leads it: the bot (`Interview`), or people while it listens (`Observing`).

Both stand at one desk, with one cursor through the plan, and what happens goes to the one that leads. Acts of people
change who that is, and nothing else does: an interviewer lends the bot the floor, or somebody changes the mode.
"""

import copy
from collections.abc import Sequence
from typing import Any

from bot.interview import (
    Action,
    CandidateSaid,
    CandidateSpeaking,
    CardDecided,
    Compose,
    Composed,
    Done,
    FallSilent,
    FloorAsked,
    Happening,
    InterviewerSaid,
    InterviewerSaying,
    InterviewerSpeaking,
    InterviewersPresent,
    Leader,
    LineOpened,
    Lines,
    ModeAsked,
    QuietAsked,
    Say,
    Spoken,
    TakeVoice,
    Tell,
)
from bot.interview.cursor import Cursor
from bot.interview.desk import COMPOSED_S, Desk, Timer
from bot.interview.handover import Why, handover, number_word
from bot.interview.interview import Interview
from bot.interview.objections import objects
from bot.interview.observing import MOST_TRIES, Observing
from bot.interview.off_limits import ground
from bot.interview.phase import Phase
from bot.interview.taking_up import restore
from bot.interview.voice import Voice
from bot.plan import Plan
from bot.resume import CopilotSoFar, Resume
from bot.spec import Limits, Mode
from bot.state import EndReason

BOT = "bot"  # who hands the floor back when nobody took it


class Call:
    """Drives one call; pure logic on plain values (`Conduct`).

    Call `handle` with everything that happens, and with `Tick` once `deadline` has come. Before the first call the
    deadline lies in the past, so a driver that honours it begins with a `Tick`.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        lines: Lines,
        mode: Mode = Mode.SOLO,
        candidate_name: str = "",
        organisation: str = "",
        bot_name: str = "Viva",
        limits: Limits | None = None,
        has_model: bool = False,
        knows_interviewers: bool = False,
        compose_s: float = COMPOSED_S,
        so_far: Resume | None = None,
        copilot: CopilotSoFar | None = None,
    ) -> None:
        """knows_interviewers: whether it is told of each that comes and goes (`InterviewersPresent`).

        compose_s: after this time a `Compose` counts as lost; a little more than the model's own budget.

        so_far: where the call stood when the bot before this one was lost; copilot: what the panel was shown.
        """
        self.mode, self._so_far = mode, so_far
        self._desk = Desk(plan, lines, limits or Limits(), candidate_name, has_model, Cursor(plan), compose_s)
        self._desk.interviewers = 0 if knows_interviewers else None
        self._voice = Voice(self._desk)
        self._interview = Interview(
            self._desk,
            self._voice,
            organisation=organisation,
            bot_name=bot_name,
            so_far=so_far,
            back=self._returned,
        )
        self._observing = Observing(
            self._desk,
            self._voice,
            organisation=organisation,
            bot_name=bot_name,
            so_far=so_far,
            helps=mode is Mode.COPILOT,
            copilot=copilot,
        )
        self._lent = mode is Mode.COPILOT and so_far is not None and so_far.lent is not None
        self._lent_by_people: int | None = None  # in the room when it was lent; a meeting elsewhere shows none
        self._waiting: list[FloorAsked | ModeAsked] = []
        self._started = False
        if so_far is not None:
            self._desk.take_up(so_far)

    # ---- as a conduct ------------------------------------------------------------------------------------------

    @property
    def deadline(self) -> float | None:
        """When `Tick` is due, on the clock of `now`; None once the call is over."""
        if not self._started:
            return 0.0
        return min(self._desk.timers.values(), default=None)

    @property
    def ended(self) -> EndReason | None:
        """Why the call is over; None while it is not."""
        return self._desk.ended

    @property
    def leads(self) -> Leader:
        """Who asks the questions at this moment."""
        return Leader.BOT if self._bot_leads else Leader.INTERVIEWER

    @property
    def yields_to_interviewers(self) -> bool:
        """Whether the bot stops for interviewers: while it has their floor."""
        return self._lent

    def handle(self, happening: Happening, now: float) -> list[Action]:
        """Take in what happened at `now` (seconds, never going back) and return what to do, in order."""
        desk = self._desk
        desk.now = max(now, desk.now)
        if not self._started:
            self._begin()
        asked = [*self._waiting, happening] if isinstance(happening, FloorAsked | ModeAsked) else self._waiting
        if desk.ended is None:
            self._take(happening)
        elif isinstance(happening, CandidateSaid) and self._bot_leads:
            self._interview.spoken_into_the_goodbye(happening)
        if desk.ended is None:
            self._carry_out()
        self._confirm(asked)
        if desk.ended is not None and desk.phase is not Phase.ENDED:
            desk.move(Phase.ENDED)
        return desk.take()

    def asks(self, text: str) -> str | None:
        """The planned question that these words of an interviewer's put; none where questions are the bot's to put."""
        return None if self.mode is Mode.SOLO else self._observing.asks(text)

    def sounds_whole(self, text: str) -> bool:
        """Whether `text`, said now, is likely all that the candidate means to say: then the wait may be short."""
        return self._bot_leads and self._interview.sounds_whole(text)

    def rehearse(self, text: str, now: float, reply: str | None = None) -> Say | Compose | None:
        """Return what would be said next were `text` the candidate's whole turn; nothing changes by asking.

        A `Compose` when it would be for the chat model to write; with the `reply` that it has begun, the line it makes.
        None when it would be nothing, or cannot be known yet.
        """
        if not self._bot_leads or self._desk.holds():  # a line held back can't be tried on a copy
            return None
        double = copy.deepcopy(self, {id(self._desk.plan): self._desk.plan})
        double.handle(CandidateSpeaking(False), now)
        actions = double.handle(CandidateSaid(text, 1.0, 0, 0), now)
        asked = next((action for action in actions if isinstance(action, Compose)), None)
        if asked is not None and reply is not None:
            actions = double.handle(Composed(asked.request, reply, more=True), now)
        return next((action for action in actions if isinstance(action, Say | Compose)), None)

    def report(self) -> dict[str, Any]:
        """What came of every planned question, the consent, and how long the call lasted."""
        return self._desk.report()

    # ---- what happens ------------------------------------------------------------------------------------------

    @property
    def _bot_leads(self) -> bool:
        return self._lent or self.mode is Mode.SOLO

    def _begin(self) -> None:
        self._started = True
        desk, so_far = self._desk, self._so_far
        if so_far is None:
            desk.set(Timer.NO_SHOW, desk.limits.no_show_s)
            return
        if so_far.consent is False:  # said no to the bot before this one, which was lost before it had left
            restore(desk.cursor, so_far, desk.language, desk.now)
            desk.joined_at = desk.now - so_far.reached_ms / 1000
            desk.finish(EndReason.CONSENT_DECLINED)
            return
        desk.set(Timer.LEFT, desk.limits.left_s)
        if so_far.disclosed and not self._bot_leads:
            desk.act(FallSilent())

    def _take(self, happening: Happening) -> None:
        if isinstance(happening, CandidateSaid | InterviewerSaid):
            self._observing.guard(happening)
        if isinstance(happening, InterviewerSaid):
            self._desk.voices.pop(happening.who, None)
        match happening:
            case FloorAsked(Leader.INTERVIEWER):
                self._lend_nothing_waiting()
                self._take_back(happening.by)
            case FloorAsked() | ModeAsked():
                self._wish(happening)
            case QuietAsked(on):
                self._observing.quiet(on)
            case CardDecided(id_):
                self._observing.card_decided(id_)
            case LineOpened():
                self._observing.tell_again()
            case InterviewersPresent(number, left):
                self._desk.interviewers = number
                self._desk.voices.pop(left, None)
                self._pass_on(happening)
            case InterviewerSpeaking(who, speaking, words):
                if speaking:
                    self._desk.voices[who] = self._desk.now
                elif not words:
                    self._desk.voices.pop(who, None)
                self._observing.interviewer_speaking(happening)
                if self._lent:
                    self._interview.handle(happening)
            case InterviewerSaying():
                self._observing.guard(happening)
            case CandidateSaid() | InterviewerSaid() if self._objects_in_solo(happening.text):
                self._interview.objected(happening)
            case InterviewerSaid() if self.mode is Mode.COPILOT:
                self._interviewer_said(happening)
            case CandidateSaid() if self._lent and objects(happening.text, self._desk.language):
                self._observing.handle(happening)
            case _:
                self._pass_on(happening)
        if self._lent and isinstance(happening, CandidateSaid | InterviewerSaid | Spoken):
            self._observing.follow()

    def _pass_on(self, happening: Happening) -> None:
        if self._bot_leads:
            self._interview.handle(happening)
        else:
            self._observing.handle(happening)

    def _interviewer_said(self, said: InterviewerSaid) -> None:
        """What hands the floor over is done; whoever puts a question of the plan themselves has taken it back."""
        wish, language = handover(said.text, self._desk.language), self._desk.language
        asks = self._observing.asks(said.text) is not None or objects(said.text, language)
        if self._lent and not self._desk.leaving and wish is not None and wish.to is Leader.INTERVIEWER:
            asks = asks or bool(ground(said.text, language))
            self._hand_back(Why.TAKEN_BACK, by=said.who, silently=asks)
            if not asks:
                return
        elif self._lent and asks:
            self._hand_back(Why.INTERVIEWER_ASKED, by=said.who, silently=True)
        elif asks and any(isinstance(act, FloorAsked) for act in self._waiting):
            self._lend_nothing_waiting()
            self._stays(said.who, Why.INTERVIEWER_ASKED)
        self._pass_on(said)
        if wish is None or self._desk.phase is not Phase.QUESTIONS:
            return
        if wish.to is Leader.INTERVIEWER:
            self._take(FloorAsked(wish.to, said.who))
        elif not self._lent:  # whether they may is for the control plane to say, which then asks in their name
            self._desk.act(Tell("floor.wished", {"by": said.who, "questions": wish.questions}))

    def _objects_in_solo(self, text: str) -> bool:
        heard_of = self.mode is not Mode.SOLO or self._desk.consent.given is False
        return not heard_of and objects(text, self._desk.language)

    # ---- what people ask for ----------------------------------------------------------------------------------

    def _wish(self, act: FloorAsked | ModeAsked) -> None:
        """Have `act` wait for its moment, instead of what it overtakes: the last wish of a kind is the one that counts.

        Another mode than the copilot's lends nothing, so whoever asks for it takes back what was to be lent.
        """
        if isinstance(act, FloorAsked):
            self._waiting = [*(one for one in self._waiting if isinstance(one, ModeAsked)), act]
        elif act.to is Mode.COPILOT:
            self._waiting = [act, *(one for one in self._waiting if isinstance(one, FloorAsked))]
        else:
            self._waiting = [act]

    def _lend_nothing_waiting(self) -> None:
        self._waiting = [act for act in self._waiting if isinstance(act, ModeAsked)]

    def _carry_out(self) -> None:
        """Do what was asked for, each as soon as it can be done."""
        while (act := next(filter(self._may, self._waiting), None)) is not None:
            self._waiting = [one for one in self._waiting if one is not act]
            if isinstance(act, FloorAsked):
                self._lend(act)
            else:
                self._change(act)

    def _confirm(self, asked: Sequence[FloorAsked | ModeAsked]) -> None:
        """Say of which acts nothing waits any more: until then another bot in this one's place is asked for them."""
        for act in asked:
            if act.order and act not in self._waiting:
                self._desk.act(Done(act.order))

    def _may(self, act: FloorAsked | ModeAsked) -> bool:
        """Whether it is the moment: before anybody came, or with the opening over.

        Nobody is talked over where the bot is to speak next.
        """
        desk = self._desk
        if desk.phase in (Phase.WAITING, Phase.SETTLING):
            return isinstance(act, ModeAsked) and self._so_far is None
        if desk.phase not in (Phase.QUESTIONS, Phase.FAREWELL) or not desk.consent.given or desk.leaving:
            return False
        people_are_to_lead = isinstance(act, ModeAsked) and act.to is not Mode.SOLO
        speak = self._voice.unsettled or desk.interviewer_speaks
        return people_are_to_lead or not (speak or desk.away or desk.line is not None)

    def _lend(self, act: FloorAsked) -> None:
        """The bot asks for a while; with nothing left to ask, or in another mode, things stay as they are."""
        desk, unasked = self._desk, len(self._desk.cursor.unasked)
        if self.mode is not Mode.COPILOT or self._lent:
            return
        if not unasked:
            self._stays(act.by, Why.NOTHING_LEFT)
            return
        number = min(unasked, act.questions or unasked)
        self._lent, self._lent_by_people = True, desk.interviewers
        desk.act(TakeVoice(act))
        self._note_floor(Leader.BOT, act.by, questions=number, **_order(act))
        self._observing.leave()
        self._interview.lead(self._announced(act.questions, number), most=number, borrowed=True)

    def _stays(self, by: str, why: Why) -> None:
        stays = {"from": Leader.INTERVIEWER.value, "to": Leader.INTERVIEWER.value, "by": by}
        self._desk.act(Tell("floor.changed", {**stays, "reason": why.value}))

    def _announced(self, asked: int | None, number: int) -> str:
        lines = self._desk.lines
        if number == 1:
            return lines.say("floor_one")
        word = None if asked is None else number_word(number, self._desk.language)
        return lines.say("floor_rest") if word is None else lines.say("floor_some", number=word)

    def _take_back(self, by: str) -> None:
        if self._lent and not self._desk.leaving:
            self._hand_back(Why.TAKEN_BACK, by=by)

    def _returned(self, lead: str, why: Why) -> None:
        self._hand_back(why, lead=lead)

    def _hand_back(self, why: Why, *, by: str = BOT, lead: str = "", silently: bool = False) -> None:
        """People ask from here on. silently: somebody is doing so already, and is not to be interrupted."""
        self._lent = False
        self._note_floor(Leader.INTERVIEWER, by, reason=why.value)
        self._interview.let_go()
        self._voice.only_the_candidate()
        if why in (Why.DONE, Why.NOTHING_LEFT):
            key = "floor_alone" if self._lent_by_people and not self._desk.interviewers else "floor_done"
        else:
            key = "floor_back"
        text = "" if silently else f"{lead} {self._desk.lines.say(key)}".strip()
        self._observing.attend(text, tries=1)

    def _change(self, act: ModeAsked) -> None:
        """Another mode, said in one line; before anybody has come, that mode's own opening says it."""
        before, self.mode = self.mode, act.to
        if before is act.to:
            return
        desk, lent = self._desk, self._lent
        announced = desk.phase not in (Phase.WAITING, Phase.SETTLING)
        changed = {"from": before.value, "to": act.to.value, "by": act.by, "announced": announced}
        desk.note("mode.changed", **changed, **_order(act))
        self._observing.help(act.to is Mode.COPILOT)
        self._lent = False
        if not announced:
            return
        text = desk.lines.say(f"mode_{act.to.value}")
        if act.to is Mode.SOLO and lent:
            self._interview.keep(text)
            return
        desk.act(TakeVoice(act))
        if act.to is Mode.SOLO:
            self._observing.leave()
            self._interview.lead(text)
            return
        if lent or before is Mode.SOLO:
            self._interview.let_go()
            self._voice.only_the_candidate()
        if lent:
            self._note_floor(Leader.INTERVIEWER, act.by, reason=Why.MODE.value)
        self._observing.attend(text, tries=MOST_TRIES)

    def _note_floor(self, to: Leader, by: str, **more: Any) -> None:
        from_ = Leader.INTERVIEWER if to is Leader.BOT else Leader.BOT
        self._desk.note("floor.changed", **{"from": from_.value, "to": to.value, "by": by}, **more)


def _order(act: FloorAsked | ModeAsked) -> dict[str, str]:
    """By which order it came, for the event that says that it was done."""
    return {"order": act.order} if act.order else {}

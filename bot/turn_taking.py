"""Taking turns: what the candidate's voice means for the bot's, and what each of them said.

Pause at once, confirm by words, else go on (`bargein`). A final turn of the candidate, or a line of the bot that ended,
is written to the transcript and handed to the interview, here and nowhere else.
"""

import math
from collections.abc import Callable
from typing import Any

from audio.heard import FinalTurn, Interim, LaneEvent, NothingSaid, SpeechPaused, SpeechResumed, SpeechStarted
from bot.bargein import BargeIn, Verdict, is_backchannel
from bot.interview import (
    CandidateSaid,
    CandidateSpeaking,
    Compose,
    Expecting,
    Happening,
    InterviewerSaid,
    InterviewerSaying,
    InterviewerSpeaking,
    Listen,
    NothingHeard,
    Role,
    Say,
    SayOn,
    Spoken,
)
from bot.latency import LatencyBook
from bot.mute import Mute
from bot.platforms import Participant
from bot.speaker import Speaker, SpokenLine
from bot.transcript import EventSink, TranscriptWriter

BARELY = 0.35  # a question of which less was heard has not been put yet
WENT_ON_MS = 2500  # a voice so soon after the last turn was still at it
LAST_WORDS_S = 1.2  # a "yes" over the end of a question is its answer, not a sign of listening


class TurnTaking:
    """Follows the candidate's lane and the bot's lines through one call.

    happen: takes what the interview should know. now_ms: the call's clock. call_at: the call time of a loop time.
    asks: the planned question that some words of an interviewer's put. yields: whether the bot stops for interviewers.
    rehearse: what the interview would say to some words of the candidate (and to the beginning of the chat model's
    reply), if that can be known. try_ahead: takes what it would ask the chat model. goes_on: called when a turn does
    that or is over.
    interrupted: called when the candidate takes the floor. was_cut: called with the length of the pause when that was
    because their turn had not been over.
    """

    def __init__(
        self,
        *,
        events: EventSink,
        transcript: TranscriptWriter,
        listen: Listen,
        happen: Callable[[Happening], None],
        asks: Callable[[str], str | None],
        yields: Callable[[], bool],
        rehearse: Callable[[str, str | None], Say | Compose | None],
        try_ahead: Callable[[Compose], None],
        goes_on: Callable[[], None],
        now_ms: Callable[[], float],
        call_at: Callable[[float], float],
        interrupted: Callable[[], None],
        was_cut: Callable[[Participant, float], None],
    ) -> None:
        self._events, self._transcript, self._listen = events, transcript, listen
        self._asks, self._yields = asks, yields
        self._rehearse, self._try_ahead, self._goes_on = rehearse, try_ahead, goes_on
        self._happen, self._now_ms, self._call_at, self._interrupted = happen, now_ms, call_at, interrupted
        self._was_cut = was_cut
        self._last_word_ms = -math.inf  # of the candidate's last turn
        self._barge_in: BargeIn | None = None
        self._cut_in = False
        self._answering: str | None = None  # the question that what the candidate says now belongs to
        self._answered: str | None = None  # the question that their last turn belonged to
        self._words = ""  # of the candidate's open turn, as far as they are known
        self._silent = False  # the candidate's turn may be over
        self._lines: dict[int, Say] = {}
        self._latency = LatencyBook()
        self.speaker: Speaker | Mute  # set by `attach`: the mouth calls back here

    def attach(self, speaker: Speaker | Mute) -> None:
        """Hand over the mouth, which calls `line_started` and `line_ended`."""
        self.speaker = speaker
        self._latency.forget()

    # ---- what the interview decided -------------------------------------------------------------------------------

    @property
    def listening(self) -> Listen:
        """How the bot listens, and for what."""
        return self._listen

    def listen(self, listen: Listen) -> None:
        """Listen for something else from now on."""
        if listen.question_id != self._listen.question_id:
            self._answering = listen.question_id
        self._listen = listen

    def say(self, say: Say) -> None:
        """Speak one line behind what is being said."""
        self._lines[say.line] = say
        self._latency.line_decided(self._now_ms())
        self.speaker.say(say.line, say.text, speed=say.speed, open=say.open)

    def say_on(self, more: SayOn) -> None:
        """Go on with a line."""
        self.speaker.say_on(more.line, more.text, last=more.last)

    def model_asked(self, ahead_ms: float) -> None:
        """The chat model writes the reply, and has done so for `ahead_ms`."""
        self._latency.model_asked(ahead_ms)

    def model_began(self, text: str) -> None:
        """The chat model has begun a reply that is not asked for yet: have the sound of `text` fetched."""
        self._prepare_sound(self._rehearse(self._words, text))

    def forget(self) -> None:
        """The candidate is gone: whatever was being said was said to nobody."""
        self._barge_in, self._cut_in = None, False
        self.speaker.flush()

    # ---- what is heard --------------------------------------------------------------------------------------------

    def heard(self, participant: Participant, turn_id: str, event: LaneEvent) -> None:
        """Take one event of one speaker's lane."""
        if isinstance(event, Interim):
            self._transcript.interim(participant, turn_id, event)
        if participant.role is Role.CANDIDATE:
            if isinstance(event, Interim):
                self._words = event.text
            self._candidate(participant, turn_id, event)
            return
        if participant.role is Role.INTERVIEWER:
            if self._yields():
                self._over_the_bot(participant, event)
            else:
                self._beside_the_bot(participant.id, event)
            if isinstance(event, Interim) and (text := _settled(event)):
                self._happen(InterviewerSaying(text, participant.id))
        if isinstance(event, FinalTurn):
            belongs_to = self._asks(event.text) or self._listen.question_id
            number = self._transcript.heard(participant, turn_id, event, belongs_to)
            if participant.role is Role.INTERVIEWER:
                self._latency.forget()
                self._happen(InterviewerSaid(event.text, number, participant.id))

    def _beside_the_bot(self, who: str, event: LaneEvent) -> None:
        """Interviewers lead: nobody stops for them, but it is known that they speak."""
        match event:
            case SpeechStarted():
                self._happen(InterviewerSpeaking(who, True))
            case FinalTurn() | NothingSaid():
                self._happen(InterviewerSpeaking(who, False, words=isinstance(event, FinalTurn)))

    def _over_the_bot(self, interviewer: Participant, event: LaneEvent) -> None:
        """The bot has an interviewer's floor: it stops for them as it does for the candidate."""
        who = interviewer.id
        barge_in = self._barge_in_of(who, event.turn)
        match event:
            case SpeechStarted() if self.speaker.busy and not self.speaker.paused:
                self._pause(interviewer, event.turn, event.onset_ms)
            case SpeechStarted():
                self._happen(InterviewerSpeaking(who, True))
            case Interim() if barge_in is not None:
                if (verdict := barge_in.heard(event.text)) is not None:
                    self._settle(verdict, event.text)
            case SpeechPaused() if barge_in is not None:
                barge_in.fell_silent(event.at_ms)
            case SpeechResumed() if barge_in is not None:
                barge_in.went_on(event.at_ms)
            case SpeechResumed() if self.speaker.busy and not self.speaker.paused:
                self._pause(interviewer, event.turn, event.at_ms)
            case FinalTurn() | NothingSaid():
                if barge_in is not None:
                    words = event.text if isinstance(event, FinalTurn) else ""
                    self._settle(barge_in.heard(words) or Verdict.RESUMED, words)
                self._happen(InterviewerSpeaking(who, False, words=isinstance(event, FinalTurn)))

    def _candidate(self, candidate: Participant, turn_id: str, event: LaneEvent) -> None:
        over_the_bot = self._barge_in_of(candidate.id, event.turn)
        match event:
            case SpeechStarted():
                self._words, self._silent = "", False
                if self.speaker.busy:
                    self._pause(candidate, event.turn, event.onset_ms)
                else:
                    self._happen(CandidateSpeaking(True))
            case Interim() if over_the_bot is not None:
                if (verdict := over_the_bot.heard(event.text)) is not None:
                    self._settle(verdict, event.text)
                    self._learn(candidate, over_the_bot)
            case Interim() if self._silent:
                self._prepare(whole=True)
            case SpeechPaused() if over_the_bot is not None:
                over_the_bot.fell_silent(event.at_ms)
            case SpeechPaused():
                self._silent = True
                self._prepare(whole=False)
            case SpeechResumed() if over_the_bot is not None:
                over_the_bot.went_on(event.at_ms)
            case SpeechResumed() if self.speaker.busy:  # the bot had gone on after a silence
                self._pause(candidate, event.turn, event.at_ms)
            case SpeechResumed():
                self._silent = False
                self._goes_on()
            case FinalTurn():
                self._silent = False
                self._said(candidate, turn_id, event)
                self._goes_on()
            case NothingSaid() if over_the_bot is not None:
                self._settle(Verdict.RESUMED, words="")
            case NothingSaid():
                self._cut_in = False  # a long voice took the floor, but said nothing: the next turn cuts nobody off
                self._happen(CandidateSpeaking(False))
                self._happen(NothingHeard(lost=bool(event.lost)))

    def _prepare(self, *, whole: bool) -> None:
        """The turn may be over: have the beginning of the reply fetched while its last words are recognised.

        whole: its words are known to the end, so that the chat model may be asked for it.
        """
        if not self._words or self.speaker.busy:
            return
        reply = self._rehearse(self._words, None)
        if isinstance(reply, Compose):
            if whole:
                self._try_ahead(reply)
        else:
            self._prepare_sound(reply)

    def _prepare_sound(self, say: Say | Compose | None) -> None:
        if isinstance(say, Say) and not self.speaker.busy:
            self.speaker.rehearse(say.text, speed=say.speed)

    def _pause(self, who: Participant, turn: int, onset_ms: int) -> None:
        self.speaker.pause()
        self._barge_in = BargeIn(onset_ms, int(self._now_ms()), turn, who.id, who.role is Role.CANDIDATE)

    def _barge_in_of(self, who: str, turn: int) -> BargeIn | None:
        """What is open over the bot's line, if it is the voice of this turn."""
        return self._barge_in if self._barge_in is not None and self._barge_in.of(who, turn) else None

    def _said(self, candidate: Participant, turn_id: str, turn: FinalTurn) -> None:
        if self.speaker.busy:
            if is_backchannel(turn.text) and not self._answers_the_last_words():
                if self._barge_in_of(candidate.id, turn.turn) is not None:
                    self._settle(Verdict.RESUMED, turn.text)
                self._transcript.heard(candidate, turn_id, turn, self._answering)
                return
            # The words may come after the bot went on (a slow recogniser): they still take the floor.
            self._barge_in = self._barge_in or BargeIn(turn.start_ms, int(self._now_ms()), turn.turn, candidate.id)
            self._learn(candidate, self._barge_in)
            self._settle(Verdict.CONFIRMED, turn.text)
        self._last_word_ms = turn.end_ms
        number = self._transcript.heard(candidate, turn_id, turn, self._answering)
        self._answered, self._answering = self._answering, self._listen.question_id
        cut_in, self._cut_in = self._cut_in, False
        self._latency.answered(turn_id, turn)
        self._happen(CandidateSpeaking(False))
        self._happen(CandidateSaid(turn.text, turn.confidence, turn.start_ms, turn.end_ms, cut_in, number))

    def _learn(self, candidate: Participant, barge_in: BargeIn) -> None:
        pause_ms = barge_in.onset_ms - self._last_word_ms
        if pause_ms < WENT_ON_MS:
            self._was_cut(candidate, pause_ms)

    def _answers_the_last_words(self) -> bool:
        line = self.speaker.current
        if line is None or line.open or self._lines[line.number].expecting is Expecting.NOTHING:
            return False
        return line.remaining_s() < LAST_WORDS_S

    # ---- barge-in -------------------------------------------------------------------------------------------------

    @property
    def deadline_ms(self) -> int | None:
        """When `at_deadline` should be called, in call time."""
        return None if self._barge_in is None else self._barge_in.deadline_ms

    def at_deadline(self) -> None:
        """Words did not come in time: settle by the voice alone."""
        if self._barge_in is not None and self._now_ms() >= self._barge_in.deadline_ms:
            self._settle(self._barge_in.at_deadline(), words="")

    def _settle(self, verdict: Verdict, words: str) -> None:
        barge_in, self._barge_in = self._barge_in, None
        if barge_in is None:
            return
        told: dict[str, Any] = {"outcome": verdict.value, "onset_ms": barge_in.onset_ms}
        self._events.emit("barge_in", {**told, "paused_ms": barge_in.paused_ms, "words": words})
        if verdict is Verdict.RESUMED:
            self.speaker.resume()
            return
        self._interrupted()
        self.speaker.flush()
        if not barge_in.candidate:
            self._happen(InterviewerSpeaking(barge_in.who, True))
        else:
            self._cut_in = True
            self._happen(CandidateSpeaking(True))

    # ---- what is said ---------------------------------------------------------------------------------------------

    def line_started(self, line: SpokenLine, round_trip_ms: float | None) -> None:
        """The first frame of a line has left: the account of the answer before it is closed."""
        account = self._latency.first_sound(self._now_ms(), round_trip_ms)
        if account is not None:
            self._events.emit("latency", account)

    def line_ended(self, line: SpokenLine, interrupted: bool) -> None:
        """A line is over; the transcript takes what was heard of it."""
        say = self._lines.pop(line.number)
        heard = line.heard()
        if interrupted and say.question_id == self._listen.question_id and len(heard) < BARELY * len(line.text):
            self._answering = self._answered or self._answering  # the candidate had not finished with the last one
        if heard and line.first_frame_at is not None:
            start, end = int(self._call_at(line.first_frame_at)), int(self._now_ms())
            self._transcript.said(line.number, heard, start, end, say.question_id, interrupted=interrupted)
        self._happen(Spoken(line.number, heard, interrupted))


def _settled(interim: Interim) -> str:
    """The words that two decodes agree on, without one that they agree on in part."""
    text, rest = interim.text[: interim.stable], interim.text[interim.stable :]
    if rest[:1].isalnum() and text[-1:].isalnum():
        text = text.rpartition(" ")[0]
    return text.strip()

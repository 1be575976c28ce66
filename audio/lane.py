"""One speaker's way from sound to turns: windows, voice, silence, text.

`push` is synchronous and does what depends on sound alone (when a turn opens, pauses, is cut and is over); decodes run
as tasks of `run` and come back to the same event loop. A lane knows one clock: the call's, in ms.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from audio import SAMPLE_RATE, Pcm, SpeechToText, Transcript
from audio.decoding import Decoder, Request
from audio.endpoint import PRESETS, PauseHabit, wait_ms
from audio.framing import Framer, Window
from audio.heard import (
    FinalTurn,
    Interim,
    LaneEvent,
    NothingSaid,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    TurnDecided,
)
from audio.pcm import silence
from audio.turn import OpenTurn, Past, Rise, Segment, agreed, join, mean_confidence
from audio.vad import WINDOW_MS, VoiceActivityDetector

_EARLY_PIECES = 1500  # pushed before `run`: half a minute at 20 ms

SHORTEST_LEAD = SAMPLE_RATE  # less sound than a second before helps nobody


class TurnModel(Protocol):
    """Says from the sound alone how likely a turn is over."""

    async def probability(self, pcm: Pcm) -> float:
        """Return 0..1 for the newest seconds of a turn (16 kHz)."""
        ...


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """How a lane listens; times in ms.

    threshold, stay: probability of voice that opens or resumes a turn, and that keeps it from pausing.
    open_windows, alert_windows, resume_windows: how many windows of it open (while the bot speaks) or resume a turn.
    faint_windows: so many in a row that would keep it from pausing do so, too, unless the bot speaks: of a voice
    through a telephone hardly one is sure.
    speculate_after: silence that makes a pause, at which the text is asked for ahead of the decision.
    first_interim, alert_interim: time from the onset until the first interim is asked for; interim_every,
    interim_slowest: from one to the next, and at most when load is shed.
    cut_after, cut_pause: a segment this long is closed at a pause this long; force_after: or anywhere.
    lead, lead_gap: how much of the sound before is heard along where it ended no longer ago than that (see
    `audio.context`; 0: every segment is heard by itself). together: at most so much in all, for the sake of time.
    starve_after: after so long without sound the clock feeds silence; longest_fill: gaps beyond it are jumped.
    give_up_after: how long a final text is worth asking for while the speech server is away (it bounds memory).
    """

    threshold: float = 0.5
    stay: float = 0.35
    preroll: int = 300
    open_windows: int = 3
    alert_windows: int = 2
    resume_windows: int = 2
    faint_windows: int = 10
    speculate_after: int = 160
    interims: bool = True
    first_interim: int = 416
    alert_interim: int = 260
    interim_every: int = 700
    interim_slowest: int = 2800
    cut_after: int = 3000
    cut_pause: int = 300
    force_after: int = 22_000
    lead: int = 5000
    together: int = 7000
    lead_gap: int = 1500
    starve_after: int = 200
    longest_fill: int = 5000
    give_up_after: int = 1_800_000


class Lane:
    """Hears one speaker.

    name: in every event. key: names the lane to the recogniser, unique over calls (default: `name`).
    emit: called in the event loop, in order, with each event. clock: ms of the call, now.
    `patience` (a name in `audio.endpoint.PRESETS`), `prompt`, `language` and `alert` (the bot is speaking, so a voice
    may be a barge-in: open earlier, ask for words earlier) may be set at any time;
    so may `is_whole`, which says whether some words make a whole answer (a partial one is given more time to go on).
    """

    def __init__(
        self,
        name: str,
        *,
        stt: SpeechToText,
        vad: VoiceActivityDetector,
        emit: Callable[[LaneEvent], None],
        clock: Callable[[], float],
        settings: LaneSettings | None = None,
        turn_model: TurnModel | None = None,
        key: str = "",
    ) -> None:
        self.name = name
        self.patience, self.prompt, self.language, self.alert = "normal", "", "en", False
        self.is_whole: Callable[[str], bool] = lambda text: True
        self._judged: tuple[str, bool] | None = None
        self._settings = settings or LaneSettings()
        self._decoder = Decoder(stt, key or name, self._settings.give_up_after / 1000)
        self._vad, self._turn_model = vad, turn_model
        self._emit, self._clock = emit, clock
        self._habit = PauseHabit()
        self._framer = Framer()
        self._early: deque[tuple[Pcm, float]] = deque(maxlen=_EARLY_PIECES)
        self._before = round(self._settings.preroll / WINDOW_MS)
        self._preroll: deque[tuple[Window, float]] = deque(maxlen=self._before + self._settings.faint_windows)
        self._rise = Rise()
        self._turn: OpenTurn | None = None
        self._turns = 0
        self._past = Past(self._settings.lead)
        self._open = asyncio.Event()
        self._interim_every = self._settings.interim_every
        self._interim_busy = False
        self._pushed_ms = 0.0
        self._closed = False
        self._over: asyncio.Queue[OpenTurn | None] = asyncio.Queue()

    # What its owner calls

    def push(self, pcm: Pcm, at_ms: float) -> None:
        """Take the next piece of sound (16 kHz) whose first sample lies at `at_ms` of the call."""
        if self._closed:
            return
        if not self._decoder.started:
            self._early.append((pcm, at_ms))
            return
        self._pushed_ms = self._clock()
        self._take(pcm, at_ms)

    async def run(self) -> None:
        """Own the decodes; return after `close`, once every turn has its text."""
        async with asyncio.TaskGroup() as group:
            self._decoder.start(group)
            watch = group.create_task(self._watch())
            while self._early:
                self._take(*self._early.popleft())
            self._pushed_ms = self._clock()
            if self._closed:
                self._end()
            while (turn := await self._over.get()) is not None:
                await self._finish(turn)
            watch.cancel()
            self._decoder.cancel()

    def close(self) -> None:
        """Take no more sound: an open turn is over now."""
        if self._closed:
            return
        self._closed = True
        if self._decoder.started:
            self._end()

    async def settle(self) -> None:
        """Return when no decode is under way; lets sound be fed faster than real time with the same decisions."""
        await self._decoder.settle()

    # Sound

    def _take(self, pcm: Pcm, at_ms: float) -> None:
        end, gap = self._framer.end_ms, self._framer.gap_ms(at_ms)
        if gap and end is not None:
            self._hear_all(self._framer.push(silence(min(gap, self._settings.longest_fill)), end))
        if gap > self._settings.longest_fill:
            self._framer.restart(at_ms)
            self._vad.reset()
            self._preroll.clear()
            self._rise = Rise()
        self._hear_all(self._framer.push(pcm, at_ms))

    def _hear_all(self, windows: list[Window]) -> None:
        for window in windows:
            probability = self._vad.probability(window.pcm, keen=not self.alert)
            if self._turn is None:
                self._while_silent(window, probability)
            else:
                self._while_open(self._turn, window, probability)

    def _while_silent(self, window: Window, probability: float) -> None:
        self._preroll.append((window, probability))
        settings = self._settings
        if self._up(self._rise, probability, settings.alert_windows if self.alert else settings.open_windows):
            self._open_turn()

    def _up(self, rise: Rise, probability: float, sure_windows: int) -> bool:
        """Whether a voice is there with this window."""
        rise.add(probability, sure=self._settings.threshold, some=self._settings.stay)
        if not self.alert and rise.windows >= self._settings.faint_windows:
            rise.sure = rise.windows
        return rise.sure >= sure_windows

    def _open_turn(self) -> None:
        segment = self._begun(self._rise)
        onset_ms = segment.windows[-segment.voiced].at_ms
        self._turns += 1
        first = self._settings.alert_interim if self.alert else self._settings.first_interim
        end_ms = segment.windows[-1].at_ms + WINDOW_MS
        self._turn = OpenTurn(self._turns, onset_ms, end_ms, segment, next_interim_ms=onset_ms + first)
        self._rise = Rise()
        self._open.set()
        self._emit(SpeechStarted(self.name, self._turns, round(onset_ms), round(self._clock())))

    def _begun(self, rise: Rise) -> Segment:
        """Make a segment of what was kept: the voice that came up, and the preroll before it."""
        kept = list(self._preroll)[-(self._before + max(rise.sure, self._settings.open_windows)) :]
        self._preroll.clear()
        segment = Segment([window for window, _ in kept], [chance for _, chance in kept])
        segment.count_voice(min(rise.sure, len(kept)))
        return segment

    def _while_open(self, turn: OpenTurn, window: Window, probability: float) -> None:
        voice = not turn.paused and probability >= self._settings.stay
        if turn.segment is None:
            self._preroll.append((window, probability))
        else:
            turn.segment.add(window, probability, voice=voice)
        if voice:
            turn.silent = 0
            turn.voice_end_ms = window.at_ms + WINDOW_MS
            self._while_speaking(turn)
            return
        turn.silent += 1
        if not turn.paused:
            if turn.silent_ms >= self._settings.speculate_after:
                self._pause(turn)
            return
        settings = self._settings
        if self._up(turn.rise, probability, settings.resume_windows):
            self._resume(turn, window)
        elif probability < (settings.threshold if self.alert else settings.stay):
            # else the voice may be coming back: the next windows tell
            self._while_paused(turn)

    def _while_speaking(self, turn: OpenTurn) -> None:
        segment = turn.segment
        if segment is None:
            return
        if segment.duration_ms >= self._settings.force_after:
            rest = segment.split(self._settings.threshold)
            self._remember(segment, segment.windows[-1].at_ms)
            turn.close_segment(self._decoder.final(self._request(segment)))
            turn.segment = rest
        elif turn.voice_end_ms >= turn.next_interim_ms and self._settings.interims and not self._interim_busy:
            turn.next_interim_ms = turn.voice_end_ms + self._interim_every
            self._interim_busy = True
            covered = len(segment.windows)
            self._decoder.interim(
                self._request(segment), lambda transcript: self._interim(turn, segment, covered, transcript)
            )

    def _pause(self, turn: OpenTurn) -> None:
        turn.paused, turn.rise, turn.chance = True, Rise(), None
        turn.pauses += 1
        self._emit(SpeechPaused(self.name, turn.number, round(turn.voice_end_ms)))
        segment = turn.segment
        if segment is None:
            return
        covered = len(segment.windows)
        request = self._request(segment, led=True)
        turn.speculation = self._decoder.speculate(
            request, lambda transcript: self._heard(turn, segment, covered, transcript)
        )
        if self._turn_model is not None:
            self._decoder.spawn(self._ask_model(self._turn_model, turn, request.sound))

    def _resume(self, turn: OpenTurn, window: Window) -> None:
        onset_ms = window.at_ms - (turn.rise.sure - 1) * WINDOW_MS
        self._habit.went_on_after(turn.silent_ms - turn.rise.sure * WINDOW_MS)
        if turn.segment is None:
            turn.segment = self._begun(turn.rise)
        else:
            if turn.speculation is not None:
                turn.speculation.cancel()
            turn.segment.count_voice(turn.rise.sure)
        turn.voice_end_ms = window.at_ms + WINDOW_MS
        turn.paused, turn.silent, turn.rise, turn.speculation = False, 0, Rise(), None
        self._judged = None
        self._emit(SpeechResumed(self.name, turn.number, round(onset_ms)))

    def _while_paused(self, turn: OpenTurn) -> None:
        segment, settings = turn.segment, self._settings
        if segment is not None and turn.silent_ms >= settings.cut_pause and segment.duration_ms >= settings.cut_after:
            self._close_segment(turn, segment)
        self._decide_if_over(turn)

    def _decide_if_over(self, turn: OpenTurn) -> None:
        wait = wait_ms(
            PRESETS[self.patience],
            turn.text(),
            whole=self._whole(turn.text()),
            turn_probability=turn.chance,
            stretch=self._habit.stretch,
        )
        if turn.silent_ms >= wait:
            self._decide(turn)

    def was_cut(self, pause_ms: float) -> None:
        """Learn that the last turn was not over when it was held to be: its speaker went on after `pause_ms`."""
        self._habit.cut_at(pause_ms)

    def _whole(self, text: str | None) -> bool:
        if text is None:
            return True
        if self._judged is None or self._judged[0] != text:  # asked at every window, judged once
            self._judged = (text, self.is_whole(text))
        return self._judged[1]

    def _close_segment(self, turn: OpenTurn, segment: Segment) -> None:
        request = self._request(segment, led=True)
        self._remember(segment, turn.voice_end_ms)
        after = slice(segment.last_voiced, None)
        self._preroll.extend(zip(segment.windows[after], segment.probabilities[after], strict=True))
        words = self._decoder.final(request, turn.speculation)
        words.add_done_callback(lambda _: self._words_came(turn))
        turn.close_segment(words)

    def _decide(self, turn: OpenTurn) -> None:
        if turn.segment is not None:
            self._close_segment(turn, turn.segment)
        turn.decided_ms = self._clock()
        self._turn = None
        self._rise = Rise()
        self._open.clear()
        self._emit(TurnDecided(self.name, turn.number, round(turn.voice_end_ms), round(turn.decided_ms)))
        self._over.put_nowait(turn)

    def _end(self) -> None:
        if self._turn is not None:
            self._decide(self._turn)
        self._over.put_nowait(None)

    # Text

    def _request(self, segment: Segment, *, led: bool = False) -> Request:
        sound, prompt = segment.sound(), "" if segment.doubtful else self.prompt
        room = max(0, self._settings.together - round(segment.duration_ms)) * SAMPLE_RATE // 1000
        if led and room >= SHORTEST_LEAD and self._follows(segment):
            lead = self._past.sound[-room:]
            if text := self._past.text(len(lead)):
                return Request(sound, self.language, prompt, lead=lead, led_by=text)
        return Request(sound, self.language, prompt)

    def _follows(self, segment: Segment) -> bool:
        return bool(segment.windows) and segment.windows[0].at_ms - self._past.end_ms <= self._settings.lead_gap

    def _remember(self, segment: Segment, end_ms: float) -> None:
        if self._settings.lead:
            self._past.add(segment, segment.sound(), end_ms, follows=self._follows(segment))

    def _interim(self, turn: OpenTurn, segment: Segment, covered: int, transcript: Transcript | None) -> None:
        self._interim_busy = False
        if transcript is None:
            self._interim_every = min(self._interim_every * 2, self._settings.interim_slowest)
            turn.next_interim_ms += self._interim_every / 2
            return
        self._interim_every = self._settings.interim_every
        self._heard(turn, segment, covered, transcript)

    def _heard(self, turn: OpenTurn, segment: Segment, covered: int, transcript: Transcript | None) -> None:
        """Show text of an open segment, unless newer text is known or the segment was closed meanwhile."""
        if transcript is None or turn.segment is not segment or covered < segment.heard_windows:
            return
        before = turn.before()
        stable = agreed(segment.heard, transcript.text)
        segment.heard, segment.heard_windows = transcript.text, covered
        if text := join((before, transcript.text)):
            stable += len(text) - len(transcript.text)
            self._emit(Interim(self.name, turn.number, text, stable, round(turn.onset_ms), round(turn.voice_end_ms)))
        self._words_came(turn)

    def _words_came(self, turn: OpenTurn) -> None:
        if self._turn is turn and turn.paused and not turn.rise.windows:  # they may be what the decision waited for
            self._decide_if_over(turn)

    async def _ask_model(self, model: TurnModel, turn: OpenTurn, sound: Pcm) -> None:
        pause = turn.pauses
        began = self._clock()
        chance = await model.probability(sound)
        if turn.paused and turn.pauses == pause:
            turn.chance, turn.model_ms = chance, self._clock() - began

    async def _finish(self, turn: OpenTurn) -> None:
        parts = [(await segment.words, segment.voiced) for segment in turn.closed if segment.words is not None]
        text = join(decoded.transcript.text for decoded, _ in parts)
        lost = next((decoded.lost for decoded, _ in parts if decoded.lost), "")
        start_ms, end_ms = round(turn.onset_ms), round(turn.voice_end_ms)
        if not text:
            self._emit(NothingSaid(self.name, turn.number, start_ms, end_ms, lost))
            return
        self._emit(
            FinalTurn(
                lane=self.name,
                turn=turn.number,
                text=text,
                start_ms=start_ms,
                end_ms=end_ms,
                confidence=mean_confidence((decoded.transcript, weight) for decoded, weight in parts),
                language=next(decoded.transcript.language for decoded, _ in parts if decoded.transcript.text),
                decided_ms=round(turn.decided_ms),
                text_ms=round(self._clock()),
                turn_model_ms=turn.model_ms,
                speculated=parts[-1][0].speculated,
                lost=lost,
            )
        )

    # The clock

    async def _watch(self) -> None:
        """Feed silence while a turn is open and no sound comes: its speaker was muted or vanished."""
        while True:
            await self._open.wait()
            await asyncio.sleep(self._settings.starve_after / 4000)
            now, end = self._clock(), self._framer.end_ms
            if self._turn is None or end is None or now - self._pushed_ms < self._settings.starve_after or now <= end:
                continue
            self._hear_all(self._framer.push(silence(now - end), end))

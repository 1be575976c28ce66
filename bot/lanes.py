"""The bot's ears: one lane per person who may speak, opened when they come and finished when they go."""

import asyncio
from collections.abc import Callable

import numpy as np

from audio import SAMPLE_RATE, Pcm, SpeechToText
from audio.heard import LaneEvent
from audio.lane import Lane, LaneSettings, TurnModel
from audio.recorder import Recorder
from audio.vad import VoiceActivityDetector
from bot.interview import Role
from bot.platforms import Participant

AHEAD_MS = 2000  # sound may come in a burst after a stall, but not faster than time for long
PROMPT_TERMS = 12  # a long list of terms hurts where none of them is said (measured on noisy clips)

Heard = Callable[[Participant, str, LaneEvent], None]


class Lanes:
    """Opens, feeds and closes lanes.

    heard: called with the speaker, the turn's id in this call, and the event.
    is_whole: whether some words of the candidate make a whole answer.
    epoch: which incarnation of the bot listens. names: names in the call that the recogniser should expect.
    settings: how every lane listens.
    turn_model: shared by all lanes, where one is installed.
    """

    def __init__(
        self,
        *,
        call_id: str,
        stt: SpeechToText,
        new_vad: Callable[[], VoiceActivityDetector],
        heard: Heard,
        call_ms: Callable[[], float],
        is_whole: Callable[[str], bool],
        recorder: Recorder | None,
        language: str,
        names: tuple[str, ...],
        tasks: asyncio.TaskGroup,
        epoch: int = 1,
        settings: LaneSettings | None = None,
        turn_model: TurnModel | None = None,
    ) -> None:
        self._settings, self._turn_model = settings, turn_model
        self._call_id, self._epoch = call_id, epoch
        self._stt, self._new_vad, self._heard = stt, new_vad, heard
        self._call_ms, self._recorder, self._language, self._names = call_ms, recorder, language, names
        self._is_whole, self._tasks = is_whole, tasks
        self._open: dict[str, Lane] = {}
        self._opened_ms: dict[str, float] = {}
        self._heard_ms: dict[str, float] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._visits = 0
        self._patience, self._alert = "normal", False
        self._deaf = False
        self._terms: tuple[str, ...] = ()

    def open(self, participant: Participant) -> None:
        """Start to listen to somebody; a lane they had before is finished first."""
        self.close(participant)
        self._visits += 1
        visit = self._visits
        lane = Lane(
            participant.id,
            stt=self._stt,
            vad=self._new_vad(),
            emit=lambda event: self._heard(participant, f"{participant.id}-{self._epoch}-{visit}-{event.turn}", event),
            clock=self._call_ms,
            settings=self._settings,
            turn_model=self._turn_model,
            key=f"{self._call_id}/{participant.id}/{visit}",
        )
        lane.language = self._language
        if participant.role is Role.CANDIDATE:
            lane.is_whole = self._is_whole
        self._open[participant.id] = lane
        self._opened_ms[participant.id], self._heard_ms[participant.id] = self._call_ms(), 0.0
        self._tell(lane)
        running = self._tasks.create_task(lane.run(), name=f"lane-{participant.id}")
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    def close(self, participant: Participant) -> None:
        """Stop listening to somebody; what they have begun to say still becomes a turn."""
        if (lane := self._open.pop(participant.id, None)) is not None:
            lane.close()

    def hear(self, participant: Participant, pcm: Pcm) -> None:
        """Take sound as it arrives (an `Ear`)."""
        now_ms = self._call_ms()
        if (lane := self._open.get(participant.id)) is None or now_ms <= 0:
            return  # before the candidate came there is no call to be part of
        heard_ms = self._heard_ms[participant.id] + len(pcm) / 16
        if heard_ms > now_ms - self._opened_ms[participant.id] + AHEAD_MS:
            return  # faster than anybody talks: every final of it would be decoded
        self._heard_ms[participant.id] = heard_ms
        at_ms = max(0, int(now_ms - len(pcm) / 16))
        pcm = np.zeros_like(pcm) if self._deaf else pcm
        lane.push(pcm, at_ms)
        if self._recorder is not None:
            self._recorder.push("humans", pcm, SAMPLE_RATE, at_ms, source=participant.id)

    def listen(self, patience: str, terms: tuple[str, ...]) -> None:
        """Set how to listen from now on."""
        self._patience, self._terms = patience, terms
        for lane in self._open.values():
            self._tell(lane)

    def deafen(self, on: bool) -> None:
        """Take silence in place of all sound from now on: a turn that is open ends as if it were over."""
        self._deaf = on

    def was_cut(self, participant: Participant, pause_ms: float) -> None:
        """Somebody was answered in the middle of a turn: be more patient with them."""
        if (lane := self._open.get(participant.id)) is not None:
            lane.was_cut(pause_ms)

    def alert(self, on: bool) -> None:
        """The bot is speaking, so a voice may be a barge-in: notice it sooner."""
        self._alert = on
        for lane in self._open.values():
            lane.alert = on

    async def finish(self, deadline_s: float) -> int:
        """Close every lane and wait until all that was said is text; return how many were not done by the deadline."""
        for lane in self._open.values():
            lane.close()
        self._open.clear()
        if not self._running:
            return 0
        _, late = await asyncio.wait(self._running, timeout=deadline_s)
        for task in late:
            task.cancel()
        return len(late)

    def _tell(self, lane: Lane) -> None:
        lane.patience = self._patience
        lane.prompt = ", ".join((*self._names, *self._terms)[:PROMPT_TERMS])
        lane.alert = self._alert

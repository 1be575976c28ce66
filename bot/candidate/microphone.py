"""The candidate's microphone: 20 ms of sound at a time, without end, as a browser sends it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from audio import VOICE_RATE, Pcm
from bot.candidate.answers import Clip
from bot.platforms import FRAME

FRAME_S = FRAME / VOICE_RATE
QUIET_ROOM_DB = -70.0
NOISY_ROOM_DB = -30.0
ROOM_LOOP_S = 4


class Purpose(StrEnum):
    """Why something is said."""

    ANSWER = "answer"
    CONSENT = "consent"
    NO_QUESTIONS = "no_questions"
    NOTHING_TO_ADD = "nothing_to_add"
    INTERRUPTION = "interruption"


@dataclass(slots=True, eq=False)
class Utterance:
    """Something said: times in seconds on the candidate's clock, None until they have come.

    onset, end: when the voice in the clip began and ended; done: when the whole clip had been sent.
    reply: when the interviewer was heard next; cut_off: when it began to speak before this was at its end.
    """

    clip: Clip
    purpose: Purpose
    question_id: str | None
    begun: float | None = None
    onset: float | None = None
    end: float | None = None
    done: float | None = None
    broken_off: bool = False
    reply: float | None = None
    cut_off: float | None = None
    silence: float | None = None


class Microphone:
    """Says one thing at a time over the noise of a room.

    A frame leaves when its last sample has been spoken, so what is in it was said during the 20 ms before it is taken.
    """

    def __init__(self, *, room_db: float = QUIET_ROOM_DB, seed: int = 1) -> None:
        self._room = _room_noise(room_db, seed)
        self._room_at = 0
        self._said: Utterance | None = None
        self._at = 0

    @property
    def speaking(self) -> bool:
        """Whether something is being said."""
        return self._said is not None

    def say(self, utterance: Utterance) -> None:
        """Begin to say it with the next frame."""
        self._said, self._at = utterance, 0

    def break_off(self) -> None:
        """Say no more of what is being said."""
        if self._said is not None:
            self._said.broken_off = True
            self._said = None

    def frame(self, now: float) -> Pcm:
        """Return the frame that leaves now."""
        frame = self._room[self._room_at : self._room_at + FRAME]
        self._room_at = (self._room_at + FRAME) % len(self._room)
        said = self._said
        if said is None:
            return frame
        first, clip = self._at, said.clip
        part = clip.pcm[first : first + FRAME]
        self._at += FRAME
        spoken_from = now - FRAME_S
        if said.begun is None:
            said.begun = spoken_from
        if clip.voiced and first <= clip.onset < self._at:
            said.onset = spoken_from + (clip.onset - first) / VOICE_RATE
        if clip.voiced and first < clip.end <= self._at:
            said.end = spoken_from + (clip.end - first) / VOICE_RATE
        if self._at >= len(clip.pcm):
            said.done, self._said = now, None
        mixed = frame.astype(np.int32)
        mixed[: len(part)] += part
        return np.clip(mixed, -32768, 32767).astype(np.int16)


def _room_noise(db: float, seed: int) -> Pcm:
    """Return a few seconds of noise at `db` below full scale: rather dull, as rooms are."""
    white = np.random.default_rng(seed).standard_normal(ROOM_LOOP_S * VOICE_RATE)
    dull = np.convolve(white, np.exp(-np.arange(24) / 6.0), "same")
    noise: Pcm = (dull / np.std(dull) * 32768 * 10 ** (db / 20)).astype(np.int16)
    return noise

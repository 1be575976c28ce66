"""What the candidate says: sound files in order of their names, or texts spoken beforehand in a voice of our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from audio import VOICE_RATE, Pcm, TextToSpeech
from audio.errors import NoSoundFiles, UnreadableAudio
from audio.wav import NotSound, pcm_of
from bot.candidate.ear import voiced_span

VOICE = "oak"  # not the one that the interviewer speaks with
SOUND_FILES = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".oga", ".m4a", ".aac", ".webm"})

CONSENT = "Yes, that's fine."
NO_QUESTIONS = "No, thank you, I have no questions."
NOTHING_TO_ADD = "I have nothing to add, thank you."
INTERRUPTION = "Sorry, could you repeat that?"


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Something to say. pcm: 24 kHz; its voice lasts from sample `onset` to sample `end` (both 0: there is none)."""

    pcm: Pcm
    onset: int
    end: int
    file: str | None = None
    text: str | None = None

    @classmethod
    def of(cls, pcm: Pcm, *, file: str | None = None, text: str | None = None) -> "Clip":
        """Make a clip and look for the voice in it."""
        onset, end = voiced_span(pcm, VOICE_RATE)
        return cls(pcm, onset, end, file, text)

    @property
    def voiced(self) -> bool:
        """Whether there is a voice in it at all."""
        return self.end > self.onset


@dataclass(frozen=True, slots=True)
class Phrases:
    """What every candidate needs to be able to say."""

    consent: Clip
    no_questions: Clip
    nothing_to_add: Clip
    interruption: Clip


@dataclass(slots=True)
class Answers:
    """Answers by question; to a question that has none of its own, the next one in order.

    by_question: the first answer to a question, then what is said to its follow-ups.
    """

    in_order: Sequence[Clip] = ()
    by_question: Mapping[str, Sequence[Clip]] = field(default_factory=dict)
    _next: int = 0

    def take(self, question_id: str | None, nth: int) -> Clip | None:
        """Return the `nth` answer (from 0) to this question, or None when nothing is left to say."""
        known = self.by_question.get(question_id or "")
        if known is not None:
            return known[nth] if nth < len(known) else None
        if self._next < len(self.in_order):
            self._next += 1
            return self.in_order[self._next - 1]
        return None


def recorded_answers(folder: Path) -> list[Clip]:
    """Read every sound file of `folder` in order of name; other files are passed over.

    Raises `UnreadableAudio`, naming the file that can't be decoded, and `NoSoundFiles`.
    """
    if not folder.is_dir():
        raise NoSoundFiles(folder, "is a file, not a folder" if folder.exists() else "there is no such folder")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SOUND_FILES)
    if not files:
        known = ", ".join(sorted(ending[1:] for ending in SOUND_FILES))
        raise NoSoundFiles(folder, f"there is no sound file in this folder (one that ends in {known})")
    return [_recorded(path) for path in files]


def _recorded(path: Path) -> Clip:
    try:
        return Clip.of(pcm_of(path.read_bytes(), rate=VOICE_RATE), file=path.name)
    except NotSound as why:
        raise UnreadableAudio(path, str(why)) from why
    except OSError as why:
        raise UnreadableAudio(path, (why.strerror or str(why)).lower()) from why


async def spoken(text: str, tts: TextToSpeech, *, voice: str = VOICE) -> Clip:
    """Speak one text into a clip. Raises what `TextToSpeech.speak` raises."""
    pieces = [piece async for piece in tts.speak(text, voice=voice)]
    return Clip.of(np.concatenate(pieces) if pieces else np.zeros(0, np.int16), text=text)


async def usual_phrases(tts: TextToSpeech, *, voice: str = VOICE) -> Phrases:
    """Speak the phrases that every candidate needs."""
    consent, no_questions, nothing_to_add, interruption = [
        await spoken(text, tts, voice=voice) for text in (CONSENT, NO_QUESTIONS, NOTHING_TO_ADD, INTERRUPTION)
    ]
    return Phrases(consent, no_questions, nothing_to_add, interruption)


async def spoken_answers(
    tts: TextToSpeech,
    by_question: Mapping[str, Sequence[str]],
    in_order: Sequence[str] = (),
    *,
    voice: str = VOICE,
) -> Answers:
    """Speak every answer beforehand, so that no synthesis is in the way of the call."""
    return Answers(
        in_order=[await spoken(text, tts, voice=voice) for text in in_order],
        by_question={
            key: [await spoken(text, tts, voice=voice) for text in texts] for key, texts in by_question.items()
        },
    )

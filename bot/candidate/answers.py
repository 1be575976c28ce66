"""What the candidate says: sound files in order of their names, or texts spoken beforehand in a voice of our own.

A folder of sound files holds one answer to each planned question, in order of their names. A file that is named like
one of them with a letter after its number (`02b.wav` next to `02.wav`) answers a follow-up to the same question.
"""

import re
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

_FOLLOW_UP = re.compile(r"(.*\d)[a-z]")


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


@dataclass(frozen=True, slots=True)
class UnplayedFile:
    """A file nobody got to hear. number: of its question in the plan, from 1; follow_up: 0 is the question itself."""

    file: str
    number: int
    follow_up: int


@dataclass(slots=True)
class Answers:
    """Answers by question, by the question's place in the plan, or simply one after the other: the first that is given.

    by_question, by_number: the first answer to a question, then what is said to its follow-ups.
    """

    in_order: Sequence[Clip] = ()
    by_question: Mapping[str, Sequence[Clip]] = field(default_factory=dict)
    by_number: Sequence[Sequence[Clip]] = ()
    _next: int = 0
    _taken: set[tuple[int, int]] = field(default_factory=set)

    def take(self, question_id: str | None, nth: int, *, number: int = 0) -> Clip | None:
        """Return the `nth` answer (from 0) to this question, or None when nothing is left to say.

        number: the question's place in the plan, from 1; 0 when it is not known.
        """
        known = self.by_question.get(question_id or "")
        if known is not None:
            return known[nth] if nth < len(known) else None
        if self.by_number:
            known = self.by_number[number - 1] if 0 < number <= len(self.by_number) else ()
            if nth >= len(known):
                return None
            self._taken.add((number, nth))
            return known[nth]
        if self._next < len(self.in_order):
            self._next += 1
            return self.in_order[self._next - 1]
        return None

    def unplayed(self) -> tuple[UnplayedFile, ...]:
        """Return the files that have not been asked for, in order."""
        return tuple(
            UnplayedFile(clip.file or "", number, nth)
            for number, clips in enumerate(self.by_number, 1)
            for nth, clip in enumerate(clips)
            if (number, nth) not in self._taken
        )


def recorded_answers(folder: Path) -> Answers:
    """Read every sound file of `folder`, in order of name, as one answer to each question and its follow-ups.

    Raises `UnreadableAudio`, naming the file that can't be decoded, and `NoSoundFiles`.
    """
    if not folder.is_dir():
        raise NoSoundFiles(folder, "is a file, not a folder" if folder.exists() else "there is no such folder")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SOUND_FILES)
    if not files:
        known = ", ".join(sorted(ending[1:] for ending in SOUND_FILES))
        raise NoSoundFiles(folder, f"there is no sound file in this folder (one that ends in {known})")
    questions: list[list[Clip]] = []
    by_stem: dict[str, list[Clip]] = {}
    for path in files:
        named_like = _FOLLOW_UP.fullmatch(path.stem)
        question = by_stem.get(named_like[1]) if named_like is not None else None
        if question is None:
            question = by_stem[path.stem] = []
            questions.append(question)
        question.append(_recorded(path))
    return Answers(by_number=questions)


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

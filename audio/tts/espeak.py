"""Every language but English through pyttsx3 and espeak-ng, in a process of their own (see `espeak_worker`)."""

import asyncio
import contextlib
import json
import os
import sys
import wave
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any

import numpy as np

from audio import VOICE_RATE, Pcm
from audio.errors import SpeechUnavailable, UnsupportedLanguage, VoiceMissing
from audio.pcm import resample

WORKER = Path(__file__).with_name("espeak_worker.py")
INSTALL = "espeak-ng, which speaks every language but English, is not installed: apt install espeak-ng"
START_S, SENTENCE_S = 10.0, 10.0
TRIES = 3  # on a busy machine pyttsx3 now and then ends before it has written anything
WORDS_A_MINUTE, SLOWEST, FASTEST = 160, 80, 400
PITCH = {"heart": 55, "oak": 35}
VOLUME = 0.5  # about as loud as hibari
ALIASES = {"zh": "cmn", "no": "nb"}  # where espeak-ng has another name for a language


class EspeakVoice:
    """Every language espeak-ng knows, one sentence at a time; `languages` is empty until `start`.

    sentence_s: how long one sentence may take before the worker is held to be stuck.
    """

    def __init__(self, worker: Path = WORKER, sentence_s: float = SENTENCE_S) -> None:
        self._worker, self._sentence_s = worker, sentence_s
        self.languages: tuple[str, ...] = ()
        self._known: tuple[str, ...] = ()
        self._process: Process | None = None
        self._one_at_a_time = asyncio.Lock()
        self._sound: int | None = None  # where the worker writes: a file in memory that has no name, so none is left

    async def start(self) -> None:
        """Start the worker, so that the first sentence need not.

        Raises `VoiceMissing` when espeak-ng or pyttsx3 can't be loaded.
        """
        async with self._one_at_a_time:
            await self._running()

    async def say(self, sentence: str, *, language: str, voice: str, speed: float) -> Pcm:
        """Return the sound of one sentence (24 kHz).

        Raises `VoiceMissing`, `UnsupportedLanguage`, and `SpeechUnavailable` when the worker dies or does not answer.
        """
        async with self._one_at_a_time:
            await self._running()  # which knows the languages
            job = {
                "text": sentence,
                "language": self._language(language),
                "rate": int(min(FASTEST, max(SLOWEST, WORDS_A_MINUTE * speed))),
                "pitch": PITCH[voice],
                "volume": VOLUME,
            }
            for _ in range(TRIES):
                sound = await self._spoken(job)
                if len(sound) or not any(map(str.isalnum, sentence)):
                    return sound
            raise SpeechUnavailable(f"espeak-ng left {sentence!r} without a sound, {TRIES} times")

    async def _spoken(self, job: dict[str, object]) -> Pcm:
        process, sound = await self._running(), self._sound_file()
        os.ftruncate(sound, 0)
        answer = await self._exchange(process, job | {"file": f"/proc/self/fd/{sound}"}, self._sentence_s)
        if "error" in answer:
            raise SpeechUnavailable(f"espeak-ng can't say {job['text']!r}: {answer['error']}")
        return await asyncio.to_thread(_read, sound)

    async def aclose(self) -> None:
        """End the worker."""
        if self._process:
            await _end(self._process)
            self._process = None
        if self._sound is not None:
            os.close(self._sound)
            self._sound = None

    def _sound_file(self) -> int:
        if self._sound is None:
            self._sound = os.memfd_create("sentence.wav")
        return self._sound

    def _language(self, language: str) -> str:
        found = self._found(language)
        if found is None:
            raise UnsupportedLanguage(language, list(self.languages))
        return found

    def _found(self, language: str) -> str | None:
        """Return espeak's name for a language code: the same, an alias, or its first regional form ("pt" → "pt-br")."""
        code = language.lower()
        wanted = ALIASES.get(code, code)
        regional = (known for known in self._known if known.split("-")[0] == wanted)
        return wanted if wanted in self._known else next(regional, None)

    async def _running(self) -> Process:
        if self._process and self._process.returncode is None:
            return self._process
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(self._worker)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            pass_fds=(self._sound_file(),),
        )
        hello = await self._exchange(process, None, START_S)
        if "error" in hello:
            await process.wait()
            raise VoiceMissing(f"{INSTALL} ({hello['error']})")
        self._known = tuple(hello["languages"])
        spoken = {*self._known, *(known.split("-")[0] for known in self._known)}
        self.languages = tuple(sorted(spoken | {alias for alias, name in ALIASES.items() if name in spoken}))
        self._process = process
        return process

    async def _exchange(self, process: Process, job: dict[str, object] | None, within_s: float) -> dict[str, Any]:
        """Send a job (None: just listen) and return the answer; the worker does not survive a missing or broken one."""
        if process.stdin is None or process.stdout is None:
            raise SpeechUnavailable("the espeak-ng worker has no pipes")
        answer = b""
        try:
            async with asyncio.timeout(within_s):
                if job is not None:
                    process.stdin.write(json.dumps(job).encode() + b"\n")
                    await process.stdin.drain()
                answer = await process.stdout.readline()
        except TimeoutError as why:
            raise SpeechUnavailable(f"espeak-ng did not answer within {within_s:g} s") from why
        except ConnectionError as why:
            raise SpeechUnavailable("the espeak-ng worker died") from why
        finally:
            # also when the caller was cancelled: an answer nobody reads would be taken for that of the next job
            if not answer.endswith(b"\n"):
                self._process = None
                await _end(process)
        if not answer:
            raise SpeechUnavailable("the espeak-ng worker died")
        said: dict[str, Any] = json.loads(answer)
        return said


async def _end(process: Process) -> None:
    """Kill a worker and read its pipes to their end: one that outlives the loop complains when it is collected."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.communicate()


def _read(sound: int) -> Pcm:
    try:
        with open(f"/proc/self/fd/{sound}", "rb") as file, wave.open(file) as wav:
            pcm = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
            return resample(pcm, wav.getframerate(), VOICE_RATE)
    except (OSError, EOFError, wave.Error) as why:
        raise SpeechUnavailable(f"espeak-ng left no sound: {why}") from why

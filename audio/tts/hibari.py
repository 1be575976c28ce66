"""English through hibari-tts: a neural voice of 8 MB that runs at some 130 times real time on one core."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from hibari import Hibari

from audio import VOICE_RATE, Pcm
from audio.errors import SpeechUnavailable
from audio.pcm import resample, to_int16

# The package holds one voice; the library would fetch others from a hub. "oak" is the same voice lowered: spoken faster
# by what the slower playback takes away again, so the pace stays and pitch and timbre fall by 14 %.
PITCH = {"heart": 1.0, "oak": 0.86}
SLOWEST, FASTEST = 0.5, 2.0


class HibariVoice:
    """The voices `heart` and `oak`; sentences are spoken in threads of their own, `threads` at a time.

    Loading takes 0.7 s and the first sentence as long again (dictionaries), so one is spoken at once, unheard. Blocks:
    make it in a thread.
    """

    languages = ("en",)

    def __init__(self, threads: int = 2) -> None:
        self._hibari = Hibari(threads=1)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="hibari")
        for voice in PITCH:
            self.synthesise("Good morning, 3 of 4.", voice)

    async def say(self, sentence: str, *, language: str, voice: str, speed: float) -> Pcm:
        """Return the sound of one sentence (24 kHz).

        Raises `SpeechUnavailable` when the synthesiser stumbles over it.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.synthesise, sentence, voice, speed)

    async def aclose(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def synthesise(self, sentence: str, voice: str = "heart", speed: float = 1.0) -> Pcm:
        """Do what `say` does, blocking."""
        pitch = PITCH[voice]
        pace = min(FASTEST, max(SLOWEST, speed / pitch))
        try:
            pcm = to_int16(self._hibari(sentence, speed=pace))
        except (RuntimeError, ValueError, LookupError) as why:
            raise SpeechUnavailable(f"the English voice can't say {sentence!r}: {why}") from why
        return pcm if pitch == 1.0 else resample(pcm, round(VOICE_RATE * pitch), VOICE_RATE)

"""Whisper without its 30 s window: the encoder sees the speech and a little silence, not half a minute of padding.

faster-whisper's `transcribe` pads every clip to 30 s, which is most of what a short clip costs (523 ms of encoder
against 67 ms for 10 s). CTranslate2 takes shorter mel inputs (OpenNMT/CTranslate2#1446), so `generate` is called
directly.
Below 10 s the decoder says sentences twice (OpenNMT/CTranslate2#2100); `filters.cut_loop` makes 6 s good enough for
text that is replaced half a second later. No temperature fallback (it multiplies the worst case by six), no text of the
last window in the prompt (an invention would feed the next one).
Text that stays is decoded with timestamps, although nobody reads them: asked for them, the model skips less of what is
said (7.2 % of words wrong instead of 7.4, over 22 clips at four phases of the windows). Interims go without.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm, Transcript, Urgency
from audio.errors import ModelUnusable, SpeechUnavailable, UnsupportedLanguage
from audio.pcm import to_float
from audio.stt.filters import Dropped, checked

Mel: TypeAlias = NDArray[np.float32]  # [bands, frames], 10 ms a frame

MAX_WINDOW_S = 30.0
MARGIN_S = 1.0
FLOOR_S = {Urgency.INTERIM: 6.0, Urgency.SPECULATIVE: 10.0, Urgency.FINAL: 10.0}
FRAMES_PER_S = 100
SHORTEST = SAMPLE_RATE // 10  # the analysis window needs some samples
MEL_RANGE = 2.0  # Whisper's log-mel: 80 dB below the loudest bin, divided by 4
PROMPT_TOKENS = 50  # names help (word errors 12.8 -> 7.7 %); long lists only cost and mislead
BEAM = 2  # for text that stays: a point fewer words wrong than greedy, for a tenth more CPU
TOKENS_PER_S, TOKENS_SPARE = 8, 16  # nobody talks faster; bounds the worst decode
BATCHED_UP_TO_S = 12.0  # the decoder is memory-bound, so short windows gain 2x together and long ones nothing


@dataclass(frozen=True, slots=True)
class Window:
    """One piece of speech to be read (`pcm`: 16 kHz, at most 30 s). language "": find out."""

    pcm: Pcm
    urgency: Urgency
    language: str = "en"
    prompt: str = ""

    @property
    def seconds(self) -> float:
        """How much sound it holds."""
        return len(self.pcm) / SAMPLE_RATE

    @property
    def padded_s(self) -> float:
        """How much the encoder sees."""
        return min(MAX_WINDOW_S, max(self.seconds + MARGIN_S, FLOOR_S[self.urgency]))

    @property
    def batch_key(self) -> tuple[bool, str] | None:
        """Windows of equal key may be decoded together; None: alone.

        An interim never slows a final down, and CTranslate2 wants prompts of one length.
        """
        if self.padded_s > BATCHED_UP_TO_S:
            return None
        return self.urgency is Urgency.INTERIM, self.prompt


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model made of one window.

    avg_logprob: mean over the tokens, natural log; no_speech: 0..1. dropped: why there is no text, although the model
    wrote some.
    """

    text: str
    language: str
    avg_logprob: float
    no_speech: float
    tokens: list[int] = field(default_factory=list)
    dropped: Dropped | None = None

    @property
    def confidence(self) -> float:
        """The geometric mean of the token probabilities, 0 where there are no words."""
        return math.exp(self.avg_logprob) if self.text else 0.0

    def transcript(self) -> Transcript:
        """Return the part that the rest of the program knows."""
        return Transcript(self.text, self.confidence, self.language)


class Whisper:
    """One Whisper model, shared by every caller; `read` may run in several threads at once.

    workers: decodes that run at the same time; threads: of each (a second one buys 12 % for 14 % more CPU, so workers
    are the better use of a core). device, compute: as CTranslate2 names them ("cuda", "float16").

    Raises `ModelUnusable`.
    """

    def __init__(
        self, folder: Path, *, workers: int = 1, threads: int = 1, device: str = "cpu", compute: str = "int8"
    ) -> None:
        try:
            self._model = WhisperModel(
                str(folder), device=device, compute_type=compute, cpu_threads=threads, num_workers=workers
            )
        except (RuntimeError, ValueError) as why:
            raise ModelUnusable(f"{folder} can't be loaded as a Whisper model for {device}/{compute}: {why}") from why
        self._languages = tuple(self._model.supported_languages)
        self._tokenizers = {code: self._tokenizer(code) for code in ("en",)}
        self._suppressed = list(get_suppressed_tokens(self._tokenizers["en"], [-1]))

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes this model can be asked for."""
        return self._languages

    def read(self, windows: Sequence[Window]) -> list[Reading]:
        """Decode `windows` together (pad them alike: see `Window.batch_key`), in a thread: it blocks.

        Raises `UnsupportedLanguage`, and `SpeechUnavailable` when the engine itself fails.
        """
        frames = int(max(window.padded_s for window in windows) * FRAMES_PER_S)
        mels = [self._mel(window.pcm, frames) for window in windows]
        try:
            languages = [window.language or self._detect(mel) for window, mel in zip(windows, mels, strict=True)]
            prompts = [self._prompt(language, window) for language, window in zip(languages, windows, strict=True)]
            cap = math.ceil(max(window.seconds for window in windows) * TOKENS_PER_S) + TOKENS_SPARE
            longest = max(map(len, prompts))
            results = self._model.model.generate(
                _storage(mels),
                prompts,
                beam_size=1 if windows[0].urgency is Urgency.INTERIM else BEAM,
                # CTranslate2 allows min(max_length / 2, max_length - prompt) new tokens
                max_length=min(448, max(2 * cap, cap + longest)),
                return_scores=True,
                return_no_speech_prob=True,
                suppress_blank=True,
                suppress_tokens=self._suppressed,
            )
        except (RuntimeError, ValueError) as why:
            raise SpeechUnavailable(f"the recogniser failed: {why}") from why
        return [
            self._reading(window, language, result)
            for window, language, result in zip(windows, languages, results, strict=True)
        ]

    def _mel(self, pcm: Pcm, frames: int) -> Mel:
        """Return the log-mel of the speech, padded in the mel domain: padding costs no FFT.

        The padding is what digital silence becomes (the loudest bin less `MEL_RANGE`), not 0 as in faster-whisper,
        which is the level of soft noise: 6.1 to 6.7 % of words wrong instead of 7.6 % over 22 clips in 10 s windows.
        """
        if len(pcm) < SHORTEST:
            pcm = np.pad(pcm, (0, SHORTEST - len(pcm)))
        mel: Mel = self._model.feature_extractor(to_float(pcm))[:, :frames]
        return np.pad(mel, ((0, 0), (0, frames - mel.shape[1])), constant_values=mel.max() - MEL_RANGE)

    def _detect(self, mel: Mel) -> str:
        (token, _), *_ = self._model.model.detect_language(_storage([mel]))[0]
        return str(token).strip("<|>")

    def _tokenizer(self, language: str) -> Tokenizer:
        multilingual = bool(self._model.model.is_multilingual)
        return Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)

    def _prompt(self, language: str, window: Window) -> list[int]:
        if language not in self._languages:
            raise UnsupportedLanguage(language, list(self._languages))
        tokenizer = self._tokenizers.get(language)
        if tokenizer is None:
            tokenizer = self._tokenizers[language] = self._tokenizer(language)
        words = window.prompt.strip()
        before = [tokenizer.sot_prev, *tokenizer.encode(f" {words}")[:PROMPT_TOKENS]] if words else []
        plain = [tokenizer.no_timestamps] if window.urgency is Urgency.INTERIM else []
        return [*before, *tokenizer.sot_sequence, *plain]

    def _reading(self, window: Window, language: str, result: ctranslate2.models.WhisperGenerationResult) -> Reading:
        ids = list(result.sequences_ids[0])
        # the score is a mean over the tokens; the end-of-text token belongs to it too
        avg_logprob = float(result.scores[0]) * len(ids) / (len(ids) + 1)
        no_speech = float(result.no_speech_prob)
        tokenizer = self._tokenizers.get(language)
        tokens = [token for token in ids if tokenizer is not None and token < tokenizer.eot]
        raw = tokenizer.decode(tokens) if tokenizer is not None else ""
        text, dropped = checked(raw, no_speech, avg_logprob)
        return Reading(text, language, avg_logprob, no_speech, tokens, dropped)


def _storage(mels: Sequence[Mel]) -> ctranslate2.StorageView:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.stack(mels), dtype=np.float32))

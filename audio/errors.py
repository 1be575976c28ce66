"""Everything that can go wrong between sound and words.

AudioError
 ├─ SpeechUnavailable    the speech server can't be reached or broke off (retryable)
 ├─ SpeechRefused        the speech server understood and said no: a wrong key, an unknown model, unusable sound
 ├─ Shed                 a decode gave way to more urgent work; nothing is wrong (retryable)
 ├─ ModelError
 │   ├─ ModelMissing         no weights at the place that was named
 │   ├─ ModelDigestMismatch  the weights are not the ones they claim to be
 │   └─ ModelUnusable        the weights are there but can't be loaded on this device
 ├─ VoiceMissing         the synthesiser for this language is not installed
 ├─ UnknownVoice         no voice of this name
 ├─ UnsupportedLanguage  no voice, or no recogniser, for this language
 ├─ UnreadableAudio      a sound file that can't be decoded
 └─ NoSoundFiles         a folder that was to hold sound files and holds none
"""

from pathlib import Path
from typing import ClassVar


class AudioError(Exception):
    """Root of this package's errors."""

    retryable: ClassVar[bool] = False


class SpeechUnavailable(AudioError):
    """The speech server can't be reached or broke off."""

    retryable = True


class SpeechRefused(AudioError):
    """The speech server understood and said no; asking the same again can't help."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"the speech server refused ({status}): {message}")
        self.status = status


class Shed(AudioError):
    """A decode gave way to more urgent work."""

    retryable = True


class ModelError(AudioError):
    """The weights can't be used."""


class ModelMissing(ModelError):
    """No weights at the place that was named."""


class ModelDigestMismatch(ModelError):
    """The weights are not the ones they claim to be."""

    def __init__(
        self, file: str, expected: str, found: str, remedy: str = "reinstall the package that ships it"
    ) -> None:
        super().__init__(
            f"{file}: SHA-256 is {found}, expected {expected}. The file is damaged or not the published one; "
            f"{remedy}, or name a model of your own with STT_MODEL."
        )
        self.file, self.expected, self.found = file, expected, found


class ModelUnusable(ModelError):
    """The weights are there but can't be loaded: damaged, another format, or not for this device."""


class VoiceMissing(AudioError):
    """The synthesiser for this language is not installed; the message says how to install it."""


class UnknownVoice(AudioError):
    """No voice of this name."""

    def __init__(self, voice: str, known: list[str]) -> None:
        super().__init__(f"there is no voice {voice!r}; choose one of {', '.join(known)}")
        self.voice, self.known = voice, known


class UnsupportedLanguage(AudioError):
    """No voice, or no recogniser, for this language."""

    def __init__(self, language: str, supported: list[str]) -> None:
        super().__init__(f"language {language!r} is not supported; choose one of {', '.join(supported)}")
        self.language, self.supported = language, supported


class UnreadableAudio(AudioError):
    """A sound file that can't be decoded."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: can't be read as sound ({why}); give a WAV, FLAC, MP3 or Ogg file")
        self.path = path


class NoSoundFiles(AudioError):
    """A folder that was to hold sound files is not there or holds none."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"{folder}: {why}")
        self.folder = folder

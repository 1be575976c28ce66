"""How the embedded speech server is started: for the part it has to play, and with no more than it needs to know."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from api.settings import Settings


def speech_command(settings: Settings, socket: Path) -> tuple[str, ...]:
    """Return the command of a speech server on `socket` that is what `settings` leave to it: ears, voice or both."""
    without = [
        *(() if settings.embedded_stt else ("--without-stt",)),
        *(() if settings.embedded_tts else ("--without-tts",)),
    ]
    return (sys.executable, "-m", "audio.server", "--socket", str(socket), *without)


def speech_environment(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return `environment` for that server: without the control plane's own settings, keys and passwords among them.

    STT_MODEL is handed on only where it names the embedded recogniser's model, not that of one elsewhere.
    """
    theirs = {name: value for name, value in environment.items() if name.lower() not in Settings.model_fields}
    if settings.embedded_stt and settings.stt_model is not None:
        theirs["STT_MODEL"] = settings.stt_model
    return theirs

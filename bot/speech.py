"""The client of a speech service, as everybody who hears or speaks through one makes it."""

from audio.client import SpeechClient
from bot.spec import SpeechService


def speech_client(service: SpeechService) -> SpeechClient:
    """Return a client of `service`; whoever makes it closes it."""
    return SpeechClient(
        stt_url=service.stt_url,
        stt_socket=service.stt_socket,
        stt_model=service.stt_model,
        stt_key=service.stt_key.get_secret_value(),
        tts_url=service.tts_url,
        tts_socket=service.tts_socket,
        tts_model=service.tts_model,
        tts_key=service.tts_key.get_secret_value(),
    )

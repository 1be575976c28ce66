"""Reading a card aloud to one interviewer: the sound goes to their own page, and nowhere else."""

import numpy as np
import structlog

from api.auth import Caller
from api.copilot.panel import Panel
from api.copilot.tables import SuggestionRow
from api.database import Database
from api.errors import NotFound, VoiceUnavailable
from api.interviews.repository import InterviewRepository
from audio import VOICE_RATE, TextToSpeech
from audio.errors import AudioError
from audio.wav import wav_bytes

log = structlog.get_logger(__name__)

NOTHING = np.zeros(0, np.int16)


class Whisper:
    """Reads cards aloud. voice_name: as the bots' (`TTS_VOICE`)."""

    def __init__(self, database: Database, panel: Panel, voice: TextToSpeech, voice_name: str) -> None:
        self._database, self._panel = database, panel
        self._voice, self._voice_name = voice, voice_name

    async def read(self, caller: Caller, interview_id: str, card_id: str) -> bytes:
        """Return a card, as it was edited if it was, as a WAV file; raise `NotFound`, `VoiceUnavailable`."""
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            card = await tx.session.get(SuggestionRow, (interview_id, card_id))
            if card is None:
                raise NotFound("suggestion", card_id)
            told = {"id": card_id, "by": caller.subject}
            await self._panel.append(tx, interview, "whisper.requested", told)
            text, language = card.edited or card.text, interview.language
        try:
            pieces = [piece async for piece in self._voice.speak(text, language=language, voice=self._voice_name)]
        except AudioError as error:
            log.warning("whisper_failed", interview=interview_id, error=str(error))
            raise VoiceUnavailable(f"The card can't be read aloud now: {error}.") from error
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            await self._panel.append(tx, interview, "whisper.played", told)
        return wav_bytes(np.concatenate([NOTHING, *pieces]), VOICE_RATE)

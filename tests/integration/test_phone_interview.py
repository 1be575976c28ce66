"""One whole interview by telephone: `vivavoce serve` as a user starts it, and a caller behind Twilio's protocol."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import pytest

from api.client import Client
from api.demo.server import serving
from audio import VOICE_RATE, Pcm, TextToSpeech
from audio.pcm import resample
from bot.candidate.answers import CONSENT, INTERRUPTION, spoken
from bot.candidate.ear import voiced_span
from tests.fakes.phone import RATE, SimulatedPhone, calling_by_twilio

pytestmark = pytest.mark.models

TOKEN = "twilio-auth-token"
CALL_S = 90
TURN_S = 0.9  # of quiet after the bot has spoken: the caller's turn
INTO_S = 1.0  # of the question, when the caller cuts in
ANSWER = "Last summer I moved all our orders to a new database."
NO = "No, thank you."
QUESTION = {"id": "q1", "text": "Which change at your work are you most proud of?"}
PLAN = {
    "title": "A change",
    "minutes": 3,
    "sections": [{"id": "work", "name": "work", "questions": [{**QUESTION, "max_followups": 0}]}],
}


@dataclass
class Caller:
    """Says things when it is their turn, and cuts in once."""

    phone: SimulatedPhone
    voice: TextToSpeech
    silent_after_s: float = 0.0  # from their voice to the bot's silence
    spoke: float = 0.0  # when they had last said something

    async def talk(self) -> None:
        await self._answer(CONSENT)
        await self._cut_in()
        await self._answer(ANSWER)
        await self._answer(NO)

    async def _answer(self, text: str) -> None:
        clip = await self._clip(text)
        await self._bot_speaks()
        while self.phone.ear.quiet_for(self._now()) < TURN_S:
            await asyncio.sleep(0.02)
        await self._say(clip)

    async def _cut_in(self) -> None:
        clip = await self._clip(INTERRUPTION)
        began = await self._bot_speaks()
        await asyncio.sleep(max(0.0, began + INTO_S - self._now()))
        onset = self._now() + voiced_span(resample(clip, RATE, VOICE_RATE), VOICE_RATE)[0] / VOICE_RATE
        self.phone.say(clip)
        while (silent := self.phone.ear.silence_after(onset, lasting=0.4, now=self._now())) is None:
            await asyncio.sleep(0.02)
        self.silent_after_s = silent - onset
        await self._said()

    async def _say(self, clip: Pcm) -> None:
        self.phone.say(clip)
        await self._said()

    async def _said(self) -> None:
        while self.phone.speaking:
            await asyncio.sleep(0.02)
        self.spoke = self._now()

    async def _bot_speaks(self) -> float:
        while (began := self.phone.ear.first_begun_after(self.spoke)) is None:
            await asyncio.sleep(0.02)
        return began

    async def _clip(self, text: str) -> Pcm:
        return resample((await spoken(text, self.voice)).pcm, VOICE_RATE, RATE)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


async def over(client: Client, interview_id: str) -> Any:
    while (interview := await client.interviews.get(interview_id)).status not in ("completed", "failed", "cancelled"):
        await asyncio.sleep(0.2)
    return interview


async def test_a_candidate_is_interviewed_by_telephone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    async with serving(tmp_path, lambda line: None) as server, server.client() as client, server.voice() as voice:
        wanted = {"candidate": {"name": "Ada"}, "plan": PLAN, "start": {"policy": "on_join"}}
        id_ = (await client.interviews.create(wanted)).id
        link = await client.interviews.link(id_, {"name": "Ada"})
        assert link.phone_url is not None
        async with asyncio.timeout(CALL_S), calling_by_twilio(link.phone_url, TOKEN) as phone:
            caller = Caller(phone, voice)
            await caller.talk()
            interview = await over(client, id_)
            await phone.closed.wait()
        transcript = await client.interviews.transcript(id_)
    assert (interview.status, interview.status_reason) == ("completed", "completed")
    said = " ".join(t.text for t in transcript.data if t.role == "candidate" and t.question_id == "q1")
    answer = plain(ANSWER).split()  # the last that was said; what the caller said over the question is before it
    rate = jiwer.wer(" ".join(answer), " ".join(plain(said).split()[-len(answer) :]))
    assert rate <= 0.15, f"word error rate {rate:.1%}: {said}"
    asked = [t for t in transcript.data if t.role == "bot" and t.question_id == "q1"]
    cut_off, whole = asked[0], asked[1]
    assert cut_off.interrupted
    assert "proud" not in cut_off.text  # nobody heard that before the caller cut in
    assert QUESTION["text"] in whole.text
    assert len(phone.cleared) >= 1
    assert caller.silent_after_s < 0.8


def plain(text: str) -> str:
    """Return the words alone."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))

"""One whole interview in a meeting elsewhere: `vivavoce serve` as a user starts it, and a simulated meeting site."""

import asyncio
from collections import deque
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest

from api.client import Client
from api.demo.server import serving
from audio import VOICE_RATE, Pcm
from audio.pcm import resample
from bot.candidate.answers import CONSENT, NO_QUESTIONS, spoken
from bot.candidate.ear import Listener
from bot.platforms import FRAME
from tests.browser.test_interview import BECKETT, PATIENT, PLAIN_WORDS, RATE, briskly, reading
from tests.fakes.simulated_meet import SimulatedMeet, simulated_meet

pytestmark = [pytest.mark.browser, pytest.mark.models]

CALL_S = 150
TURN_S = 2.5  # of quiet after the bot has spoken: the guest's turn
QUESTION = {"id": "q1", "text": "How did your attempts go?", "max_followups": 0, "patience": "long"}
PLAN = {
    "title": "A reading",
    "minutes": 3,
    "sections": [{"id": "reading", "name": "reading", "questions": [QUESTION]}],
}


async def talk(meet: SimulatedMeet, clips: list[Pcm]) -> None:
    """Say one clip after the other, each when the bot has said something and then been quiet."""
    loop = asyncio.get_running_loop()
    ear, waiting = Listener(loop.time), deque(clips)
    meet.on_sound = ear.hear
    saying, last, due = np.zeros(0, np.int16), loop.time(), loop.time()
    while True:
        now = loop.time()
        if not len(saying) and waiting and ear.first_sound_after(last) and ear.quiet_for(now) > TURN_S:
            saying = waiting.popleft()
        if len(saying):
            last = now
        frame, saying = saying[:FRAME], saying[FRAME:]
        meet.say(np.pad(frame, (0, FRAME - len(frame))))
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))


async def over(client: Client, interview_id: str) -> Any:
    while (interview := await client.interviews.get(interview_id)).status not in ("completed", "failed", "cancelled"):
        await asyncio.sleep(0.5)
    return interview


async def test_a_candidate_is_interviewed_in_a_meeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with simulated_meet() as meet:
        monkeypatch.setenv("MEETING_SITES", f"meet={meet.site}")
        meet.then = "in_call"
        async with serving(tmp_path, lambda line: None) as server, server.client() as client, server.voice() as voice:
            answer = resample(briskly(reading("beckett.wav")), RATE, VOICE_RATE)
            clips = [(await spoken(CONSENT, voice)).pcm, answer, (await spoken(NO_QUESTIONS, voice)).pcm]
            wanted = {"candidate": {"name": "Ada"}, "plan": PLAN, "limits": PATIENT, "meeting_url": meet.url}
            id_ = (await client.interviews.create(wanted)).id
            await client.interviews.start(id_)
            async with asyncio.timeout(CALL_S), asyncio.TaskGroup() as tasks:
                talking = tasks.create_task(talk(meet, clips))
                interview = await over(client, id_)
                talking.cancel()
            transcript = await client.interviews.transcript(id_)
    assert (interview.status, interview.status_reason) == ("completed", "completed")
    assert meet.asked[0]["name"] == "Viva (AI interviewer)"
    assert meet.left.is_set()
    said = [turn.text for turn in transcript.data if turn.role == "candidate" and turn.question_id == "q1"]
    rate = jiwer.wer(
        reference=[BECKETT],
        hypothesis=[" ".join(said)],
        reference_transform=PLAIN_WORDS,
        hypothesis_transform=PLAIN_WORDS,
    )
    assert rate <= 0.2, f"word error rate {rate:.1%}: {said}"

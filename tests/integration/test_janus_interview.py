"""Interviews in rooms of a real Janus: `vivavoce serve` as a user starts it, candidates on another WebRTC client.

One is held to its end. The others go wrong in the ways in which only such a server can, each with its own reason.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from api.client import Client
from api.demo.server import serving
from bot.candidate.answers import CONSENT, NO_QUESTIONS, Clip, spoken
from bot.candidate.ear import Listener
from tests.fakes.janus_guest import JanusGuest, janus_guest
from tests.guards import HANG_S
from tests.running_janus import LOCKED, OPEN, SECOND, THIRD, Janus, running_janus

pytestmark = pytest.mark.models

CALL_S = 150
TURN_S = 1.5  # of quiet after the bot has spoken: the candidate's turn
BOT = "Viva (AI interviewer)"
ANSWER = "I added an index, and the search took three hundred milliseconds instead of four seconds."
QUESTION = {"id": "q1", "text": "What did you make faster?", "max_followups": 0}
PLAN = {"title": "A job", "minutes": 3, "sections": [{"id": "s", "name": "work", "questions": [QUESTION]}]}


async def started(client: Client, url: str, name: str = "Ada") -> str:
    wanted = {"candidate": {"name": name}, "plan": PLAN, "meeting_url": url}
    interview_id: str = (await client.interviews.create(wanted)).id
    await client.interviews.start(interview_id)
    return interview_id


async def over(client: Client, interview_id: str) -> Any:
    async with asyncio.timeout(CALL_S):
        while (interview := await client.interviews.get(interview_id)).status not in (
            "completed",
            "failed",
            "cancelled",
        ):
            await asyncio.sleep(0.2)
    return interview


async def converse(guest: JanusGuest, clips: list[Clip]) -> None:
    """Say one clip after the other, each when the bot has said something and then been quiet."""
    loop = asyncio.get_running_loop()
    ear, taken, last = Listener(loop.time), 0, loop.time()
    for clip in clips:
        while not (ear.first_begun_after(last) and ear.quiet_for(loop.time()) > TURN_S):
            heard = guest.heard.get(BOT, [])
            for _, pcm in heard[taken:]:
                ear.hear(pcm)
            taken = len(heard)
            await asyncio.sleep(0.02)
        guest.say(clip.pcm)
        await asyncio.sleep(len(clip.pcm) / 24_000)
        last = loop.time()


async def spoken_to(guest: JanusGuest) -> None:
    async with asyncio.timeout(HANG_S):
        while not any(abs(pcm).max() > 1000 for _, pcm in guest.heard.get(BOT, [])):
            await asyncio.sleep(0.05)


async def held(client: Client, janus: Janus, clips: list[Clip]) -> None:
    interview_id = await started(client, janus.room(OPEN))
    async with janus_guest(janus.server, janus.secret, OPEN, "Ada") as ada, asyncio.TaskGroup() as tasks:
        talking = tasks.create_task(converse(ada, clips))
        interview = await over(client, interview_id)
        talking.cancel()
    assert (interview.status, interview.status_reason) == ("completed", "completed")
    transcript = await client.interviews.transcript(interview_id)
    [answer] = [turn for turn in transcript.data if turn.role == "candidate" and turn.question_id == "q1"]
    assert "index" in answer.text
    assert answer.speaker == "Ada"


async def broken_off(
    client: Client, janus: Janus, room: int, blow: Callable[[JanusGuest], Awaitable[None]], ending: tuple[str, str]
) -> None:
    interview_id = await started(client, janus.room(room))
    async with janus_guest(janus.server, janus.secret, room, "Ada") as ada:
        await spoken_to(ada)
        await blow(ada)
        interview = await over(client, interview_id)
    assert (interview.status, interview.status_reason) == ending


async def kicked(ada: JanusGuest) -> None:
    await ada.kick(BOT)


async def destroyed(ada: JanusGuest) -> None:
    await ada.destroy()


async def test_interviews_in_rooms_of_janus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_janus(tmp_path / "janus") as janus, running_janus(tmp_path / "mortal") as mortal:

        async def killed(ada: JanusGuest) -> None:
            mortal.process.kill()

        monkeypatch.setenv("MEETING_SITES", f"janus={janus.server},janus={mortal.server}")
        monkeypatch.setenv("MEETING_KEYS", f"janus={janus.secret}")
        async with serving(tmp_path, lambda line: None) as server, server.client() as client, server.voice() as voice:
            clips = [await spoken(text, voice) for text in (CONSENT, ANSWER, NO_QUESTIONS)]
            locked = await over(client, await started(client, janus.room(LOCKED, pin="guess-work")))
            assert (locked.status, locked.status_reason) == ("failed", "meeting_locked")
            async with asyncio.timeout(CALL_S), asyncio.TaskGroup() as tasks:
                tasks.create_task(held(client, janus, clips))
                for where, room, blow, ending in (
                    (janus, SECOND, kicked, ("cancelled", "removed_from_meeting")),
                    (janus, THIRD, destroyed, ("cancelled", "meeting_ended")),
                    (mortal, OPEN, killed, ("failed", "connection_lost")),
                ):
                    tasks.create_task(broken_off(client, where, room, blow, ending))
            logs = [server.log, *(tmp_path / "run" / "logs").glob("*.log")]
            written = "".join(log.read_text() for log in logs)
    assert "meeting_locked" in written
    assert janus.secret not in written
    assert "guess-work" not in written

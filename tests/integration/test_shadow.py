"""A shadow at the candidate's ear, over real WebRTC: one line, then no packet of sound any more, whatever happens.

In the end the candidate objects, and what two bots had recorded until then is gone.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from api.client import Client
from api.demo.server import Server, serving
from audio import Pcm
from bot.candidate import seat_of_link
from bot.candidate.answers import Clip, spoken
from bot.candidate.microphone import FRAME_S, Microphone, Purpose, Utterance
from bot.interview import Role
from bot.platforms import Participant
from bot.platforms.room import RoomConnection, join_room
from tests.guards import HANG_S
from tests.integration.test_survival import kill, plan

QUIET_S = 0.5  # without a packet: what was on its way when the line ended has come

ASKS = "Tell me about something you made faster."
ANSWERS = "I added an index and the search took a tenth of the time."
TO_THE_BOT = "Viva, please say something. Can you repeat the question?"
HAND_OVER = "Viva, take the next two questions, please."
OBJECTS = "Please don't record this."


@dataclass
class BotEar:
    """Counts what arrives of the bot: each call is one RTP packet with sound in it (`bot.platforms.peer`)."""

    packets: int = 0
    samples: int = 0
    last: float = 0.0
    bots: set[str] = field(default_factory=set)

    def __call__(self, participant: Participant, pcm: Pcm) -> None:
        if participant.role is Role.BOT:
            self.packets += 1
            self.samples += int(np.count_nonzero(pcm))
            self.last = asyncio.get_running_loop().time()
            self.bots.add(participant.id)


@dataclass
class Person:
    """Somebody in the room: sends sound all the time, as a browser does, and says what they are given."""

    seat: RoomConnection
    microphone: Microphone = field(default_factory=Microphone)

    async def live(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.seat.play(self.microphone.frame(loop.time()))
            due = max(due + FRAME_S, loop.time() - 0.2)
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def says(self, clip: Clip) -> None:
        self.microphone.say(Utterance(clip, Purpose.ANSWER, None))
        await holds(lambda: not self.microphone.speaking)


async def holds(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(HANG_S):
        while not condition():
            await asyncio.sleep(0.02)


@dataclass
class Watched:
    """What the interview's stream has told so far."""

    events: list[Any] = field(default_factory=list)

    async def follow(self, client: Client, interview_id: str) -> None:
        async for event in client.interviews.events(interview_id, after=0):
            self.events.append(event)

    def of(self, type_: str, **with_: Any) -> list[dict[str, Any]]:
        told = (event.data for event in self.events if event.type == type_)
        return [data for data in told if with_.items() <= data.items()]


def told_to_say(server: Server, interview_id: str) -> None:
    """Put a command on the bot's line that no bot has ever heard of."""
    with sqlite3.connect(server.data_dir / "vivavoce.db", timeout=HANG_S) as database:
        [(attempt_id, tenant)] = database.execute(
            "select id, tenant from attempt where interview_id = ?", [interview_id]
        ).fetchall()
        row = (f"cmd_{attempt_id}", attempt_id, interview_id, tenant, "say", "Hello there!")
        times = "strftime('%Y-%m-%d %H:%M:%f', 'now'), strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour')"
        database.execute(
            "insert into command (id, attempt_id, interview_id, tenant, command, reason, created_at, deadline_at) "
            f"values (?, ?, ?, ?, ?, ?, {times})",
            row,
        )


async def test_after_its_one_line_a_shadow_is_silent_whatever_happens_and_leaves_when_somebody_objects(
    tmp_path: Path,
) -> None:
    ear, told = BotEar(), Watched()
    async with serving(tmp_path, lambda line: None) as server, server.client() as client, server.voice() as voice:
        clips = {text: await spoken(text, voice) for text in (ASKS, ANSWERS, TO_THE_BOT, HAND_OVER, OBJECTS)}
        wanted = {"plan": plan(1).model_dump(mode="json", exclude_defaults=True), "candidate": {"name": "Ada"}}
        interview_id = (await client.interviews.create(wanted | {"mode": "shadow"})).id
        links = [
            await client.interviews.link(interview_id, {"role": role, "name": name})
            for role, name in (("candidate", "Ada"), ("interviewer", "Ines"))
        ]
        async with asyncio.TaskGroup() as tasks, AsyncExitStack() as room:
            following = tasks.create_task(told.follow(client, interview_id))
            await client.interviews.start(interview_id)
            await holds(lambda: bool(told.of("state", state="waiting")))
            seats = [
                await room.enter_async_context(join_room(*seat_of_link(link.url), ear=hears, consented=True))
                for link, hears in zip(links, (ear, lambda who, pcm: None), strict=True)
            ]
            candidate, interviewer = (Person(seat) for seat in seats)
            living = [tasks.create_task(person.live()) for person in (candidate, interviewer)]
            await holds(lambda: bool(told.of("disclosure")))
            loop = asyncio.get_running_loop()
            await holds(lambda: loop.time() - ear.last > QUIET_S)
            assert told.of("disclosure")[0]["heard"] and ear.samples > 16_000, "the line was heard, by this very ear"
            said = ear.packets

            await interviewer.says(clips[ASKS])
            await candidate.says(clips[ANSWERS])
            told_to_say(server, interview_id)
            await candidate.says(clips[TO_THE_BOT])
            for control in ("repeat", "rephrase", "slower", "human"):
                await candidate.seat.send({"type": "control", "control": control})
            await interviewer.says(clips[HAND_OVER])
            await holds(lambda: len(told.of("turn.final", role="interviewer")) >= 2)
            assert ear.packets == said

            kill(server, "bot")
            await holds(lambda: bool(told.of("interview.status", status="reconnecting", reason="bot_lost")))
            back = len(told.events)
            await holds(
                lambda: any(
                    e.type == "interview.status" and e.data["status"] == "in_progress" for e in told.events[back:]
                )
            )
            heard = len(told.of("turn.final"))
            await interviewer.says(clips[TO_THE_BOT])
            await candidate.says(clips[ANSWERS])
            await holds(lambda: len(told.of("turn.final")) >= heard + 2)
            assert ear.packets == said, "nor does the bot that took its place"

            await candidate.says(clips[OBJECTS])
            await holds(following.done)
            for person in living:
                person.cancel()
        body = await client.interviews.get(interview_id)
        assert (body.status, body.status_reason, ear.packets) == ("cancelled", "consent_declined", said)
        assert [turn["seq"] for turn in told.of("turn.final", role="bot")] == [1], "one line, of one bot"
        assert await client.interviews.tasks(interview_id) == []
        (receipt,) = await client.interviews.receipts(interview_id)
        assert (receipt.role, receipt.cause) == ("candidate", "objection")
        assert "record" in (receipt.words or "").lower()
        gone = {one.kind.value: one for one in receipt.purged}
        assert (gone["buffer"].bytes or 0) > 1000 and (gone["recording"].bytes or 0) > 1000, "of both bots"
        assert (gone["transcript"].count or 0) >= 6
        assert list((server.data_dir / "recordings").iterdir()) == []
        assert not any(turn.text for turn in (await client.interviews.transcript(interview_id)).data)
        assert body.no_evaluation is not None and body.no_evaluation.receipt_id == receipt.id
